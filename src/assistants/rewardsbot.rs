//! Liquid Rewards' RewardsBot, as its published contract describes it.
//!
//! It has no key. Whoever knows a conversation's id can post to it and read all of it. So the id is
//! a keyed hash of ours, and the page gets it only sealed.

use std::fmt;

use super::reading::{self, Links};
use super::{Capabilities, Destination, Ids, Judgement, Operation, Reading, UpstreamRequest};
use crate::attempts::Outcome;
use crate::contract::Refinement;
use crate::contract::answer::{Answer, MAX_PRODUCTS, Object, Page, Product};
use crate::contract::chat::Turn;
use crate::head::ResponseHead;
use crate::json::{Field, Value};
use crate::media_type::MediaType;
use crate::refusal::Refusal;
use crate::settings::{Reader, Setting};

/// The longest id of a conversation or a ranking, in bytes.
const MAX_ID_BYTES: usize = 96;

pub(super) const SETTINGS: &[Setting] = &[Setting::RewardsProgram];
pub(super) const PUBLISHED_URLS: (Option<&str>, Option<&str>) =
    (Some("https://rewardsbot-prod.liquidrewardsapi.com"), None);

/// What only this assistant needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The rewards program. Without one, nobody can sign up.
    program: Option<String>,
}

/// A request of a page on its way.
#[derive(PartialEq, Eq)]
pub struct Call {
    kind: Kind,
    convo_id: String,
    path: String,
    /// The body, unless the request only reads.
    body: Option<String>,
}

/// What an answer is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Chat,
    Products,
    /// The upstream only takes what it is told.
    Told,
}

impl Settings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let program = reader.optional(Setting::RewardsProgram, &|text| {
            if text.len() <= 128 && !text.contains(char::is_control) {
                Ok(text.to_owned())
            } else {
                Err("must be at most 128 bytes without control characters".to_owned())
            }
        });
        Self { program }
    }

    pub(super) const fn capabilities(&self) -> Capabilities {
        Capabilities {
            streaming: false,
            history: false,
            pages: true,
            refinements: true,
            signup: self.program.is_some(),
        }
    }

    /// Returns the call for an operation in a conversation, or in a new one.
    ///
    /// Returns `None` if the assistant does not offer the operation.
    pub(super) fn call(
        &self,
        operation: &Operation,
        ids: &Ids,
        convo_id: Option<String>,
    ) -> Option<Call> {
        let convo_id = convo_id.unwrap_or_else(|| ids.conversation_hex());
        let program = self.program.as_deref().unwrap_or_default();
        let (kind, path, body) = match operation {
            Operation::Chat(turn) => (Kind::Chat, format!("/chat/{convo_id}"), Some(chat(turn))),
            Operation::Products(page) => {
                let [conversation, session, index] = page.as_slice() else {
                    return None;
                };
                let path =
                    format!("/inventory/ranking-sessions/{conversation}/{session}/pages/{index}");
                (Kind::Products, path, None)
            }
            Operation::SignUp(signup) => {
                let mut body = Object::begin();
                body.text("program", program);
                body.text("email", &signup.email);
                let mut utm = Object::begin();
                for (name, value) in &signup.utm {
                    utm.text(name, value);
                }
                body.raw("utm", &utm.end());
                (Kind::Told, format!("/signup/{convo_id}"), Some(body.end()))
            }
            Operation::Click(click) => {
                let mut body = Object::begin();
                body.text("program", program);
                body.text("email", &click.email);
                body.text("convo_id", &convo_id);
                body.text("presentation_id", &click.product_id);
                body.text("click_id", &ids.request);
                body.text("click_datetime", &ids.time);
                (
                    Kind::Told,
                    format!("/clickthrough/{convo_id}"),
                    Some(body.end()),
                )
            }
            Operation::History => return None,
        };
        Some(Call {
            kind,
            convo_id,
            path,
            body,
        })
    }
}

/// A chosen refinement is sent as such, and the prompt only if it says more.
fn chat(turn: &Turn) -> String {
    let mut body = Object::begin();
    let chosen = turn.refinement.as_ref();
    if chosen.is_none_or(|chosen| chosen.text != turn.prompt) {
        body.text("chat", &turn.prompt);
    }
    if let Some(chosen) = chosen {
        let mut selection = Object::begin();
        selection.text("category", &chosen.kind);
        selection.text("selection", &chosen.text);
        body.raw("refinement_selection", &selection.end());
    }
    if turn.budget_min.is_some() || turn.budget_max.is_some() {
        let mut filter = Object::begin();
        for (name, price) in [
            ("low_price", &turn.budget_min),
            ("high_price", &turn.budget_max),
        ] {
            if let Some(price) = price {
                filter.raw(name, price);
            }
        }
        body.raw("product_filter", &filter.end());
    }
    body.end()
}

// The body of a sign-up or a click holds an address, which is never printed.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?}, ***)", self.kind)
    }
}

