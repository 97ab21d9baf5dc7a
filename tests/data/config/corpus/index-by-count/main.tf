locals {
  subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
  zones   = ["a", "b"]
}
resource "google_compute_subnetwork" "this" {
  count         = length(local.subnets)
  project       = "p"
  region        = "us-east1"
  network       = "n"
  name          = "s-${local.zones[count.index % length(local.zones)]}-${count.index}"
  ip_cidr_range = element(local.subnets, count.index)
}
output "map" { value = zipmap(google_compute_subnetwork.this[*].name, google_compute_subnetwork.this[*].ip_cidr_range) }
output "last" { value = google_compute_subnetwork.this[length(local.subnets) - 1].name }
