data "google_project" "this" {
  project_id = google_pubsub_topic.other.project
}
resource "google_pubsub_topic" "other" {
  project = "p"
  name    = "o"
}
resource "google_pubsub_topic" "this" {
  project    = "p"
  name       = "t-${data.google_project.this.number}"
  labels     = { fixed = "yes" }
  depends_on = [data.google_project.this]
}
