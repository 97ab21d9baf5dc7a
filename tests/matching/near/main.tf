provider "google" {
  project = "coditect-cloud-infra"
}

resource "google_container_cluster" "main" {
  name     = "coditect-cluster"
  location = "us-central1"
}

# The name differs by a word.
resource "google_container_node_pool" "primary" {
  name    = "primary-pool"
  cluster = google_container_cluster.main.id
}

# The name differs by a letter.
resource "google_secret_manager_secret" "key" {
  secret_id = "djanga-secret-key"
}

# The region differs.
resource "google_redis_instance" "cache" {
  name           = "manual-cache"
  region         = "europe-west1"
  memory_size_gb = 1
}

# What it lies in differs.
resource "google_sql_database" "analytics" {
  name     = "analytics"
  instance = "coditect-db-old"
}

# Name and region differ: no near miss.
resource "google_compute_subnetwork" "other" {
  name          = "coditect-subnets"
  region        = "europe-west1"
  network       = "coditect-vpc"
  ip_cidr_range = "10.0.0.0/24"
}

# Nothing is like it.
resource "google_compute_network" "zebra" {
  name = "zebra"
}
