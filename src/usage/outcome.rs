//! How requests end, as numbers.

use crate::log;

/// How a request ended: its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome(u8);

/// What an outcome means to a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The page got what it asked for.
    Ok,
    /// The request was refused, with a 4xx.
    Refused,
    /// Something failed, with a 5xx.
    Failed,
    /// The shopper left.
    Left,
}

/// Every outcome. Its place stands for it in stored bytes, so a new one goes to the end.
const TABLE: &[(&str, Class)] = &[
    // What another version counted, and this one does not know. Most outcomes are refusals.
    ("other", Class::Refused),
    (log::OK, Class::Ok),
    (log::SHOPPER_LEFT, Class::Left),
    ("misconfigured_proxy", Class::Failed),
    ("not_found", Class::Refused),
    ("not_offered", Class::Refused),
    ("session_not_found", Class::Refused),
    ("page_not_found", Class::Refused),
    ("method_not_allowed", Class::Refused),
    ("origin_not_allowed", Class::Refused),
    ("insufficient_scope", Class::Refused),
    ("omi_not_enabled", Class::Refused),
    ("in_progress", Class::Refused),
    ("in_doubt", Class::Refused),
    ("unsupported_media_type", Class::Refused),
    ("invalid_signature", Class::Refused),
    ("invalid_shopper_token", Class::Refused),
    ("body_too_large", Class::Refused),
    ("invalid_json_body", Class::Refused),
    ("body_must_be_object", Class::Refused),
    ("missing_prompt", Class::Refused),
    ("prompt_too_long", Class::Refused),
    ("invalid_field", Class::Refused),
    ("rate_limited", Class::Refused),
    ("limiter_unavailable", Class::Failed),
    ("misconfigured_api_key", Class::Failed),
    ("upstream_invoke_error", Class::Failed),
    ("upstream_function_error", Class::Failed),
    ("upstream_error", Class::Failed),
    ("upstream_empty_response", Class::Failed),
    ("upstream_timeout", Class::Failed),
    ("internal_error", Class::Failed),
    ("invalid_admin_token", Class::Refused),
    ("request_not_found", Class::Refused),
    ("usage_unavailable", Class::Failed),
];

impl Class {
    /// Every class.
    pub(super) const ALL: [Self; 4] = [Self::Ok, Self::Refused, Self::Failed, Self::Left];
}

impl Outcome {
    /// How many outcomes stored bytes have room for.
    pub(super) const ROOM: usize = 48;

    /// Returns the outcome of this name, or `other` if the table has none.
    pub fn named(name: &str) -> Self {
        let place = TABLE.iter().position(|(other, _)| *other == name);
        Self::numbered(place.unwrap_or(0))
    }

    /// Returns the outcome at this place, or `other` if the table has none.
    pub fn numbered(place: usize) -> Self {
        Self(if place < TABLE.len() { place as u8 } else { 0 })
    }

    /// Returns every outcome, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).map(Self::numbered)
    }

    /// Returns the place in the table.
    pub const fn place(self) -> usize {
        self.0 as usize
    }

    /// Returns the name, as log lines have it.
    pub fn name(self) -> &'static str {
        TABLE.get(self.place()).map_or("other", |(name, _)| *name)
    }

    /// Returns what it means.
    pub fn class(self) -> Class {
        let class = TABLE.get(self.place()).map(|(_, class)| *class);
        class.unwrap_or(Class::Refused)
    }
}

const _: () = assert!(TABLE.len() <= Outcome::ROOM);
