//! Passphrases that only a person knows: which are wanted, and what becomes of those that are typed.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::envelope::Envelope;
use super::settings::{Encryption, KeyProvider, KeySource, Method, Sealing};

impl Encryption {
    /// Key providers (`TYPE.NAME`) that left metadata in an envelope and whose passphrase is not known.
    pub fn wanted_passphrases(&self, envelope: &Envelope) -> Vec<String> {
        let unknown = |provider: &&KeyProvider| {
            matches!(provider.source, KeySource::Passphrase(Err(_)))
                && envelope.meta.contains_key(&provider.meta)
        };
        self.providers
            .values()
            .filter(unknown)
            .map(|provider| provider.address.clone())
            .collect()
    }

    /// Takes the passphrase of a key provider as it was typed.
    pub fn give_passphrase(&mut self, address: &str, passphrase: Zeroizing<String>) {
        if let Some(provider) = self.providers.get_mut(address) {
            provider.source = KeySource::Passphrase(Ok(passphrase));
        }
    }

    /// What an envelope itself says of how it was sealed, where no configuration is at hand: one passphrase, and the method that
    /// almost everyone uses. Nothing when something else sealed it.
    pub fn guessed(envelope: &Envelope) -> Option<Self> {
        let mut names = envelope.meta.keys();
        let meta = names.next().filter(|_| names.next().is_none())?;
        let address = meta
            .strip_prefix("key_provider.")
            .filter(|address| address.starts_with("pbkdf2."))?
            .to_owned();
        let source = KeySource::Passphrase(Err("no configuration is at hand".to_owned()));
        let provider = KeyProvider {
            address: address.clone(),
            meta: meta.clone(),
            source,
        };
        let sealing = Sealing::AesGcm {
            keys: address.clone(),
            aad: Vec::new(),
        };
        Some(Self {
            providers: BTreeMap::from([(address, provider)]),
            methods: vec![Method {
                address: "aes_gcm".to_owned(),
                sealing,
            }],
            enforced: false,
            file: envelope.source.clone(),
        })
    }
}
