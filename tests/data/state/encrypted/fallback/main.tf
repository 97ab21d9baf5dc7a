
terraform {
  encryption {
    key_provider "pbkdf2" "k" {
      passphrase = "correct-horse-battery-staple"

    }
    key_provider "pbkdf2" "old" {
      passphrase = "another-passphrase-entirely"
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.k
    }
    method "aes_gcm" "o" {
      keys = key_provider.pbkdf2.old
    }
    method "unencrypted" "u" {}
    state {
      method = method.aes_gcm.m
      fallback {
        method = method.aes_gcm.o
        fallback {
          method = method.unencrypted.u
        }
      }
    }

  }
}
