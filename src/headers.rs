//! Headers, as the edge hands them to the platform.

use serde::{Serialize, Serializer};

/// Names and values, in order.
///
/// No value can contain a line break. Each is made by the proxy, is a number, or was read from a
/// header.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(&'static str, String)>);

impl Headers {
    /// Adds a header.
    pub fn push(&mut self, name: &'static str, value: &str) {
        self.0.push((name, value.to_owned()));
    }

    /// Returns all names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl Serialize for Headers {
    /// Serialises the headers as an object.
    ///
    /// No name occurs twice among them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
