locals {
  hosts = ["a.example", "b.example"]
}
resource "google_pubsub_topic" "this" {
  project = "p"
  name    = "t"
  labels  = { sum = substr(sha1(templatefile("${path.module}/conf.tftpl", { hosts = local.hosts, port = 8080 })), 0, 8) }
}
output "conf" { value = templatefile("${path.module}/conf.tftpl", { hosts = local.hosts, port = 8080 }) }
output "script" {
  value = <<-EOT
    #!/bin/sh
    %{ for h in local.hosts ~}
    ping ${h}
    %{ endfor ~}
    echo "$${HOME}"
      indented
  EOT
}
output "json" {
  value = jsonencode({ hosts = local.hosts, nested = { ok = true, n = null } })
}
