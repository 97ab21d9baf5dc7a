variable "iam" {
  type = map(any)
  default = {
    "roles/viewer" = ["user:a@x.com", "group:g@x.com"]
    "roles/editor" = []
    "roles/owner"  = ["user:o@x.com"]
  }
}
variable "group_iam" {
  type    = map(list(string))
  default = { "devs@x.com" = ["roles/viewer", "roles/browser"] }
}
variable "conditions" {
  type    = map(object({ title = string, expression = string, description = optional(string) }))
  default = { "roles/owner" = { title = "until", expression = "request.time < timestamp(\"2030-01-01T00:00:00Z\")" } }
}
locals {
  _group_roles = distinct(flatten(values(var.group_iam)))
  _group_iam   = { for r in local._group_roles : r => [for g, rs in var.group_iam : "group:${g}" if contains(rs, r)] }
  iam          = { for role in distinct(concat(keys(var.iam), keys(local._group_iam))) : role => concat(try(tolist(var.iam[role]), []), try(local._group_iam[role], [])) }
}
resource "google_project_iam_binding" "b" {
  for_each = { for k, v in local.iam : k => v if length(v) > 0 }
  project  = "p"
  role     = each.key
  members  = sort(each.value)
  dynamic "condition" {
    for_each = contains(keys(var.conditions), each.key) ? [var.conditions[each.key]] : []
    content {
      title       = condition.value.title
      expression  = condition.value.expression
      description = condition.value.description
    }
  }
}
