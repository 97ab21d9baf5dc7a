variable "s" { type = string }
variable "n" { type = number }
variable "b" { type = bool }
variable "l" { type = list(string) }
variable "ln" { type = list(number) }
variable "lb" { type = list(bool) }
variable "se" { type = set(string) }
variable "m" { type = map(string) }
variable "o" { type = object({ a = string, b = number, c = optional(string, "z") }) }
variable "t" { type = tuple([string, number]) }
variable "lo" { type = list(object({ a = string, b = optional(number, 3) })) }
variable "mo" { type = map(object({ a = string })) }
variable "so" { type = set(object({ a = string })) }
variable "opt" { type = object({ a = string, b = optional(string, "bb"), c = optional(list(string), ["q"]) }) }
variable "half" { type = object({ a = string, b = number, c = optional(string, "z") }) }
variable "secret" {
  type      = string
  sensitive = true
}
output "s" { value = var.s }
output "n" { value = var.n }
output "b" { value = var.b }
output "l" { value = var.l }
output "ln" { value = var.ln }
output "lb" { value = var.lb }
output "se" { value = var.se }
output "m" { value = var.m }
output "o" { value = var.o }
output "t" { value = var.t }
output "lo" { value = var.lo }
output "mo" { value = var.mo }
output "so" { value = var.so }
output "opt" { value = var.opt }
output "half" { value = var.half }
output "secret" {
  value     = var.secret
  sensitive = true
}
