variable "size" {
  default = 7
}
locals {
  a = "over"
}
resource "google_storage_bucket" "b" {
  location = "EU"
  lifecycle_rule {
    action { type = "Delete" }
    condition { age = 9 }
  }
}
