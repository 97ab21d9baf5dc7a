# Each rule with what it finds, and with what is nearly so and is not found. Attributes are as the definitions of kinds read them.

rule "image-registry-retired" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "gcr.io/example-project/web:v1", "image_host" = "gcr.io", "image_path" = "example-project/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/gcr.io", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  fires "google_artifact_registry_repository" "apps" {
    name = "apps"
    project = "example-project"
    location = "us"
    repository_id = "apps"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "gcr.io/example-project/web:v1", "image_host" = "gcr.io", "image_path" = "example-project/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/gcr.io", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "google_artifact_registry_repository" "gcr.io" {
    name = "gcr.io"
    project = "example-project"
    location = "us"
    repository_id = "gcr.io"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
}

rule "image-repository-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apss/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "x", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apss", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  fires "google_artifact_registry_repository" "apps" {
    name = "apps"
    project = "example-project"
    location = "us"
    repository_id = "apps"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "google_artifact_registry_repository" "apps" {
    name = "apps"
    project = "example-project"
    location = "us"
    repository_id = "apps"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
}

rule "image-version-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v2", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v2", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  fires "google_artifact_registry_repository" "apps" {
    name = "apps"
    project = "example-project"
    location = "us"
    repository_id = "apps"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
  fires "k8s_image" "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00" {
    name = "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00"
    repository = "projects/example-project/locations/us/repositories/apps"
    package = "web"
    tags = ["v1"]
    digest = "sha256:00"
    architectures = []
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "google_artifact_registry_repository" "apps" {
    name = "apps"
    project = "example-project"
    location = "us"
    repository_id = "apps"
    mode = "STANDARD_REPOSITORY"
    format = "DOCKER"
  }
  near "k8s_image" "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00" {
    name = "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00"
    repository = "projects/example-project/locations/us/repositories/apps"
    package = "web"
    tags = ["v1"]
    digest = "sha256:00"
    architectures = []
  }
}

rule "image-platform" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  fires "k8s_image" "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00" {
    name = "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00"
    repository = "projects/example-project/locations/us/repositories/apps"
    package = "web"
    tags = ["v1"]
    digest = "sha256:00"
    architectures = ["arm64"]
  }
  fires "k8s_node" "n" {
    name = "n"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    architecture = "amd64"
    labels = { "kubernetes.io/arch" = "amd64" }
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_image" "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00" {
    name = "projects/example-project/locations/us/repositories/apps/dockerImages/web@sha256:00"
    repository = "projects/example-project/locations/us/repositories/apps"
    package = "web"
    tags = ["v1"]
    digest = "sha256:00"
    architectures = ["arm64", "amd64"]
  }
  near "k8s_node" "n" {
    name = "n"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    architecture = "amd64"
    labels = { "kubernetes.io/arch" = "amd64" }
  }
}

rule "workload-pool-missing" {
  fires "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    node_selector = { "cloud.google.com/gke-nodepool" = "default-pool" }
  }
  fires "google_container_node_pool" "primary-node-pool" {
    name = "primary-node-pool"
    project = "example-project"
    location = "us"
    cluster = "c"
  }
  near "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    node_selector = { "cloud.google.com/gke-nodepool" = "primary-node-pool" }
  }
  near "google_container_node_pool" "primary-node-pool" {
    name = "primary-node-pool"
    project = "example-project"
    location = "us"
    cluster = "c"
  }
}

rule "workload-secret-key-missing" {
  fires "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "U", "secret" = "db", "secret_key" = "database-user" }], "env_secret_keys" = ["db"] }]
  }
  fires "k8s_secret" "db" {
    name = "db"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["db-user", "db-password"]
  }
  near "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "U", "secret" = "db", "secret_key" = "db-user" }, { "name" = "V", "secret" = "db", "secret_key" = "other", "optional" = true }], "env_secret_keys" = ["db"] }]
  }
  near "k8s_secret" "db" {
    name = "db"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["db-user", "db-password"]
  }
}

