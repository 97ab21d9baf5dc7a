variable "bucket" {
  type = string
}
locals {
  team = "variables"
}
terraform {
  backend "gcs" {
    bucket = var.bucket
    prefix = "teams/${local.team}"
  }
}
