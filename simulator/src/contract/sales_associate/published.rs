//! The published bodies of answers. Their fields are in the published order.

use serde::Serialize;
use serde_json::Value;

use crate::catalogue::products::Product;
use crate::contract::shop::Shop;
use crate::engine::prose::Chip;

/// A recommendation.
#[derive(Serialize)]
pub struct Recommendation<'a> {
    pub session_id: &'a str,
    pub message: &'a str,
    pub products: Vec<Item<'a>>,
    pub intent: &'a str,
    pub follow_up: &'a str,
    pub refinement_options: Vec<Refinement<'a>>,
    pub request_id: &'a str,
}

/// A product in a recommendation.
#[derive(Serialize)]
pub struct Item<'a> {
    id: String,
    handle: &'a str,
    title: &'a str,
    vendor: Option<&'a str>,
    description: Option<&'a str>,
    price: Option<f64>,
    currency: &'a str,
    image: String,
    url: String,
    available: Option<bool>,
}

impl<'a> Item<'a> {
    pub fn new(product: &'a Product, shop: Shop<'_>) -> Self {
        Self {
            id: format!("gid://shopify/Product/{}", product.id),
            handle: &product.handle,
            title: &product.title,
            vendor: product.vendor.as_deref(),
            description: product.description.as_deref(),
            price: product.price,
            currency: "USD",
            image: shop.picture_of(product),
            url: shop.page_of(product),
            available: product.available,
        }
    }
}

/// A quick reply. The page sends its text back as the next prompt.
#[derive(Serialize)]
pub struct Refinement<'a> {
    text: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
}

impl<'a> Refinement<'a> {
    pub fn new(chip: &'a Chip) -> Self {
        Self {
            text: &chip.text,
            kind: chip.kind,
        }
    }
}

/// The envelope of all errors, with the additional fields that some have.
#[derive(Serialize)]
pub struct Envelope<'a> {
    pub error: &'a str,
    pub message: &'a str,
    pub request_id: &'a str,
    #[serde(flatten)]
    pub breach: Option<BreachFields<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
}

/// The fields that `rate_limited` adds.
#[derive(Serialize)]
pub struct BreachFields<'a> {
    pub limit_window: &'a str,
    pub limit: u64,
    pub tier: &'a str,
}

impl<'a> Envelope<'a> {
    pub fn new(error: &'a str, message: &'a str, request_id: &'a str) -> Self {
        Self {
            error,
            message,
            request_id,
            breach: None,
            detail: None,
        }
    }
}
