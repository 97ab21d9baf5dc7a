resource "google_compute_firewall" "ssh" {
  name     = "coditect-allow-iap-ssh"
  network  = "coditect-vpc"
  priority = 999 # Grüße
  source_ranges = ["35.235.240.0/20"]
  target_tags   = ["coditect-node"]
  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
  deny {
    protocol = "udp"
  }
}
