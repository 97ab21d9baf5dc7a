provider "google" {
  project = "orchard-prod-3f21"
}

variable "ttl" {
  type = number
}

locals {
  host  = "34.149.77"
  short = true
}

data "google_client_config" "this" {}

resource "google_dns_record_set" "a" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "A"
  ttl          = local.short ? 60 : 300
  rrdatas      = ["${local.host}.200"]
}

resource "google_dns_record_set" "mx" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "MX"
  ttl          = var.ttl
  rrdatas      = ["1 aspmx.mail.example.", "5 alt1.aspmx.mail.example.", "5 alt2.aspmx.mail.example."]
}

resource "google_dns_record_set" "ns" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "NS"
  ttl          = parseint("60", 10)
  rrdatas      = concat(["ns-cloud-c1.googledomains.com."], [])
}