rule "workload-config-map-key-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "U", "config_map" = "app", "config_map_key" = "B" }], "env_config_map_keys" = ["app"] }]
    pod_labels = { "app" = "web" }
  }
  fires "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["A"]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "U", "config_map" = "app", "config_map_key" = "A" }], "env_config_map_keys" = ["app"] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["A"]
  }
}

rule "workload-secret-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    secrets = ["tls"]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    secrets = ["db"]
  }
  near "k8s_secret" "db" {
    name = "db"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["db-user", "db-password"]
  }
}

rule "workload-config-map-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env_config_maps" = ["app"] }]
    pod_labels = { "app" = "web" }
  }
  fires "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "other"
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env_config_maps" = ["app"] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["A"]
  }
}

rule "workload-env-missing" {
  fires "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "A", "value" = "1" }] }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "A", "value" = "1" }, { "name" = "SECRET_KEY", "value" = "1" }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "A", "value" = "1" }], "env_secrets" = ["all"] }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "A", "value" = "1" }, { "name" = "SECRET_KEY", "value" = "1" }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "workload-settings-differ" {
  fires "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_SETTINGS_MODULE", "value" = "config.dev" }] }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_SETTINGS_MODULE", "value" = "config.production" }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_SETTINGS_MODULE", "value" = "config.production" }] }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_SETTINGS_MODULE", "value" = "config.production" }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "workload-version-differs" {
  fires "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v0", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v0", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_job" "migrate" {
    name = "migrate"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v0", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v0", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    succeeded = 1
  }
  near "k8s_cron_job" "nightly" {
    name = "nightly"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
}

