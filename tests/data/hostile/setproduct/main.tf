locals { l = range(1000) }
resource "google_redis_instance" "r" {
  memory_size_gb = 1
  name =  "${length(setproduct(local.l, local.l, local.l, local.l))}"
}
