provider "google" {
  project = "coditect-cloud-infra"
}

variable "suffix" {
  type = string
}

data "google_secret_manager_secret_version_access" "name" {
  secret = "instance-name"
}

# Everything is known.
resource "google_compute_network" "main" {
  name = "coditect-vpc"
}

# The name is not known, and one is left.
resource "google_sql_database_instance" "main" {
  name             = "coditect-${data.google_secret_manager_secret_version_access.name.secret_data}"
  database_version = "POSTGRES_16"
  region           = "us-central1"
}

# Named by what was inferred.
resource "google_sql_database" "coditect" {
  name     = "coditect"
  instance = google_sql_database_instance.main.name
}

# Two fit.
resource "google_redis_instance" "cache" {
  name           = random_id.cache.hex
  region         = "us-central1"
  memory_size_gb = 1
}

resource "random_id" "cache" {
  byte_length = 4
}

# Inside of what is not there nothing is.
resource "google_secret_manager_secret" "new" {
  secret_id = "entirely-new"
}

resource "google_secret_manager_secret_version" "new" {
  secret = google_secret_manager_secret.new.id
}
