//! The rankings in memory. A ranking is what one chat has found, in pages.

use serde_json::Value;

/// A ranking.
pub struct Ranking {
    pub conversation: String,
    pub query: String,
    pub page_size: usize,
    /// The time from which its pages have expired, in milliseconds since 1970.
    pub ends_ms: u64,
    pub items: Vec<Value>,
}

/// A page of a ranking.
pub struct Page<'a> {
    pub items: &'a [Value],
    pub has_next: bool,
}

impl Ranking {
    /// Returns a page. Pages are numbered from 0, and those after the last one are empty.
    pub fn page(&self, index: usize) -> Page<'_> {
        let size = self.page_size.max(1);
        let first = index.saturating_mul(size).min(self.items.len());
        let after = first.saturating_add(size).min(self.items.len());
        Page {
            items: self.items.get(first..after).unwrap_or_default(),
            has_next: after < self.items.len(),
        }
    }
}
