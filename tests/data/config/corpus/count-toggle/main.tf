variable "enabled" {
  type    = bool
  default = true
}
variable "name" { default = "edge" }
resource "google_compute_address" "this" {
  count   = var.enabled ? 2 : 0
  project = "p"
  region  = "europe-west4"
  name    = format("%s-%02d", var.name, count.index + 1)
}
resource "google_compute_address" "off" {
  count   = var.enabled ? 0 : 1
  project = "p"
  region  = "europe-west4"
  name    = "off"
}
output "names" { value = google_compute_address.this[*].name }
output "off" { value = one(google_compute_address.off[*].name) }
output "first" { value = try(google_compute_address.off[0].name, google_compute_address.this[0].name, "none") }
