terraform {
  backend "local" {
    path = "${path.module}/dev.tfstate"
  }
}
