//! omi.me's data import, v2: what a person asks to be remembered, and sees of it again.
//!
//! It is no assistant, but it is reached like one. The person is chosen by the `uid` in the query
//! alone, and the key reaches every person who has enabled the app. So the uid comes from the
//! token of the merchant's server, and from nothing else.

mod lists;

pub(super) use lists::read_memories;

use std::fmt;

use super::reading;
use super::{Destination, Judgement, Reading, UpstreamRequest};
use crate::attempts::Outcome;
use crate::contract::answer::Object;
use crate::contract::omi::{Fact, Kept, Range, Wish};
use crate::contract::route::Route;
use crate::head::ResponseHead;
use crate::media_type::MediaType;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::settings::{Mistake, Reader, Setting, base_url};

const PUBLISHED_URL: &str = "https://api.omi.me";
/// The longest id of a person, in bytes.
const MAX_UID_BYTES: usize = 128;
const READ_MEMORIES: &str = "read_memories";
/// What can be switched on, as settings and scopes name it.
const CAPABILITIES: [&str; 4] = [
    "create_memories",
    "create_conversations",
    READ_MEMORIES,
    "read_conversations",
];

/// What only this upstream needs.
#[derive(Debug)]
pub struct Settings {
    app_id: String,
    /// The app's key.
    pub key: Secret,
    /// The base URL, without a slash at its end.
    pub base_url: String,
    capabilities: Vec<&'static str>,
    /// Whether the assistant is given the shopper's memories.
    context: bool,
}

/// The memories that an assistant is given.
pub const RECALLED: Range = Range {
    offset: 0,
    limit: 10,
};

/// A request of a shopper on its way.
#[derive(PartialEq, Eq)]
pub struct Call {
    path: String,
    body: Option<String>,
    /// Which list is asked for, and which part of it.
    list: Option<(&'static str, Range)>,
}

// The path holds the uid, and the body what a person wants to be remembered.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(***)")
    }
}

impl Settings {
    /// Reads the settings, or returns `None` if they are not set or not right.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let app_id = reader.optional(Setting::OmiAppId, &|text| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if text.len() <= MAX_UID_BYTES && text.bytes().all(is_plain) {
                Ok(text.to_owned())
            } else {
                Err("must be at most 128 letters, digits, - and _".to_owned())
            }
        });
        let key = reader.optional(Setting::OmiAppKey, &reading::read_key);
        let capabilities = reader.optional(Setting::OmiCapabilities, &parse_capabilities);
        let base_url = reader.with_default(Setting::OmiBaseUrl, PUBLISHED_URL, &base_url);
        // None of them is of use without the others.
        let there = [
            (Setting::OmiAppId, app_id.is_some()),
            (Setting::OmiAppKey, key.is_some()),
            (Setting::OmiCapabilities, capabilities.is_some()),
        ];
        let needed = there.map(|(setting, _)| setting);
        let missing = needed
            .into_iter()
            .chain([Setting::ShopperTokenKey])
            .find(|setting| !reader.is_set(*setting));
        if let Some((setting, _)) = there.into_iter().find(|(_, is_there)| *is_there)
            && let Some(missing) = missing
        {
            reader.mistake(setting, &format!("is set without {}", missing.name()));
        }
        let context = reader.switch(Setting::OmiContext);
        let capabilities = capabilities.unwrap_or_default();
        if context == Some(true) && !capabilities.contains(&READ_MEMORIES) {
            let reason = "is on without read_memories in OMI_CAPABILITIES";
            reader.mistake(Setting::OmiContext, reason);
        }
        Some(Self {
            app_id: app_id?,
            key: key?,
            base_url: base_url?,
            capabilities,
            context: context?,
        })
    }

    /// Returns whether the assistant is given the shopper's memories.
    pub const fn is_context(&self) -> bool {
        self.context
    }

    /// Returns whether requests of this route can be answered.
    pub fn offer(&self, route: Route) -> bool {
        let scope = route.omi_scope();
        scope.is_some_and(|scope| self.capabilities.contains(&scope))
    }

    /// Returns what is switched on, in the order of the documentation.
    pub fn capabilities(&self) -> &[&'static str] {
        &self.capabilities
    }

    /// Returns the call for a wish of the person with this uid.
    pub fn call(&self, route: Route, uid: &str, wish: &Wish) -> Call {
        let app = &self.app_id;
        let uid = escape(uid);
        let what = match route {
            Route::CreateMemories | Route::Memories => "memories",
            _ => "conversations",
        };
        let (path, body, list) = match wish {
            Wish::List(range) => {
                let Range { offset, limit } = range;
                let path = format!(
                    "/v2/integrations/{app}/{what}?uid={uid}&limit={limit}&offset={offset}"
                );
                (path, None, Some((what, *range)))
            }
            wish => {
                let path = format!("/v2/integrations/{app}/user/{what}?uid={uid}");
                (path, Some(body(wish)), None)
            }
        };
        Call { path, body, list }
    }
}

