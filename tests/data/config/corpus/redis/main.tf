variable "configs" {
  type    = map(string)
  default = {}
}
resource "google_redis_instance" "this" {
  project        = "p"
  region         = "us-central1"
  name           = "cache"
  memory_size_gb = 1
  redis_version  = "REDIS_${replace("7.2", ".", "_")}"
  redis_configs  = merge({ maxmemory-policy = "allkeys-lru" }, var.configs)
  dynamic "maintenance_policy" {
    for_each = [{ day = "SUNDAY", hour = 4 }]
    content {
      weekly_maintenance_window {
        day = maintenance_policy.value.day
        start_time {
          hours = maintenance_policy.value.hour
        }
      }
    }
  }
}
