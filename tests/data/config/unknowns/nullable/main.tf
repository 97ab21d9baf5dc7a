variable "a" {
  type     = string
  nullable = false
}
variable "b" {
  type     = string
  nullable = false
  default  = "bdef"
}
variable "c" {
  type     = string
  nullable = false
  default  = "cdef"
}
variable "d" {
  type = list(string)
}
variable "e" {
  type = map(object({ q = string, r = optional(object({ s = optional(string, "deep") }), {}) }))
}
output "a" { value = var.a }
output "b" { value = var.b }
output "c" { value = var.c }
output "d" { value = var.d }
output "e" { value = var.e }
