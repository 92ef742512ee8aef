//! The switches of an assistant. They choose among the readings of its contract.

use std::sync::Mutex;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::lock::lock;

/// Changes to switches, by name.
pub type Changes = Map<String, Value>;

/// The switches of an assistant: those that it was started with, and those in force.
#[derive(Default)]
pub struct Switches<T> {
    first: T,
    now: Mutex<T>,
}

impl<T: Clone + Serialize + DeserializeOwned> Switches<T> {
    /// Creates the switches of a start with these changes. Returns the reason if one is wrong.
    pub fn new(defaults: T, changes: &Changes) -> Result<Self, String> {
        let first = changed(&defaults, changes)?;
        let now = Mutex::new(first.clone());
        Ok(Self { first, now })
    }

    pub fn get(&self) -> T {
        lock(&self.now).clone()
    }

    /// Changes some of them, or none if one of the changes is wrong.
    pub fn set(&self, changes: &Changes) -> Result<(), String> {
        let mut now = lock(&self.now);
        *now = changed(&*now, changes)?;
        Ok(())
    }

    /// Puts them back to those of the start.
    pub fn reset(&self) {
        *lock(&self.now) = self.first.clone();
    }

    pub fn to_json(&self) -> Value {
        serde_json::to_value(&*lock(&self.now)).unwrap_or_default()
    }
}

fn changed<T: Serialize + DeserializeOwned>(now: &T, changes: &Changes) -> Result<T, String> {
    let mut all = serde_json::to_value(now).unwrap_or_default();
    if let Value::Object(all) = &mut all {
        all.extend(changes.clone());
    }
    serde_json::from_value(all).map_err(|error| error.to_string())
}

/// Reads a list of texts. A single text has commas between its parts, as on a command line.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List {
        One(String),
        Many(Vec<String>),
    }
    Ok(match List::deserialize(deserializer)? {
        List::One(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        List::Many(list) => list,
    })
}

/// Reads a UUID. It stays a text.
pub fn uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Uuid::try_parse(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(D::Error::custom(format!("'{text}' is not a UUID"))),
    }
}
