module "off" {
  source = "./m"
  count  = 0
  name   = "off"
}
module "on" {
  source = "./m"
  count  = 1
  name   = "on"
}
output "on" { value = one(module.on[*].name) }
output "off" { value = length(module.off) }
output "maybe" { value = try(module.off[0].name, "nothing") }
