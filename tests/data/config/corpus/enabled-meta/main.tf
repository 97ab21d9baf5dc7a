resource "google_pubsub_topic" "on" {
  project = "p"
  name    = "on"
  lifecycle {
    enabled = true
  }
}
resource "google_pubsub_topic" "off" {
  project = "p"
  name    = "off"
  lifecycle {
    enabled = 1 > 2
  }
}
output "off" { value = google_pubsub_topic.off == null ? "none" : "some" }
