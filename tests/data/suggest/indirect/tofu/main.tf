provider "google" {
  project = "orchard-prod-3f21"
}

variable "ttls" {
  default = {
    short = 60
    long  = 86400
  }
}

variable "steady" {
  default = true
}

variable "network" {
  default = "34.149.77"
}

module "values" {
  source = "./values"
  ttl    = 120
}

module "each" {
  for_each = toset(["mx", "ns"])
  source   = "./values"
  ttl      = lookup({ mx = 90, ns = 91 }, each.key, 92)
}

locals {
  first  = "ns-cloud-c1.googledomains.com."
  second = ["ns-cloud-c2.googledomains.com."]
  zones  = ["orchard-example", "other"]
}

resource "google_dns_record_set" "a" {
  count        = 1
  managed_zone = local.zones[count.index]
  name         = "orchard.example."
  type         = "A"
  ttl          = module.values.ttls.short # an output
  rrdatas      = ["${var.network}.200"]
}

resource "google_dns_record_set" "mx" {
  managed_zone = element(local.zones, 0)
  name         = "orchard.example."
  type         = "MX"
  ttl          = module.each["mx"].ttls["short"]
  rrdatas      = coalescelist([], ["1 aspmx.mail.example.", "5 alt1.aspmx.mail.example."])
}

resource "google_dns_record_set" "ns" {
  managed_zone = local.zones[0]
  name         = "orchard.example."
  type         = "NS"
  ttl          = var.steady ? lookup(var.ttls, "long", 300) : var.ttls["short"]
  rrdatas      = concat([local.first], local.second)
}
