a = "terraform.tfvars"
b = "terraform.tfvars"
d = "5"
