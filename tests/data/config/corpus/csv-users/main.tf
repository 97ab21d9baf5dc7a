locals {
  users = csvdecode(file("${path.module}/users.csv"))
}
resource "google_project_iam_member" "this" {
  for_each = { for u in local.users : u.email => u if u.active == "true" }
  project  = "p"
  role     = each.value.role
  member   = "user:${each.key}"
}
