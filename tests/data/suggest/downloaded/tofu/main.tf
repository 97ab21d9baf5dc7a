provider "google" {
  project = "orchard-prod-3f21"
}

# The argument is left out: it is added to the call.
module "open" {
  source  = "example/records/google"
  version = "1.0.0"
}

module "closed" {
  source  = "example/records/google"
  version = "1.0.0"
  mail    = true
  ttl     = 3600
}
