locals {
  accounts = {
    ci  = { roles = ["roles/viewer", "roles/run.admin"] }
    app = { roles = ["roles/viewer"] }
  }
  grants = { for g in flatten([for name, a in local.accounts : [for r in a.roles : { name = name, role = r }]]) : "${g.name}-${replace(g.role, "/[^a-z]/", "_")}" => g }
}
resource "google_project_iam_member" "this" {
  for_each = local.grants
  project  = "acme-prod"
  role     = each.value.role
  member   = "serviceAccount:${each.value.name}@acme-prod.iam.gserviceaccount.com"
}
output "grants" { value = local.grants }
