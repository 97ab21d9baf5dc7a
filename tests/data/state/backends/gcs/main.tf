terraform {
  backend "gcs" {
    bucket = "tofu-state"
    prefix = "teams/data/"
  }
}
