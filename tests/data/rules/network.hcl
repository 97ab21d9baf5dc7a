# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "firewall-open-ssh" {
  fires "google_compute_firewall" "by-range" {
    direction = "INGRESS"
    source_ranges = ["10.0.0.0/8", "0.0.0.0/0"]
    allow = [{ protocol = "tcp", ports = ["20-25"] }]
  }
  fires "google_compute_firewall" "no-source" {
    direction = "INGRESS"
    allow = [{ protocol = "tcp", ports = ["22"] }]
  }
  near "google_compute_firewall" "iap" {
    direction = "INGRESS"
    source_ranges = ["35.235.240.0/20"]
    allow = [{ protocol = "tcp", ports = ["22"] }]
  }
  near "google_compute_firewall" "web" {
    direction = "INGRESS"
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "tcp", ports = ["80", "443", "220", "2222-2230"] }]
  }
  near "google_compute_firewall" "off" {
    direction = "INGRESS"
    disabled = true
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "tcp", ports = ["22"] }]
  }
  near "google_compute_firewall" "out" {
    direction = "EGRESS"
    allow = [{ protocol = "tcp", ports = ["22"] }]
  }
  near "google_compute_firewall" "tagged" {
    direction = "INGRESS"
    source_tags = ["bastion"]
    allow = [{ protocol = "tcp", ports = ["22"] }]
  }
}

rule "firewall-open-rdp" {
  fires "google_compute_firewall" "rdp" {
    source_ranges = ["::/0"]
    allow = [{ protocol = "tcp", ports = ["3389"] }]
  }
  near "google_compute_firewall" "rdp" {
    source_ranges = ["35.235.240.0/20"]
    allow = [{ protocol = "tcp", ports = ["3389"] }]
  }
}

rule "firewall-open-data" {
  fires "google_compute_firewall" "redis" {
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "tcp", ports = ["6000-7000"] }]
  }
  near "google_compute_firewall" "redis" {
    source_ranges = ["10.0.0.0/8"]
    allow = [{ protocol = "tcp", ports = ["6379"] }]
  }
  near "google_compute_firewall" "web" {
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "tcp", ports = ["443"] }]
  }
}

rule "firewall-open-all" {
  fires "google_compute_firewall" "all" {
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "all" }]
  }
  fires "google_compute_firewall" "tcp" {
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "icmp" }, { protocol = "tcp" }]
  }
  near "google_compute_firewall" "ping" {
    source_ranges = ["0.0.0.0/0"]
    allow = [{ protocol = "icmp" }]
  }
  near "google_compute_firewall" "inside" {
    source_ranges = ["10.0.0.0/8"]
    allow = [{ protocol = "all" }]
  }
}

rule "network-default" {
  fires "google_compute_network" "default" {}
  fires "google_compute_network" "auto" {
    auto_create_subnetworks = true
  }
  near "google_compute_network" "own" {
    auto_create_subnetworks = false
  }
}

rule "subnet-no-private-access" {
  fires "google_compute_subnetwork" "nodes" {
    purpose = "PRIVATE"
  }
  near "google_compute_subnetwork" "nodes" {
    purpose = "PRIVATE"
    private_ip_google_access = true
  }
  near "google_compute_subnetwork" "proxies" {
    purpose = "REGIONAL_MANAGED_PROXY"
  }
}

rule "subnet-no-flow-logs" {
  fires "google_compute_subnetwork" "nodes" {
    purpose = "PRIVATE"
  }
  near "google_compute_subnetwork" "nodes" {
    purpose = "PRIVATE"
    log_config = [{ flow_sampling = 0.5 }]
  }
}

rule "tls-policy-weak" {
  fires "google_compute_ssl_policy" "old" {
    min_tls_version = "TLS_1_0"
    profile = "MODERN"
  }
  fires "google_compute_ssl_policy" "compatible" {
    min_tls_version = "TLS_1_2"
    profile = "COMPATIBLE"
  }
  near "google_compute_ssl_policy" "modern" {
    min_tls_version = "TLS_1_2"
    profile = "MODERN"
  }
}

rule "front-no-tls-policy" {
  fires "google_compute_target_https_proxy" "front" {}
  near "google_compute_target_https_proxy" "front" {
    ssl_policy = "projects/p/global/sslPolicies/modern"
  }
}

