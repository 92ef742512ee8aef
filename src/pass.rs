//! The shopper's pass, which identifies a browser without a login, a cookie or state on our side.
//!
//! A pass is 81 signed bytes in base64url (108 characters). 81 is a multiple of three, so no
//! padding and no spare bits allow a second spelling:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the format, 2 |
//! | 4 | the shopper's id, random |
//! | 16 | the name of the limiter that counts this shopper |
//! | 2 | the limiter's generation: a change of the signing root renames the limiters |
//! | 16 | the tag of the limiter's network: it shows a move, which the limiter's name does not |
//! | 16 | the tag of the first network: the session ids are made for it, wherever the pass moves |
//! | 4 | when it was first issued, in seconds since 1970 |
//! | 4 | when it was last renewed, in seconds since 1970 |
//! | 18 | HMAC-SHA-256 over all of that, the first 144 bits |

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::keys::{GENERATION_BYTES, Keys, LIMITER_NAME_BYTES, NETWORK_TAG_BYTES, Signer, same};
use crate::network::{LimiterName, NetworkTag};

/// The header that carries a pass, in both directions.
pub const HEADER: &str = "Shopper-Pass";

const DAY: u32 = 24 * 60 * 60;
/// The age at which a pass is renewed, in seconds.
pub const RENEWAL_AGE: u32 = DAY;
/// How long after its last renewal a pass expires, in seconds.
pub const IDLE_LIFE: u32 = 30 * DAY;
/// How long after its first issue a pass expires, in seconds.
pub const WHOLE_LIFE: u32 = 90 * DAY;
/// How far ahead of our clock a pass may be dated, in seconds.
pub const CLOCK_SKEW: u32 = 300;

const FORMAT: u8 = 2;
const CODE_BYTES: usize = 18;
const CONTENT_BYTES: usize =
    1 + 4 + LIMITER_NAME_BYTES + GENERATION_BYTES + 2 * NETWORK_TAG_BYTES + 4 + 4;
const PASS_BYTES: usize = CONTENT_BYTES + CODE_BYTES;
const PASS_CHARS: usize = PASS_BYTES.div_ceil(3) * 4;

/// A shopper's id.
///
/// It is a random number of ours, never one that a client picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shopper(pub u32);

/// A pass whose signature and dates are valid, or that is about to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The shopper who holds it.
    pub shopper: Shopper,
    /// The limiter that counts this shopper.
    pub limiter: LimiterName,
    generation: [u8; GENERATION_BYTES],
    /// The tag of that limiter's network.
    pub network: NetworkTag,
    /// The tag of the network where this shopper was first seen.
    pub first: NetworkTag,
    first_issued: u32,
    renewed: u32,
}

impl Pass {
    /// Issues a pass for a shopper who has none.
    ///
    /// From now on `limiter`, the limiter of `network`, counts the shopper.
    pub fn issue(
        shopper: Shopper,
        limiter: LimiterName,
        network: NetworkTag,
        first: NetworkTag,
        keys: &Keys,
        now: u32,
    ) -> Self {
        Self {
            shopper,
            limiter,
            generation: keys.generation(),
            network,
            first,
            first_issued: now,
            renewed: now,
        }
    }

    /// Reads the pass that a browser sent, or returns `None` if it is broken, forged or expired.
    pub fn read(text: &str, keys: &Keys, now: u32) -> Option<Self> {
        if text.len() != PASS_CHARS {
            return None;
        }
        let mut bytes = [0; PASS_BYTES];
        Base64UrlUnpadded::decode(text, &mut bytes).ok()?;
        let (content, code) = bytes.split_at(CONTENT_BYTES);
        let signed = keys
            .good()
            .any(|signer| same(&signer.pass::<CODE_BYTES>(&[content]), code));
        if !signed {
            return None;
        }
        let mut content = content;
        let format: [u8; 1] = take(&mut content)?;
        let pass = Self {
            shopper: Shopper(u32::from_be_bytes(take(&mut content)?)),
            limiter: LimiterName(take(&mut content)?),
            generation: take(&mut content)?,
            network: NetworkTag(take(&mut content)?),
            first: NetworkTag(take(&mut content)?),
            first_issued: u32::from_be_bytes(take(&mut content)?),
            renewed: u32::from_be_bytes(take(&mut content)?),
        };
        (format == [FORMAT] && pass.is_good(now)).then_some(pass)
    }

    /// Returns the text of the pass for the browser, signed under this key.
    pub fn write(&self, signer: &Signer) -> String {
        let mut bytes = Vec::with_capacity(PASS_BYTES);
        bytes.push(FORMAT);
        bytes.extend(self.shopper.0.to_be_bytes());
        bytes.extend(self.limiter.0);
        bytes.extend(self.generation);
        bytes.extend(self.network.0);
        bytes.extend(self.first.0);
        bytes.extend(self.first_issued.to_be_bytes());
        bytes.extend(self.renewed.to_be_bytes());
        let code: [u8; CODE_BYTES] = signer.pass(&[&bytes]);
        bytes.extend(code);
        Base64UrlUnpadded::encode_string(&bytes)
    }

    /// Returns whether the pass is due for renewal.
    ///
    /// It is due if it is old enough, or if its limiter has another name now. Otherwise a network
    /// would have two budgets for a day.
    pub fn is_due(&self, keys: &Keys, now: u32) -> bool {
        now.saturating_sub(self.renewed) >= RENEWAL_AGE || self.generation != keys.generation()
    }

    /// Returns the same shopper's pass, renewed.
    ///
    /// From now on `limiter`, the limiter of `network`, counts the shopper.
    pub fn renew(&self, limiter: LimiterName, network: NetworkTag, keys: &Keys, now: u32) -> Self {
        Self {
            limiter,
            generation: keys.generation(),
            network,
            renewed: now,
            ..self.clone()
        }
    }

    fn is_good(&self, now: u32) -> bool {
        self.renewed <= now.saturating_add(CLOCK_SKEW)
            && now.saturating_sub(self.renewed) < IDLE_LIFE
            && now.saturating_sub(self.first_issued) < WHOLE_LIFE
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}
