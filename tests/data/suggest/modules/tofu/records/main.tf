variable "zone" {}

variable "records" {
  type = map(object({
    kind   = string
    ttl    = optional(number, 300)
    values = list(string)
  }))
}

variable "ttl_of_ns" {
  type    = number
  default = 3600
}

resource "google_dns_record_set" "this" {
  for_each     = var.records
  managed_zone = var.zone
  name         = "orchard.example."
  type         = each.value.kind
  ttl          = each.value.ttl
  rrdatas      = each.value.values
}

resource "google_dns_record_set" "ns" {
  count        = var.ttl_of_ns == 3600 ? 0 : 1
  managed_zone = var.zone
  name         = "orchard.example."
  type         = "NS"
  ttl          = var.ttl_of_ns
  rrdatas = [
    "ns-cloud-c1.googledomains.com.",
    "ns-cloud-c2.googledomains.com.",
    "ns-cloud-c3.googledomains.com.",
    "ns-cloud-c4.googledomains.com.",
  ]
}
