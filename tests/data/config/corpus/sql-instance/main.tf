variable "flags" {
  type    = map(string)
  default = { max_connections = "100", log_min_duration_statement = "500" }
}
variable "tier" {
  type = object({ cpu = optional(number, 2), memory_gb = optional(number, 8) })
  default = { memory_gb = 16 }
}
resource "google_sql_database_instance" "main" {
  project             = "p"
  name                = "db"
  region              = "europe-west4"
  database_version    = "POSTGRES_16"
  deletion_protection = false
  settings {
    tier    = "db-custom-${var.tier.cpu}-${var.tier.memory_gb * 1024}"
    edition = "ENTERPRISE"
    dynamic "database_flags" {
      for_each = var.flags
      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
    ip_configuration {
      ipv4_enabled = false
      private_network = "projects/p/global/networks/vpc"
    }
  }
  lifecycle {
    ignore_changes  = [settings[0].disk_size, settings[0].user_labels["x"]]
    prevent_destroy = true
  }
}
resource "google_sql_database" "this" {
  for_each = toset(["app", "audit"])
  project  = "p"
  name     = each.value
  instance = google_sql_database_instance.main.name
}
resource "google_sql_user" "app" {
  project  = "p"
  name     = "app"
  instance = google_sql_database_instance.main.name
  password = var.password
}
variable "password" {
  type      = string
  sensitive = true
  default   = "correct-horse"
}
