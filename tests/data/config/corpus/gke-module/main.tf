variable "node_pools" {
  type = list(map(any))
  default = [
    { name = "default", machine_type = "e2-standard-4", min_count = 1, max_count = 5, disk_size_gb = 100, spot = true },
    { name = "gpu", machine_type = "n1-standard-8", node_count = 2, accelerator_count = 1, accelerator_type = "nvidia-tesla-t4", autoscaling = false },
  ]
}
variable "node_pools_labels" {
  type    = map(map(string))
  default = { all = { team = "x" }, gpu = { gpu = "true" } }
}
variable "node_pools_taints" {
  type    = map(list(object({ key = string, value = string, effect = string })))
  default = { all = [], default = [], gpu = [{ key = "nvidia.com/gpu", value = "present", effect = "NO_SCHEDULE" }] }
}
locals {
  names = [for np in toset(var.node_pools) : np.name]
  pools = zipmap(local.names, tolist(toset(var.node_pools)))
}
resource "google_container_node_pool" "pools" {
  for_each   = local.pools
  name       = each.key
  cluster    = "c"
  location   = "us-central1"
  node_count = lookup(each.value, "autoscaling", true) ? null : lookup(each.value, "node_count", 1)
  dynamic "autoscaling" {
    for_each = lookup(each.value, "autoscaling", true) ? [each.value] : []
    content {
      min_node_count = lookup(autoscaling.value, "min_count", 1)
      max_node_count = lookup(autoscaling.value, "max_count", 100)
    }
  }
  node_config {
    machine_type = lookup(each.value, "machine_type", "e2-medium")
    disk_size_gb = lookup(each.value, "disk_size_gb", 50)
    spot         = lookup(each.value, "spot", false)
    labels       = merge(lookup(var.node_pools_labels, "all", {}), lookup(var.node_pools_labels, each.value["name"], {}))
    dynamic "taint" {
      for_each = concat(var.node_pools_taints["all"], var.node_pools_taints[each.value["name"]])
      content {
        effect = taint.value.effect
        key    = taint.value.key
        value  = taint.value.value
      }
    }
    dynamic "guest_accelerator" {
      for_each = lookup(each.value, "accelerator_count", 0) > 0 ? [1] : []
      content {
        type  = lookup(each.value, "accelerator_type", "")
        count = lookup(each.value, "accelerator_count", 0)
      }
    }
  }
}
