//! Who sends a request, and what follows from it.
//!
//! This decides where the shopper is counted, which pass is issued, and which conversation it is.

use crate::keys::{KeySlot, Keys, Signer};
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
    first: NetworkTag,
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
            first: pass.first,
        })
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
            first,
        }
    }

    /// Returns the tag of the shopper's first network, for which session ids are made.
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
        session::map(self.shopper, &self.first, id, keys.signer(KeySlot::Current))
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
