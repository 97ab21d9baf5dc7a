c = "auto"
