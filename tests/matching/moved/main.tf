provider "google" {
  project = "coditect-cloud-infra"
}

# A resource with another name.
moved {
  from = google_kms_key_ring.this
  to   = google_kms_key_ring.ring
}

resource "google_kms_key_ring" "ring" {
  name     = "coditect-staging"
  location = "us-central1"
}

# Two moves, one after the other; the key stays.
moved {
  from = google_kms_crypto_key.middle
  to   = google_kms_crypto_key.keys
}

moved {
  from = google_kms_crypto_key.this
  to   = google_kms_crypto_key.middle
}

resource "google_kms_crypto_key" "keys" {
  for_each = toset(["app-secrets", "license-signing"])
  name     = each.key
  key_ring = google_kms_key_ring.ring.id
}

# A module with another name and a key, and in it a resource with another name.
moved {
  from = module.redis
  to   = module.cache["staging"]
}

module "cache" {
  source   = "./cache"
  for_each = toset(["staging"])
}

# One with a key becomes another resource.
moved {
  from = google_service_account.this["ci"]
  to   = google_service_account.ci
}

resource "google_service_account" "ci" {
  account_id = "coditect-ci"
}

# Forgotten.
removed {
  from = google_service_account.this

  lifecycle {
    destroy = false
  }
}

# Destroyed.
removed {
  from = module.database

  lifecycle {
    destroy = true
  }
}

# About to be imported.
import {
  to = google_sql_database.analytics
  id = "coditect-db/analytics"
}

resource "google_sql_database" "analytics" {
  name     = "analytics"
  instance = "coditect-db"
}