rule "workload-probe-port" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "http", "port" = 8080 }], "liveness" = [{ "path" = "/", "port" = "9090", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "http", "port" = 8080 }], "liveness" = [{ "path" = "/", "port" = "http", "scheme" = "HTTP", "http" = true }], "readiness" = [{ "path" = "/", "port" = "8080", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "workload-probe-scheme" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "http", "port" = 8080 }], "readiness" = [{ "path" = "/", "port" = "8080", "scheme" = "HTTPS", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "https", "port" = 8443 }], "readiness" = [{ "path" = "/", "port" = "8443", "scheme" = "HTTPS", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "service-selects-nothing" {
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web-service" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
}

rule "service-port-unmatched" {
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "9100" }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "http", "port" = 8080 }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "ports" = [{ "name" = "http", "port" = 8080 }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_service" "other" {
    name = "other"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "none" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "route-backend-missing" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/", "type" = "Prefix", "service" = "wbe", "port" = "80" }] }]
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/", "type" = "Prefix", "service" = "web", "port" = "80" }] }]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "ingress-backend-port-missing" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/", "type" = "Prefix", "service" = "web", "port" = "8080" }] }]
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/", "type" = "Prefix", "service" = "web", "port" = "http" }] }]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "http-route-backend-port-missing" {
  fires "k8s_http_route" "r" {
    name = "r"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "backends" = [{ "kind" = "Service", "name" = "web", "port" = 8080 }] }]
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_http_route" "r" {
    name = "r"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "backends" = [{ "kind" = "Service", "name" = "web", "port" = 80 }] }]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "ingress-path-swallowed" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/api", "type" = "Prefix", "service" = "web", "port" = "80" }] }]
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  fires "k8s_deployment" "v5" {
    name = "v5"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    pod_labels = { "app" = "v5" }
    containers = [{ "name" = "v5", "readiness" = [{ "path" = "/api/v5/health", "port" = "80", "scheme" = "HTTP", "http" = true }] }]
  }
  fires "k8s_service" "v5" {
    name = "v5"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "v5" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [{ "path" = "/api", "type" = "Prefix", "service" = "web", "port" = "80" }, { "path" = "/api/v5", "type" = "Prefix", "service" = "v5", "port" = "80" }] }]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_deployment" "v5" {
    name = "v5"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    pod_labels = { "app" = "v5" }
    containers = [{ "name" = "v5", "readiness" = [{ "path" = "/api/v5/health", "port" = "80", "scheme" = "HTTP", "http" = true }] }]
  }
  near "k8s_service" "v5" {
    name = "v5"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "v5" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "health-check-policy-differs" {
  fires "k8s_health_check_policy" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    path = "/health"
    check_type = "HTTP"
    target = [{ "kind" = "Service", "name" = "web" }]
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "readiness" = [{ "path" = "/api/health", "port" = "8080", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_health_check_policy" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    path = "/api/health"
    check_type = "HTTP"
    target = [{ "kind" = "Service", "name" = "web" }]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "readiness" = [{ "path" = "/api/health", "port" = "8080", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "backend-config-check-differs" {
  fires "k8s_backend_config" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    path = "/healthz"
    check_type = "HTTP"
  }
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
    annotations = { "cloud.google.com/backend-config" = "{\"default\":\"web\"}" }
  }
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "readiness" = [{ "path" = "/api/health", "port" = "8080", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_backend_config" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    path = "/api/health"
    check_type = "HTTP"
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
    annotations = { "cloud.google.com/backend-config" = "{\"default\":\"web\"}" }
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "readiness" = [{ "path" = "/api/health", "port" = "8080", "scheme" = "HTTP", "http" = true }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "front-address-missing" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    address_name = "frnt"
  }
  fires "google_compute_global_address" "front" {
    name = "front"
    project = "example-project"
    address = "203.0.113.7"
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    address_name = "front"
  }
  near "google_compute_global_address" "front" {
    name = "front"
    project = "example-project"
    address = "203.0.113.7"
  }
}

rule "front-address-differs" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    address_name = "front"
    addresses = ["203.0.113.8"]
  }
  fires "google_compute_global_address" "front" {
    name = "front"
    project = "example-project"
    address = "203.0.113.7"
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    address_name = "front"
    addresses = ["203.0.113.7"]
  }
  near "google_compute_global_address" "front" {
    name = "front"
    project = "example-project"
    address = "203.0.113.7"
  }
}

rule "ingress-certificate-missing" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    certificates = ["old"]
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    certificates = ["front"]
  }
  near "k8s_managed_certificate" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    domains = ["a.example"]
    status = "Active"
  }
}

rule "ingress-certificate-domain" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "b.example", "paths" = [] }]
    certificates = ["front"]
  }
  fires "k8s_managed_certificate" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    domains = ["a.example"]
    status = "Active"
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    certificates = ["front"]
  }
  near "k8s_managed_certificate" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    domains = ["a.example"]
    status = "Active"
  }
}

rule "certificate-not-active" {
  fires "k8s_managed_certificate" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    status = "Provisioning"
    domain_statuses = [{ "domain" = "a.example", "status" = "FailedNotVisible" }]
  }
  near "k8s_managed_certificate" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    domains = ["a.example"]
    status = "Active"
  }
}

rule "ingress-host-record" {
  fires "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    addresses = ["203.0.113.8"]
  }
  fires "google_dns_record_set" "a.example." {
    name = "a.example."
    project = "example-project"
    type = "A"
    rrdatas = ["203.0.113.7"]
    managed_zone = "z"
  }
  near "k8s_ingress" "front" {
    name = "front"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    rules = [{ "host" = "a.example", "paths" = [] }]
    addresses = ["203.0.113.7"]
  }
  near "google_dns_record_set" "a.example." {
    name = "a.example."
    project = "example-project"
    type = "A"
    rrdatas = ["203.0.113.7"]
    managed_zone = "z"
  }
}

rule "service-address-ephemeral" {
  fires "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "LoadBalancer"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
    addresses = ["203.0.113.9"]
  }
  near "k8s_service" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "LoadBalancer"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
    addresses = ["203.0.113.9"]
  }
  near "google_compute_address" "web" {
    name = "web"
    project = "example-project"
    region = "us"
    address = "203.0.113.9"
  }
}

