resource "google_redis_instance" "r" {
  memory_size_gb = 1
  name =  file("/dev/zero")
}
