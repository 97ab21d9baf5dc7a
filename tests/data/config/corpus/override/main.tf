variable "size" { default = 1 }
locals {
  a = "primary"
  b = "primary"
}
resource "google_pubsub_topic" "this" {
  project = "p"
  name    = "primary"
  labels  = { from = "primary" }
}
output "all" { value = [local.a, local.b, var.size] }
