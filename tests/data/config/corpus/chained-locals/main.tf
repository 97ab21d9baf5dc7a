locals {
  e    = "${local.d}e"
  d    = "${local.c}d"
  c    = join("", [local.a, local.b, "c"])
  b    = local.a == "a" ? "b" : "?"
  a    = "a"
  self = { for k in ["x"] : k => local.e }
}
output "e" { value = local.e }
output "self" { value = local.self }
