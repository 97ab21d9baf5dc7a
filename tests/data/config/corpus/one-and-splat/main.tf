variable "create" {
  type    = bool
  default = false
}
variable "existing" {
  type    = string
  default = "have"
}
resource "google_pubsub_topic" "maybe" {
  count = var.create ? 1 : 0
  name  = "maybe"
}
resource "google_pubsub_topic" "sure" {
  count = var.create ? 0 : 1
  name  = "sure"
}
locals {
  name  = try(one(google_pubsub_topic.maybe[*].name), "none")
  first = one(google_pubsub_topic.sure[*]).name
  any   = coalesce(one(google_pubsub_topic.maybe[*].name), one(google_pubsub_topic.sure[*].name), var.existing)
  old   = element(concat(google_pubsub_topic.maybe.*.name, [var.existing]), 0)
}
resource "google_storage_bucket" "b" {
  name     = "${coalesce(local.name, "x")}-${local.first}-${local.any}-${local.old}"
  location = "US"
  labels = {
    count  = length(google_pubsub_topic.maybe)
    exists = tostring(length(google_pubsub_topic.sure) > 0)
    first  = try(google_pubsub_topic.maybe[0].name, "absent")
  }
}
output "ids" {
  value = concat(google_pubsub_topic.maybe[*].name, google_pubsub_topic.sure[*].name)
}
