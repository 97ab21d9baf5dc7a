locals {
  defaults = { cpu = 1, memory = 512, env = { LOG = "info", REGION = "eu" } }
  services = {
    api    = { cpu = 2, env = { LOG = "debug" } }
    worker = {}
  }
  merged = { for name, s in local.services : name => merge(local.defaults, s, { env = merge(local.defaults.env, try(s.env, {})) }) }
}
output "merged" { value = local.merged }
output "env" { value = { for n, s in local.merged : n => [for k, v in s.env : "${k}=${v}"] } }
