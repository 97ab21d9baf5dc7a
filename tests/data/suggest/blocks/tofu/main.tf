provider "google" {
  project = "orchard-prod-3f21"
}

resource "google_storage_bucket" "state" {
  name                        = "orchard-prod-3f21-tofu-state"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true
  public_access_prevention    = "inherited"

  # Old states go.
  lifecycle_rule {
    action { type = "Delete" }
    condition {
      num_newer_versions = 10
      with_state         = "ARCHIVED"
    }
  }

  cors {
    method = ["GET"]
  }
}
