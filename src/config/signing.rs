//! What the signing keys are derived from.

use std::ops::RangeInclusive;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::secret::{Secret, SecretBytes};
use crate::settings::{Reader, Setting};

/// The bytes that a signing key may have.
const SIGNING_KEY_BYTES: RangeInclusive<usize> = 32..=64;

/// The roots of the signing keys.
#[derive(Debug)]
pub struct Signing {
    /// The current root.
    pub current: SecretBytes,
    /// The next root, while a rotation runs.
    pub next: Option<SecretBytes>,
    /// Whether the roots are the API keys, because no signing key is set.
    ///
    /// Then the next root signs nothing as long as the upstream refuses it.
    pub by_api_key: bool,
}

impl Signing {
    /// Returns the roots of the signing keys: the signing keys that are set, or else the API keys.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        api_keys: Option<&(Option<Secret>, Option<Secret>)>,
    ) -> Option<Signing> {
        let is_set = reader.is_set(Setting::SigningKey);
        let current = reader.optional(Setting::SigningKey, &parse_signing_key);
        let next = reader.optional(Setting::SigningKeyNext, &parse_signing_key);
        if is_set {
            let current = current?;
            return Some(Signing {
                next: next.filter(|next| *next != current),
                current,
                by_api_key: false,
            });
        }
        if next.is_some() {
            reader.mistake(Setting::SigningKeyNext, "is set without SIGNING_KEY");
        }
        let bytes = |key: &Secret| SecretBytes::new(key.expose().as_bytes().to_vec());
        match api_keys? {
            (Some(api_key), next) => Some(Signing {
                current: bytes(api_key),
                next: next.as_ref().map(bytes),
                by_api_key: true,
            }),
            (None, _) => {
                // Where a key is only missing or wrong, that is the mistake.
                if !reader.has_mistake(Setting::ApiKey) {
                    let reason = "is missing: this assistant has no key to sign with instead";
                    reader.mistake(Setting::SigningKey, reason);
                }
                None
            }
        }
    }
}

/// Reads a signing key: bytes in hex or in base64, in either alphabet and with or without padding.
fn parse_signing_key(text: &str) -> Result<SecretBytes, String> {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = if is_hex {
        Some(from_hex(text))
    } else {
        let url_alphabet = |char| match char {
            '+' => '-',
            '/' => '_',
            other => other,
        };
        let text: String = text
            .trim_end_matches('=')
            .chars()
            .map(url_alphabet)
            .collect();
        Base64UrlUnpadded::decode_vec(&text).ok()
    };
    bytes
        .filter(|bytes| SIGNING_KEY_BYTES.contains(&bytes.len()))
        .map(SecretBytes::new)
        .ok_or_else(|| "must be 32 to 64 bytes in hex or base64".to_owned())
}

fn from_hex(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut digits = text.chars().filter_map(|char| char.to_digit(16));
    while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
        bytes.push((high << 4 | low) as u8);
    }
    bytes
}
