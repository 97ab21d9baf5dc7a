passphrase = "correct-horse-battery"
