# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "project-no-alert-policy" {
  fires "google_sql_database_instance" "db" {}
  near "google_sql_database_instance" "db" {}
  near "google_monitoring_alert_policy" "down" {
    display_name = "database down"
  }
}

rule "project-no-uptime-check" {
  fires "google_compute_global_forwarding_rule" "front" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
  }
  near "google_compute_global_forwarding_rule" "front" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
  }
  near "google_monitoring_uptime_check_config" "www" {
    display_name = "www"
  }
}

rule "alert-reaches-nobody" {
  fires "google_monitoring_alert_policy" "down" {
    display_name = "database down"
  }
  near "google_monitoring_alert_policy" "down" {
    display_name = "database down"
    notification_channels = ["projects/p/notificationChannels/1"]
  }
}
