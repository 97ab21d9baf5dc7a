module "pg" {
  source           = "./postgresql"
  name             = "main"
  database_version = "POSTGRES_16"
  tier             = "db-custom-4-15360"
  database_flags   = [{ name = "max_connections", value = 500 }, { name = "log_min_duration_statement", value = "250" }]
  ip_configuration = {
    private_network     = "projects/p/global/networks/vpc"
    authorized_networks = [{ name = "office", value = "203.0.113.0/24" }]
  }
  backup_configuration = { enabled = true, retained_backups = 14 }
  additional_databases = [{ name = "app" }, { name = "reporting", charset = "UTF8", collation = "en_US.UTF8" }]
  read_replicas        = [{ name = "0", zone = "us-central1-c" }, { name = "1", tier = "db-custom-2-7680" }]
}
output "replicas" {
  value = module.pg.replica_names
}