impl Call {
    pub(super) fn request(&self, destination: &Destination<'_>) -> UpstreamRequest {
        match &self.body {
            Some(body) => destination.post(&self.path, body.clone()),
            None => destination.get(&self.path),
        }
    }

    /// The contract says nothing about errors but the status of a body that is not valid, so they
    /// are judged by their status alone.
    pub(super) fn judge(&self, head: &ResponseHead) -> Judgement {
        if self.kind == Kind::Told && (200..300).contains(&head.status) {
            return Judgement::Accepted;
        }
        if let Some(outcome) = reading::of_platform(head) {
            return Judgement::End(outcome);
        }
        let is_json = head.media_type == Some(MediaType::Json);
        Judgement::End(match head.status {
            200..300 if is_json => return Judgement::ReadAnswer,
            // Pages are kept for a short time only.
            404 | 410 if self.kind == Kind::Products => Outcome::Refused(Refusal::PageNotFound),
            // Nothing is said about limits, so this is a gateway's throttle.
            429 => Outcome::GatewayThrottled,
            // A second sign-up or click may be one too many, and the contract asks for no retry.
            500 | 502 | 503 if self.kind == Kind::Told => reading::malformed(),
            // The engine's own error. A retry may be a second turn, so there is one at most.
            500 => Outcome::EngineError,
            502 | 503 => Outcome::GatewayFailed,
            // A 422 says that what we sent is not valid, which no retry changes.
            _ => reading::malformed(),
        })
    }

    pub(super) fn read_answer(&self, body: &[u8], links: Links) -> Result<Reading, Outcome> {
        let answer = reading::object(body)?;
        if self.kind == Kind::Products {
            let items = reading::items(&answer, "items");
            let ids = ["conversation_id", "session_id"]
                .map(|name| reading::id(&answer, name, MAX_ID_BYTES));
            return Ok(Reading::Products(Page {
                products: products(&mut items.iter(), links),
                next_page: next_page(
                    &answer,
                    ids,
                    number(&answer, "page_index").and_then(|page| page.checked_add(1)),
                ),
            }));
        }
        let sources = match answer
            .get("found_products")
            .and_then(|found| found.get("search_results"))
        {
            Some(Value::Object(sources)) => sources.as_slice(),
            _ => &[],
        };
        let mut found = sources.iter().flat_map(|Field { value, .. }| value.items());
        let said = ["agent_reply", "product_warning"].map(|name| reading::text(&answer, name));
        let paragraphs: Vec<String> = said.into_iter().flatten().collect();
        let pagination = answer.get("pagination").unwrap_or(&Value::Scalar("null"));
        let ids = ["conversation_id", "session_id"]
            .map(|name| reading::id(pagination, name, MAX_ID_BYTES));
        let answer = Answer {
            message: paragraphs.join("\n\n"),
            products: products(&mut found, links),
            refinements: refinements(answer.get("refinement_result")),
            next_page: next_page(pagination, ids, number(pagination, "next_page_index")),
            ..Answer::default()
        };
        if answer.is_empty() {
            return Err(Outcome::Refused(Refusal::UpstreamEmptyResponse));
        }
        Ok(Reading::Chat(answer))
    }

    pub(super) fn conversation(&self) -> Option<&str> {
        Some(&self.convo_id)
    }
}

/// Returns the ids of the next page, if there is one.
fn next_page(
    pagination: &Value<'_>,
    [conversation, session]: [Option<String>; 2],
    index: Option<u32>,
) -> Option<Vec<String>> {
    let has_next = pagination.get("has_next_page").and_then(Value::boolean);
    has_next.filter(|has_next| *has_next)?;
    Some(vec![conversation?, session?, index?.to_string()])
}

fn number(value: &Value<'_>, name: &str) -> Option<u32> {
    value.get(name).and_then(Value::number)?.parse().ok()
}

fn refinements(result: Option<&Value<'_>>) -> Vec<Refinement> {
    let Some(result) = result else {
        return Vec::new();
    };
    let category = reading::text(result, "category").unwrap_or_default();
    reading::refinements(reading::items(result, "options"), &category)
}

fn products(items: &mut dyn Iterator<Item = &Value<'_>>, links: Links) -> Vec<Product> {
    reading::list(items, MAX_PRODUCTS, &|item| product(item, links))
}

/// The nearest documented form of a product is ProductInfo.
fn product(item: &Value<'_>, links: Links) -> Option<Product> {
    let merchant = item
        .get("merchant")
        .and_then(|merchant| reading::text(merchant, "name"));
    Some(Product {
        id: reading::text(item, "presentment_id").unwrap_or_default(),
        handle: String::new(),
        title: reading::text(item, "name")?,
        vendor: reading::text(item, "brand").or(merchant),
        description: reading::text(item, "description"),
        price: reading::number(item, "value"),
        currency: reading::text(item, "currency").unwrap_or_default(),
        image: reading::link(item, "image_url", links),
        // The affiliate link, or else the product's own page.
        url: reading::link(item, "direct_link", links)
            .or_else(|| reading::link(item, "detail_link", links)),
        available: None,
    })
}
