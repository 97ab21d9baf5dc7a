module "cache" {
  source  = "./redis"
  count   = 2
  name    = "cache-${count.index}"
  configs = count.index == 0 ? { maxmemory-policy = "allkeys-lru" } : {}
  window  = count.index == 0 ? { day = "SUNDAY", start_time = { hours = 3, minutes = 0 } } : null
  labels  = { index = tostring(count.index) }
}
output "names" {
  value = join(",", module.cache[*].name)
}
