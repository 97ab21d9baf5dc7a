variable "iam" {
  type = map(list(string))
  default = {
    "roles/viewer" = ["user:a@x.y", "group:g@x.y"]
    "roles/owner"  = []
  }
}
resource "google_project_iam_binding" "this" {
  for_each = { for role, members in var.iam : role => members if length(members) > 0 }
  project  = "p"
  role     = each.key
  members  = sort(each.value)
}
