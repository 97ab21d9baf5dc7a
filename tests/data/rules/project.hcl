rule "project-no-alert-policy" {
  fires "google_sql_database_instance" "db" {}
  near "google_sql_database_instance" "db" {}
  near "google_monitoring_alert_policy" "down" { display_name = "database down" }
}
