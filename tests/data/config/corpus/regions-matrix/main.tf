variable "matrix" {
  type = map(map(list(string)))
  default = {
    eu = { prod = ["a", "b"], dev = ["a"] }
    us = { prod = ["c"] }
  }
}
locals {
  flat = merge(flatten([
    for region, envs in var.matrix : [
      for env, zones in envs : { for i, z in zones : "${region}.${env}.${i}" => upper(z) }
    ]
  ])...)
}
output "flat" { value = local.flat }
output "zones" { value = sort(distinct(flatten([for r in var.matrix : values(r)]))) }
