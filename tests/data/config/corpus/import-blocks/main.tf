locals { topics = { a = "projects/p/topics/a", b = "projects/p/topics/b" } }
resource "google_pubsub_topic" "this" {
  for_each = local.topics
  project  = "p"
  name     = each.key
}
moved {
  from = google_pubsub_topic.old
  to   = google_pubsub_topic.this["a"]
}
