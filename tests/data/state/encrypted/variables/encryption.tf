variable "passphrase" {
  type      = string
  sensitive = true
}
variable "tuning" {
  type    = object({ iterations = number })
  default = { iterations = 200000 }
}
locals {
  secret = "${var.passphrase}-${terraform.workspace}"
}
terraform {
  encryption {
    key_provider "pbkdf2" "main" {
      passphrase               = local.secret
      iterations               = var.tuning.iterations
      encrypted_metadata_alias = "shared"
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.main
    }
    state {
      method = method.aes_gcm.main
    }
  }
}
