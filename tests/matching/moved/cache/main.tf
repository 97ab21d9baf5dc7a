moved {
  from = google_redis_instance.this
  to   = google_redis_instance.cache
}

resource "google_redis_instance" "cache" {
  name           = "coditect-redis-staging"
  region         = "us-central1"
  memory_size_gb = 1
}
