variable "name" { type = string }
variable "project" { type = string }
variable "config" {
  type = object({
    retention = string
    labels    = map(string)
    subs      = list(object({ name = string, ack = number, filter = string }))
  })
}
locals {
  subs = { for s in var.config.subs : s.name => s }
}
resource "google_pubsub_topic" "this" {
  name                       = var.name
  project                    = var.project
  message_retention_duration = var.config.retention
  labels                     = merge({ managed = "tofu" }, var.config.labels)
}
resource "google_pubsub_subscription" "this" {
  for_each             = local.subs
  name                 = "${google_pubsub_topic.this.name}-${each.key}"
  project              = var.project
  topic                = google_pubsub_topic.this.id
  ack_deadline_seconds = each.value.ack
  filter               = try(each.value.filter, null)
}
output "names" {
  value = values(google_pubsub_subscription.this)[*].name
}
