resource "terraform_data" "a" {
  input = "x"
}
locals {
  d = jsondecode(terraform_data.a.id)
  k = { one = "1", two = "2" }
  w = ["a", "b", "c"]
}
module "t" {
  source = "./typed"
  s      = local.d
  n      = local.d
  b      = local.d
  l      = local.d
  ln     = local.d
  lb     = local.d
  se     = local.d
  m      = local.d
  o      = local.d
  t      = local.d
  lo     = local.d
  mo     = local.d
  so     = local.d
  opt    = { a = "set" }
  half   = { a = local.d, b = 2 }
  secret = local.d
}
module "n" {
  source = "./nullable"
  a      = "pre-${local.d}"
  b      = local.d
  c      = null
  d      = [local.d, "x"]
  e      = { p = { q = local.d } }
}
locals {
  sec  = module.t.secret
  deep = { a = { b = [{ c = module.t.s, d = "k" }], e = null }, f = [] }
  objs = [{ n = "one", v = module.t.s }, { n = "two", v = "w" }]
}
