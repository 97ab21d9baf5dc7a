variable "name" {
  type = string
}

resource "google_service_account" "this" {
  account_id = var.name
}
