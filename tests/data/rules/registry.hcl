# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "repository-public" {
  fires "google_artifact_registry_repository_iam_member" "one" {
    repository = "images"
    role = "roles/artifactregistry.reader"
    member = "allUsers"
  }
  fires "google_artifact_registry_repository_iam_binding" "all" {
    repository = "other"
    role = "roles/artifactregistry.reader"
    members = ["group:dev@example.com", "allAuthenticatedUsers"]
  }
  near "google_artifact_registry_repository_iam_member" "one" {
    repository = "images"
    role = "roles/artifactregistry.reader"
    member = "group:allUsers@example.com"
  }
}

rule "repository-tags-mutable" {
  fires "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    mode = "STANDARD_REPOSITORY"
  }
  near "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    mode = "STANDARD_REPOSITORY"
    docker_config = [{ immutable_tags = true }]
  }
  near "google_artifact_registry_repository" "packages" {
    format = "NPM"
  }
  near "google_artifact_registry_repository" "mirror" {
    format = "DOCKER"
    mode = "REMOTE_REPOSITORY"
  }
}

rule "repository-no-cleanup" {
  fires "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    cleanup_policies = [{ id = "keep", action = "KEEP" }]
  }
  fires "google_artifact_registry_repository" "tried-only" {
    format = "DOCKER"
    cleanup_policy_dry_run = true
    cleanup_policies = [{ id = "old", action = "DELETE" }]
  }
  near "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    cleanup_policies = [{ id = "keep", action = "KEEP" }, { id = "old", action = "DELETE" }]
  }
}

rule "repository-scanning-off" {
  fires "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    vulnerability_scanning_config = [{ enablement_config = "DISABLED", enablement_state = "SCANNING_DISABLED" }]
  }
  near "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    vulnerability_scanning_config = [{ enablement_config = "INHERITED", enablement_state = "SCANNING_ACTIVE" }]
  }
}

rule "repository-not-scanned" {
  fires "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    vulnerability_scanning_config = [{ enablement_config = "INHERITED", enablement_state = "SCANNING_DISABLED", enablement_state_reason = "API containerscanning.googleapis.com is not enabled." }]
  }
  near "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    vulnerability_scanning_config = [{ enablement_config = "INHERITED", enablement_state = "SCANNING_ACTIVE" }]
  }
  near "google_artifact_registry_repository" "behind" {
    format = "DOCKER"
    mode = "VIRTUAL_REPOSITORY"
    vulnerability_scanning_config = [{ enablement_state = "SCANNING_DISABLED" }]
  }
}

rule "repository-no-cmek" {
  fires "google_artifact_registry_repository" "images" {
    format = "DOCKER"
  }
  near "google_artifact_registry_repository" "images" {
    format = "DOCKER"
    kms_key_name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
  }
}
