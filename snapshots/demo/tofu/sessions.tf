# Not applied yet, and the first of them was never made.
resource "google_redis_instance" "queue" {
  name           = "coditect-queue"
  region         = "us-central1"
  memory_size_gb = 1
}

resource "google_redis_instance" "sessions" {
  name           = "coditect-redis-staging"
  region         = "us-central1"
  memory_size_gb = 1
}
