//! Who asks, and what follows from it: where the shopper is counted, which pass goes out, and which
//! conversation it is.

use crate::keys::Keys;
use crate::network::{Home, Mark, Network};
use crate::pass::{Pass, Shopper};
use crate::session;

/// A shopper, as one request shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who asks.
    pub shopper: Shopper,
    /// Where this request is counted.
    pub home: Home,
    /// Whether the shopper is new there.
    pub newcomer: bool,
    /// The pass that the shopper needs.
    pub new_pass: Option<Pass>,
    first: Mark,
}

impl Identity {
    /// The holder of the pass that a browser sent, where it is good. A pass that is old enough is
    /// renewed; on another network than its home it moves there, where its shopper is new. The
    /// time is in seconds since 1970, here and below.
    pub fn by_pass(pass: &str, here: impl FnOnce() -> Home, now: u32, keys: &Keys) -> Option<Self> {
        let pass = Pass::read(pass, keys, now)?;
        let new_pass = pass.is_due(now).then(|| pass.renew(here(), now));
        let home = new_pass.as_ref().map_or(pass.home, |renewed| renewed.home);
        Some(Self {
            shopper: pass.shopper,
            home,
            newcomer: home != pass.home,
            new_pass,
            first: pass.first,
        })
    }

    /// Somebody without a good pass: the holder of a session id that was made for this network,
    /// or else the fresh shopper.
    pub fn without_pass(
        session_id: Option<&str>,
        here: Network,
        now: u32,
        fresh: Shopper,
        keys: &Keys,
    ) -> Self {
        let home = here.home(keys);
        // While a rotation runs, the network has a mark under either key.
        let known = session_id.and_then(|id| {
            keys.good().find_map(|signer| {
                let mark = here.mark(signer);
                session::holder(id, &mark, keys).map(|shopper| (shopper, mark))
            })
        });
        let (shopper, first) = match known {
            Some(known) => known,
            None => (fresh, here.mark(keys.signing())),
        };
        Self {
            shopper,
            home,
            newcomer: known.is_none(),
            new_pass: Some(Pass::issue(shopper, home, first, now)),
            first,
        }
    }

    /// The session id that goes upstream for the one that was given: the same where it is this
    /// shopper's, else one that stands for it; for none, that of a new conversation.
    pub fn session_id(&self, given: Option<&str>, nonce: u32, keys: &Keys) -> String {
        let Some(id) = given else {
            return session::pin(self.shopper, &self.first, nonce, keys);
        };
        if session::holder(id, &self.first, keys) == Some(self.shopper) {
            return id.to_owned();
        }
        session::map(self.shopper, &self.first, id, keys)
    }
}
