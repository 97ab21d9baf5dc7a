# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "instance-default-account" {
  fires "google_compute_instance" "vm" {
    service_account = [{ email = "123456789012-compute@developer.gserviceaccount.com", scopes = ["https://www.googleapis.com/auth/cloud-platform"] }]
  }
  near "google_compute_instance" "vm" {
    service_account = [{ email = "vm@p.iam.gserviceaccount.com", scopes = ["https://www.googleapis.com/auth/cloud-platform"] }]
  }
}

rule "instance-public-address" {
  fires "google_compute_instance" "vm" {
    network_interface = [{ network = "n", access_config = [{ nat_ip = "203.0.113.7" }] }]
  }
  near "google_compute_instance" "vm" {
    network_interface = [{ network = "n" }]
  }
}

rule "instance-serial-port" {
  fires "google_compute_instance" "vm" {
    metadata = { serial-port-enable = "true" }
  }
  near "google_compute_instance" "vm" {
    metadata = { serial-port-enable = "false" }
  }
}

rule "instance-no-secure-boot" {
  fires "google_compute_instance" "vm" {
    shielded_instance_config = [{ enable_vtpm = true }]
  }
  near "google_compute_instance" "vm" {
    shielded_instance_config = [{ enable_secure_boot = true }]
  }
}

rule "run-default-account" {
  fires "google_cloud_run_v2_service" "api" {
    template = [{ service_account = "123456789012-compute@developer.gserviceaccount.com" }]
  }
  near "google_cloud_run_v2_service" "api" {
    template = [{ service_account = "api@p.iam.gserviceaccount.com" }]
  }
}

rule "run-job-default-account" {
  fires "google_cloud_run_v2_job" "nightly" {
    template = [{ template = [{ service_account = "123456789012-compute@developer.gserviceaccount.com" }] }]
  }
  near "google_cloud_run_v2_job" "nightly" {
    template = [{ template = [{ service_account = "job@p.iam.gserviceaccount.com" }] }]
  }
}

rule "run-plain-secret" {
  fires "google_cloud_run_v2_service" "api" {
    template = [{ containers = [{ image = "i", env = [{ name = "DB_HOST", value = "10.0.0.3" }, { name = "DB_PASSWORD", value = "x" }] }] }]
  }
  near "google_cloud_run_v2_service" "api" {
    template = [{ containers = [{ image = "i", env = [{ name = "DB_PASSWORD", value_source = [{ secret_key_ref = [{ secret = "db", version = "latest" }] }] }, { name = "TOKEN_TTL", value = "60" }] }] }]
  }
}
