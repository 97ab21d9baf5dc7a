variable "name" { type = string }
variable "configs" {
  type    = map(string)
  default = {}
}
variable "labels" {
  type    = map(string)
  default = null
}
variable "window" {
  type = object({
    day        = string
    start_time = object({ hours = number, minutes = number, seconds = optional(number, 0), nanos = optional(number, 0) })
  })
  default = null
}
resource "google_redis_instance" "default" {
  name           = var.name
  tier           = var.window == null ? "BASIC" : "STANDARD_HA"
  memory_size_gb = 1
  redis_configs  = var.configs
  labels         = var.labels
  dynamic "maintenance_policy" {
    for_each = var.window != null ? [var.window] : []
    content {
      weekly_maintenance_window {
        day = maintenance_policy.value["day"]
        start_time {
          hours   = maintenance_policy.value["start_time"]["hours"]
          minutes = maintenance_policy.value["start_time"]["minutes"]
          seconds = maintenance_policy.value["start_time"]["seconds"]
          nanos   = maintenance_policy.value["start_time"]["nanos"]
        }
      }
    }
  }
}
output "name" {
  value = google_redis_instance.default.name
}