/// Returns the body of a wish that creates something.
fn body(wish: &Wish) -> String {
    let mut body = Object::begin();
    match wish {
        Wish::Facts(facts) => {
            // The published source wants the text to be there, if only as null.
            body.raw("text", "null");
            body.list("memories", facts, |Fact { content, tags }| {
                let mut fact = Object::begin();
                fact.text("content", content);
                fact.texts("tags", tags);
                fact.end()
            });
            body.text("text_source", "other");
        }
        Wish::Text(text) => {
            body.text("text", text);
            body.text("text_source", "other");
        }
        Wish::Conversation(Kept {
            text,
            started_at,
            finished_at,
            language,
            ..
        }) => {
            body.text("text", text);
            body.text("text_source", "message");
            for (name, value) in [
                ("started_at", started_at),
                ("finished_at", finished_at),
                ("language", language),
            ] {
                if let Some(value) = value {
                    body.text(name, value);
                }
            }
        }
        Wish::List(_) => {}
    }
    body.end()
}

impl Call {
    pub(super) fn request(&self, destination: &Destination<'_>) -> UpstreamRequest {
        let mut request = match &self.body {
            Some(body) => destination.post(&self.path, body.clone()),
            None => destination.get(&self.path),
        };
        destination.authorise(&mut request, "Authorization", "Bearer ");
        request
    }

    /// Errors are judged by their status alone. No word of their bodies reaches a page.
    pub(super) fn judge(&self, head: &ResponseHead) -> Judgement {
        let creates = self.body.is_some();
        if creates && (200..300).contains(&head.status) {
            return Judgement::Accepted;
        }
        if let Some(outcome) = reading::of_platform(head) {
            return Judgement::End(outcome);
        }
        let mistake = |setting, reason: &str| {
            Outcome::Refused(Refusal::MisconfiguredProxy(vec![Mistake {
                setting,
                reason: reason.to_owned(),
            }]))
        };
        let is_json = head.media_type == Some(MediaType::Json);
        Judgement::End(match head.status {
            200..300 if is_json => return Judgement::ReadAnswer,
            401 => mistake(Setting::OmiAppKey, "is refused by omi.me"),
            // The key, the person's consent or the capability is missing, and nothing tells which.
            403 => Outcome::Refused(Refusal::OmiNotEnabled),
            404 => mistake(Setting::OmiAppId, "is unknown to omi.me"),
            // The person's own limit there.
            429 => Outcome::GatewayThrottled,
            // What may have been created is not created again.
            500 | 502 | 503 if creates => Outcome::Lost,
            500 | 502 | 503 => Outcome::GatewayFailed,
            _ => reading::malformed(),
        })
    }

    /// Returns how long to wait after the n-th throttle, counted from 0, in seconds.
    ///
    /// The contract asks for an exponential pause from one second on.
    pub(super) fn retry_after(head: &ResponseHead, nth: usize) -> Option<u32> {
        let pause = 1 << nth.min(6);
        match head.status {
            429 => Some(head.retry_after.unwrap_or_default().max(pause)),
            _ => head.retry_after,
        }
    }

    pub(super) fn read_answer(&self, body: &[u8]) -> Result<Reading, Outcome> {
        let (name, range) = self.list.ok_or(reading::malformed())?;
        lists::read(body, name, range).map(Reading::Listed)
    }
}

/// Returns whether a text can be a person's id.
pub fn is_uid(text: &str) -> bool {
    (1..=MAX_UID_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Escapes a text for a query (RFC 3986, section 2.3).
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped += &format!("%{byte:02X}");
        }
    }
    escaped
}

fn parse_capabilities(text: &str) -> Result<Vec<&'static str>, String> {
    let named: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_known = |name: &&str| CAPABILITIES.contains(name);
    if !named.iter().all(is_known) {
        return Err(format!("must be a list of {}", CAPABILITIES.join(", ")));
    }
    let is_named = |capability: &&'static str| named.contains(capability);
    Ok(CAPABILITIES.into_iter().filter(is_named).collect())
}
