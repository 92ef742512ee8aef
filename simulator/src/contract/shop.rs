//! The shop that all assistants sell from.

use crate::catalogue::products::{Catalogue, Product};
use crate::contract::time;

/// What an assistant knows of the shop while it answers a request.
#[derive(Clone, Copy)]
pub struct Shop<'a> {
    pub catalogue: &'a Catalogue,
    /// The base URL of product pages.
    pub storefront: &'a str,
    /// The base URL of pictures.
    pub url: &'a str,
    /// The time of the request, in milliseconds since 1970.
    pub now_ms: u64,
}

impl Shop<'_> {
    pub fn page_of(&self, product: &Product) -> String {
        format!("{}/products/{}", self.storefront, product.handle)
    }

    pub fn picture_of(&self, product: &Product) -> String {
        format!("{}/pictures/{}.svg", self.url, product.handle)
    }

    /// Returns the time in ISO 8601.
    pub fn now(&self) -> String {
        time::iso_8601(self.now_ms)
    }
}
