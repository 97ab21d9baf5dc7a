terraform {
  backend "local" {
    path = "not-this-one.tfstate"
  }
}
