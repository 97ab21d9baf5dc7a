variable "labels" {
  type    = map(string)
  default = { Team = "Core", cost = "42" }
}
locals {
  labels = merge(
    { for k, v in var.labels : lower(k) => lower(replace(v, " ", "-")) },
    { env = terraform.workspace, managed-by = "opentofu" },
  )
}
resource "google_pubsub_topic" "this" {
  project = "p"
  name    = "t"
  labels  = local.labels
}
