resource "google_compute_network" "this" {
  project = "p"
  name    = "vpc"
}
resource "google_compute_subnetwork" "this" {
  project       = google_compute_network.this.project
  region        = "us-east1"
  name          = "${google_compute_network.this.name}-sub"
  network       = google_compute_network.this.id
  ip_cidr_range = "10.0.0.0/24"
}
resource "google_compute_router" "this" {
  project = "p"
  region  = google_compute_subnetwork.this.region
  name    = "r"
  network = google_compute_network.this.self_link
}
output "known" { value = google_compute_subnetwork.this.name }
