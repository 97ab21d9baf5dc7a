resource "google_redis_instance" "r" {
  memory_size_gb = 1
  name =  format("%1000000000s", "x")
}
