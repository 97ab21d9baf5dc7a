# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the provider stores them.

rule "iam-basic-role" {
  fires "google_project_iam_member" "ci" {
    project = "example-project"
    role = "roles/editor"
    member = "serviceAccount:ci@p.iam.gserviceaccount.com"
  }
  fires "google_project_iam_binding" "owners" {
    project = "example-project"
    role = "roles/owner"
    members = ["user:a@example.com", "user:b@example.com"]
  }
  near "google_project_iam_member" "last-resort" {
    project = "example-project"
    role = "roles/owner"
    member = "user:break-glass@example.com"
  }
  near "google_project_iam_member" "reader" {
    project = "example-project"
    role = "roles/viewer"
    member = "group:dev@example.com"
  }
}

rule "iam-everyone" {
  fires "google_project_iam_member" "all" {
    project = "example-project"
    role = "roles/viewer"
    member = "allAuthenticatedUsers"
  }
  near "google_project_iam_member" "domain" {
    project = "example-project"
    role = "roles/viewer"
    member = "domain:example.com"
  }
}

rule "iam-project-wide-impersonation" {
  fires "google_project_iam_member" "user" {
    project = "example-project"
    role = "roles/iam.serviceAccountUser"
    member = "group:dev@example.com"
  }
  near "google_project_iam_member" "reader" {
    project = "example-project"
    role = "roles/iam.serviceAccountViewer"
    member = "group:dev@example.com"
  }
}

rule "iam-default-account" {
  fires "google_project_iam_member" "default" {
    project = "example-project"
    role = "roles/editor"
    member = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"
  }
  near "google_project_iam_member" "own" {
    project = "example-project"
    role = "roles/editor"
    member = "serviceAccount:compute@p.iam.gserviceaccount.com"
  }
}

rule "iam-person" {
  fires "google_project_iam_member" "work" {
    project = "example-project"
    role = "roles/viewer"
    member = "user:a@example.com"
  }
  fires "google_project_iam_member" "private" {
    project = "example-project"
    role = "roles/viewer"
    member = "user:a@gmail.com"
  }
  near "google_project_iam_member" "group" {
    project = "example-project"
    role = "roles/viewer"
    member = "group:users@example.com"
  }
}

rule "iam-service-account-admin" {
  fires "google_project_iam_member" "ci" {
    project = "example-project"
    role = "roles/storage.admin"
    member = "serviceAccount:ci@p.iam.gserviceaccount.com"
  }
  fires "google_project_iam_member" "net" {
    project = "example-project"
    role = "roles/compute.networkAdmin"
    member = "serviceAccount:ci@p.iam.gserviceaccount.com"
  }
  near "google_project_iam_member" "people" {
    project = "example-project"
    role = "roles/storage.admin"
    member = "group:sre@example.com"
  }
  near "google_project_iam_member" "user" {
    project = "example-project"
    role = "roles/storage.objectUser"
    member = "serviceAccount:ci@p.iam.gserviceaccount.com"
  }
}

rule "iam-any-of-a-pool" {
  fires "google_service_account_iam_member" "any" {
    service_account_id = "projects/example-project/serviceAccounts/a@example-project.iam.gserviceaccount.com"
    role = "roles/iam.workloadIdentityUser"
    member = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/*"
  }
  near "google_service_account_iam_member" "one" {
    service_account_id = "projects/example-project/serviceAccounts/a@example-project.iam.gserviceaccount.com"
    role = "roles/iam.workloadIdentityUser"
    member = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/github/attribute.repository/org/repo"
  }
}

rule "identity-provider-open" {
  fires "google_iam_workload_identity_pool_provider" "github" {
    workload_identity_pool_id = "ci"
    workload_identity_pool_provider_id = "github"
    oidc = [{ issuer_uri = "https://token.actions.githubusercontent.com" }]
  }
  near "google_iam_workload_identity_pool_provider" "github" {
    workload_identity_pool_id = "ci"
    workload_identity_pool_provider_id = "github"
    attribute_condition = "assertion.repository_owner == 'org'"
    oidc = [{ issuer_uri = "https://token.actions.githubusercontent.com" }]
  }
  near "google_iam_workload_identity_pool_provider" "own" {
    workload_identity_pool_id = "ci"
    workload_identity_pool_provider_id = "own"
    oidc = [{ issuer_uri = "https://id.example.com" }]
  }
}

rule "iam-role-grows" {
  fires "google_project_iam_custom_role" "deployer" {
    role_id = "deployer"
    permissions = ["run.services.update", "resourcemanager.projects.setIamPolicy"]
  }
  near "google_project_iam_custom_role" "reader" {
    role_id = "reader"
    permissions = ["resourcemanager.projects.getIamPolicy"]
  }
}
