variable "buckets" {
  type = map(object({
    location      = optional(string, "EU")
    versioning    = optional(bool, false)
    labels        = optional(map(string), {})
    lifecycle     = optional(list(object({ age = number, action = optional(string, "Delete") })), [])
    retention     = optional(object({ days = number, locked = optional(bool, false) }))
  }))
  default = {
    logs  = { lifecycle = [{ age = 30 }, { age = 365, action = "SetStorageClass" }] }
    media = { location = "US", versioning = true, labels = { team = "media" }, retention = { days = 7 } }
  }
}
resource "google_storage_bucket" "this" {
  for_each = var.buckets
  project  = "p"
  name     = "acme-${each.key}"
  location = each.value.location
  labels   = merge({ managed = "tofu" }, each.value.labels)
  versioning {
    enabled = each.value.versioning
  }
  dynamic "lifecycle_rule" {
    for_each = each.value.lifecycle
    content {
      condition {
        age = lifecycle_rule.value.age
      }
      action {
        type          = lifecycle_rule.value.action
        storage_class = lifecycle_rule.value.action == "SetStorageClass" ? "ARCHIVE" : null
      }
    }
  }
  dynamic "retention_policy" {
    for_each = each.value.retention[*]
    content {
      retention_period = retention_policy.value.days * 86400
      is_locked        = retention_policy.value.locked
    }
  }
}
output "names" {
  value = { for k, b in google_storage_bucket.this : k => b.name }
}
