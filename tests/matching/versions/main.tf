provider "google" {
  project = "coditect-cloud-infra"
}

variable "payload" {
  type      = string
  sensitive = true
}

# One version is there.
resource "google_secret_manager_secret" "stripe" {
  secret_id = "stripe-secret-key"
}

resource "google_secret_manager_secret_version" "stripe" {
  secret         = google_secret_manager_secret.stripe.id
  secret_data_wo = var.payload
}

# Two are there.
resource "google_secret_manager_secret" "db" {
  secret_id = "db-password"
}

resource "google_secret_manager_secret_version" "db" {
  secret         = google_secret_manager_secret.db.id
  secret_data_wo = var.payload
}
