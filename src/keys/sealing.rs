//! Texts that a browser keeps and cannot read or change.

use std::fmt;

use ascon_aead::AsconAead128;
use ascon_aead::aead::{Aead, KeyInit, Payload};
use base64ct::{Base64UrlUnpadded, Encoding};

use super::mac::Key;

const KEY_BYTES: usize = 16;
const NONCE_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// The bytes that sealing adds to a content.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Seals contents with Ascon-AEAD128 (NIST SP 800-232).
///
/// The nonce is synthetic (as in RFC 5297): a keyed hash of what is sealed. So a nonce is never used
/// for two contents, and the same content always has the same text. Of the authenticated ciphers,
/// this is the one that adds the least to the upload: half as much as ChaCha20-Poly1305.
pub struct Sealing {
    nonce: Key,
    cipher: AsconAead128,
}

impl Sealing {
    pub(super) fn new(root: &Key) -> Self {
        let key: [u8; KEY_BYTES] = root.child("cipher").mac(&[]);
        Self {
            nonce: root.child("nonce"),
            cipher: AsconAead128::new(&key.into()),
        }
    }

    /// Returns the sealed content, in base64url.
    ///
    /// It can be opened only with the same context, whose length must be the same in all uses.
    pub fn seal(&self, context: &[u8], content: &[u8]) -> String {
        let nonce: [u8; NONCE_BYTES] = self.nonce.mac(&[context, content]);
        let payload = Payload {
            msg: content,
            aad: context,
        };
        let sealed = self.cipher.encrypt(&nonce.into(), payload);
        // A content of a few bytes always fits.
        let sealed = sealed.unwrap_or_default();
        Base64UrlUnpadded::encode_string(&[&nonce, sealed.as_slice()].concat())
    }

    /// Returns the content of a sealed text, or `None` if it was not sealed here and in this context.
    pub fn open(&self, context: &[u8], text: &str) -> Option<Vec<u8>> {
        // Only one spelling is valid: bits of the last character that stand for nothing are an error.
        let bytes = Base64UrlUnpadded::decode_vec(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: context,
        };
        self.cipher.decrypt(&(*nonce).into(), payload).ok()
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealing(***)")
    }
}
