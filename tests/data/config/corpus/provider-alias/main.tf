provider "google" {
  project        = "main"
  region         = "us-central1"
  default_labels = { owner = "platform" }
}
provider "google" {
  alias                           = "eu"
  project                         = "main-eu"
  region                          = "europe-west4"
  add_terraform_attribution_label = false
}
resource "google_pubsub_topic" "us" {
  name = "us"
}
resource "google_pubsub_topic" "eu" {
  provider = google.eu
  name     = "eu"
}
module "m" {
  source    = "./m"
  providers = { google = google.eu }
}
