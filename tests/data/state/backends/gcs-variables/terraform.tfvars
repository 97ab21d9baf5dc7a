bucket = "tofu-state"
