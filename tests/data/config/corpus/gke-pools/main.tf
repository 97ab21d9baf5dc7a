variable "pools" {
  type = any
  default = {
    general = { machine_type = "e2-standard-4", min = 1, max = 3 }
    gpu     = { machine_type = "n1-standard-8", min = 0, max = 2, taints = [{ key = "gpu", value = "true", effect = "NO_SCHEDULE" }], spot = true }
  }
}
resource "google_container_cluster" "this" {
  project                  = "p"
  name                     = "c"
  location                 = "us-central1"
  initial_node_count       = 1
  remove_default_node_pool = true
}
resource "google_container_node_pool" "this" {
  for_each = var.pools
  project  = "p"
  cluster  = google_container_cluster.this.name
  location = google_container_cluster.this.location
  name     = "${each.key}-pool"
  autoscaling {
    min_node_count = lookup(each.value, "min", 1)
    max_node_count = lookup(each.value, "max", 3)
  }
  node_config {
    machine_type = each.value.machine_type
    spot         = try(each.value.spot, false)
    labels       = merge({ pool = each.key }, try(each.value.labels, {}))
    dynamic "taint" {
      for_each = try(each.value.taints, [])
      content {
        key    = taint.value.key
        value  = taint.value["value"]
        effect = taint.value.effect
      }
    }
  }
}
