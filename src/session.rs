//! Session ids that work only for the shopper who holds them.
//!
//! The upstream ties nothing to a shopper: whoever sends a session id joins that conversation. So
//! every id that goes upstream is a UUID that we made. Its 122 free bits (RFC 9562, section 5.4)
//! hold the shopper (32), a nonce that tells one conversation of a shopper from the next (30), and
//! a code over both and the tag of the shopper's first network (60). The upstream echoes the id,
//! the page keeps it, and nothing has to be rewritten.
//!
//! Someone who sees ids must not be able to tell which of them belong to one shopper. So a keyed
//! hash of the code masks the shopper and the nonce. The code is a synthetic nonce (as in RFC 5297)
//! that differs for every conversation. Each id still has one spelling.

use uuid::Uuid;

use crate::keys::{Keys, Signer, same};
use crate::network::NetworkTag;
use crate::pass::Shopper;

const NONCE_BITS: u32 = 30;
const CODE_BITS: u32 = 60;
const SHOPPER_BITS: u32 = 32;
const VERSION_4: u128 = 4 << 76;
const VARIANT: u128 = 0b10 << 62;
/// The free bits below the variant and, next, those between the variant and the version.
const LOW_BITS: u32 = 62;
const MIDDLE_BITS: u32 = 12;

/// Returns the id of a conversation, pinned to its shopper.
pub fn pin(shopper: Shopper, first: &NetworkTag, nonce: u32, signer: &Signer) -> String {
    let nonce = nonce & mask(NONCE_BITS) as u32;
    let code = code(shopper, first, nonce, signer);
    let head = u128::from(shopper.0) << NONCE_BITS | u128::from(nonce);
    spell((head ^ masking(code, signer)) << CODE_BITS | u128::from(code))
}

/// Returns the id that stands for one that a client picked.
///
/// It is always the same for the same shopper and signer, and differs for every other shopper.
pub fn map(shopper: Shopper, first: &NetworkTag, foreign: &str, signer: &Signer) -> String {
    let nonce: [u8; 4] = signer.mapping(&[&shopper.0.to_be_bytes(), foreign.as_bytes()]);
    pin(shopper, first, u32::from_be_bytes(nonce), signer)
}

/// Returns the shopper for whom we made this id on this first network, or `None` if we did not.
pub fn holder(id: &str, first: &NetworkTag, keys: &Keys) -> Option<Shopper> {
    let bits = Uuid::try_parse(id).ok()?.as_u128();
    let free = (bits >> 80 << (MIDDLE_BITS + LOW_BITS))
        | (bits >> 64 & mask(MIDDLE_BITS)) << LOW_BITS
        | bits & mask(LOW_BITS);
    // Only one spelling is valid: this rejects another version or variant, capitals, braces and a
    // URN.
    if spell(free) != id {
        return None;
    }
    let sent = (free & mask(CODE_BITS)) as u64;
    keys.good().find_map(|signer| {
        let head = free >> CODE_BITS ^ masking(sent, signer);
        let shopper = Shopper((head >> NONCE_BITS) as u32);
        let nonce = (head & mask(NONCE_BITS)) as u32;
        let good = code(shopper, first, nonce, signer);
        same(&good.to_be_bytes(), &sent.to_be_bytes()).then_some(shopper)
    })
}

/// Returns the code that makes an id valid: 60 bits over all that the id stands for.
fn code(shopper: Shopper, first: &NetworkTag, nonce: u32, signer: &Signer) -> u64 {
    let code: [u8; 8] = signer.session(&[&shopper.0.to_be_bytes(), &nonce.to_be_bytes(), &first.0]);
    u64::from_be_bytes(code) & mask(CODE_BITS) as u64
}

/// Returns the mask that hides the shopper and the nonce in the id with this code.
fn masking(code: u64, signer: &Signer) -> u128 {
    let bits: [u8; 8] = signer.masking(&[&code.to_be_bytes()]);
    u128::from(u64::from_be_bytes(bits)) & mask(SHOPPER_BITS + NONCE_BITS)
}

fn spell(free: u128) -> String {
    let high = free >> (MIDDLE_BITS + LOW_BITS) << 80;
    let middle = (free >> LOW_BITS & mask(MIDDLE_BITS)) << 64;
    let low = free & mask(LOW_BITS);
    Uuid::from_u128(high | VERSION_4 | middle | VARIANT | low).to_string()
}

const fn mask(bits: u32) -> u128 {
    (1 << bits) - 1
}
