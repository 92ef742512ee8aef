//! The published bodies of answers.

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::catalogue::products::Product;
use crate::contract::answer::Answer;
use crate::contract::homie::requests::Page;
use crate::contract::homie::settings::Link;
use crate::contract::shop::Shop;
use crate::engine::reply::Reply;

/// The organization that all chats belong to. It must not reach a page.
const ORGANIZATION: &str = "c2a7e5d4-90b1-4f3e-8d16-52fb08a9c7e3";

/// The number that a sold-out or unlimited product does not have.
const IN_STOCK: u64 = 12;

/// Returns a chat.
pub fn chat(id: &str, chatbot: &str, user: Option<&str>, created: &str) -> Value {
    let mut chat = json!({
        "id": id,
        "chatbotId": chatbot,
        "organizationId": ORGANIZATION,
        "createdAt": created,
    });
    add(&mut chat, "userId", user);
    chat
}

/// Returns a shopper's message, as the history has it.
pub fn question(chat: &str, text: &str, shop: Shop<'_>) -> Value {
    message(chat, "question", text, shop)
}

/// Returns the assistant's message.
pub fn answer(chat: &str, content: &str, reply: &Reply<'_>, link: Link, shop: Shop<'_>) -> Value {
    let mut message = message(chat, "answer", content, shop);
    if !reply.products.is_empty() {
        let products = reply.products.iter();
        let list: Vec<Value> = products.map(|p| product(p, link, shop)).collect();
        add(&mut message, "products", Some(list));
    }
    if !reply.chips.is_empty() {
        let texts: Vec<&str> = reply.chips.iter().map(|chip| chip.text.as_str()).collect();
        add(&mut message, "suggestions", Some(texts));
    }
    message
}

fn message(chat: &str, kind: &str, content: &str, shop: Shop<'_>) -> Value {
    json!({
        "id": Uuid::new_v4().to_string(),
        "chatId": chat,
        "type": kind,
        "content": content,
        "createdAt": shop.now(),
    })
}

/// Returns a product. A field without a value is left out, because every field is optional.
fn product(product: &Product, link: Link, shop: Shop<'_>) -> Value {
    let mut item = json!({
        "gtin": format!("200{:010}", product.id % 10_000_000_000),
        "designation": product.title,
        "image": shop.picture_of(product),
        "currency": "USD",
        "category": product.category,
        "location": [{ "key": "aisle", "value": product.category }],
    });
    let field = match link {
        Link::Uri => "uri",
        Link::Url => "url",
    };
    add(&mut item, field, Some(shop.page_of(product)));
    add(&mut item, "brand", product.vendor.as_deref());
    add(&mut item, "price", product.price);
    add(&mut item, "priceInfo", product.price.map(|_| "incl. VAT"));
    add(&mut item, "description", product.description.as_deref());
    let because = product
        .tags
        .first()
        .map(|tag| format!("A good choice for: {tag}."));
    add(&mut item, "recommendationText", because);
    let availability = product.available.map(|available| match available {
        true => json!({ "status": "in_stock", "quantity": IN_STOCK }),
        false => json!({ "status": "out_of_stock", "quantity": 0 }),
    });
    add(&mut item, "availability", availability);
    if product.has_tag("handmade") {
        let flag = json!({ "type": "info", "title": "Handmade", "text": "No two are alike." });
        add(&mut item, "flags", Some(vec![flag]));
    }
    item
}

fn add(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Value::Object(fields), Some(value)) = (object, value) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Returns a page of the history.
pub fn history(messages: &[Value], page: &Page) -> Answer {
    let total = messages.len();
    let pages = total.div_ceil(page.size);
    let first = (page.number - 1).saturating_mul(page.size);
    let items: Vec<&Value> = messages.iter().skip(first).take(page.size).collect();
    let previous = (page.number > 1).then(|| page.number - 1);
    let next = (page.number < pages).then(|| page.number + 1);
    let mut body = Map::new();
    for (name, value) in [
        ("items", json!(items)),
        ("totalItems", json!(total)),
        ("size", json!(page.size)),
        ("totalPages", json!(pages)),
        ("currentPage", json!(page.number)),
        ("hasPrevPage", json!(previous.is_some())),
        ("hasNextPage", json!(next.is_some())),
        ("prevPage", json!(previous)),
        ("nextPage", json!(next)),
    ] {
        body.insert(name.to_owned(), value);
    }
    Answer::json(StatusCode::OK, &body)
}
