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
    /// A shopper asks for facts to be remembered.
    CreateMemories,
    /// What is remembered of a shopper.
    Memories,
    /// A shopper asks for a conversation to be kept.
    CreateConversation,
    /// The conversations of a shopper that are kept.
    Conversations,
}

/// The path of chats (published contract).
pub const CHAT_PATH: &str = "/v1/concierge/chat";
/// The path that says what the assistant can do.
pub const CAPABILITIES_PATH: &str = "/v1/concierge/capabilities";

/// The paths of what is remembered, which read and write.
const MEMORIES_PATH: &str = "/v1/omi/memories";
const CONVERSATIONS_PATH: &str = "/v1/omi/conversations";

/// The path where Omniops reports by webhook.
pub const WEBHOOK_PATH: &str = "/v1/webhooks/omniops";

impl Route {
    const ALL: [Self; 9] = [
        Self::Chat,
        Self::Products,
        Self::History,
        Self::SignUp,
        Self::Clicks,
        Self::CreateMemories,
        Self::Memories,
        Self::CreateConversation,
        Self::Conversations,
    ];

    /// Returns the route with this path and this method, or another one with this path.
    ///
    /// Returns `None` if there is no such path.
    pub fn of(path: &str, method: &str) -> Option<Self> {
        let on_path = || Self::ALL.into_iter().filter(|route| route.path() == path);
        let asked = on_path().find(|route| route.method() == method);
        asked.or_else(|| on_path().next())
    }

    /// Returns the path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Chat => CHAT_PATH,
            Self::Products => "/v1/concierge/products",
            Self::History => "/v1/concierge/history",
            Self::SignUp => "/v1/concierge/signup",
            Self::Clicks => "/v1/concierge/clicks",
            Self::CreateMemories | Self::Memories => MEMORIES_PATH,
            Self::CreateConversation | Self::Conversations => CONVERSATIONS_PATH,
        }
    }

    /// Returns whether its requests have a body. Those that have none have a query.
    pub const fn has_body(self) -> bool {
        match self {
            Self::Chat
            | Self::SignUp
            | Self::Clicks
            | Self::CreateMemories
            | Self::CreateConversation => true,
            Self::Products | Self::History | Self::Memories | Self::Conversations => false,
        }
    }

    /// Returns the parameter of its query, if it has one.
    pub const fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Products => Some("page"),
            Self::History => Some("session_id"),
            _ => None,
        }
    }

    /// Returns what a token has to allow for it, if it is about what is remembered.
    pub const fn omi_scope(self) -> Option<&'static str> {
        match self {
            Self::CreateMemories => Some("create_memories"),
            Self::Memories => Some("read_memories"),
            Self::CreateConversation => Some("create_conversations"),
            Self::Conversations => Some("read_conversations"),
            _ => None,
        }
    }

    /// Returns the method of its requests.
    pub const fn method(self) -> &'static str {
        if self.has_body() { "POST" } else { "GET" }
    }

    /// Returns the methods that it allows, as `Allow` lists them.
    pub const fn methods(self) -> &'static str {
        if self.omi_scope().is_some() {
            "GET, POST, OPTIONS"
        } else if self.has_body() {
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
            Self::CreateMemories => "create_memories",
            Self::Memories => "memories",
            Self::CreateConversation => "create_conversation",
            Self::Conversations => "conversations",
        }
    }
}
