module "vpc" {
  source       = "./vpc"
  network_name = "prod"
  subnets = [
    { subnet_name = "app", subnet_ip = "10.10.0.0/20", subnet_region = "us-central1", subnet_private_access = "true" },
    { subnet_name = "db", subnet_ip = "10.10.16.0/24", subnet_region = "us-east1", subnet_flow_logs = "true", subnet_flow_logs_sampling = "0.7" },
  ]
  secondary_ranges = {
    app = [{ range_name = "pods", ip_cidr_range = "10.64.0.0/14" }, { range_name = "svc", ip_cidr_range = "10.68.0.0/20" }]
  }
  ingress_rules = [
    { name = "ssh", source_ranges = ["35.235.240.0/20"], allow = [{ protocol = "tcp", ports = ["22"] }] },
    { name = "deny", priority = 65000, source_ranges = ["0.0.0.0/0"], deny = [{ protocol = "all" }], disabled = false },
  ]
}
output "subnets" {
  value = module.vpc.keys
}
