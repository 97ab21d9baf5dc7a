# What tofu itself does not know beside what only this program lacks: a variable that was given no value.
resource "terraform_data" "a" {
  input = "x"
}
variable "lack" {
  type = string
}
variable "flag" {
  type = bool
}
variable "list" {
  type = list(string)
}
locals {
  after   = tostring(jsondecode(terraform_data.a.id))
  decided = tobool(jsondecode(terraform_data.a.id))
  many    = tolist(jsondecode(terraform_data.a.id))
}
