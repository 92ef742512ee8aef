//! What shoppers' tokens are signed with: a shared secret, or public keys.

use std::borrow::Cow;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::json::{self, Value};
use crate::secret::SecretBytes;

/// The fewest and the most bytes of a secret. RFC 7518, section 3.2, asks for 32.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 32..=512;
/// The most keys in a set.
const MAX_KEYS: usize = 8;
const MAX_DEPTH: usize = 8;
/// The bytes of a coordinate of P-256, and of a key of Ed25519.
const COORDINATE_BYTES: usize = 32;

/// What tokens are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKey {
    /// A secret that the merchant's server has, too: HS256.
    Shared(SecretBytes),
    /// Keys whose other halves only the merchant's server has: ES256 and `EdDSA`.
    Public(Vec<PublicKey>),
}

/// A public key of a JWK set (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name in the set.
    pub kid: Option<String>,
    /// What it is for.
    pub algorithm: Algorithm,
    /// The key itself, as a JWK with the necessary members alone.
    pub jwk: String,
}

/// An algorithm of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4).
    Es256,
    /// Ed25519 (RFC 8037).
    EdDsa,
}

impl Algorithm {
    /// Returns the name in the header of a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns what the platform's WebCrypto calls the algorithm, as JSON.
    pub const fn in_web_crypto(self) -> &'static str {
        match self {
            Self::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
            Self::EdDsa => r#"{"name":"Ed25519"}"#,
        }
    }
}

impl PublicKey {
    /// Returns how long a signature is. Both algorithms give 64 bytes.
    pub(super) const fn signature_bytes(&self) -> usize {
        match self.algorithm {
            Algorithm::Es256 | Algorithm::EdDsa => 64,
        }
    }

    fn read(jwk: &Value<'_>) -> Result<Self, &'static str> {
        if ["d", "k"].iter().any(|name| jwk.get(name).is_some()) {
            return Err("has a private or secret key in its set, where only public ones belong");
        }
        let text = |name| jwk.get(name).and_then(Value::text);
        let coordinate = |name| {
            let decoded = text(name).and_then(|text| Base64UrlUnpadded::decode_vec(&text).ok());
            decoded
                .filter(|bytes| bytes.len() == COORDINATE_BYTES)
                .map(|bytes| Base64UrlUnpadded::encode_string(&bytes))
                .ok_or("has a key whose coordinates are not 32 bytes in base64url")
        };
        let (algorithm, jwk) = match (text("kty").as_deref(), text("crv").as_deref()) {
            (Some("EC"), Some("P-256")) => {
                let (x, y) = (coordinate("x")?, coordinate("y")?);
                let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
                (Algorithm::Es256, jwk)
            }
            (Some("OKP"), Some("Ed25519")) => {
                let x = coordinate("x")?;
                let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
                (Algorithm::EdDsa, jwk)
            }
            _ => return Err("has a key in its set that is neither P-256 nor Ed25519"),
        };
        if text("alg").is_some_and(|alg| alg != algorithm.name()) {
            return Err("has a key in its set whose alg does not fit its curve");
        }
        Ok(Self {
            kid: text("kid").map(Cow::into_owned),
            algorithm,
            jwk,
        })
    }
}

impl TokenKey {
    /// Reads a secret, or a JWK set or a single JWK of public keys.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, in words that follow the setting's name and never quote its value.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('{') {
            return Self::parse_set(text).map_err(str::to_owned);
        }
        if SECRET_BYTES.contains(&text.len()) {
            Ok(Self::Shared(SecretBytes::new(text.as_bytes().to_vec())))
        } else {
            Err("must be a secret of 32 to 512 bytes, or a JWK set of public keys".to_owned())
        }
    }

    fn parse_set(text: &str) -> Result<Self, &'static str> {
        let set = json::read(text.as_bytes(), MAX_DEPTH).map_err(|_| "is not valid JSON")?;
        let keys: Result<Vec<_>, _> = match set.get("keys") {
            Some(keys) => keys.items().iter().map(PublicKey::read).collect(),
            None => PublicKey::read(&set).map(|key| vec![key]),
        };
        keys.and_then(|keys| {
            if (1..=MAX_KEYS).contains(&keys.len()) {
                Ok(Self::Public(keys))
            } else {
                Err("must have 1 to 8 keys in its set")
            }
        })
    }
}
