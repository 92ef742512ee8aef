//! The page's contract: what a page may ask, and how it is answered.
//!
//! It is the published contract of the Sales Associate API, with a few additions that no page can
//! misread. Every assistant is asked and answered in this form.

pub mod answer;
pub mod body;
pub mod chat;
pub mod events;
pub mod omi;
pub mod query;
pub mod rewards;
pub mod route;

/// A way to narrow a chat down: offered by an answer, and chosen with a later chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refinement {
    /// The words on its chip.
    pub text: String,
    /// The kind of refinement, an open list.
    pub kind: String,
}
