output "which" { value = "tf" }
