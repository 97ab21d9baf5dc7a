terraform {
  encryption {
    key_provider "pbkdf2" "main" {
      passphrase = "correct-horse-battery-staple"
      iterations = 200000
      key_length = 24
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.main
      aad  = [1, 2, 3, 250]
    }
    state {
      method = method.aes_gcm.main
    }
  }
}
