//! The point at which a fault may strike.

use crate::contract::answer::Answer;

/// Decides what becomes of a request that its contract accepts.
pub trait FaultPoint {
    /// Returns the answer to send.
    ///
    /// `good` is the contract's own answer. It is polled only if it is needed, because an engine
    /// that was not reached must remember nothing.
    fn pass(self, good: impl Future<Output = Answer>) -> impl Future<Output = Answer>;
}
