provider "google" {
  project = "coditect-cloud-infra"
}

locals {
  open = [
    { protocol = "tcp", ports = ["8000", "10256"] },
  ]
  rules = {
    ssh = { name = "coditect-allow-iap-ssh", ranges = ["35.235.240.0/20"], ports = ["23"] }
  }
}

resource "google_compute_firewall" "health" {
  name          = "coditect-allow-health-checks"
  network       = "coditect-vpc"
  source_ranges = ["35.191.0.0/16", "130.211.0.0/22"]
  target_tags   = ["coditect-node"]
  description   = "Google's load balancer health checks"

  dynamic "allow" {
    for_each = local.open
    content {
      protocol = allow.value.protocol
      ports    = ["8000"]
    }
  }
}

resource "google_compute_firewall" "each" {
  for_each      = { for name, rule in local.rules : "fw-${name}" => rule }
  name          = each.value.name
  network       = "coditect-vpc"
  source_ranges = each.value.ranges
  target_tags   = ["coditect-node"]
  description   = try(each.value.description, "SSH through Identity-Aware Proxy")

  dynamic "allow" {
    for_each = [each.value]
    content {
      protocol = "tcp"
      ports    = allow.value.ports
    }
  }
}
