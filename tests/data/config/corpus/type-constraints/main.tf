# Values of variables as their types make them.
variable "v0" {
  type    = object({d = object({b = object({b = optional(string, "x"), d = optional(any)}), d = optional(list(string)), a = set(any), c = optional(list(number))}), c = optional(map(object({a = any, d = any}))), a = optional(map(list(any)))})
  default = {d = {b = {b = "12", d = "s"}, a = ["s"], c = ["2", null]}, a = {}}
}
output "v0" {
  value = var.v0
}
variable "v1" {
  type    = tuple([object({c = optional(number, "2"), d = optional(object({d = string, b = optional(bool)}))}), tuple([object({c = any, b = optional(number)}), map(string)]), map(list(number))])
  default = [{c = "2", d = {d = "12"}}, [{c = "s", b = -3.5}, {k1 = "x", k3 = ""}], {k1 = ["2", "1e3"], k3 = ["2", "2"]}]
}
output "v1" {
  value = var.v1
}
variable "v2" {
  type    = map(object({b = object({d = bool, c = number}), d = optional(set(string), ["x"]), c = optional(string), a = optional(object({d = optional(any), a = optional(any)}))}))
  default = {k3 = {b = {d = true, c = -3.5}, c = "true", a = {a = 1}}}
}
output "v2" {
  value = var.v2
}
variable "v3" {
  type    = object({d = optional(object({b = optional(object({d = optional(string), b = bool}))})), c = optional(string)})
  default = {d = null}
}
output "v3" {
  value = var.v3
}
variable "v4" {
  type    = list(list(object({d = optional(string)})))
  default = []
}
output "v4" {
  value = var.v4
}
variable "v5" {
  type    = object({d = any, b = optional(number), a = optional(object({d = string}))})
  default = {d = [1]}
}
output "v5" {
  value = var.v5
}
variable "v6" {
  type    = object({a = optional(list(set(bool)), [[], ["false"], ["false"]]), d = optional(map(map(string))), c = number, b = optional(list(set(bool)), [[], [true, "1"]])})
  default = {d = {k3 = {k1 = null, k2 = "x"}}, c = "2", b = [], extra = 1}
}
output "v6" {
  value = var.v6
}
variable "v7" {
  type    = object({a = optional(number), d = optional(string), b = optional(map(any), {k1 = "s", k2 = 1}), c = optional(string)})
  default = {a = 1, b = {}}
}
output "v7" {
  value = var.v7
}
variable "v8" {
  type    = object({c = tuple([]), a = number, b = optional(list(map(number)))})
  default = {c = [], a = -3.5}
}
output "v8" {
  value = var.v8
}
variable "v9" {
  type    = map(set(map(any)))
  default = {}
}
output "v9" {
  value = var.v9
}
variable "v10" {
  type    = set(object({a = optional(number)}))
  default = [null, {a = "2"}]
}
output "v10" {
  value = var.v10
}
variable "v11" {
  type    = any
  default = "s"
}
output "v11" {
  value = var.v11
}
variable "v12" {
  type    = list(object({b = list(string), c = optional(tuple([]), [])}))
  default = [{b = [true, "x", "true"], c = []}, {b = [""]}]
}
output "v12" {
  value = var.v12
}
variable "v13" {
  type    = object({c = optional(string, "true"), a = optional(list(number))})
  default = {}
}
output "v13" {
  value = var.v13
}
variable "v14" {
  type    = object({b = optional(set(number), ["1e3", 1]), a = optional(object({d = optional(any, "s"), b = string})), d = optional(list(list(any)))})
  default = {b = null, d = [], extra = 1}
}
output "v14" {
  value = var.v14
}
variable "v15" {
  type    = any
  default = 1
}
output "v15" {
  value = var.v15
}
variable "v16" {
  type    = any
  default = [1]
}
output "v16" {
  value = var.v16
}
variable "v17" {
  type    = object({d = optional(tuple([]), []), a = set(number)})
  default = {d = [], a = [], extra = 1}
}
output "v17" {
  value = var.v17
}
variable "v18" {
  type    = any
  default = [1]
}
output "v18" {
  value = var.v18
}
variable "v19" {
  type    = object({a = optional(any, "s"), b = optional(map(list(number)), {k2 = [1, -3.5, 1], k3 = [1, -3.5]}), c = optional(object({d = optional(map(bool)), a = set(number), b = optional(map(any))}))})
  default = {b = {}}
}
output "v19" {
  value = var.v19
}
variable "v20" {
  type    = object({a = optional(object({b = optional(string, "12")})), b = optional(string, "x")})
  default = {}
}
output "v20" {
  value = var.v20
}
variable "v21" {
  type    = object({d = optional(map(list(number)), {k1 = []}), c = number, a = list(set(number)), b = optional(map(number))})
  default = {d = {}, c = -3.5, a = [[-3.5, 1], ["2", 1, "2"]]}
}
output "v21" {
  value = var.v21
}
variable "v22" {
  type    = any
  default = true
}
output "v22" {
  value = var.v22
}
variable "v23" {
  type    = set(object({c = any}))
  default = [{c = [1]}]
}
output "v23" {
  value = var.v23
}
variable "v24" {
  type    = map(object({ k = any }))
  default = { a = { k = 1 }, b = { k = "s" } }
}
output "v24" {
  value = var.v24
}
variable "v25" {
  type    = list(object({ k = any }))
  default = [{ k = 1 }, { k = true }, { k = "s" }]
}
output "v25" {
  value = var.v25
}
