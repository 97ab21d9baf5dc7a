terraform {
  backend "s3" {
    bucket = "not-this-one"
  }
}
