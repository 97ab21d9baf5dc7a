variable "teams" {
  type = map(object({
    project = optional(string)
    topics = optional(map(object({
      retention = optional(string, "604800s")
      labels    = optional(map(string), {})
      subs      = optional(list(object({ name = string, ack = optional(number, 10), filter = optional(string) })), [])
    })), {})
  }))
  default = {
    payments = {
      project = "pay-prod"
      topics = {
        orders  = { subs = [{ name = "billing" }, { name = "audit", ack = 60, filter = "attributes.kind = \"x\"" }] }
        refunds = { retention = "3600s", labels = { tier = "gold" } }
      }
    }
    empty = {}
  }
}
module "team" {
  source   = "./team"
  for_each = var.teams
  name     = each.key
  project  = coalesce(each.value.project, "shared")
  topics   = each.value.topics
}
output "subs" {
  value = { for k, t in module.team : k => t.subscriptions }
}
