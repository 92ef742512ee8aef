//! A shopper whom the merchant knows, and who vouches for them.
//!
//! Such a shopper is counted by a limiter of their own, whatever network they come from. Their
//! session ids are made for their account, and work only together with the proof of who they are.

use sha2::{Digest, Sha256};

use crate::keys::{Keys, Signer};
use crate::network::{LimiterName, NetworkTag};
use crate::pass::Shopper;

/// Who says who the shopper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    /// The merchant's own server, by a token.
    Token,
    /// Shopify, by a signed query.
    Shopify,
}

/// An account of the merchant's shop.
///
/// The accounts of two vouchers are never the same, even if their ids are.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    voucher: Voucher,
    id: String,
}

impl Account {
    /// Returns the account that this voucher calls `id`.
    pub fn new(voucher: Voucher, id: impl Into<String>) -> Self {
        Self {
            voucher,
            id: id.into(),
        }
    }

    /// Returns the name of the limiter that counts this shopper.
    pub fn limiter(&self, keys: &Keys) -> LimiterName {
        LimiterName(keys.limiter(&[&self.kind(), self.id.as_bytes()]))
    }

    /// Returns the tag that session ids are made for, under one signer.
    ///
    /// It takes the place of the tag of a first network.
    pub fn tag(&self, signer: &Signer) -> NetworkTag {
        NetworkTag(signer.network(&[&self.kind(), self.id.as_bytes()]))
    }

    /// Returns the shopper's number, which no key changes.
    ///
    /// It tells nobody apart: the limiter and the tag do. It is never shown as it is. Its first bit is
    /// set, so it is no number of an idempotency key.
    pub fn shopper(&self) -> Shopper {
        let hash = Sha256::new()
            .chain_update(self.kind())
            .chain_update(self.id.as_bytes())
            .finalize();
        let bytes = hash.first_chunk().copied().unwrap_or_default();
        Shopper(u32::from_be_bytes(bytes) | 1 << 31)
    }

    /// Returns two bytes that no network's hash begins with.
    const fn kind(&self) -> [u8; 2] {
        match self.voucher {
            Voucher::Token => [1, 1],
            Voucher::Shopify => [1, 2],
        }
    }
}

// The id is the merchant's name for a person. It is never printed.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({:?}, ***)", self.voucher)
    }
}
