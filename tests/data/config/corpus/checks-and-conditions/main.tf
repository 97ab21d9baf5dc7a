variable "env" {
  type    = string
  default = "prod"
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "Unknown environment."
  }
}
variable "size" {
  type    = number
  default = 3
  validation {
    condition     = var.env != "prod" || var.size >= 3
    error_message = "Production needs at least 3, not ${var.size}."
  }
}
resource "google_pubsub_topic" "t" {
  name = "t-${var.env}-${var.size}"
  lifecycle {
    precondition {
      condition     = var.size < 10
      error_message = "Too many."
    }
    postcondition {
      condition     = self.name != ""
      error_message = "No name."
    }
    ignore_changes = [labels]
  }
}
check "name" {
  assert {
    condition     = startswith(google_pubsub_topic.t.name, "t-")
    error_message = "Odd name."
  }
}
