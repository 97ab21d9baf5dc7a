locals {
  _files  = fileset("${path.module}/data", "**/*.yaml")
  _raw    = { for f in local._files : trimsuffix(basename(f), ".yaml") => yamldecode(file("${path.module}/data/${f}")) }
  _defs   = yamldecode(file("${path.module}/defaults.yml"))
  buckets = { for k, v in local._raw : k => merge(local._defs, v, { labels = merge(try(local._defs.labels, {}), try(v.labels, {})) }) }
  iam = flatten([
    for k, v in local.buckets : [
      for role, members in try(v.iam, {}) : [
        for m in members : { bucket = k, role = role, member = m }
      ]
    ]
  ])
}
resource "google_storage_bucket" "buckets" {
  for_each                    = local.buckets
  name                        = format("%s-%s", each.value.prefix, each.key)
  location                    = upper(each.value.location)
  storage_class               = try(each.value.class, "STANDARD")
  uniform_bucket_level_access = tobool(try(each.value.uniform, "true"))
  labels                      = { for k, v in each.value.labels : k => tostring(v) }
}
resource "google_storage_bucket_iam_member" "bindings" {
  for_each = { for i in local.iam : "${i.bucket}/${i.role}/${i.member}" => i }
  bucket   = google_storage_bucket.buckets[each.value.bucket].name
  role     = startswith(each.value.role, "roles/") ? each.value.role : "roles/${each.value.role}"
  member   = each.value.member
}
