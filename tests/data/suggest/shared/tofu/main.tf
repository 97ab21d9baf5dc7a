provider "google" {
  project = "orchard-prod-3f21"
}

locals {
  ttl = 300
}

# The address has this in the cloud too; the mail does not.
resource "google_dns_record_set" "a" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "A"
  ttl          = local.ttl
  rrdatas      = ["34.149.77.201"]
}

resource "google_dns_record_set" "mx" {
  managed_zone = "orchard-example"
  name         = "orchard.example."
  type         = "MX"
  ttl          = local.ttl
  rrdatas      = ["1 aspmx.mail.example.", "5 alt1.aspmx.mail.example.", "5 alt2.aspmx.mail.example."]
}