rule "workload-endpoint-nowhere" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "REDIS_URL", "value" = "redis://10.1.0.4:6379", "host" = "10.1.0.4", "address" = "10.1.0.4", "port" = "6379", "scheme" = "redis" }] }]
    pod_labels = { "app" = "web" }
  }
  fires "google_redis_instance" "cache" {
    name = "cache"
    project = "example-project"
    host = "10.1.0.3"
    port = 6379
  }
  fires "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "REDIS_URL", "value" = "redis://10.1.0.3:6379", "host" = "10.1.0.3", "address" = "10.1.0.3", "port" = "6379", "scheme" = "redis" }] }]
    pod_labels = { "app" = "web" }
  }
  near "google_redis_instance" "cache" {
    name = "cache"
    project = "example-project"
    host = "10.1.0.3"
    port = 6379
  }
  near "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
}

rule "config-map-endpoint-nowhere" {
  fires "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "DB", "value" = "10.1.0.4", "host" = "10.1.0.4", "address" = "10.1.0.4", "addresses" = ["10.1.0.4"] }]
  }
  fires "google_redis_instance" "cache" {
    name = "cache"
    project = "example-project"
    host = "10.1.0.3"
    port = 6379
  }
  fires "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
  near "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "DB", "value" = "10.1.0.3", "host" = "10.1.0.3", "address" = "10.1.0.3", "addresses" = ["10.1.0.3"] }]
  }
  near "google_redis_instance" "cache" {
    name = "cache"
    project = "example-project"
    host = "10.1.0.3"
    port = 6379
  }
  near "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
}

rule "workload-service-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "URL", "value" = "http://api:80", "host" = "api", "port" = "80", "scheme" = "http" }] }]
    pod_labels = { "app" = "web" }
  }
  fires "k8s_service" "api" {
    name = "api"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "other"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "URL", "value" = "http://api:80", "host" = "api", "port" = "80", "scheme" = "http" }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_service" "api" {
    name = "api"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    service_type = "ClusterIP"
    selector = { "app" = "web" }
    ports = [{ "name" = "http", "port" = 80, "target" = "8080" }]
  }
}

rule "workload-endpoint-pod-address" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "REDIS_URL", "value" = "redis://10.20.0.9:6379", "host" = "10.20.0.9", "address" = "10.20.0.9", "port" = "6379", "scheme" = "redis" }] }]
    pod_labels = { "app" = "web" }
  }
  fires "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "REDIS_URL", "value" = "redis://10.21.0.9:6379", "host" = "10.21.0.9", "address" = "10.21.0.9", "port" = "6379", "scheme" = "redis" }] }]
    pod_labels = { "app" = "web" }
  }
  near "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
}

rule "config-map-pod-address" {
  fires "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "fdb.cluster", "value" = "10.20.0.9", "host" = "10.20.0.9", "address" = "10.20.0.9", "addresses" = ["10.20.0.9"] }]
  }
  fires "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
  near "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "fdb.cluster", "value" = "10.21.0.9", "host" = "10.21.0.9", "address" = "10.21.0.9", "addresses" = ["10.21.0.9"] }]
  }
  near "google_container_cluster" "c" {
    name = "c"
    project = "example-project"
    location = "us"
    ip_allocation_policy = [{ "cluster_ipv4_cidr_block" = "10.20.0.0/16" }]
  }
}

rule "config-map-short-name" {
  fires "k8s_config_map" "nginx" {
    name = "nginx"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "conf", "value" = "resolver http://api:80" }]
  }
  near "k8s_config_map" "nginx" {
    name = "nginx"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "conf", "value" = "resolver http://api.shop.svc.cluster.local:80" }]
  }
  near "k8s_config_map" "plain" {
    name = "plain"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "conf", "value" = "http://api:80" }]
  }
}

