//! The catalogue of products, read once from the data file.

use std::io;

use serde::Deserialize;

use crate::catalogue::lexicon;

/// A product in the data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub id: u64,
    pub handle: String,
    pub title: String,
    pub vendor: Option<String>,
    pub description: Option<String>,
    pub price: Option<f64>,
    pub available: Option<bool>,
    pub category: String,
    pub colour: String,
    pub tags: Vec<String>,
    /// Its title and description, normalised for comparing words.
    #[serde(skip)]
    pub words: String,
}

impl Product {
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

/// The catalogue of products, in the order of the data file.
///
/// The engine identifies a product by its place in that order.
pub struct Catalogue {
    products: Vec<Product>,
}

impl Catalogue {
    pub fn load() -> io::Result<Self> {
        let mut products: Vec<Product> =
            serde_json::from_str(include_str!("../../catalogue.json"))?;
        for product in &mut products {
            let description = product.description.as_deref().unwrap_or_default();
            product.words = lexicon::normal(&format!("{} {description}", product.title));
        }
        Ok(Self { products })
    }

    pub fn get(&self, place: usize) -> Option<&Product> {
        self.products.get(place)
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &Product)> {
        self.products.iter().enumerate()
    }

    pub fn by_handle(&self, handle: &str) -> Option<&Product> {
        self.products
            .iter()
            .find(|product| product.handle == handle)
    }

    /// Returns the brands, each once, in the order of their first product.
    pub fn vendors(&self) -> Vec<&str> {
        let mut vendors = Vec::new();
        for vendor in self.products.iter().filter_map(|p| p.vendor.as_deref()) {
            if !vendors.contains(&vendor) {
                vendors.push(vendor);
            }
        }
        vendors
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;
    use crate::catalogue::lexicon::{CATEGORIES, COLOURS, Concept, OCCASIONS, RECIPIENTS, STYLES};

    fn is_in(name: &str, table: &[Concept]) -> bool {
        table.iter().any(|concept| concept.tag == name)
    }

    #[test]
    fn the_data_is_in_order() {
        let catalogue = Catalogue::load().unwrap();
        let mut handles = HashSet::new();
        let mut ids = HashSet::new();
        for (_, product) in catalogue.iter() {
            let handle = &product.handle;
            assert!(handles.insert(handle.clone()), "{handle} twice");
            assert!(ids.insert(product.id), "{handle}: id twice");
            assert!(handle.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert!(
                lexicon::category_of(&product.category).is_some(),
                "{handle}"
            );
            assert!(is_in(&product.colour, &COLOURS), "{handle}");
            for tag in &product.tags {
                let known = [&RECIPIENTS[..], &OCCASIONS, &STYLES];
                assert!(
                    known.iter().any(|table| is_in(tag, table)),
                    "{handle}: {tag}"
                );
            }
            assert!(product.price.is_none_or(|price| price > 0.0), "{handle}");
            assert!(!product.title.is_empty(), "{handle}");
        }
        assert!(handles.len() >= 60);
    }

    #[test]
    fn the_data_has_the_gaps_that_the_contract_allows() {
        let catalogue = Catalogue::load().unwrap();
        let count = |test: fn(&Product) -> bool| catalogue.iter().filter(|(_, p)| test(p)).count();
        assert!(count(|p| p.vendor.is_none()) >= 2);
        assert!(count(|p| p.description.is_none()) >= 2);
        assert!(count(|p| p.price.is_none()) >= 2);
        assert!(count(|p| p.available.is_none()) >= 2);
        assert!(count(|p| p.available == Some(false)) >= 3);
    }

    #[test]
    fn every_category_colour_and_tag_leads_somewhere() {
        let catalogue = Catalogue::load().unwrap();
        let any = |test: &dyn Fn(&Product) -> bool| catalogue.iter().any(|(_, p)| test(p));
        for category in &CATEGORIES {
            assert!(any(&|p| p.category == category.name), "{}", category.name);
        }
        for colour in &COLOURS {
            assert!(any(&|p| p.colour == colour.tag), "{}", colour.tag);
        }
        for concept in RECIPIENTS.iter().chain(&OCCASIONS).chain(&STYLES) {
            assert!(any(&|p| p.has_tag(concept.tag)), "{}", concept.tag);
        }
    }
}
