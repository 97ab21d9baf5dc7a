terraform {
  encryption {
    key_provider "pbkdf2" "short" {
      passphrase    = "correct-horse-battery-staple"
      key_length    = 16
      iterations    = 200000
      salt_length   = 16
      hash_function = "sha256"
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.short
    }
    state {
      enforced = true
      method   = method.aes_gcm.main
    }
  }
}
