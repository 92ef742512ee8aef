//! The kinds of fields in an assistant's answers. Hostile faults change fields by kind.

/// The names of an assistant's fields, by kind.
pub struct Fields {
    /// The assistant's words. The first one that an answer has counts.
    pub replies: &'static [&'static str],
    /// Texts that a page shows, or lists of such texts.
    pub texts: &'static [&'static str],
    /// URLs that a page links to or loads, or lists of them.
    pub links: &'static [&'static str],
    pub prices: &'static [&'static str],
    /// Fields that may be null.
    pub nullable: &'static [&'static str],
    /// Lists of products and sources, or maps of such lists.
    pub lists: &'static [&'static str],
}
