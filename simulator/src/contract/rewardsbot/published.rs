//! The published bodies of answers.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use crate::catalogue::products::Product;
use crate::contract::answer::Answer;
use crate::contract::rewardsbot::ranking::{Page, Ranking};
use crate::contract::rewardsbot::settings::Settings;
use crate::contract::shop::Shop;
use crate::contract::time::iso_8601;
use crate::engine::reply::Reply;

/// The names of the sources of products.
const SOURCES: [&str; 4] = ["inventory", "affiliate", "partner", "marketplace"];

/// Returns the answer to a chat. `page` is the first page of its products.
pub fn chat(
    conversation: &str,
    session: &str,
    reply: &Reply<'_>,
    page: &Page<'_>,
    settings: &Settings,
) -> Value {
    let found = !page.items.is_empty();
    let sold_out = reply.products.iter().find(|p| p.available == Some(false));
    let options: Vec<&str> = reply.chips.iter().map(|chip| chip.text.as_str()).collect();
    json!({
        "agent_reply": format!("{}\n\n{}", reply.message, reply.follow_up),
        "found_products": found.then(|| {
            json!({ "search_results": by_source(page.items, settings.sources) })
        }),
        "product_warning": sold_out.map(|p| format!("{} is out of stock.", p.title)),
        "refinement_result": (!options.is_empty()).then(|| {
            json!({ "category": "suggestion", "options": options })
        }),
        "pagination": found.then(|| json!({
            "conversation_id": conversation,
            "session_id": session,
            "next_page_index": page.has_next.then_some(1),
            "has_next_page": page.has_next,
            "page_size": settings.page_size,
        })),
    })
}

/// Deals products out to sources, in runs that keep their order.
fn by_source(items: &[Value], sources: usize) -> Map<String, Value> {
    let size = items.len().div_ceil(sources.max(1)).max(1);
    let names = SOURCES.iter().cycle().enumerate();
    items
        .chunks(size)
        .zip(names)
        .map(|(items, (place, name))| match place < SOURCES.len() {
            true => ((*name).to_owned(), json!(items)),
            false => (format!("{name}-{place}"), json!(items)),
        })
        .collect()
}

/// Returns a page of a ranking.
pub fn page(ranking: &Ranking, session: &str, index: usize, page: &Page<'_>) -> Answer {
    let body = json!({
        "type": "inventory_pagination",
        "conversation_id": ranking.conversation,
        "session_id": session,
        "query": ranking.query,
        "page_index": index,
        "page_size": ranking.page_size,
        "has_next_page": page.has_next,
        "expires_at": iso_8601(ranking.ends_ms),
        "items": page.items,
    });
    Answer::json(StatusCode::OK, &body)
}

/// Returns a product, in the nearest documented shape.
pub fn product(product: &Product, presentment: &str, shop: Shop<'_>) -> Value {
    let page = shop.page_of(product);
    let merchant = product.vendor.as_deref().unwrap_or("House brand");
    json!({
        "name": product.title,
        "direct_link": format!("{page}?ref=rewards&presentment={presentment}"),
        "detail_link": page,
        "image_url": shop.picture_of(product),
        "value": product.price,
        "price": product.price.map(|price| format!("${price:.2}")),
        "description": product.description,
        "rebate_pct": 4.5,
        "presentment_id": presentment,
        "merchant": { "id": product.id, "name": merchant },
        "brand": product.vendor,
        "category": product.category,
        "currency": "USD",
        "on_sale": product.has_tag("luxury"),
    })
}
