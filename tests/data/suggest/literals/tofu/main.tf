terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "coditect-cloud-infra"
}

# Who may come in.
resource "google_compute_firewall" "health" {
  name        = "coditect-allow-health-checks" # the name stays
  network     = "coditect-vpc"
  description = "Health checks"
  priority    = 900 // was lowered by hand
  disabled    = true

  source_ranges = [
    "35.191.0.0/16",  # load balancers
    "209.85.152.0/22", # legacy
    "130.211.0.0/22",
  ]
  target_tags = ["coditect-node", "old"]

  allow {
    protocol = "tcp"
    ports    = ["8000"]
  }

  lifecycle { prevent_destroy = true }
}
