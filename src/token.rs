//! A token in which the merchant's own server says who the shopper is: a JWT (RFC 7519).
//!
//! Its signature is a JWS (RFC 7515). One under a shared secret is checked here. One under a public
//! key is checked by the platform's WebCrypto: an implementation of elliptic curves would double the
//! upload. Which algorithm is right depends on the setting alone, never on the token (RFC 8725,
//! section 3.1).

mod key;

pub use key::{Algorithm, PublicKey, TokenKey};

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::json::{self, Value};
use crate::keys;

/// The longest token, in bytes.
pub const MAX_TOKEN_BYTES: usize = 4_096;
/// The longest time that a token may still be valid for, in seconds.
pub const MAX_LIFE: u32 = 24 * 60 * 60;
/// How far the clock of the merchant's server may differ from ours, in seconds.
pub const CLOCK_SKEW: u32 = 60;
/// The audience of a token that is meant for any deployment of this worker.
pub const AUDIENCE: &str = "concierge-proxy";

/// The longest `sub`, in bytes.
const MAX_SUBJECT_BYTES: usize = 255;
const MAX_DEPTH: usize = 8;

/// What a good token says.
#[derive(Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who the shopper is (`sub`).
    pub subject: String,
    /// What the token allows beyond chats (`scope`), separated by spaces.
    scope: String,
    /// Who the shopper is at omi.me (`omi_uid`).
    pub omi_uid: Option<String>,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not a JWT, or is too long.
    Malformed,
    /// It is signed by another algorithm, or under a key that is not in the set.
    Algorithm,
    /// Its signature is wrong.
    Signature,
    /// It has expired, or has no `exp`.
    Expired,
    /// It is valid for more than a day.
    TooLong,
    /// It is not valid yet.
    NotYet,
    /// It is not meant for this worker.
    Audience,
    /// It does not say who the shopper is.
    Subject,
    /// There is none, where one is needed.
    Missing,
}

impl Fault {
    /// Returns what is wrong, for the developer of the merchant's server.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Malformed => {
                "The Authorization header must be Bearer and a JWT of at most 4096 bytes."
            }
            Self::Algorithm => {
                "The shopper's token is signed by an algorithm or a key that the proxy does not \
                 accept."
            }
            Self::Signature => "The signature of the shopper's token is wrong.",
            Self::Expired => "The shopper's token has expired, or has no exp.",
            Self::TooLong => "The exp of the shopper's token is more than 24 hours ahead.",
            Self::NotYet => "The shopper's token is not valid yet.",
            Self::Audience => {
                "The aud of the shopper's token must be the proxy's origin or concierge-proxy."
            }
            Self::Missing => "This needs the token of a shopper in the Authorization header.",
            Self::Subject => "The sub of the shopper's token must be a string of 1 to 255 bytes.",
        }
    }
}

/// A token as far as it has been checked.
#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is good.
    Good(Claims),
    /// It is good if its signature is right under one of these keys.
    IfSigned(Claims, SignatureCheck),
}

/// A signature that the platform has to check.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureCheck {
    /// The public keys under which the signature may be right.
    pub keys: Vec<PublicKey>,
    /// What is signed.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
}

// What is signed and the signature are the token, which is never printed.
impl std::fmt::Debug for SignatureCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignatureCheck(***)")
    }
}

impl Claims {
    /// Returns whether the token allows this.
    pub fn allows(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|allowed| allowed == scope)
    }
}

// Who the shopper is is never printed.
impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims(***)")
    }
}

/// Checks the value of an `Authorization` header.
///
/// `own_origin` is the worker's origin. The time is in seconds since 1970.
///
/// # Errors
///
/// Returns the first rule that the token breaks.
pub fn check(
    authorization: &str,
    key: &TokenKey,
    own_origin: &str,
    now: u32,
) -> Result<Checked, Fault> {
    let token = bearer(authorization).ok_or(Fault::Malformed)?;
    let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Fault::Malformed)?;
    let header = decode(header)?;
    let algorithm = Header::read(&header)?;
    let signature = Base64UrlUnpadded::decode_vec(signature).map_err(|_| Fault::Malformed)?;
    match key {
        TokenKey::Shared(secret) => {
            if algorithm.name != "HS256" {
                return Err(Fault::Algorithm);
            }
            if !keys::is_mac_of(signed.as_bytes(), secret.expose(), &signature) {
                return Err(Fault::Signature);
            }
            read_claims(claims, own_origin, now).map(Checked::Good)
        }
        TokenKey::Public(all) => {
            let fits = |key: &&PublicKey| algorithm.is_of(key);
            let keys: Vec<_> = all.iter().filter(fits).cloned().collect();
            let length = keys.first().ok_or(Fault::Algorithm)?.signature_bytes();
            if signature.len() != length {
                return Err(Fault::Signature);
            }
            let claims = read_claims(claims, own_origin, now)?;
            let check = SignatureCheck {
                keys,
                signed: signed.as_bytes().to_vec(),
                signature,
            };
            Ok(Checked::IfSigned(claims, check))
        }
    }
}

