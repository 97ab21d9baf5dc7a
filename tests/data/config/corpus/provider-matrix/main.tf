terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}
provider "google" {
  project = "base"
  region  = "us-central1"
}
provider "google" {
  alias   = "eu"
  project = local.eu
  region  = "europe-west1"
  zone    = "europe-west1-b"
}
locals {
  eu = "eu-${terraform.workspace}"
}
module "both" {
  source = "./both"
  providers = {
    google         = google
    google.replica = google.eu
  }
}
resource "google_compute_address" "here" {
  provider = google.eu
  name     = "here"
}
