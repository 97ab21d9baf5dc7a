# Each rule once with what it finds, and once with what is nearly so and is not found. Attributes are as the provider stores them.

rule "sql-tls-not-required" {
  fires "google_sql_database_instance" "mixed" {
    settings {
      ip_configuration { ssl_mode = "ALLOW_UNENCRYPTED_AND_ENCRYPTED" }
    }
  }
  fires "google_sql_database_instance" "public" {
    settings {
      ip_configuration {
        ssl_mode     = "ALLOW_UNENCRYPTED_AND_ENCRYPTED"
        ipv4_enabled = true
      }
    }
  }
  near "google_sql_database_instance" "encrypted" {
    settings {
      ip_configuration {
        ssl_mode     = "ENCRYPTED_ONLY"
        ipv4_enabled = true
      }
    }
  }
  near "google_sql_database_instance" "elsewhere" {
    instance_type = "ON_PREMISES_INSTANCE"
  }
}

rule "sql-open-to-world" {
  fires "google_sql_database_instance" "open" {
    settings {
      ip_configuration {
        authorized_networks {
          name  = "office"
          value = "203.0.113.0/24"
        }
        authorized_networks { value = "0.0.0.0/0" }
      }
    }
  }
  near "google_sql_database_instance" "office" {
    settings {
      ip_configuration {
        ipv4_enabled = true
        authorized_networks { value = "203.0.113.0/24" }
      }
    }
  }
}

rule "sql-backups-off" {
  fires "google_sql_database_instance" "none" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings { tier = "db-custom-2-7680" }
  }
  near "google_sql_database_instance" "daily" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings {
      backup_configuration { enabled = true }
    }
  }
  near "google_sql_database_instance" "replica" {
    instance_type = "READ_REPLICA_INSTANCE"
  }
}

rule "sql-zonal" {
  fires "google_sql_database_instance" "one-zone" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings { availability_type = "ZONAL" }
  }
  near "google_sql_database_instance" "two-zones" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings { availability_type = "REGIONAL" }
  }
}
