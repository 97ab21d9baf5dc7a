//! What secrets look like where no schema speaks: their names, their content, and what stands in their place.

/// What stands in place of a value that was removed from an answer. Nothing can be said of such a value.
pub const REDACTED: &str = "(redacted)";

/// Names of secrets, in lower case without `_` and `-`: whole names, and endings.
const NAMES: [&str; 12] = [
    "authstring",
    "secretdata",
    "rawkey",
    "rsaencryptedkey",
    "clientkey",
    "servicekey",
    "accesskey",
    "pwd",
    "credential",
    "credentials",
    "connectionstring",
    "psk",
];
const ENDINGS: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "privatekey",
    "privatekeypem",
    "privatekeydata",
    "pemprivatekey",
    "secretkey",
    "secret",
    "token",
    "apikey",
];
/// Endings that only sound so: places in a list.
const HARMLESS: [&str; 2] = ["pagetoken", "synctoken"];

/// Whether a key is one that secrets go by, however it is spelt.
pub fn is_secret_name(name: &str) -> bool {
    const LONGEST: usize = 64;
    if name.len() < 3 || name.len() > LONGEST {
        return false;
    }
    let mut plain = [0; LONGEST];
    let mut length = 0;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        plain[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    let plain = &plain[..length];
    if HARMLESS
        .iter()
        .any(|ending| plain.ends_with(ending.as_bytes()))
    {
        return false;
    }
    NAMES.iter().any(|known| plain == known.as_bytes())
        || ENDINGS
            .iter()
            .any(|ending| plain.ends_with(ending.as_bytes()))
}

/// Whether a text holds a private key or a token.
pub fn is_secret_text(text: &str) -> bool {
    // Shorter than any key or token; most texts are.
    const SHORTEST: usize = 20;
    text.len() > SHORTEST && (text.contains("ya29.") || text.contains("PRIVATE KEY-----"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_only_sound_like_secrets_stay() {
        for name in [
            "nextPageToken",
            "passwordValidationPolicy",
            "etag",
            "kmsKeyName",
            "secretId",
            "masterAuthorizedNetworksConfig",
            "key",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(
            ["PGPASSWORD", "SLACK_TOKEN", "apiKey", "private-key"]
                .iter()
                .all(|name| is_secret_name(name))
        );
    }
}
