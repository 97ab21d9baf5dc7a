resource "google_redis_instance" "r" {
  memory_size_gb = 1
  name =  "${length(jsondecode(join("", [for i in range(1000) : "[[[[[[[[[[[[[[[[[[[["])))}"
}
