//! What a merchant should be woken for.

use super::Refusal;

impl Refusal {
    /// Returns the name of an alert, if the merchant should be woken for it.
    ///
    /// One failure of the assistant is none. Many of them open the circuit, and that is one. What
    /// omi.me has refused stops no chat.
    pub fn notice(&self, is_of_omi: bool) -> Option<&'static str> {
        match self {
            Self::MisconfiguredApiKey | Self::MisconfiguredProxy(_) if is_of_omi => {
                Some("omi_misconfigured")
            }
            Self::StoreLimited(_) if is_of_omi => None,
            Self::MisconfiguredProxy(_)
            | Self::MisconfiguredApiKey
            | Self::LimiterUnavailable
            | Self::UsageUnavailable
            | Self::InternalError => Some(self.code()),
            Self::StoreLimited(_) => Some("store_limited"),
            Self::CircuitOpen(_) => Some("circuit_open"),
            _ => None,
        }
    }
}
