
terraform {
  encryption {
    key_provider "pbkdf2" "k" {
      passphrase = "correct-horse-battery-staple"

    }
    key_provider "pbkdf2" "c" {
      chain = key_provider.pbkdf2.k
    }
    key_provider "pbkdf2" "d" {
      chain = key_provider.pbkdf2.c
      hash_function = "sha256"
      key_length = 16
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.d
    }
    state {
      method = method.aes_gcm.m
    }

  }
}
