//! Builders that the tests share.

pub mod json;
pub mod shop;

use concierge_proxy::assistants::Call;
use concierge_proxy::config::{self, Config};
use concierge_proxy::contract::route::{CHAT_PATH, Route};
use concierge_proxy::entropy::Entropy;
use concierge_proxy::gate::Gate;
use concierge_proxy::head::RequestHead;
use concierge_proxy::headers::Headers;
use concierge_proxy::identity::Identity;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::keys::{KeySlot, Keys, Signer};
use concierge_proxy::limits::{Budget, Limits};
use concierge_proxy::network::Network;
use concierge_proxy::origin::AllowList;
use concierge_proxy::proxy::{self, Asker, Proxy, Who};
use concierge_proxy::refusal::Refusal;
use concierge_proxy::settings::{Misconfigured, Raw, Setting};
use proptest::test_runner::Config as Cases;

/// A time, in seconds since 1970.
pub const NOW: u32 = 1_800_000_000;
pub const DAY: u32 = 86_400;
pub const ORIGIN: &str = "https://shop.example.com";
/// The worker's own origin.
pub const WORKER: &str = "https://proxy.example.com";
/// A chatbot at Homie.
pub const CHATBOT: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
/// Two networks.
pub const HERE: &str = "192.0.2.1";
pub const ELSEWHERE: &str = "2001:db8:1:200::9";

/// A key of the published form, a different one for every hex digit.
pub fn api_key(digit: char) -> String {
    format!("ak_concierge_{}", digit.to_string().repeat(48))
}

pub fn keys_of(digit: char) -> Keys {
    Keys::derive(api_key(digit).as_bytes(), None)
}

pub fn keys() -> Keys {
    keys_of('0')
}

/// The keys while a rotation from one API key to the next one runs.
pub fn rotating(current: char, next: char) -> Keys {
    let (current, next) = (api_key(current), api_key(next));
    Keys::derive(current.as_bytes(), Some(next.as_bytes()))
}

/// What new passes and ids are made with: the next key, where there is one.
pub fn signer(keys: &Keys) -> &Signer {
    keys.signer(KeySlot::Next)
}

/// What the platform holds.
#[derive(Debug, Clone)]
pub struct Settings(Vec<(Setting, Raw)>);

impl Settings {
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// The two that have no default.
    pub fn good() -> Self {
        Self::none()
            .with(Setting::ApiKey, &api_key('0'))
            .with(Setting::AllowedOrigins, ORIGIN)
    }

    /// The settings that Homie needs.
    pub fn homie() -> Self {
        Self::good()
            .with(Setting::Assistant, "homie")
            .with(Setting::HomieChatbotId, CHATBOT)
    }

    /// The settings that RewardsBot needs.
    pub fn rewardsbot() -> Self {
        Self::none()
            .with(Setting::Assistant, "rewardsbot")
            .with(Setting::SigningKey, &"5a".repeat(32))
            .with(Setting::AllowedOrigins, ORIGIN)
    }

    /// The settings of RewardsBot with a rewards program.
    pub fn rewards() -> Self {
        Self::rewardsbot().with(Setting::RewardsProgram, "acme rewards")
    }

    /// The settings that Omniops needs, in the documented dialect.
    pub fn omniops() -> Self {
        Self::good()
            .with(Setting::Assistant, "omniops")
            .with(Setting::BaseUrl, "https://omniops.example.com/api")
            .with(Setting::OmniopsDomain, "www.example.com")
    }

    /// The settings that Omniops needs as it is built, without a key.
    pub fn omniops_as_built() -> Self {
        Self::omniops()
            .with(Setting::OmniopsDialect, "as-built")
            .with(Setting::SigningKey, &"5a".repeat(32))
            .raw(Setting::ApiKey, Raw::Missing)
    }

    pub fn with(self, setting: Setting, text: &str) -> Self {
        self.raw(setting, Raw::Text(text.to_owned()))
    }

    pub fn raw(mut self, setting: Setting, raw: Raw) -> Self {
        self.0.retain(|(other, _)| *other != setting);
        self.0.push((setting, raw));
        self
    }

    /// Whether the platform holds anything for a setting.
    pub fn has(&self, setting: Setting) -> bool {
        self.get(setting) != Raw::Missing
    }

