variable "mail" {
  default = false
}

variable "ttl" {
  type    = number
  default = 60
}

resource "google_dns_record_set" "this" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = var.mail ? "MX" : "A"
  ttl          = var.ttl
  rrdatas      = var.mail ? ["1 aspmx.mail.example.", "5 alt1.aspmx.mail.example.", "5 alt2.aspmx.mail.example."] : ["34.149.77.201"]
}

resource "google_dns_record_set" "spf" {
  count        = var.mail ? 1 : 0
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "TXT"
  ttl          = 60
  rrdatas      = ["\"v=spf1 include:_spf.mail.example ~all\"", "\"orchard-verification=5f0c77\""]
}
