locals {
  files = fileset(path.module, "conf/*.yaml")
  conf  = merge([for f in local.files : { trimsuffix(basename(f), ".yaml") = yamldecode(file("${path.module}/${f}")) }]...)
}
resource "google_pubsub_topic" "this" {
  for_each = local.conf
  project  = "p"
  name     = each.key
  labels   = { for k, v in lookup(each.value, "labels", {}) : k => tostring(v) }
}
output "conf" { value = local.conf }
