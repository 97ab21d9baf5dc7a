# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "sql-tls-not-required" {
  fires "google_sql_database_instance" "mixed" {
    settings = [{ ip_configuration = [{ ssl_mode = "ALLOW_UNENCRYPTED_AND_ENCRYPTED" }] }]
  }
  fires "google_sql_database_instance" "public" {
    settings = [{ ip_configuration = [{ ssl_mode = "ALLOW_UNENCRYPTED_AND_ENCRYPTED", ipv4_enabled = true }] }]
  }
  near "google_sql_database_instance" "encrypted" {
    settings = [{ ip_configuration = [{ ssl_mode = "ENCRYPTED_ONLY", ipv4_enabled = true }] }]
  }
  near "google_sql_database_instance" "elsewhere" {
    instance_type = "ON_PREMISES_INSTANCE"
  }
}

rule "sql-open-to-world" {
  fires "google_sql_database_instance" "found" {
    settings = [{ ip_configuration = [{ authorized_networks = [{ value = "203.0.113.0/24" }, { value = "0.0.0.0/0" }] }] }]
  }
  near "google_sql_database_instance" "near-1" {
    settings = [{ ip_configuration = [{ ipv4_enabled = true, authorized_networks = [{ value = "203.0.113.0/24" }] }] }]
  }
}

rule "sql-public-address" {
  fires "google_sql_database_instance" "found" {
    settings = [{ ip_configuration = [{ ipv4_enabled = true }] }]
  }
  near "google_sql_database_instance" "near-1" {
    settings = [{ ip_configuration = [{ ipv4_enabled = false, private_network = "projects/p/global/networks/n" }] }]
  }
}

rule "sql-backups-off" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ tier = "db-custom-2-7680" }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ backup_configuration = [{ enabled = true }] }]
  }
  near "google_sql_database_instance" "near-2" {
    instance_type = "READ_REPLICA_INSTANCE"
    master_instance_name = "primary"
  }
}

rule "sql-point-in-time-off" {
  fires "google_sql_database_instance" "postgres" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ backup_configuration = [{ enabled = true }] }]
  }
  fires "google_sql_database_instance" "mysql" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "MYSQL_8_4"
    settings = [{ backup_configuration = [{ enabled = true, point_in_time_recovery_enabled = true }] }]
  }
  near "google_sql_database_instance" "postgres" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ backup_configuration = [{ enabled = true, point_in_time_recovery_enabled = true }] }]
  }
  near "google_sql_database_instance" "mysql" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "MYSQL_8_4"
    settings = [{ backup_configuration = [{ enabled = true, binary_log_enabled = true }] }]
  }
  near "google_sql_database_instance" "no-backups" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
  }
}

rule "sql-zonal" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ availability_type = "ZONAL" }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ availability_type = "REGIONAL" }]
  }
  near "google_sql_database_instance" "near-2" {
    instance_type = "READ_REPLICA_INSTANCE"
    master_instance_name = "primary"
    settings = [{ availability_type = "ZONAL" }]
  }
}

rule "sql-shared-core" {
  fires "google_sql_database_instance" "found" {
    settings = [{ tier = "db-f1-micro" }]
  }
  near "google_sql_database_instance" "near-1" {
    settings = [{ tier = "db-custom-1-3840" }]
  }
}

rule "sql-deletable" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{}]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ deletion_protection_enabled = true }]
  }
  near "google_sql_database_instance" "replica" {
    instance_type = "READ_REPLICA_INSTANCE"
    master_instance_name = "primary"
  }
}

rule "sql-backups-die-with-it" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ backup_configuration = [{ enabled = true }] }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ retain_backups_on_delete = true, backup_configuration = [{ enabled = true }] }]
  }
  near "google_sql_database_instance" "near-2" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ backup_configuration = [{ enabled = true }], final_backup_config = [{ enabled = true, retention_days = 30 }] }]
  }
}

