locals {
  replicas       = { for r in var.read_replicas : r.name => r }
  databases      = { for db in var.additional_databases : db.name => db }
  retained       = lookup(var.backup_configuration, "retained_backups", null)
  binary_logging = substr(var.database_version, 0, 5) == "MYSQL" && var.backup_configuration.enabled
}
resource "google_sql_database_instance" "default" {
  name                = var.name
  region              = var.region
  database_version    = var.database_version
  deletion_protection = false
  settings {
    tier = var.tier
    dynamic "database_flags" {
      for_each = var.database_flags
      content {
        name  = lookup(database_flags.value, "name", null)
        value = lookup(database_flags.value, "value", null)
      }
    }
    dynamic "backup_configuration" {
      for_each = [var.backup_configuration]
      content {
        enabled            = backup_configuration.value.enabled
        binary_log_enabled = local.binary_logging
        start_time         = backup_configuration.value.start_time
        dynamic "backup_retention_settings" {
          for_each = local.retained != null ? [var.backup_configuration] : []
          content {
            retained_backups = local.retained
            retention_unit   = backup_retention_settings.value.retention_unit
          }
        }
      }
    }
    dynamic "ip_configuration" {
      for_each = [var.ip_configuration]
      content {
        ipv4_enabled    = ip_configuration.value.ipv4_enabled
        private_network = ip_configuration.value.private_network
        ssl_mode        = ip_configuration.value.ssl_mode
        dynamic "authorized_networks" {
          for_each = ip_configuration.value.authorized_networks
          iterator = net
          content {
            name            = lookup(net.value, "name", null)
            value           = lookup(net.value, "value", null)
            expiration_time = lookup(net.value, "expiration_time", null)
          }
        }
      }
    }
  }
}
resource "google_sql_database" "extra" {
  for_each  = local.databases
  name      = each.key
  charset   = each.value.charset
  collation = each.value.collation
  instance  = google_sql_database_instance.default.name
}
resource "google_sql_database_instance" "replicas" {
  for_each             = local.replicas
  name                 = "${var.name}-replica-${each.value.name}"
  region               = var.region
  database_version     = var.database_version
  master_instance_name = google_sql_database_instance.default.name
  deletion_protection  = false
  settings {
    tier = coalesce(each.value.tier, var.tier)
    dynamic "location_preference" {
      for_each = each.value.zone == null ? [] : [each.value.zone]
      content {
        zone = location_preference.value
      }
    }
  }
}
output "replica_names" {
  value = [for r in google_sql_database_instance.replicas : r.name]
}
