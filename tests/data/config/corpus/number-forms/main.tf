variable "size" {
  type    = string
  default = 10
}
variable "n" {
  type    = number
  default = "0050"
}
variable "b" {
  type    = bool
  default = "true"
}
variable "t" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "s" {
  type    = set(number)
  default = ["3", 1, 1]
}
output "all" { value = [var.size, var.n, var.b, var.t, var.s] }
output "math" { value = [var.n / 3, ceil(var.n / 3), 7 % 4, -7 % 4, 1e3, 0.1 + 0.2] }