rule "front-plain-http" {
  fires "google_compute_url_map" "app" {
    default_service = "x"
  }
  fires "google_compute_target_http_proxy" "front" {
    url_map = "https://www.googleapis.com/compute/v1/projects/example-project/global/urlMaps/app"
  }
  fires "google_compute_global_forwarding_rule" "http" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
    target = "https://www.googleapis.com/compute/v1/projects/example-project/global/targetHttpProxies/front"
  }
  near "google_compute_url_map" "redirect" {
    default_url_redirect = [{ https_redirect = true }]
  }
  near "google_compute_target_http_proxy" "front" {
    url_map = "https://www.googleapis.com/compute/v1/projects/example-project/global/urlMaps/redirect"
  }
  near "google_compute_global_forwarding_rule" "http" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
    target = "https://www.googleapis.com/compute/v1/projects/example-project/global/targetHttpProxies/front"
  }
  near "google_compute_url_map" "inner" {
    default_service = "x"
  }
  near "google_compute_target_http_proxy" "inside" {
    url_map = "https://www.googleapis.com/compute/v1/projects/example-project/global/urlMaps/inner"
  }
}

rule "backend-no-logs" {
  fires "google_compute_backend_service" "web" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
  }
  near "google_compute_backend_service" "web" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
    log_config = [{ enable = true }]
  }
  near "google_compute_backend_service" "inside" {
    load_balancing_scheme = "INTERNAL_SELF_MANAGED"
  }
}

rule "certificate-expires" {
  fires "google_compute_ssl_certificate" "month" {
    expire_time = "2026-12-20T00:00:00.000-08:00"
  }
  fires "google_compute_ssl_certificate" "week" {
    expire_time = "2026-12-03T00:00:00.000-08:00"
  }
  near "google_compute_ssl_certificate" "next-year" {
    expire_time = "2027-06-01T00:00:00.000-08:00"
  }
}

rule "certificate-not-issued" {
  fires "google_certificate_manager_certificate" "failed" {
    managed = [{ domains = ["example.com"], state = "PROVISIONING", authorization_attempt_info = [{ domain = "example.com", state = "FAILED", failure_reason = "CONFIG" }] }]
  }
  near "google_certificate_manager_certificate" "active" {
    managed = [{ domains = ["example.com"], state = "ACTIVE", authorization_attempt_info = [{ domain = "example.com", state = "AUTHORIZED" }] }]
  }
  near "google_certificate_manager_certificate" "own" {
    self_managed = [{ pem_certificate = "x" }]
  }
}

rule "address-unused" {
  fires "google_compute_address" "left" {
    address_type = "EXTERNAL"
    address = "203.0.113.9"
  }
  near "google_compute_address" "nat" {
    address_type = "EXTERNAL"
    users = ["routers/nat"]
  }
  near "google_compute_address" "inside" {
    address_type = "INTERNAL"
  }
}

rule "dns-no-dnssec" {
  fires "google_dns_managed_zone" "public" {
    visibility = "public"
    dnssec_config = [{ state = "off" }]
  }
  near "google_dns_managed_zone" "signed" {
    visibility = "public"
    dnssec_config = [{ state = "on" }]
  }
  near "google_dns_managed_zone" "inside" {
    visibility = "private"
  }
}

rule "dns-rsasha1" {
  fires "google_dns_managed_zone" "old" {
    dnssec_config = [{ state = "on", default_key_specs = [{ algorithm = "rsasha256" }, { algorithm = "rsasha1" }] }]
  }
  near "google_dns_managed_zone" "new" {
    dnssec_config = [{ state = "on", default_key_specs = [{ algorithm = "rsasha256" }] }]
  }
}

rule "dns-ephemeral" {
  fires "google_compute_global_forwarding_rule" "front" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
    ip_address = "203.0.113.5"
  }
  fires "google_dns_record_set" "www.example.com." {
    managed_zone = "z"
    type = "A"
    rrdatas = ["203.0.113.5"]
  }
  near "google_compute_global_forwarding_rule" "front" {
    load_balancing_scheme = "EXTERNAL_MANAGED"
    ip_address = "203.0.113.5"
  }
  near "google_compute_global_address" "front" {
    address = "203.0.113.5"
  }
  near "google_dns_record_set" "www.example.com." {
    managed_zone = "z"
    type = "A"
    rrdatas = ["203.0.113.5"]
  }
  near "google_dns_record_set" "else.example.com." {
    managed_zone = "z"
    type = "A"
    rrdatas = ["198.51.100.7"]
  }
}
