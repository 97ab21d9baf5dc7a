terraform {
  encryption {
    key_provider "pbkdf2" "inner" {
      passphrase = "correct-horse-battery-staple"
      iterations = 200000
    }
    key_provider "pbkdf2" "outer" {
      chain      = key_provider.pbkdf2.inner
      iterations = 200000
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.outer
    }
    state {
      method = method.aes_gcm.main
    }
  }
}
