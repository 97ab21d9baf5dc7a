provider "google" {
  project = "a"
}
provider "google" {
  alias   = "second"
  project = "b"
}
module "m" {
  source    = "./m"
  providers = { google.other = google.second }
}
