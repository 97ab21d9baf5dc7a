locals {
  a = { x = 1, y = 2, x = 3 }
  b = {
    "name" = "one"
    name   = "two"
    other  = { k = 1, "k" = 2 }
  }
}
output "a" { value = local.a }
output "b" { value = local.b }
