locals {
  zone    = "example.com."
  records = {
    "A:www"   = ["1.2.3.4", "1.2.3.5"]
    "TXT:"    = ["\"v=spf1 -all\""]
    "CNAME:m" = ["ghs.googlehosted.com."]
  }
}
resource "google_dns_record_set" "this" {
  for_each     = { for k, v in local.records : k => { type = split(":", k)[0], name = split(":", k)[1], data = v } }
  project      = "p"
  managed_zone = "z"
  type         = each.value.type
  name         = trimprefix("${each.value.name}.${local.zone}", ".")
  ttl          = 300
  rrdatas      = each.value.data
}
