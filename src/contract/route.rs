//! The paths of the page's contract.

/// A path whose requests go to the assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The next turn of a conversation (published contract).
    Chat,
    /// More products of an answer.
    Products,
    /// What was said in a conversation.
    History,
    /// A shopper signs up for rewards.
    SignUp,
    /// A shopper follows a product's link.
    Clicks,
}

/// The path of chats (published contract).
pub const CHAT_PATH: &str = "/v1/concierge/chat";
/// The path that says what the assistant can do.
pub const CAPABILITIES_PATH: &str = "/v1/concierge/capabilities";

/// The path where Omniops reports by webhook.
pub const WEBHOOK_PATH: &str = "/v1/webhooks/omniops";

impl Route {
    const ALL: [Self; 5] = [
        Self::Chat,
        Self::Products,
        Self::History,
        Self::SignUp,
        Self::Clicks,
    ];

    /// Returns the route with this path, or `None` if there is none.
    pub fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.path() == path)
    }

    /// Returns the path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Chat => CHAT_PATH,
            Self::Products => "/v1/concierge/products",
            Self::History => "/v1/concierge/history",
            Self::SignUp => "/v1/concierge/signup",
            Self::Clicks => "/v1/concierge/clicks",
        }
    }

    /// Returns whether its requests have a body. Those that have none have a query.
    pub const fn has_body(self) -> bool {
        match self {
            Self::Chat | Self::SignUp | Self::Clicks => true,
            Self::Products | Self::History => false,
        }
    }

    /// Returns the method of its requests.
    pub const fn method(self) -> &'static str {
        if self.has_body() { "POST" } else { "GET" }
    }

    /// Returns the methods that it allows, as `Allow` lists them.
    pub const fn methods(self) -> &'static str {
        if self.has_body() {
            "POST, OPTIONS"
        } else {
            "GET, OPTIONS"
        }
    }

    /// Returns the name that log lines use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Products => "products",
            Self::History => "history",
            Self::SignUp => "signup",
            Self::Clicks => "clicks",
        }
    }
}
