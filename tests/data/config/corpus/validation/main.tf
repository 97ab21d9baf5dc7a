variable "env" {
  type        = string
  description = "d"
  default     = "prod"
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "wrong"
  }
}
check "always" {
  assert {
    condition     = var.env != ""
    error_message = "empty"
  }
}
output "env" {
  value       = var.env
  description = "d"
  precondition {
    condition     = length(var.env) > 0
    error_message = "never"
  }
}
