locals {
  m = { for k, v in { a = 1, b = 2 } : k =>
    v > 1
    ? "big"
    : "small"
  }
  n = [for v in [1, 2, 3] :
    v == 2
    ? "two"
    : v == 3
    ? "three"
    : "one"
  ]
}
output "m" { value = local.m }
output "n" { value = local.n }
