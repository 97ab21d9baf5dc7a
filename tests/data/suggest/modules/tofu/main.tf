provider "google" {
  project = "orchard-prod-3f21"
}

variable "zone" {
  default = "orchard-example"
}

variable "texts" {
  type = map(object({
    kind   = string
    ttl    = optional(number, 300)
    values = list(string)
  }))
}

locals {
  addresses = { apex = ["34.149.77.200"] } # the old balancer
}

module "mail" {
  source  = "./records"
  zone    = var.zone
  records = var.texts
}

module "apex" {
  source = "./records"
  zone   = var.zone
  records = {
    a = { kind = "A", values = local.addresses.apex }
  }
  ttl_of_ns = 60
}
