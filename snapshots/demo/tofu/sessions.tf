# Not applied yet, and the first of them was never made.
resource "google_redis_instance" "queue" {
  name           = "coditect-queue"
  region         = "us-central1"
  memory_size_gb = 1
}

resource "google_redis_instance" "sessions" {
  name           = "coditect-redis-staging"
  display_name   = "License seats and sessions"
  region         = "us-central1"
  memory_size_gb = 1

  labels = {
    app         = "coditect"
    environment = "staging"
    managed-by  = "opentofu"
    team        = "platform"
  }
  redis_configs = {
    maxmemory-policy       = "volatile-lru"
    notify-keyspace-events = "Ex"
  }
  maintenance_policy {
    weekly_maintenance_window {
      day = "SUNDAY"
      start_time {
        hours = 5
      }
    }
  }
}
