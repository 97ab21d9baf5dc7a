terraform {
  backend "local" {
    path          = "only-for-default.tfstate"
    workspace_dir = "spaces"
  }
}
