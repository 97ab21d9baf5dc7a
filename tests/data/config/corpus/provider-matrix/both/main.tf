terraform {
  required_providers {
    google = {
      source                = "hashicorp/google"
      configuration_aliases = [google.replica]
    }
  }
}
resource "google_compute_address" "a" {
  name = "a"
}
resource "google_compute_address" "b" {
  provider = google.replica
  name     = "b"
}
