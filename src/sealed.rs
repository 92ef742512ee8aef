//! What an upstream has made for a shopper, sealed into a text that the page keeps.
//!
//! Whoever knows an upstream's own id of a conversation may read it or go on with it. So no such id
//! reaches a page. A sealed text holds it together with the shopper whom it belongs to. It works only
//! for that shopper, under the tag of the shopper's first network, as a pinned session id does.

use crate::keys::{KeySlot, Keys, NETWORK_TAG_BYTES, OVERHEAD_BYTES, Signer};
use crate::network::NetworkTag;
use crate::pass::Shopper;

/// The longest text that stands for a page of products, in characters.
pub const MAX_PAGE_CHARS: usize = 512;
/// The longest sealed session id, in characters: as long as one that a client may pick.
const MAX_SESSION_CHARS: usize = 128;

/// Separates the parts. No part contains it.
const SEPARATOR: char = '\0';

/// What a sealed text stands for. One kind never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A conversation.
    Session,
    /// A page of products.
    Page,
}

/// What a sealed text holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The shopper whom it belongs to.
    pub shopper: Shopper,
    /// The code of the assistant that it was made for.
    pub assistant: u8,
    /// The upstream's own ids, as each assistant arranges them.
    pub parts: Vec<String>,
}

impl Kind {
    const fn code(self) -> u8 {
        match self {
            Self::Session => 1,
            Self::Page => 2,
        }
    }

    const fn max_chars(self) -> usize {
        match self {
            Self::Session => MAX_SESSION_CHARS,
            Self::Page => MAX_PAGE_CHARS,
        }
    }

    fn context(self, first: &NetworkTag) -> [u8; 1 + NETWORK_TAG_BYTES] {
        let mut context = [self.code(); 1 + NETWORK_TAG_BYTES];
        for (to, from) in context.iter_mut().skip(1).zip(first.0) {
            *to = from;
        }
        context
    }
}

impl Sealed {
    /// Returns the sealed text for a shopper of this first network.
    ///
    /// Returns `None` if the parts are too long, or contain a NUL.
    pub fn seal(&self, kind: Kind, first: &NetworkTag, signer: &Signer) -> Option<String> {
        if self.parts.iter().any(|part| part.contains(SEPARATOR)) {
            return None;
        }
        let mut content = vec![self.assistant];
        content.extend(self.shopper.0.to_be_bytes());
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                content.push(SEPARATOR as u8);
            }
            content.extend(part.bytes());
        }
        let chars = ((content.len() + OVERHEAD_BYTES) * 4).div_ceil(3);
        (chars <= kind.max_chars()).then(|| signer.sealing().seal(&kind.context(first), &content))
    }

    /// Opens a text that was sealed for this first network, and returns the key slot it was sealed
    /// under. Returns `None` if it was not sealed here.
    pub fn open(
        kind: Kind,
        text: &str,
        first: &NetworkTag,
        keys: &Keys,
    ) -> Option<(Self, KeySlot)> {
        if text.len() > kind.max_chars() {
            return None;
        }
        let context = kind.context(first);
        keys.good_slots().find_map(|slot| {
            let content = keys.signer(slot).sealing().open(&context, text)?;
            Some((Self::read(&content)?, slot))
        })
    }

    fn read(content: &[u8]) -> Option<Self> {
        let (assistant, rest) = content.split_first()?;
        let (shopper, parts) = rest.split_first_chunk()?;
        let parts = str::from_utf8(parts).ok()?.split(SEPARATOR);
        Some(Self {
            shopper: Shopper(u32::from_be_bytes(*shopper)),
            assistant: *assistant,
            parts: parts.map(str::to_owned).collect(),
        })
    }
}
