//! The bodies of answers, in both dialects.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::catalogue::products::Product;
use crate::contract::answer::Answer;
use crate::contract::omniops::conversations::Conversation;
use crate::contract::omniops::settings::{Answers, Dialect, Settings};
use crate::contract::shop::Shop;
use crate::engine::reply::Reply;

/// The most sources of an answer as built.
const MAX_SOURCES: usize = 10;

/// Returns the answer to a chat.
pub fn chat(
    settings: &Settings,
    shop: Shop<'_>,
    conversation: &str,
    text: &str,
    reply: &Reply<'_>,
) -> Answer {
    let body = match settings.dialect {
        Dialect::Documented => documented(shop, conversation, text, reply),
        Dialect::AsBuilt => as_built(shop, conversation, text, reply),
    };
    let body = match settings.answers {
        Answers::Bare => body,
        Answers::Wrapped => json!({ "success": true, "data": body, "timestamp": shop.now() }),
    };
    Answer::json(StatusCode::OK, &body)
}

fn documented(shop: Shop<'_>, conversation: &str, text: &str, reply: &Reply<'_>) -> Value {
    let results: Vec<Value> = ranked(reply)
        .map(|(product, relevance)| {
            let content = product.description.as_deref().unwrap_or(&product.title);
            json!({ "content": content, "source": shop.page_of(product), "relevance": relevance })
        })
        .collect();
    json!({
        "response": text,
        "conversationId": conversation,
        "metadata": {
            "model": "internal-model-of-the-day",
            "tokensUsed": 512 + text.len(),
            "searchCount": results.len(),
        },
        "searchResults": results,
    })
}

fn as_built(shop: Shop<'_>, conversation: &str, text: &str, reply: &Reply<'_>) -> Value {
    let sources: Vec<Value> = ranked(reply)
        .take(MAX_SOURCES)
        .map(|(product, relevance)| {
            let url = shop.page_of(product);
            json!({ "url": url, "title": product.title, "relevance": relevance })
        })
        .collect();
    let products = reply.products.iter().map(|p| product(p, shop));
    let products: Vec<Value> = products.collect();
    json!({
        "message": text,
        "conversation_id": conversation,
        "searchMetadata": {
            "iterations": 2,
            "searchLog": [{ "tool": "search_products", "query": text, "resultCount": sources.len() }],
        },
        "mcpMetadata": { "executionTime": 812, "toolsUsed": ["search_products"], "tokensSaved": 900 },
        "sources": sources,
        "shoppingMetadata": { "products": products },
    })
}

/// Returns the products with a relevance that falls from product to product.
fn ranked<'a>(reply: &Reply<'a>) -> impl Iterator<Item = (&'a Product, f64)> {
    let products = reply.products.clone().into_iter().zip(0u8..);
    products.map(|(product, place)| (product, (95.0 - 5.0 * f64::from(place)) / 100.0))
}

fn product(product: &Product, shop: Shop<'_>) -> Value {
    let mut item = json!({
        "id": product.id,
        "name": product.title,
        "price": product.price,
        "image": shop.picture_of(product),
        "permalink": shop.page_of(product),
    });
    let Some(fields) = item.as_object_mut() else {
        return item;
    };
    if let Some(available) = product.available {
        let status = if available { "instock" } else { "outofstock" };
        fields.insert("stockStatus".to_owned(), status.into());
    }
    if let Some(description) = &product.description {
        fields.insert("shortDescription".to_owned(), description.as_str().into());
        let images = vec![shop.picture_of(product)];
        fields.insert("images".to_owned(), images.into());
    }
    if let Some(price) = product.price.filter(|_| product.has_tag("cosy")) {
        fields.insert(
            "salePrice".to_owned(),
            json!((price * 90.0).round() / 100.0),
        );
    }
    item
}

/// Returns the history of a conversation, or that there is none to see.
pub fn history(id: &str, conversation: Option<&Conversation>, limit: usize) -> Answer {
    let body = match conversation {
        None => json!({ "success": false, "messages": [], "conversation": null }),
        Some(conversation) => {
            let all = &conversation.messages;
            let skipped = all.len().saturating_sub(limit);
            let messages: Vec<&Value> = all.iter().skip(skipped).collect();
            json!({
                "success": true,
                "conversation": { "id": id, "created_at": conversation.created },
                "count": messages.len(),
                "messages": messages,
            })
        }
    };
    Answer::json(StatusCode::OK, &body)
}
