provider "google" {
  project = "tidewater-data-prod"
}

# Two instances could be meant; one of them has the database.
resource "google_sql_database_instance" "main" {
  name             = random_pet.name.id
  database_version = "POSTGRES_16"

  settings {
    tier = "db-custom-4-15360"
  }
}

resource "random_pet" "name" {}

resource "google_sql_database" "warehouse" {
  name     = "warehouse"
  instance = google_sql_database_instance.main.name
}
