# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "redis-auth-off" {
  fires "google_redis_instance" "cache" {
    auth_enabled = false
  }
  fires "google_redis_cluster" "cluster" {
    authorization_mode = "AUTH_MODE_DISABLED"
  }
  fires "google_memorystore_instance" "valkey" {
    authorization_mode = "AUTH_DISABLED"
  }
  near "google_redis_instance" "cache" {
    auth_enabled = true
  }
  near "google_redis_cluster" "cluster" {
    authorization_mode = "AUTH_MODE_IAM_AUTH"
  }
  near "google_memorystore_instance" "valkey" {
    authorization_mode = "IAM_AUTH"
  }
}

rule "redis-tls-off" {
  fires "google_redis_instance" "cache" {
    transit_encryption_mode = "DISABLED"
  }
  fires "google_redis_cluster" "cluster" {}
  near "google_redis_instance" "cache" {
    transit_encryption_mode = "SERVER_AUTHENTICATION"
  }
  near "google_redis_cluster" "cluster" {
    transit_encryption_mode = "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"
  }
}

rule "redis-basic" {
  fires "google_redis_instance" "cache" {
    tier = "BASIC"
  }
  fires "google_redis_cluster" "cluster" {
    replica_count = 0
  }
  near "google_redis_instance" "cache" {
    tier = "STANDARD_HA"
  }
  near "google_redis_cluster" "cluster" {
    replica_count = 1
  }
}

rule "redis-no-persistence" {
  fires "google_redis_instance" "cache" {
    persistence_config = [{ persistence_mode = "DISABLED" }]
  }
  fires "google_memorystore_instance" "valkey" {
    persistence_config = [{ mode = "DISABLED" }]
  }
  near "google_redis_instance" "cache" {
    persistence_config = [{ persistence_mode = "RDB" }]
  }
  near "google_memorystore_instance" "valkey" {
    persistence_config = [{ mode = "DISABLED" }]
    automated_backup_config = [{ retention = "604800s" }]
  }
}

rule "redis-deletable" {
  fires "google_redis_cluster" "cluster" {
    deletion_protection_enabled = false
  }
  near "google_redis_cluster" "cluster" {
    deletion_protection_enabled = true
  }
}
