terraform {
  encryption {
    key_provider "pbkdf2" "old" {
      passphrase = "correct-horse-battery-staple"
      iterations = 200000
    }
    key_provider "pbkdf2" "new" {
      passphrase = "another-horse-another-staple"
    }
    method "aes_gcm" "old" {
      keys = key_provider.pbkdf2.old
    }
    method "aes_gcm" "new" {
      keys = key_provider.pbkdf2.new
    }
    state {
      method = method.aes_gcm.new
      fallback {
        method = method.aes_gcm.old
      }
    }
  }
}
