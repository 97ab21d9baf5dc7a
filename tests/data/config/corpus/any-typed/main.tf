variable "config" {
  type    = any
  default = { list = [1, "two", [3]], map = { a = { b = null } } }
}
variable "items" {
  type    = list(any)
  default = [{ a = 1 }, { a = "x" }]
}
variable "m" {
  type    = map(any)
  default = { a = 1, b = "x" }
}
output "config" { value = var.config }
output "items" { value = var.items }
output "m" { value = var.m }
output "types" { value = [for i in var.items : i.a] }
