terraform {
  required_providers {
    google = {
      source                = "hashicorp/google"
      configuration_aliases = [google.other]
    }
  }
}
resource "google_pubsub_topic" "default" {
  name = "d"
}
resource "google_pubsub_topic" "other" {
  provider = google.other
  name     = "o"
}
