variable "ttl" {
  type = number
}

output "ttls" {
  value = { short = var.ttl, long = 2 * var.ttl }
}
