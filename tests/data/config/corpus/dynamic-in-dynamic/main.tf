locals {
  lifecycle_rules = [
    { action = { type = "Delete" }, condition = { age = 30, with_state = "ANY" } },
    { action = { type = "SetStorageClass", storage_class = "NEARLINE" }, condition = { age = 7, matches_prefix = ["logs/", "tmp/"] } },
  ]
  backends = {
    api = { groups = { a = { weight = 0.5 }, b = { weight = 1 } }, log = true }
    web = { groups = {}, log = false }
  }
}
resource "google_storage_bucket" "this" {
  name     = "b"
  location = "US"
  dynamic "lifecycle_rule" {
    for_each = local.lifecycle_rules
    iterator = rule
    content {
      dynamic "action" {
        for_each = [rule.value.action]
        content {
          type          = action.value.type
          storage_class = lookup(action.value, "storage_class", null)
        }
      }
      dynamic "condition" {
        for_each = rule.value.condition == null ? [] : [rule.value.condition]
        content {
          age            = try(condition.value.age, null)
          with_state     = try(condition.value.with_state, rule.key == 0 ? "LIVE" : null)
          matches_prefix = try(condition.value.matches_prefix, null)
        }
      }
    }
  }
}
resource "google_compute_backend_service" "this" {
  for_each = local.backends
  name     = each.key
  dynamic "backend" {
    for_each = each.value.groups
    content {
      group           = "projects/p/zones/z/instanceGroups/${backend.key}"
      balancing_mode  = "UTILIZATION"
      capacity_scaler = backend.value.weight
    }
  }
  dynamic "log_config" {
    for_each = each.value.log ? [""] : []
    content {
      enable      = true
      sample_rate = 0.25
    }
  }
}
