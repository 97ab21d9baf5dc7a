variable "name" {}
resource "google_pubsub_topic" "this" {
  project = "p"
  name    = var.name
}
output "name" { value = google_pubsub_topic.this.name }