    pub fn open(&self) -> Gate {
        Gate::open(|setting| self.get(setting))
    }

    pub fn isolate(&self) -> Isolate {
        Isolate::open(|setting| self.get(setting))
    }

    pub fn read(&self) -> (AllowList, Result<Config, Misconfigured>) {
        config::read(|setting| self.get(setting))
    }

    /// The mistakes, each as `NAME reason`.
    pub fn mistakes(&self) -> Vec<String> {
        match self.read().1 {
            Ok(_) => Vec::new(),
            Err(Misconfigured(mistakes)) => mistakes.iter().map(ToString::to_string).collect(),
        }
    }

    fn get(&self, setting: Setting) -> Raw {
        self.0
            .iter()
            .find(|(other, _)| *other == setting)
            .map_or(Raw::Missing, |(_, raw)| raw.clone())
    }
}

pub fn proxy(gate: &Gate) -> &Proxy {
    gate.proxy().expect("the settings are right")
}

/// A chat as the gate plans it, and the pass that would go out, signed under the next key where
/// there is one.
#[derive(Debug)]
pub struct Plan {
    pub identity: Identity,
    pub body: String,
    pub new_pass: Option<String>,
}

/// What a gate plans for this body.
pub fn plan(
    gate: &Gate,
    head: &RequestHead<'_>,
    body: &[u8],
    now: u32,
    entropy: Entropy,
) -> Result<Plan, Refusal> {
    let proxy = proxy(gate);
    let network = Network::of(head.address);
    let known = proxy.recognise(head.pass, network, now, KeySlot::Next);
    let who = known.map_or(Who::Unknown, Who::Holder);
    let asker = Asker {
        network,
        origin: head.origin,
        now,
        entropy,
        slot: KeySlot::Next,
    };
    let proxy::Plan { identity, call, .. } = proxy.plan(asker, &who, Route::Chat, body)?;
    let Call::SalesAssociate(body) = call else {
        panic!("another assistant is called: {call:?}")
    };
    let new_pass = identity.new_pass.as_ref();
    Ok(Plan {
        new_pass: new_pass.map(|pass| proxy.write(pass, KeySlot::Next)),
        identity,
        body,
    })
}

/// A chat from an allowed page, all of whose headers are good.
pub fn post() -> RequestHead<'static> {
    RequestHead {
        method: "POST",
        path: CHAT_PATH,
        query: "",
        origin: Some(ORIGIN),
        asks_for_method: false,
        accepts_events: false,
        content_type: "application/json",
        pass: "",
        address: HERE,
        authorization: "",
        forwarded: "",
        own_origin: WORKER,
    }
}

/// A preflight from an allowed page.
pub fn preflight() -> RequestHead<'static> {
    RequestHead {
        method: "OPTIONS",
        asks_for_method: true,
        content_type: "",
        ..post()
    }
}

/// The randomness of one request, another one for every number.
pub fn entropy(number: u8) -> Entropy {
    let mut bytes = [0; Entropy::BYTES];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = number
            .wrapping_mul(37)
            .wrapping_add(u8::try_from(place).unwrap().wrapping_mul(11));
    }
    Entropy::new(bytes)
}

pub fn budget(text: &str) -> Budget {
    Budget::parse(text).expect("a budget")
}

pub fn limits(shopper: &str, newcomer: &str, network: &str) -> Limits {
    Limits {
        shopper: budget(shopper),
        verified: budget(shopper).doubled(),
        omi: None,
        admin: None,
        newcomer: budget(newcomer),
        network: budget(network),
    }
}

/// Headers as pairs.
pub fn pairs(headers: &Headers) -> Vec<(String, String)> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    headers.iter().map(owned).collect()
}

/// The only value of a header, in any case of its name.
pub fn header(headers: &Headers, name: &str) -> Option<String> {
    let mut values = pairs(headers)
        .into_iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value);
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is sent twice");
    value
}

/// The code of a refusal.
pub fn code<T>(result: Result<T, Refusal>) -> &'static str {
    match result {
        Ok(_) => "let through",
        Err(refusal) => refusal.code(),
    }
}

/// So many cases of a property, and no files about those that failed.
pub fn cases(cases: u32) -> Cases {
    Cases {
        cases,
        failure_persistence: None,
        ..Cases::default()
    }
}
