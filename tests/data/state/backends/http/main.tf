terraform {
  backend "http" {
    address  = "http://state.example/projects/7/state"
    username = "driftline"
    headers = {
      "x-team" = "data"
    }
  }
}
