variable "name" { type = string }
variable "cidr" { type = string }
variable "zones" { type = list(string) }
resource "google_compute_network" "this" {
  project                 = "p"
  name                    = var.name
  auto_create_subnetworks = false
}
module "subnet" {
  source  = "../subnet"
  count   = length(var.zones)
  name    = "${google_compute_network.this.name}-${var.zones[count.index]}"
  network = google_compute_network.this.name
  cidr    = cidrsubnet(var.cidr, 8, count.index)
}
output "subnets" { value = { for s in module.subnet : s.name => s.cidr } }
output "names" { value = module.subnet[*].name }
