locals {
  hosts = [{ name = "a", ip = "10.0.0.1", tags = ["x"] }, { name = "b", ip = "10.0.0.2", tags = [] }]
  user_data = templatefile("${path.module}/templates/init.sh.tftpl", {
    hosts  = local.hosts
    port   = 8080
    flags  = { debug = true, level = "info" }
    secret = null
  })
}
resource "google_compute_instance" "vm" {
  name         = "vm"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  metadata = {
    startup-script = local.user_data
    user-data      = <<-EOT
      #cloud-config
      write_files:
      %{~for h in local.hosts~}
        - path: /etc/${h.name}
          content: ${jsonencode(h)}
      %{~endfor~}
      runcmd: ${jsonencode([for h in local.hosts : "ping ${h.ip}"])}
    EOT
    config         = yamlencode({ hosts = local.hosts, n = 1.5, off = false, text = "a: b", multi = "x\ny\n" })
  }
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = "default"
  }
}