rule "config-map-hosts-wildcard" {
  fires "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "ALLOWED_HOSTS", "value" = "*" }]
  }
  near "k8s_config_map" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    entries = [{ "key" = "ALLOWED_HOSTS", "value" = "*.example.com" }]
  }
}

rule "workload-hosts-wildcard" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_ALLOWED_HOSTS", "value" = "localhost, *" }] }]
    pod_labels = { "app" = "web" }
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web", "env" = [{ "name" = "DJANGO_ALLOWED_HOSTS", "value" = "a.example" }] }]
    pod_labels = { "app" = "web" }
  }
}

rule "secret-nobody-names" {
  fires "google_secret_manager_secret" "old-key" {
    name = "old-key"
    project = "example-project"
    secret_id = "old-key"
  }
  fires "k8s_namespace" "shop" {
    name = "shop"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
  }
  fires "k8s_secret" "db" {
    name = "db"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["db-user", "db-password"]
  }
  near "google_secret_manager_secret" "db_password" {
    name = "db_password"
    project = "example-project"
    secret_id = "db_password"
  }
  near "k8s_namespace" "shop" {
    name = "shop"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
  }
  near "k8s_secret" "db" {
    name = "db"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    keys = ["db-user", "db-password"]
  }
}

rule "workload-identity-account-missing" {
  fires "k8s_service_account" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    google_account = "app@example-project.iam.gserviceaccount.com"
  }
  near "k8s_service_account" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    google_account = "app@example-project.iam.gserviceaccount.com"
  }
  near "google_service_account" "app" {
    name = "app"
    project = "example-project"
    email = "app@example-project.iam.gserviceaccount.com"
  }
}

rule "workload-identity-not-bound" {
  fires "k8s_service_account" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    google_account = "app@example-project.iam.gserviceaccount.com"
  }
  fires "google_service_account" "app" {
    name = "app"
    project = "example-project"
    email = "app@example-project.iam.gserviceaccount.com"
  }
  fires "google_service_account_iam_member" "m" {
    service_account_id = "projects/example-project/serviceAccounts/app@example-project.iam.gserviceaccount.com"
    role = "roles/iam.workloadIdentityUser"
    member = "serviceAccount:example-project.svc.id.goog[other/app]"
  }
  near "k8s_service_account" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    google_account = "app@example-project.iam.gserviceaccount.com"
  }
  near "google_service_account" "app" {
    name = "app"
    project = "example-project"
    email = "app@example-project.iam.gserviceaccount.com"
  }
  near "google_service_account_iam_member" "m" {
    service_account_id = "projects/example-project/serviceAccounts/app@example-project.iam.gserviceaccount.com"
    role = "roles/iam.workloadIdentityUser"
    member = "serviceAccount:example-project.svc.id.goog[shop/app]"
  }
}

rule "pod-failing" {
  fires "k8s_pod" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    statuses = [{ "name" = "web", "waiting_reason" = "ImagePullBackOff", "waiting_message" = "Back-off pulling image" }]
  }
  near "k8s_pod" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    statuses = [{ "name" = "web", "waiting_reason" = "ContainerCreating" }]
  }
}

rule "workload-touched" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    touched = [{ "manager" = "kubectl-set", "time" = "2026-11-18T17:40:12Z", "fields" = ["spec.replicas"] }]
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    touched = []
  }
}

rule "workload-account-missing" {
  fires "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    service_account = "app"
  }
  near "k8s_deployment" "web" {
    name = "web"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
    containers = [{ "name" = "web", "image" = "us-docker.pkg.dev/example-project/apps/web:v1", "image_host" = "us-docker.pkg.dev", "image_path" = "example-project/apps/web", "image_tag" = "v1", "image_repository" = "projects/example-project/locations/us/repositories/apps", "image_package" = "web" }]
    pod_labels = { "app" = "web" }
    service_account = "app"
  }
  near "k8s_service_account" "app" {
    name = "app"
    cluster = "projects/example-project/locations/us/clusters/c"
    project = "example-project"
    namespace = "shop"
  }
}
