variable "name" {}
variable "network" {}
variable "cidr" {}
resource "google_compute_subnetwork" "this" {
  project       = "p"
  region        = "europe-west1"
  name          = var.name
  network       = var.network
  ip_cidr_range = var.cidr
}
output "name" { value = google_compute_subnetwork.this.name }
output "cidr" { value = google_compute_subnetwork.this.ip_cidr_range }
