variable "rules" {
  type = list(object({
    name   = string
    allow  = optional(list(object({ protocol = string, ports = optional(list(string)) })), [])
    deny   = optional(list(object({ protocol = string, ports = optional(list(string)) })), [])
    ranges = optional(list(string), ["0.0.0.0/0"])
    log    = optional(bool)
  }))
  default = [
    { name = "ssh", allow = [{ protocol = "tcp", ports = ["22"] }], ranges = ["35.235.240.0/20"] },
    { name = "web", allow = [{ protocol = "tcp", ports = ["80", "443"] }, { protocol = "icmp" }], log = true },
    { name = "none", deny = [{ protocol = "all" }] },
  ]
}
resource "google_compute_firewall" "this" {
  for_each      = { for r in var.rules : r.name => r }
  project       = "p"
  network       = "default"
  name          = each.key
  source_ranges = each.value.ranges
  priority      = index(var.rules[*].name, each.key) * 10 + 1000
  dynamic "allow" {
    for_each = each.value.allow
    iterator = rule
    content {
      protocol = rule.value.protocol
      ports    = rule.value.ports
    }
  }
  dynamic "deny" {
    for_each = each.value.deny
    content {
      protocol = deny.value.protocol
      ports    = deny.value.ports
    }
  }
  dynamic "log_config" {
    for_each = coalesce(each.value.log, false) ? [1] : []
    content {
      metadata = "INCLUDE_ALL_METADATA"
    }
  }
}