/// Returns the token of a `Bearer` header (RFC 6750, section 2.1), unless it is too long.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    let token = token.trim_matches(' ');
    (is_bearer && token.len() <= MAX_TOKEN_BYTES && token.is_ascii()).then_some(token)
}

/// The header of a token.
struct Header {
    name: String,
    kid: Option<String>,
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, Fault> {
        let header = object(json)?;
        let text = |name| header.get(name).and_then(Value::text);
        // An extension that must be understood is not understood (RFC 7515, section 4.1.11). And a
        // token of another kind is none of a shopper's (RFC 8725, section 3.11).
        let is_jwt = match header.get("typ") {
            None => true,
            Some(kind) => kind
                .text()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("jwt")),
        };
        if header.get("crit").is_some() || !is_jwt {
            return Err(Fault::Malformed);
        }
        Ok(Self {
            name: text("alg").ok_or(Fault::Algorithm)?.into_owned(),
            kid: text("kid").map(std::borrow::Cow::into_owned),
        })
    }

    /// Returns whether this key may have signed the token.
    fn is_of(&self, key: &PublicKey) -> bool {
        let is_named = match (&self.kid, &key.kid) {
            (Some(named), Some(kid)) => named == kid,
            _ => true,
        };
        is_named && self.name == key.algorithm.name()
    }
}

fn read_claims(text: &str, own_origin: &str, now: u32) -> Result<Claims, Fault> {
    let json = decode(text)?;
    let claims = object(&json)?;
    let text = |name| claims.get(name).and_then(Value::text);
    let seconds = |name| {
        claims
            .get(name)
            .map(|value| seconds(value).ok_or(Fault::Malformed))
    };
    let now = u64::from(now);
    let skew = u64::from(CLOCK_SKEW);
    let expires = seconds("exp").ok_or(Fault::Expired)??;
    if expires.saturating_add(skew) <= now {
        return Err(Fault::Expired);
    }
    if expires > now + u64::from(MAX_LIFE) + skew {
        return Err(Fault::TooLong);
    }
    for begins in ["nbf", "iat"].into_iter().filter_map(seconds) {
        if begins? > now + skew {
            return Err(Fault::NotYet);
        }
    }
    let is_for_us = |audience: &Value<'_>| {
        let audience = audience.text();
        audience.is_some_and(|audience| audience == own_origin || audience == AUDIENCE)
    };
    let audience = claims.get("aud").ok_or(Fault::Audience)?;
    if !is_for_us(audience) && !audience.items().iter().any(is_for_us) {
        return Err(Fault::Audience);
    }
    let subject = text("sub")
        .filter(|subject| !subject.trim().is_empty() && subject.len() <= MAX_SUBJECT_BYTES);
    Ok(Claims {
        subject: subject.ok_or(Fault::Subject)?.into_owned(),
        scope: text("scope").unwrap_or_default().into_owned(),
        omi_uid: text("omi_uid").map(std::borrow::Cow::into_owned),
    })
}

/// Reads a `NumericDate` (RFC 7519, section 2). A part of a second does not count.
fn seconds(value: &Value<'_>) -> Option<u64> {
    let number = value
        .number()
        .filter(|number| !number.contains(['e', 'E']))?;
    number.split('.').next()?.parse().ok()
}

fn decode(part: &str) -> Result<Vec<u8>, Fault> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| Fault::Malformed)
}

fn object(json: &[u8]) -> Result<Value<'_>, Fault> {
    match json::read(json, MAX_DEPTH) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Fault::Malformed),
    }
}
