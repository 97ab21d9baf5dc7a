module "net" {
  source   = "./modules/net"
  for_each = { prod = "10.0.0.0/16", dev = "10.1.0.0/16" }
  name     = each.key
  cidr     = each.value
  zones    = ["a", "b"]
}
output "subnets" { value = { for k, m in module.net : k => m.subnets } }
output "flat" { value = flatten(values(module.net)[*].names) }
