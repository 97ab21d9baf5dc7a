variable "replicas" {
  type    = any
  default = [{ zone = "a", size = 1 }, { zone = "b" }]
}
locals {
  sizes = [for r in var.replicas : try(r.size, 10)]
  zones = var.replicas[*].zone
  has   = [for r in var.replicas : can(r.size)]
  first = coalesce(try(var.replicas[5].zone, ""), local.zones[0])
}
output "sizes" { value = local.sizes }
output "zones" { value = local.zones }
output "has" { value = local.has }
output "first" { value = local.first }
