provider "google" {
  project = "kestrel-platform-4471"
}

# Both pools are the cluster's own.
resource "google_container_cluster" "batch" {
  name     = "batch-inline"
  location = "europe-west4-a"

  node_pool {
    name = "system"
  }

  node_pool {
    name = "jobs"
  }
}

# The pool it was made with stays.
resource "google_container_cluster" "vault" {
  name               = "vault-confidential"
  location           = "europe-west3"
  initial_node_count = 1
}

# Its pools are resources of their own, one of them not yet declared.
resource "google_container_cluster" "ml" {
  name                     = "ml-train"
  location                 = "us-west1-a"
  initial_node_count       = 1
  remove_default_node_pool = true
}

resource "google_container_node_pool" "ml_a100" {
  name     = "gpu-a100"
  cluster  = google_container_cluster.ml.name
  location = google_container_cluster.ml.location
}
