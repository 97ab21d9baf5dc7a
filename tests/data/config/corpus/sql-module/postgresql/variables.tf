variable "name" { type = string }
variable "region" {
  type    = string
  default = "us-central1"
}
variable "database_version" { type = string }
variable "tier" {
  type    = string
  default = "db-f1-micro"
}
variable "database_flags" {
  type    = list(object({ name = string, value = string }))
  default = []
}
variable "ip_configuration" {
  type = object({
    ipv4_enabled        = optional(bool, false)
    private_network     = optional(string)
    ssl_mode            = optional(string, "ENCRYPTED_ONLY")
    authorized_networks = optional(list(map(string)), [])
  })
  default = {}
}
variable "backup_configuration" {
  type = object({
    enabled          = optional(bool, false)
    start_time       = optional(string, "03:00")
    retained_backups = optional(number)
    retention_unit   = optional(string, "COUNT")
  })
  default = {}
}
variable "additional_databases" {
  type    = list(object({ name = string, charset = optional(string), collation = optional(string) }))
  default = []
}
variable "read_replicas" {
  type    = list(object({ name = string, tier = optional(string), zone = optional(string), flags = optional(map(string), {}) }))
  default = []
}
