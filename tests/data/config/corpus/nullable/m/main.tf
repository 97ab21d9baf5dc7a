variable "a" {
  type     = string
  default  = "d"
  nullable = false
}
variable "b" {
  type    = string
  default = "d"
}
variable "c" {
  type    = object({ x = optional(string), y = optional(number, 3) })
  default = {}
}
output "a" { value = var.a }
output "b" { value = var.b == null ? "null" : var.b }
output "c" { value = var.c }
