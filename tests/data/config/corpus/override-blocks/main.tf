variable "size" {
  type    = number
  default = 1
}
locals {
  a = "main"
  b = "kept"
}
resource "google_storage_bucket" "b" {
  name     = "b-${local.a}-${local.b}-${var.size}"
  location = "US"
  lifecycle_rule {
    action { type = "Delete" }
    condition { age = 1 }
  }
  labels = { from = "main" }
}
