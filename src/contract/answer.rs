//! An answer in the page's contract.

use super::Refinement;
use crate::json::{self, Value};

/// The most products in one answer.
pub const MAX_PRODUCTS: usize = 50;
/// The most messages of a conversation that are shown.
pub const MAX_MESSAGES: usize = 50;
/// The most refinements in one answer.
pub const MAX_REFINEMENTS: usize = 20;

/// An assistant's answer to a chat.
///
/// A field that the assistant does not have is empty.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the assistant says. Blank lines part its paragraphs.
    pub message: String,
    /// The products, the best first.
    pub products: Vec<Product>,
    /// A question that follows the products.
    pub follow_up: String,
    /// What the shopper may choose next.
    pub refinements: Vec<Refinement>,
    /// The upstream's ids of the next page of products, if there is one.
    pub next_page: Option<Vec<String>>,
}

/// A page of products.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Page {
    /// The products, the best first.
    pub products: Vec<Product>,
    /// The upstream's ids of the next page, if there is one.
    pub next_page: Option<Vec<String>>,
}

/// What was said in a conversation, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// The products that came with it.
    pub products: Vec<Product>,
    /// When it was said, as the upstream wrote it.
    pub at: Option<String>,
}

/// Who takes part in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The shopper.
    User,
    /// The assistant.
    Assistant,
}

/// A product, as a page shows it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Product {
    /// The assistant's id of the product, or an empty string.
    pub id: String,
    /// The product's handle on the storefront, or an empty string.
    pub handle: String,
    /// The title.
    pub title: String,
    /// The brand.
    pub vendor: Option<String>,
    /// A description, as text.
    pub description: Option<String>,
    /// The price in `currency`, a number as the upstream wrote it.
    pub price: Option<String>,
    /// The currency (ISO 4217), or an empty string.
    pub currency: String,
    /// The URL of a picture.
    pub image: Option<String>,
    /// The URL of the product's page.
    pub url: Option<String>,
    /// Whether the product is in stock.
    pub available: Option<bool>,
}

impl Answer {
    /// Returns whether there is nothing in it that a page could show.
    pub fn is_empty(&self) -> bool {
        self.message.is_empty() && self.products.is_empty() && self.refinements.is_empty()
    }

    /// Returns the answer as the contract's JSON. `next_page` is what the page asks for more with.
    pub fn to_json(&self, session_id: &str, next_page: Option<&str>, request_id: &str) -> String {
        let mut object = Object::begin();
        object.text("session_id", session_id);
        object.text("message", &self.message);
        object.list("products", &self.products, Product::write);
        object.optional("intent", None);
        object.text("follow_up", &self.follow_up);
        object.list("refinement_options", &self.refinements, Refinement::write);
        if let Some(next_page) = next_page {
            object.text("next_page", next_page);
        }
        object.text("request_id", request_id);
        object.end()
    }
}

impl Page {
    /// Returns the page as JSON. `next_page` is what the page asks for more with.
    pub fn to_json(&self, next_page: Option<&str>, request_id: &str) -> String {
        let mut object = Object::begin();
        object.list("products", &self.products, Product::write);
        object.optional("next_page", next_page);
        object.text("request_id", request_id);
        object.end()
    }
}

impl Message {
    /// Returns the messages of a conversation as JSON.
    pub fn all_to_json(messages: &[Self], session_id: &str, request_id: &str) -> String {
        let mut object = Object::begin();
        object.text("session_id", session_id);
        object.list("messages", messages, Self::write);
        object.text("request_id", request_id);
        object.end()
    }

    fn write(&self) -> String {
        let mut object = Object::begin();
        let role = match self.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        object.text("role", role);
        object.text("text", &self.text);
        object.list("products", &self.products, Product::write);
        object.optional("at", self.at.as_deref());
        object.end()
    }
}

impl Product {
    fn write(&self) -> String {
        let mut object = Object::begin();
        object.text("id", &self.id);
        object.text("handle", &self.handle);
        object.text("title", &self.title);
        object.optional("vendor", self.vendor.as_deref());
        object.optional("description", self.description.as_deref());
        object.raw("price", self.price.as_deref().unwrap_or("null"));
        object.text("currency", &self.currency);
        object.optional("image", self.image.as_deref());
        object.optional("url", self.url.as_deref());
        let available = self
            .available
            .map_or("null", |yes| if yes { "true" } else { "false" });
        object.raw("available", available);
        object.end()
    }
}

impl Refinement {
    fn write(&self) -> String {
        let mut object = Object::begin();
        object.text("text", &self.text);
        object.text("type", &self.kind);
        object.end()
    }
}

/// A JSON object that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object(String);

impl Object {
    /// Begins an object.
    pub fn begin() -> Self {
        Self("{".to_owned())
    }

    /// Adds a string.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        json::write_text(text, &mut self.0);
    }

    /// Adds a string, or null.
    pub fn optional(&mut self, name: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(name, text),
            None => self.raw(name, "null"),
        }
    }

    /// Adds a value that is JSON already.
    pub fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    /// Adds an array.
    pub fn list<T>(&mut self, name: &str, items: &[T], write: impl Fn(&T) -> String) {
        let items: Vec<String> = items.iter().map(write).collect();
        self.raw(name, &format!("[{}]", items.join(",")));
    }

    /// Adds a value as it was written.
    pub fn value(&mut self, name: &str, value: &Value<'_>) {
        self.name(name);
        value.write(&mut self.0);
    }

    /// Adds an array of strings.
    pub fn texts(&mut self, name: &str, texts: &[impl AsRef<str>]) {
        self.list(name, texts, |text| json::quoted(text.as_ref()));
    }

    /// Ends the object, and returns its text.
    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        json::write_text(name, &mut self.0);
        self.0.push(':');
    }
}
