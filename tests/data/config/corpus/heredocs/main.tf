locals {
  policy = <<-POLICY
    {
      "bindings": [${join(",", [for r in ["a", "b"] : "\n    {\"role\": \"${r}\"}"])}]
    }
  POLICY
  plain = <<EOT
  two
    four
EOT
}
output "policy" { value = local.policy }
output "plain" { value = local.plain }
output "decoded" { value = jsondecode(local.policy) }
