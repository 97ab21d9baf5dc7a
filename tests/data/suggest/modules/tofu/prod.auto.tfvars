# Mail and friends.
texts = {
  mx = {
    kind   = "MX"
    values = ["1 aspmx.mail.example.", "5 alt1.aspmx.mail.example."] # two of them
  }
  spf = {
    kind   = "TXT"
    ttl    = 60
    values = ["\"v=spf1 include:_spf.mail.example ~all\"", "\"orchard-verification=5f0c77\""]
  }
}
