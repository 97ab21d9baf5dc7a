variable "names" { type = set(string) }
resource "google_pubsub_topic" "this" {
  for_each = var.names
  name     = each.value
}
