# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "key-no-rotation" {
  fires "google_kms_crypto_key" "never" {
    purpose = "ENCRYPT_DECRYPT"
  }
  fires "google_kms_crypto_key" "yearly" {
    purpose = "ENCRYPT_DECRYPT"
    rotation_period = "31536000s"
  }
  near "google_kms_crypto_key" "quarterly" {
    purpose = "ENCRYPT_DECRYPT"
    rotation_period = "7776000s"
  }
  near "google_kms_crypto_key" "signing" {
    purpose = "ASYMMETRIC_SIGN"
  }
}

rule "key-public" {
  fires "google_kms_crypto_key_iam_member" "all" {
    crypto_key_id = "k"
    role = "roles/cloudkms.cryptoKeyDecrypter"
    member = "allAuthenticatedUsers"
  }
  near "google_kms_crypto_key_iam_member" "one" {
    crypto_key_id = "k"
    role = "roles/cloudkms.cryptoKeyDecrypter"
    member = "serviceAccount:app@p.iam.gserviceaccount.com"
  }
}

rule "key-gone-in-a-day" {
  fires "google_kms_crypto_key" "day" {
    destroy_scheduled_duration = "86400s"
  }
  near "google_kms_crypto_key" "month" {
    destroy_scheduled_duration = "2592000s"
  }
}

rule "secret-no-version" {
  fires "google_secret_manager_secret" "empty" {
    secret_id = "empty"
    name = "projects/example-project/secrets/empty"
  }
  fires "google_secret_manager_secret_version" "off" {
    secret = "projects/example-project/secrets/empty"
    version = "1"
    enabled = false
  }
  near "google_secret_manager_secret" "full" {
    secret_id = "full"
    name = "projects/example-project/secrets/full"
  }
  near "google_secret_manager_secret_version" "on" {
    secret = "projects/example-project/secrets/full"
    version = "1"
    enabled = true
  }
}

rule "secret-no-rotation" {
  fires "google_secret_manager_secret" "old" {
    secret_id = "old"
    name = "projects/example-project/secrets/old"
  }
  fires "google_secret_manager_secret_version" "v" {
    secret = "projects/example-project/secrets/old"
    version = "1"
    enabled = true
    create_time = "2025-01-01T00:00:00Z"
  }
  near "google_secret_manager_secret" "new" {
    secret_id = "new"
    name = "projects/example-project/secrets/new"
  }
  near "google_secret_manager_secret_version" "v" {
    secret = "projects/example-project/secrets/new"
    version = "1"
    enabled = true
    create_time = "2026-10-01T00:00:00Z"
  }
  near "google_secret_manager_secret" "reminded" {
    secret_id = "reminded"
    name = "projects/example-project/secrets/reminded"
    rotation = [{ rotation_period = "7776000s" }]
  }
  near "google_secret_manager_secret_version" "w" {
    secret = "projects/example-project/secrets/reminded"
    version = "1"
    enabled = true
    create_time = "2025-01-01T00:00:00Z"
  }
}

rule "secret-no-cmek" {
  fires "google_secret_manager_secret" "auto" {
    replication = [{ auto = [{}] }]
  }
  fires "google_secret_manager_secret" "one-without" {
    secret_id = "b"
    replication = [{ user_managed = [{ replicas = [{ location = "us-central1", customer_managed_encryption = [{ kms_key_name = "k" }] }, { location = "us-east1" }] }] }]
  }
  near "google_secret_manager_secret" "auto" {
    replication = [{ auto = [{ customer_managed_encryption = [{ kms_key_name = "k" }] }] }]
  }
}

rule "secret-nobody-reads" {
  fires "google_secret_manager_secret" "left" {
    secret_id = "left"
    name = "projects/example-project/secrets/left"
  }
  fires "google_project_iam_member" "viewer" {
    role = "roles/viewer"
    member = "group:dev@example.com"
  }
  near "google_secret_manager_secret" "read" {
    secret_id = "read"
    name = "projects/example-project/secrets/read"
  }
  near "google_secret_manager_secret_iam_member" "app" {
    secret_id = "projects/example-project/secrets/read"
    role = "roles/secretmanager.secretAccessor"
    member = "serviceAccount:app@p.iam.gserviceaccount.com"
  }
}
