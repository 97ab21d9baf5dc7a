moved {
  from = google_pubsub_topic.old
  to   = google_pubsub_topic.new
}
moved {
  from = google_pubsub_topic.single
  to   = module.m.google_pubsub_topic.this["a"]
}
removed {
  from = google_storage_bucket.gone
}
resource "google_pubsub_topic" "new" {
  name = "new"
}
module "m" {
  source = "./m"
  names  = toset(["a", "b"])
}
