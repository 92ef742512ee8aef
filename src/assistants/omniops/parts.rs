//! The parts of Omniops' answers: its messages and its products.

use super::reading::{self, Links};
use crate::contract::answer::{MAX_MESSAGES, MAX_PRODUCTS, Message, Product, Role};
use crate::json::Value;

/// Reads the messages of a conversation.
pub(super) fn history(answer: &Value<'_>) -> Vec<Message> {
    let mut items = reading::items(answer, "messages").iter();
    reading::list(&mut items, MAX_MESSAGES, &|item| {
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
    })
}

/// Reads the products of an answer.
pub(super) fn products(answer: &Value<'_>, links: Links) -> Vec<Product> {
    let Some(shopping) = answer.get("shoppingMetadata") else {
        return Vec::new();
    };
    let mut items = reading::items(shopping, "products").iter();
    reading::list(&mut items, MAX_PRODUCTS, &|item| product(item, links))
}

fn product(item: &Value<'_>, links: Links) -> Option<Product> {
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
