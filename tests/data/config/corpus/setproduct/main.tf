locals {
  envs    = ["dev", "prod"]
  regions = toset(["us", "eu"])
  pairs   = { for p in setproduct(local.envs, local.regions) : join("-", p) => { env = p[0], region = p[1] } }
}
resource "google_pubsub_topic" "this" {
  for_each = local.pairs
  project  = "p"
  name     = each.key
  labels   = { env = each.value.env, region = each.value.region }
}
output "keys" { value = keys(google_pubsub_topic.this) }
