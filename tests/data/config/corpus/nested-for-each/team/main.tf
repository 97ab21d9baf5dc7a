variable "name" { type = string }
variable "project" { type = string }
variable "topics" { type = any }
module "topic" {
  source   = "./topic"
  for_each = { for k, v in var.topics : "${var.name}-${k}" => v }
  name     = each.key
  project  = var.project
  config   = each.value
}
output "subscriptions" {
  value = sort(flatten([for t in module.topic : t.names]))
}
