# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "bucket-public" {
  fires "google_storage_bucket_iam_member" "all" {
    bucket = "b"
    role = "roles/storage.objectViewer"
    member = "allUsers"
  }
  fires "google_storage_bucket_access_control" "entity" {
    bucket = "b"
    entity = "allUsers"
    role = "READER"
  }
  near "google_storage_bucket_iam_member" "one" {
    bucket = "b"
    role = "roles/storage.objectViewer"
    member = "group:all@example.com"
  }
}

rule "bucket-may-be-public" {
  fires "google_storage_bucket" "b" {
    public_access_prevention = "inherited"
  }
  near "google_storage_bucket" "b" {
    public_access_prevention = "enforced"
  }
}

rule "bucket-acls" {
  fires "google_storage_bucket" "b" {
    uniform_bucket_level_access = false
  }
  near "google_storage_bucket" "b" {
    uniform_bucket_level_access = true
  }
}

rule "bucket-no-versions" {
  fires "google_storage_bucket" "b" {
    versioning = [{ enabled = false }]
  }
  near "google_storage_bucket" "b" {
    versioning = [{ enabled = true }]
  }
}

rule "dataset-public" {
  fires "google_bigquery_dataset" "d" {
    access = [{ role = "OWNER", special_group = "projectOwners" }, { role = "READER", special_group = "allAuthenticatedUsers" }]
  }
  near "google_bigquery_dataset" "d" {
    access = [{ role = "OWNER", special_group = "projectOwners" }]
  }
}

rule "filestore-deletable" {
  fires "google_filestore_instance" "share" {
    tier = "ENTERPRISE"
  }
  near "google_filestore_instance" "share" {
    tier = "ENTERPRISE"
    deletion_protection_enabled = true
  }
}

rule "alloydb-backups-off" {
  fires "google_alloydb_cluster" "db" {
    cluster_type = "PRIMARY"
    continuous_backup_config = [{ enabled = false }]
  }
  near "google_alloydb_cluster" "db" {
    cluster_type = "PRIMARY"
    continuous_backup_config = [{ enabled = true }]
  }
  near "google_alloydb_cluster" "copy" {
    cluster_type = "SECONDARY"
  }
}
