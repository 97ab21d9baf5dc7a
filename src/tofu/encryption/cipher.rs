//! AES-GCM, and what can be told of a text that does not open.

use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::Zeroizing;

/// Bytes before the ciphertext.
const NONCE: usize = 12;
/// Bytes after it.
const TAG: usize = 16;

/// Why a text did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealed {
    /// Too short to hold a nonce and a tag.
    Short,
    /// The key is the right one: text, tag or additional data are not what was written.
    Changed,
    /// The key is not the one it was sealed with (or its nonce and its text were both changed, which looks the same).
    OtherKey,
    /// The key has a length that AES does not have.
    KeyLength,
}

/// Opens nonce ‖ ciphertext ‖ tag.
pub(super) fn open(key: &[u8], aad: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed> {
    match key.len() {
        16 => open_with::<Aes128>(key, aad, data),
        24 => open_with::<Aes192>(key, aad, data),
        32 => open_with::<Aes256>(key, aad, data),
        _ => Err(Sealed::KeyLength),
    }
}

fn open_with<C>(key: &[u8], aad: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Sealed>
where
    C: KeyInit
        + BlockCipherEncrypt
        + BlockCipherDecrypt
        + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>,
    AesGcm<C, U12>: KeyInit + Aead,
{
    if data.len() < NONCE + TAG {
        return Err(Sealed::Short);
    }
    let (nonce, sealed) = data.split_at(NONCE);
    let gcm = AesGcm::<C, U12>::new_from_slice(key).map_err(|_| Sealed::KeyLength)?;
    let nonce_array = aes_gcm::Nonce::try_from(nonce).map_err(|_| Sealed::Short)?;
    if let Ok(open) = gcm.decrypt(&nonce_array, Payload { msg: sealed, aad }) {
        return Ok(Zeroizing::new(open));
    }
    let cipher = C::new_from_slice(key).map_err(|_| Sealed::KeyLength)?;
    let right = key_fits_text(&cipher, nonce, sealed) || key_fits_tag(&cipher, aad, sealed);
    Err(if right {
        Sealed::Changed
    } else {
        Sealed::OtherKey
    })
}

/// Whether the key turns the beginning of the text into what a JSON document looks like.
///
/// GCM encrypts as a stream: a changed byte changes one byte of what comes out, while another key gives noise, of which
/// three bytes in eight are printable by chance.
fn key_fits_text<C>(cipher: &C, nonce: &[u8], sealed: &[u8]) -> bool
where
    C: BlockCipherEncrypt + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>,
{
    let text = &sealed[..sealed.len().saturating_sub(TAG).min(4096)];
    let mut printable = 0;
    // The block counter of the text starts at 2: 1 is the tag's.
    for (counter, chunk) in (2_u32..).zip(text.chunks(16)) {
        let mut block = Block::<C>::default();
        block[..NONCE].copy_from_slice(nonce);
        block[NONCE..].copy_from_slice(&counter.to_be_bytes());
        cipher.encrypt_block(&mut block);
        let clear = chunk
            .iter()
            .zip(block.iter())
            .map(|(sealed, key)| sealed ^ key);
        printable += clear
            .filter(|byte| matches!(byte, b'\n' | b' '..=b'~'))
            .count();
    }
    text.len() >= 32 && printable * 10 >= text.len() * 8
}

/// Whether the tag fits text and key, for a nonce other than the one at hand.
///
/// The tag is the hash of the text, encrypted with the block `nonce ‖ 1`; taken back, that block must end in 1.
fn key_fits_tag<C>(cipher: &C, aad: &[u8], sealed: &[u8]) -> bool
where
    C: BlockCipherEncrypt
        + BlockCipherDecrypt
        + aes::cipher::BlockSizeUser<BlockSize = aes::cipher::consts::U16>,
{
    let (text, tag) = sealed.split_at(sealed.len() - TAG);
    let mut hash_key = Block::<C>::default();
    cipher.encrypt_block(&mut hash_key);
    let Ok(mut hash) = GHash::new_from_slice(&hash_key) else {
        return false;
    };
    hash.update_padded(aad);
    hash.update_padded(text);
    let mut lengths = [0_u8; 16];
    lengths[..8].copy_from_slice(&(aad.len() as u64 * 8).to_be_bytes());
    lengths[8..].copy_from_slice(&(text.len() as u64 * 8).to_be_bytes());
    hash.update_padded(&lengths);
    let mut block = Block::<C>::default();
    for (out, (hashed, tag)) in block.iter_mut().zip(hash.finalize().iter().zip(tag)) {
        *out = hashed ^ tag;
    }
    cipher.decrypt_block(&mut block);
    block[NONCE..] == [0, 0, 0, 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &[u8], aad: &[u8]) -> Vec<u8> {
        let gcm = aes_gcm::Aes256Gcm::new_from_slice(key).expect("32 bytes");
        let text = br#"{"version":4,"terraform_version":"1.12.6","serial":1,"lineage":"x","resources":[]}"#;
        let nonce = [7_u8; NONCE];
        let body = gcm
            .encrypt(&nonce.into(), Payload { msg: text, aad })
            .expect("it fits");
        [nonce.to_vec(), body].concat()
    }

    #[test]
    fn any_changed_byte_is_told_from_another_key() {
        let (key, other) = ([1_u8; 32], [2_u8; 32]);
        let data = sealed(&key, b"aad");
        assert!(open(&key, b"aad", &data).is_ok_and(|text| text.starts_with(b"{\"version\":4")));
        assert_eq!(open(&other, b"aad", &data).err(), Some(Sealed::OtherKey));
        assert_eq!(open(&key, b"else", &data).err(), Some(Sealed::Changed));
        for at in 0..data.len() {
            for bit in 0..8 {
                let mut changed = data.clone();
                changed[at] ^= 1 << bit;
                assert_eq!(
                    open(&key, b"aad", &changed).err(),
                    Some(Sealed::Changed),
                    "byte {at}"
                );
                assert_eq!(
                    open(&other, b"aad", &changed).err(),
                    Some(Sealed::OtherKey),
                    "byte {at}"
                );
            }
        }
        assert_eq!(
            open(&key, b"aad", &data[..data.len() - 5]).err(),
            Some(Sealed::Changed)
        );
        assert_eq!(open(&key, b"aad", &data[..20]).err(), Some(Sealed::Short));
        assert_eq!(
            open(&key[..20], b"aad", &data).err(),
            Some(Sealed::KeyLength)
        );
    }
}