rule "sql-disk-fixed" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ disk_autoresize = false }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ disk_autoresize = true }]
  }
}

rule "sql-no-password-policy" {
  fires "google_sql_database_instance" "db" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
  }
  fires "google_sql_user" "app" {
    instance = "db"
    type = "BUILT_IN"
  }
  near "google_sql_database_instance" "db" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ password_validation_policy = [{ enable_password_policy = true }] }]
  }
  near "google_sql_user" "app" {
    instance = "db"
  }
  near "google_sql_database_instance" "by-iam-only" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
  }
  near "google_sql_user" "robot" {
    instance = "by-iam-only"
    type = "CLOUD_IAM_SERVICE_ACCOUNT"
  }
}

rule "sql-user-any-host" {
  fires "google_sql_database_instance" "db" {
    database_version = "MYSQL_8_4"
  }
  fires "google_sql_user" "app" {
    instance = "db"
    host = "%"
  }
  near "google_sql_database_instance" "db" {
    database_version = "MYSQL_8_4"
  }
  near "google_sql_user" "app" {
    instance = "db"
    host = "10.0.0.0/255.0.0.0"
  }
  near "google_sql_database_instance" "pg" {
    database_version = "POSTGRES_16"
  }
  near "google_sql_user" "other" {
    instance = "pg"
  }
}

rule "sql-no-iam-login" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ database_flags = [{ name = "cloudsql.iam_authentication", value = "off" }] }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ database_flags = [{ name = "cloudsql.iam_authentication", value = "on" }] }]
  }
  near "google_sql_database_instance" "near-2" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "SQLSERVER_2022_STANDARD"
  }
}

rule "sql-maintenance-any-time" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{}]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    settings = [{ maintenance_window = [{ day = 7, hour = 3 }] }]
  }
}

rule "sql-version-old" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_13"
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
  }
  near "google_sql_database_instance" "near-2" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "MYSQL_8_4"
  }
}

rule "sql-local-infile" {
  fires "google_sql_database_instance" "found" {
    database_version = "MYSQL_8_4"
    settings = [{ database_flags = [{ name = "slow_query_log", value = "on" }] }]
  }
  near "google_sql_database_instance" "near-1" {
    database_version = "MYSQL_8_4"
    settings = [{ database_flags = [{ name = "local_infile", value = "off" }] }]
  }
  near "google_sql_database_instance" "near-2" {
    database_version = "POSTGRES_16"
  }
  near "google_sql_database_instance" "outside" {
    database_version = "MYSQL_8_4"
    instance_type = "ON_PREMISES_INSTANCE"
  }
}

rule "sql-logs-too-little" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ database_flags = [{ name = "log_connections", value = "on" }, { name = "log_lock_waits", value = "off" }] }]
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ database_flags = [{ name = "log_connections", value = "on" }, { name = "log_disconnections", value = "on" }, { name = "log_lock_waits", value = "on" }, { name = "log_checkpoints", value = "on" }] }]
  }
}

rule "sql-audit-off" {
  fires "google_sql_database_instance" "found" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
  }
  near "google_sql_database_instance" "near-1" {
    instance_type = "CLOUD_SQL_INSTANCE"
    database_version = "POSTGRES_16"
    settings = [{ database_flags = [{ name = "cloudsql.enable_pgaudit", value = "on" }] }]
  }
}

rule "sql-user-superuser" {
  fires "google_sql_database_instance" "db" {
    database_version = "POSTGRES_16"
  }
  fires "google_sql_user" "app" {
    instance = "db"
    database_roles = ["cloudsqlsuperuser"]
  }
  near "google_sql_database_instance" "db" {
    database_version = "POSTGRES_16"
  }
  near "google_sql_user" "app" {
    instance = "db"
    database_roles = ["app_rw"]
  }
  near "google_sql_user" "robot" {
    instance = "db"
    type = "CLOUD_IAM_SERVICE_ACCOUNT"
    database_roles = ["cloudsqlsuperuser"]
  }
}
