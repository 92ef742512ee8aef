//! What a shopper asks to be remembered: whether they may, and what goes to omi.me.

use super::{Asker, Plan, Proxy, Who};
use crate::assistants::{Call, omi};
use crate::contract::omi::Wish;
use crate::contract::route::Route;
use crate::refusal::Refusal;
use crate::token::Fault;

impl Proxy {
    /// Plans a wish that is for omi.me.
    pub(super) fn remembered(
        &self,
        asker: Asker<'_>,
        who: &Who,
        route: Route,
        wish: &Wish,
    ) -> Result<Plan, Refusal> {
        let uid = self.permit(who, route)?;
        let omi = self.config.omi.as_ref().ok_or(Refusal::NotOffered)?;
        let identity = self.identify(asker, who, "", None).at_omi();
        let once = wish.idempotency_key().map_or(0, |key| {
            let hash = self.keys.log_hash(&[&identity.limiter.0, key.as_bytes()]);
            let bytes = hash.first_chunk().copied().unwrap_or_default();
            // 30 bits that are not all 0: no shopper's number.
            (u32::from_be_bytes(bytes) >> 2).max(1)
        });
        Ok(Plan {
            call: Call::Omi(omi.call(route, uid, wish).into()),
            identity,
            conversation: None,
            once,
            recall: None,
        })
    }

    /// Returns how the shopper's memories are read, if they want the assistant to know them.
    pub(super) fn recall(&self, who: &Who, session_id: String) -> Option<(String, Call)> {
        let omi = self.config.omi.as_ref().filter(|omi| omi.is_context())?;
        let uid = self.permit(who, Route::Memories).ok()?;
        let call = omi.call(Route::Memories, uid, &Wish::List(omi::RECALLED));
        // A token may name another person later in the same conversation.
        Some((format!("{session_id} {uid}"), Call::Omi(call.into())))
    }

    /// Returns who asks at omi.me, if their token allows what the route is for.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no token, or if it does not allow that.
    pub fn permit<'a>(&self, who: &'a Who, route: Route) -> Result<&'a str, Refusal> {
        let Who::Verified(_, Some(claims)) = who else {
            return Err(Refusal::InvalidShopperToken(Fault::Missing));
        };
        let is_allowed = route.omi_scope().is_some_and(|scope| claims.allows(scope));
        let uid = claims.omi_uid.as_deref().filter(|uid| omi::is_uid(uid));
        uid.filter(|_| is_allowed).ok_or(Refusal::InsufficientScope)
    }
}
