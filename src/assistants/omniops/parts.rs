//! The parts of Omniops' answers: its messages and its products.

use super::MAX_MESSAGES;
use super::reading::{self, Links};
use crate::contract::answer::{Message, Product, Role};
use crate::json::Value;

/// Reads the messages of a conversation.
pub(super) fn history(answer: &Value<'_>) -> Vec<Message> {
    let items = answer.get("messages").map(Value::items).unwrap_or_default();
    let message = |item: &Value<'_>| {
        Some(Message {
            role: match reading::text(item, "role")?.as_str() {
                "user" => Role::User,
                "assistant" => Role::Assistant,
                // What a system or a tool said is not for browsers.
                _ => return None,
            },
            text: reading::text(item, "content")?,
            products: Vec::new(),
            at: reading::text(item, "created_at"),
        })
    };
    items
        .iter()
        .filter_map(message)
        .take(MAX_MESSAGES)
        .collect()
}

/// Reads a product, or returns `None` if it has no name.
pub(super) fn product(item: &Value<'_>, links: Links) -> Option<Product> {
    let first = item.get("images").and_then(|images| images.items().first());
    let stock = reading::text(item, "stockStatus");
    Some(Product {
        id: reading::text(item, "id")
            .or_else(|| reading::number(item, "id"))
            .unwrap_or_default(),
        handle: String::new(),
        title: reading::text(item, "name")?,
        vendor: None,
        description: reading::text(item, "shortDescription"),
        price: reading::number(item, "salePrice").or_else(|| reading::number(item, "price")),
        currency: String::new(),
        image: reading::link(item, "image", links)
            .or_else(|| first.and_then(|first| reading::link_of(first, links)))
            .or_else(|| first.and_then(|first| reading::link(first, "src", links))),
        url: reading::link(item, "permalink", links),
        available: match stock.as_deref() {
            Some("instock") => Some(true),
            Some("outofstock") => Some(false),
            _ => None,
        },
    })
}
