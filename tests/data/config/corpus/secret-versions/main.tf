variable "secrets" {
  type      = map(string)
  sensitive = true
  default   = { db = "s3cret", api = "t0ken" }
}
resource "google_secret_manager_secret" "this" {
  for_each  = nonsensitive(toset(keys(var.secrets)))
  project   = "p"
  secret_id = each.key
  replication {
    auto {}
  }
}
resource "google_secret_manager_secret_version" "this" {
  for_each    = google_secret_manager_secret.this
  secret      = each.value.id
  secret_data = var.secrets[each.key]
}
