variable "network_name" {}
variable "subnets" {
  type = list(map(string))
}
variable "secondary_ranges" {
  type    = map(list(object({ range_name = string, ip_cidr_range = string })))
  default = {}
}
variable "ingress_rules" {
  type = list(object({
    name          = string
    description   = optional(string, null)
    disabled      = optional(bool, null)
    priority      = optional(number, null)
    source_ranges = optional(list(string), [])
    allow         = optional(list(object({ protocol = string, ports = optional(list(string)) })), [])
    deny          = optional(list(object({ protocol = string, ports = optional(list(string)) })), [])
  }))
  default = []
}
locals {
  subnets = { for x in var.subnets : "${x.subnet_region}/${x.subnet_name}" => x }
  rules   = { for r in [for f in var.ingress_rules : merge(f, { direction = "INGRESS" })] : r.name => r }
}
resource "google_compute_network" "network" {
  name                    = var.network_name
  auto_create_subnetworks = false
}
resource "google_compute_subnetwork" "subnetwork" {
  for_each                 = local.subnets
  name                     = each.value.subnet_name
  ip_cidr_range            = each.value.subnet_ip
  region                   = each.value.subnet_region
  private_ip_google_access = lookup(each.value, "subnet_private_access", "false")
  network                  = google_compute_network.network.name
  dynamic "log_config" {
    for_each = coalesce(lookup(each.value, "subnet_flow_logs", null), false) ? [{
      aggregation_interval = lookup(each.value, "subnet_flow_logs_interval", "INTERVAL_5_SEC")
      flow_sampling        = lookup(each.value, "subnet_flow_logs_sampling", "0.5")
      metadata             = lookup(each.value, "subnet_flow_logs_metadata", "INCLUDE_ALL_METADATA")
    }] : []
    content {
      aggregation_interval = log_config.value.aggregation_interval
      flow_sampling        = log_config.value.flow_sampling
      metadata             = log_config.value.metadata
    }
  }
  dynamic "secondary_ip_range" {
    for_each = contains(keys(var.secondary_ranges), each.value.subnet_name) ? var.secondary_ranges[each.value.subnet_name] : []
    content {
      range_name    = secondary_ip_range.value.range_name
      ip_cidr_range = secondary_ip_range.value.ip_cidr_range
    }
  }
}
resource "google_compute_firewall" "rules" {
  for_each      = local.rules
  name          = each.value.name
  description   = each.value.description
  direction     = each.value.direction
  disabled      = each.value.disabled
  network       = google_compute_network.network.name
  source_ranges = each.value.direction == "INGRESS" ? each.value.source_ranges : null
  priority      = each.value.priority
  dynamic "allow" {
    for_each = lookup(each.value, "allow", [])
    content {
      protocol = allow.value.protocol
      ports    = lookup(allow.value, "ports", null)
    }
  }
  dynamic "deny" {
    for_each = lookup(each.value, "deny", [])
    content {
      protocol = deny.value.protocol
      ports    = lookup(deny.value, "ports", null)
    }
  }
}
output "keys" {
  value = { for k, s in google_compute_subnetwork.subnetwork : k => s.ip_cidr_range }
}
