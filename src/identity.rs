//! Who sends a request, and what follows from it.
//!
//! This decides where the shopper is counted, which pass is issued, and which conversation it is.

use crate::account::Account;
use crate::keys::{KeySlot, Keys, Signer};
use crate::limits::Own;
use crate::limits::protocol::{self, Question};
use crate::network::{LimiterName, Network, NetworkTag};
use crate::pass::{Pass, Shopper};
use crate::sealed::{Kind, Sealed};
use crate::session;

/// A shopper, as one request shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The shopper who asks.
    pub shopper: Shopper,
    /// The limiter that counts this request.
    pub limiter: LimiterName,
    /// Whether the shopper is new there, unless the limiter knows better.
    pub newcomer: bool,
    /// Whether nobody can have seen the shopper before.
    pub fresh: bool,
    /// The pass that the shopper needs, or `None` if they need no new one.
    pub new_pass: Option<Pass>,
    /// The shopper's own budget.
    pub own: Own,
    first: NetworkTag,
    /// The tag that ids of a page's own choosing are mapped with.
    mapped: NetworkTag,
}

impl Identity {
    /// Returns the holder of the pass that a browser sent, or `None` if the pass is not valid.
    ///
    /// A pass that is old enough is renewed. On another network it moves there, and its shopper is
    /// new there. The time is in seconds since 1970, here and below.
    pub fn by_pass(
        pass: &str,
        here: Network,
        now: u32,
        keys: &Keys,
        signer: &Signer,
    ) -> Option<Self> {
        let pass = Pass::read(pass, keys, now)?;
        let (new_pass, newcomer) = if pass.is_due(keys, now) {
            // The limiter's name changes with the signing root. That alone is no move.
            let moves = !here.has(&pass.network, keys);
            let renewed = pass.renew(here.limiter(keys), here.tag(signer), keys, now);
            (Some(renewed), moves)
        } else {
            (None, false)
        };
        let limiter = new_pass
            .as_ref()
            .map_or(pass.limiter, |renewed| renewed.limiter);
        Some(Self {
            shopper: pass.shopper,
            limiter,
            newcomer,
            fresh: false,
            new_pass,
            own: Own::Shopper,
            first: pass.first,
            mapped: pass.first,
        })
    }

    /// Returns the identity of a shopper whom the merchant knows.
    ///
    /// They need no pass: whatever proves who they are comes with each request. A session id of
    /// theirs may have been made under either key of a rotation.
    pub fn verified(
        account: &Account,
        session_id: Option<&str>,
        keys: &Keys,
        signer: &Signer,
    ) -> Self {
        let known = session_id.and_then(|id| {
            let mut tags = keys.good().map(|signer| account.tag(signer));
            tags.find(|tag| holder(id, tag, keys).is_some())
        });
        Self {
            shopper: account.shopper(),
            limiter: account.limiter(keys),
            newcomer: false,
            fresh: false,
            new_pass: None,
            own: Own::Verified,
            first: known.unwrap_or_else(|| account.tag(signer)),
            // The key that maps is the current one, and so is the key of this tag: both change at the
            // end of a rotation alone.
            mapped: account.tag(keys.signer(KeySlot::Current)),
        }
    }

    /// Returns the identity of someone without a valid pass.
    ///
    /// That is the holder of a session id that was made for this network, or else the fresh
    /// shopper. A session id never expires. So it stands for a shopper only as long as the limiter
    /// has one of their chats. After that it takes a newcomer's place again.
    pub fn without_pass(
        session_id: Option<&str>,
        here: Network,
        now: u32,
        fresh: Shopper,
        keys: &Keys,
        signer: &Signer,
    ) -> Self {
        let limiter = here.limiter(keys);
        // While a rotation runs, the network has a tag under each of the two keys.
        let known = session_id.and_then(|id| {
            keys.good().find_map(|signer| {
                let tag = here.tag(signer);
                holder(id, &tag, keys).map(|shopper| (shopper, tag))
            })
        });
        let tag = here.tag(signer);
        let (shopper, first) = known.unwrap_or((fresh, tag));
        Self {
            shopper,
            limiter,
            newcomer: true,
            fresh: known.is_none(),
            new_pass: Some(Pass::issue(shopper, limiter, tag, first, keys, now)),
            own: Own::Shopper,
            first,
            mapped: first,
        }
    }

    /// Returns the same shopper, as they are counted at omi.me.
    pub fn at_omi(self) -> Self {
        Self {
            own: Own::Omi,
            ..self
        }
    }

    /// Returns whether the merchant knows the shopper.
    pub fn is_verified(&self) -> bool {
        self.own != Own::Shopper
    }

    /// Returns the question whether a request is admitted. `once` stands for its idempotency key.
    pub fn admission(&self, receipt: u32, once: u32) -> Question {
        match self.own {
            Own::Shopper => Question::Admit {
                shopper: self.shopper.0,
                newcomer: self.newcomer,
                receipt,
            },
            Own::Verified | Own::Omi | Own::Admin => {
                Question::AdmitVerified(self.account(receipt, once))
            }
        }
    }

    /// Returns the request for a refund of what was admitted so.
    pub fn refund(&self, receipt: u32, once: u32) -> Question {
        match self.own {
            Own::Shopper => Question::Refund {
                shopper: self.shopper.0,
                receipt,
            },
            Own::Verified | Own::Omi | Own::Admin => {
                Question::RefundVerified(self.account(receipt, once))
            }
        }
    }

    /// Returns what the limiter is told of an idempotency key whose request has ended.
    pub fn note(&self, is_done: bool, once: u32) -> Question {
        let account = self.account(0, once);
        if is_done {
            Question::Done(account)
        } else {
            Question::Free(account)
        }
    }

    /// What counts at omi.me counts under a number of its own.
    fn account(&self, receipt: u32, once: u32) -> protocol::Account {
        protocol::Account {
            shopper: match self.own {
                Own::Omi => protocol::at_omi(self.shopper.0),
                Own::Shopper | Own::Verified | Own::Admin => self.shopper.0,
            },
            own: self.own,
            receipt,
            once,
        }
    }

    /// Returns the tag of the shopper's first network or account, for which session ids are made.
    pub fn first(&self) -> &NetworkTag {
        &self.first
    }

    /// Returns the session id that goes upstream for the given one.
    ///
    /// The given id stays if it is this shopper's. Otherwise it is replaced by an id that stands
    /// for it. If none is given, the result is the id of a new conversation.
    pub fn session_id(
        &self,
        given: Option<&str>,
        nonce: u32,
        keys: &Keys,
        signer: &Signer,
    ) -> String {
        let Some(id) = given else {
            return session::pin(self.shopper, &self.first, nonce, signer);
        };
        if session::holder(id, &self.first, keys) == Some(self.shopper) {
            return id.to_owned();
        }
        session::map(
            self.shopper,
            &self.mapped,
            id,
            keys.signer(KeySlot::Current),
        )
    }
}

/// Returns the shopper whom a text of ours stands for, whichever assistant it was made for.
///
/// It may be a pinned or a sealed session id, or a page of products.
fn holder(text: &str, first: &NetworkTag, keys: &Keys) -> Option<Shopper> {
    session::holder(text, first, keys).or_else(|| {
        [Kind::Session, Kind::Page].into_iter().find_map(|kind| {
            let (sealed, _) = Sealed::open(kind, text, first, keys)?;
            Some(sealed.shopper)
        })
    })
}
