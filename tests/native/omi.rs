//! What shoppers ask to be remembered: what goes to omi.me, what comes back, and what it costs.

mod errors;
mod keys;
mod reminders;
mod wishes;

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use crate::support::shop::{Reaction, Sent, Shop, Told, json_answer, visit};
use crate::support::{NOW, Settings, WORKER};
use crate::tokens::token;

const SECRET: &str = "a secret of the merchant's own server";
const KEY: &str = "sk_a-key-of-the-app";
const UID: &str = "uid/%of=a&person";
const T0: u64 = NOW as u64 * 1_000;

fn settings() -> Settings {
    Settings::good()
        .with(Setting::ShopperTokenKey, SECRET)
        .with(Setting::OmiAppId, "app-1")
        .with(Setting::OmiAppKey, KEY)
        .with(
            Setting::OmiCapabilities,
            "create_memories, create_conversations, read_memories,read_conversations",
        )
}

fn bearer(claims: Value) -> String {
    let mut all = json!({
        "sub": "anna", "exp": NOW + 80_000, "aud": WORKER, "omi_uid": UID,
        "scope": "create_memories create_conversations read_memories read_conversations",
    });
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    token(&all)
}

fn ask(
    shop: &mut Shop,
    route: Route,
    input: &str,
    upstream: impl FnMut(&Sent) -> Reaction,
) -> Told {
    let authorization = bearer(json!({}));
    ask_with(shop, route, &authorization, input, upstream)
}

fn ask_with(
    shop: &mut Shop,
    route: Route,
    authorization: &str,
    input: &str,
    upstream: impl FnMut(&Sent) -> Reaction,
) -> Told {
    let mut visit = visit(route);
    visit.authorization = authorization;
    shop.ask(visit, input, upstream)
}

fn taken(_: &Sent) -> Reaction {
    json_answer(200, &json!({}))
}

fn facts() -> String {
    json!({"memories": [{"content": "Size 42", "tags": ["size"]}], "consent": true}).to_string()
}

fn talk(key: &str) -> String {
    json!({"text": "I like hats.", "consent": true, "idempotency_key": key}).to_string()
}
