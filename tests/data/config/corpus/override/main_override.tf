variable "size" { default = 2 }
locals { b = "override" }
resource "google_pubsub_topic" "this" {
  name = "override"
}
