variable "big" { default = false }
output "a" { value = var.big ? ["x"] : [] }
output "b" { value = var.big ? { a = 1 } : {} }
output "c" { value = var.big ? "5" : 6 }
output "d" { value = var.big ? null : tolist(["a"]) }
output "e" { value = var.big ? toset(["a"]) : [] }
output "f" { value = [for x in [1, null, "a"] : x == null ? "none" : tostring(x)] }
