# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "cluster-control-plane-open" {
  fires "google_container_cluster" "anyone" {
    master_authorized_networks_config = []
  }
  fires "google_container_cluster" "listed" {
    master_authorized_networks_config = [{ cidr_blocks = [{ cidr_block = "203.0.113.0/24" }, { cidr_block = "0.0.0.0/0" }] }]
  }
  near "google_container_cluster" "office" {
    master_authorized_networks_config = [{ cidr_blocks = [{ cidr_block = "203.0.113.0/24" }] }]
  }
  near "google_container_cluster" "private" {
    private_cluster_config = [{ enable_private_endpoint = true }]
  }
  near "google_container_cluster" "by-dns" {
    control_plane_endpoints_config = [{ ip_endpoints_config = [{ enabled = false }] }]
  }
}

rule "cluster-nodes-public" {
  fires "google_container_cluster" "public" {
    private_cluster_config = [{ enable_private_nodes = false }]
  }
  near "google_container_cluster" "private" {
    private_cluster_config = [{ enable_private_nodes = true }]
  }
}

rule "cluster-legacy-abac" {
  fires "google_container_cluster" "old" {
    enable_legacy_abac = true
  }
  near "google_container_cluster" "new" {
    enable_legacy_abac = false
  }
}

rule "cluster-client-certificate" {
  fires "google_container_cluster" "old" {
    master_auth = [{ client_certificate_config = [{ issue_client_certificate = true }] }]
  }
  near "google_container_cluster" "new" {
    master_auth = [{ client_certificate_config = [{ issue_client_certificate = false }] }]
  }
}

rule "cluster-no-workload-identity" {
  fires "google_container_cluster" "without" {}
  near "google_container_cluster" "with" {
    workload_identity_config = [{ workload_pool = "p.svc.id.goog" }]
  }
  near "google_container_cluster" "autopilot" {
    enable_autopilot = true
  }
}

rule "cluster-no-release-channel" {
  fires "google_container_cluster" "none" {
    release_channel = [{ channel = "UNSPECIFIED" }]
  }
  near "google_container_cluster" "stable" {
    release_channel = [{ channel = "STABLE" }]
  }
}

rule "cluster-zonal" {
  fires "google_container_cluster" "one-zone" {
    location = "us-central1-a"
  }
  near "google_container_cluster" "region" {
    location = "us-central1"
    node_locations = ["us-central1-a"]
  }
}

rule "cluster-no-network-policy" {
  fires "google_container_cluster" "none" {
    network_policy = [{ enabled = false }]
  }
  near "google_container_cluster" "calico" {
    network_policy = [{ enabled = true }]
  }
  near "google_container_cluster" "dataplane-v2" {
    datapath_provider = "ADVANCED_DATAPATH"
  }
}

rule "cluster-not-vpc-native" {
  fires "google_container_cluster" "routes" {
    networking_mode = "ROUTES"
  }
  near "google_container_cluster" "native" {
    networking_mode = "VPC_NATIVE"
  }
}

