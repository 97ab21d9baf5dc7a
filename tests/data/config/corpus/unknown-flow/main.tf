resource "google_compute_network" "this" {
  count   = 1
  project = "p"
  name    = "n"
}
locals {
  id   = google_compute_network.this[0].id
  name = google_compute_network.this[0].name
  mix  = { known = local.name, unknown = local.id, both = "${local.name}/${local.id}" }
}
resource "google_pubsub_topic" "this" {
  project = "p"
  name    = local.mix.known
  labels  = { a = local.mix.known }
}
output "mix_keys" { value = keys(local.mix) }
output "known" { value = local.mix.known }
