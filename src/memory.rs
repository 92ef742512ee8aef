//! What an isolate remembers from one request to the next. Losing it costs a little time or money,
//! never a promise.

pub mod refusals;
pub mod routes;
pub mod slots;
pub mod store;

use refusals::Refusals;
use routes::Routes;
use slots::Slots;
use store::Store;

/// All of it.
#[derive(Debug, Default)]
pub struct Memory {
    /// Who was refused of late.
    pub refusals: Refusals,
    /// Which URL goes first.
    pub routes: Routes,
    /// Which key goes first.
    pub slots: Slots,
    /// What is left of the store's own budget upstream.
    pub store: Store,
}