rule "cluster-secrets-plain" {
  fires "google_container_cluster" "plain" {
    database_encryption = [{ state = "DECRYPTED" }]
  }
  near "google_container_cluster" "own-key" {
    database_encryption = [{ state = "ENCRYPTED", key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k" }]
  }
}

rule "cluster-logging-off" {
  fires "google_container_cluster" "off" {
    logging_service = "none"
  }
  fires "google_container_cluster" "system-only" {
    logging_config = [{ enable_components = ["SYSTEM_COMPONENTS"] }]
  }
  near "google_container_cluster" "both" {
    logging_config = [{ enable_components = ["WORKLOADS", "SYSTEM_COMPONENTS", "APISERVER"] }]
  }
  near "google_container_cluster" "old-form" {
    logging_service = "logging.googleapis.com/kubernetes"
  }
}

rule "cluster-monitoring-off" {
  fires "google_container_cluster" "off" {
    monitoring_service = "none"
  }
  fires "google_container_cluster" "nothing" {
    monitoring_config = [{ enable_components = [] }]
  }
  near "google_container_cluster" "system" {
    monitoring_config = [{ enable_components = ["SYSTEM_COMPONENTS"] }]
  }
}

rule "cluster-maintenance-any-time" {
  fires "google_container_cluster" "only-exclusions" {
    maintenance_policy = [{ maintenance_exclusion = [{ exclusion_name = "holidays" }] }]
  }
  near "google_container_cluster" "daily" {
    maintenance_policy = [{ daily_maintenance_window = [{ start_time = "03:00" }] }]
  }
  near "google_container_cluster" "weekly" {
    maintenance_policy = [{ recurring_window = [{ recurrence = "FREQ=WEEKLY" }] }]
  }
}

rule "cluster-alpha" {
  fires "google_container_cluster" "alpha" {
    enable_kubernetes_alpha = true
  }
  near "google_container_cluster" "beta" {
    enable_k8s_beta_apis = [{ enabled_apis = ["x"] }]
  }
}

rule "cluster-any-image" {
  fires "google_container_cluster" "any" {
    binary_authorization = [{ evaluation_mode = "DISABLED" }]
  }
  near "google_container_cluster" "attested" {
    binary_authorization = [{ evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE" }]
  }
}

rule "pool-default-account" {
  fires "google_container_node_pool" "default" {
    node_config = [{ service_account = "default" }]
  }
  near "google_container_node_pool" "own" {
    node_config = [{ service_account = "nodes@p.iam.gserviceaccount.com" }]
  }
}

rule "pool-metadata-exposed" {
  fires "google_container_cluster" "k" {
    location = "us-central1"
    workload_identity_config = [{ workload_pool = "p.svc.id.goog" }]
  }
  fires "google_container_node_pool" "round" {
    cluster = "k"
    location = "us-central1"
    node_config = [{ workload_metadata_config = [{ mode = "GCE_METADATA" }] }]
  }
  near "google_container_cluster" "k" {
    location = "us-central1"
    workload_identity_config = [{ workload_pool = "p.svc.id.goog" }]
  }
  near "google_container_node_pool" "through" {
    cluster = "k"
    location = "us-central1"
    node_config = [{ workload_metadata_config = [{ mode = "GKE_METADATA" }] }]
  }
  near "google_container_cluster" "plain" {
    location = "us-central1"
  }
  near "google_container_node_pool" "of-plain" {
    cluster = "plain"
    location = "us-central1"
  }
}

rule "pool-legacy-endpoints" {
  fires "google_container_node_pool" "old" {
    node_config = [{ metadata = { disable-legacy-endpoints = "false" } }]
  }
  near "google_container_node_pool" "new" {
    node_config = [{ metadata = { disable-legacy-endpoints = "true" } }]
  }
}

rule "pool-read-only-kubelet" {
  fires "google_container_node_pool" "open" {
    node_config = [{ kubelet_config = [{ insecure_kubelet_readonly_port_enabled = "TRUE" }] }]
  }
  near "google_container_node_pool" "shut" {
    node_config = [{ kubelet_config = [{ insecure_kubelet_readonly_port_enabled = "FALSE" }] }]
  }
}

rule "pool-no-auto-repair" {
  fires "google_container_node_pool" "broken" {
    management = [{ auto_upgrade = true }]
  }
  near "google_container_node_pool" "healed" {
    management = [{ auto_repair = true }]
  }
}

rule "pool-no-auto-upgrade" {
  fires "google_container_node_pool" "old" {
    management = [{ auto_repair = true }]
  }
  near "google_container_node_pool" "new" {
    management = [{ auto_upgrade = true }]
  }
}

rule "pool-no-secure-boot" {
  fires "google_container_node_pool" "any" {
    node_config = [{ shielded_instance_config = [{ enable_integrity_monitoring = true }] }]
  }
  near "google_container_node_pool" "signed" {
    node_config = [{ shielded_instance_config = [{ enable_secure_boot = true }] }]
  }
}

rule "pool-no-integrity" {
  fires "google_container_node_pool" "any" {
    node_config = [{ shielded_instance_config = [{ enable_secure_boot = true }] }]
  }
  near "google_container_node_pool" "watched" {
    node_config = [{ shielded_instance_config = [{ enable_integrity_monitoring = true }] }]
  }
}

rule "pool-one-zone" {
  fires "google_container_cluster" "k" {
    location = "us-central1"
  }
  fires "google_container_node_pool" "one" {
    cluster = "k"
    location = "us-central1"
    node_locations = ["us-central1-a"]
  }
  near "google_container_cluster" "k" {
    location = "us-central1"
  }
  near "google_container_node_pool" "three" {
    cluster = "k"
    location = "us-central1"
    node_locations = ["us-central1-a", "us-central1-b", "us-central1-c"]
  }
  near "google_container_cluster" "zonal" {
    location = "us-central1-a"
  }
  near "google_container_node_pool" "of-zonal" {
    cluster = "zonal"
    location = "us-central1-a"
    node_locations = ["us-central1-a"]
  }
}

rule "pool-spot-only" {
  fires "google_container_cluster" "k" {
    location = "us-central1"
  }
  fires "google_container_node_pool" "spot" {
    cluster = "k"
    location = "us-central1"
    node_config = [{ spot = true }]
  }
  near "google_container_cluster" "k" {
    location = "us-central1"
  }
  near "google_container_node_pool" "spot" {
    cluster = "k"
    location = "us-central1"
    node_config = [{ spot = true }]
  }
  near "google_container_node_pool" "stays" {
    cluster = "k"
    location = "us-central1"
    node_config = [{ machine_type = "e2-standard-4" }]
  }
}
