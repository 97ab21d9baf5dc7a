module "m" {
  source = "./m"
  a      = null
  b      = null
}
output "m" { value = module.m }
