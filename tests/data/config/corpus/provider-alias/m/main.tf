resource "google_pubsub_topic" "m" {
  name = "m"
}
