provider "google" {
  project = "coditect-cloud-infra"
}

# Ids that end in the key.
resource "google_secret_manager_secret" "this" {
  for_each  = toset(["db-password", "old-api-key", "stripe-secret-key"])
  secret_id = each.key

  replication {
    auto {}
  }
}

# Positions.
resource "google_project_service" "this" {
  count   = 3
  service = ["redis.googleapis.com", "compute.googleapis.com", "container.googleapis.com"][count.index]
}

# The key is that of a module.
module "account" {
  source   = "./account"
  for_each = { ci = "coditect-ci", backend = "coditect-backend", nodes = "coditect-gke-nodes" }
  name     = each.value
}

# Two are no family.
resource "google_sql_database" "this" {
  for_each = toset(["analytics", "coditect"])
  name     = each.key
  instance = "coditect-db"
}
