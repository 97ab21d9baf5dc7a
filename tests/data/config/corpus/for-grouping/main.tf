locals {
  users = [
    { name = "ann", team = "a", admin = true },
    { name = "bob", team = "b", admin = false },
    { name = "cy", team = "a", admin = false },
  ]
  by_team = { for u in local.users : u.team => u.name... }
  admins  = [for u in local.users : u.name if u.admin]
  lookup  = { for i, u in local.users : u.name => merge(u, { index = i }) }
}
output "by_team" { value = local.by_team }
output "admins" { value = local.admins }
output "lookup" { value = local.lookup }
output "count" { value = { for t, us in local.by_team : t => length(us) } }
