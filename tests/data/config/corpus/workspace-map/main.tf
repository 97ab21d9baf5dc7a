locals {
  settings = {
    default = { size = 1, region = "us-east1" }
    prod    = { size = 3, region = "us-west1" }
  }
  current = lookup(local.settings, terraform.workspace, local.settings.default)
}
output "current" { value = local.current }
