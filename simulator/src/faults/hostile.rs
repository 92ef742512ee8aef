//! Good answers with hostile content. The contract says which fields have which kind of content.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::contract::fields::Fields;

/// The number of products in an answer with too many.
const MANY: usize = 10_000;

/// The HTML that is added to texts.
const HTML: [&str; 4] = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "</textarea></style><svg onload=\"document.title='owned'\">",
    "<a href=\"javascript:document.title='owned'\">Click</a> &lt;b&gt; <b>bold",
];

/// The links that no page may follow or load.
const LINKS: [&str; 6] = [
    "javascript:document.title='owned'",
    " JaVaScRiPt:document.title='owned'",
    "java\nscript:document.title='owned'",
    "data:text/html,<script>document.title='owned'</script>",
    "http://attacker.example/pixel.gif",
    "//attacker.example/\"onclick=\"document.title='owned'",
];

/// The prices that are texts.
const PRICES: [&str; 4] = ["$1,299.00", "12,50", "<b>free</b>", "1e999"];

/// A kind of hostile content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// HTML in texts.
    Html,
    /// `javascript:`, `data:` and plain links.
    Links,
    /// Prices that are texts, and texts that are none.
    Types,
    /// Null wherever it is allowed. Lists of products stay, so that their fields can be null.
    Nulls,
    /// Very many products.
    Many,
    /// Fields that the contract does not have.
    ExtraFields,
}

/// A change to an answer, or to the events of a stream.
pub struct Change {
    kind: Hostile,
    fields: &'static Fields,
    /// How many values it has replaced. The next one gets the next replacement.
    count: usize,
}

impl Change {
    pub fn new(kind: Hostile, fields: &'static Fields) -> Self {
        Self {
            kind,
            fields,
            count: 0,
        }
    }

    /// Changes a JSON document, or the data of an event. Leaves anything else as it is.
    pub fn apply(&mut self, body: Bytes) -> Bytes {
        if let Ok(mut value) = serde_json::from_slice(&body) {
            self.value(&mut value);
            return value.to_string().into();
        }
        let text = String::from_utf8_lossy(&body);
        let lines = text.split_inclusive('\n').map(|line| self.line(line));
        lines.collect::<String>().into()
    }

    fn line(&mut self, line: &str) -> String {
        let Some(data) = line.strip_prefix("data: ") else {
            return line.to_owned();
        };
        let end = if data.ends_with('\n') { "\n" } else { "" };
        let data = match serde_json::from_str(data) {
            Ok(mut value) => {
                self.value(&mut value);
                value.to_string()
            }
            Err(_) if self.kind == Hostile::Html => {
                let html = self.next(&HTML);
                format!("{html}{}", data.trim_end())
            }
            Err(_) => data.trim_end_matches('\n').to_owned(),
        };
        format!("data: {data}{end}")
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => self.object(fields),
            Value::Array(list) => list.iter_mut().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    fn object(&mut self, fields: &mut Map<String, Value>) {
        for (name, value) in fields.iter_mut() {
            let name = name.as_str();
            let known = |list: &[&str]| list.contains(&name);
            let is_list = known(self.fields.lists);
            match self.kind {
                Hostile::Html if known(self.fields.texts) => self.each(value, Self::html),
                Hostile::Links if known(self.fields.links) => self.each(value, Self::link),
                Hostile::Types if known(self.fields.prices) => *value = self.next(&PRICES).into(),
                Hostile::Types if known(self.fields.texts) => self.each(value, Self::no_text),
                Hostile::Nulls if known(self.fields.nullable) && !is_list => *value = Value::Null,
                Hostile::Many if is_list => many(value),
                _ => {}
            }
            match value {
                // The names in a map of lists are no fields.
                Value::Object(lists) if is_list => {
                    lists.values_mut().for_each(|list| self.value(list));
                }
                _ => self.value(value),
            }
        }
        if self.kind == Hostile::ExtraFields {
            add_extra(fields);
        }
    }

    /// Changes a text, or each text in a list.
    fn each(&mut self, value: &mut Value, change: fn(&mut Self, &str) -> Value) {
        match value {
            Value::String(text) => *value = change(self, text),
            Value::Array(list) => list
                .iter_mut()
                .filter(|value| value.is_string())
                .for_each(|value| self.each(value, change)),
            _ => {}
        }
    }

    fn html(&mut self, text: &str) -> Value {
        let html = self.next(&HTML);
        format!("{html}{text}").into()
    }

    fn link(&mut self, _: &str) -> Value {
        self.next(&LINKS).into()
    }

    fn no_text(&mut self, text: &str) -> Value {
        let kinds = [
            json!(7),
            json!({ "text": text }),
            json!([text]),
            json!(true),
            json!(-1.5e300),
        ];
        self.count += 1;
        kinds
            .into_iter()
            .cycle()
            .nth(self.count - 1)
            .unwrap_or_default()
    }

    fn next(&mut self, list: &[&'static str]) -> &'static str {
        self.count += 1;
        let mut cycle = list.iter().cycle();
        cycle
            .nth((self.count - 1) % list.len())
            .copied()
            .unwrap_or_default()
    }
}

/// Repeats the products of a list, or of the first list in a map.
fn many(value: &mut Value) {
    match value {
        Value::Array(list) if !list.is_empty() => {
            *list = list.iter().cycle().take(MANY).cloned().collect();
        }
        Value::Object(lists) => {
            if let Some(list) = lists.values_mut().next() {
                many(list);
            }
        }
        _ => {}
    }
}

fn add_extra(fields: &mut Map<String, Value>) {
    let extra = json!({ "secret": "of the upstream", "list": [1, { "x": null }] });
    fields.insert("simulator_extra".to_owned(), extra);
    fields.insert("__proto__".to_owned(), json!({ "polluted": true }));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used)]
    use super::*;

    const FIELDS: Fields = Fields {
        replies: &["message"],
        texts: &["message", "title", "chips"],
        links: &["url"],
        prices: &["price"],
        nullable: &["url", "price", "map"],
        lists: &["map"],
    };

    fn changed(kind: Hostile) -> Value {
        let product = json!({ "title": "T", "url": "https://a.example", "price": 3.5, "id": "1" });
        let body = json!({ "message": "Hi", "chips": ["a", "b"], "map": { "s": [product] } });
        let body = Change::new(kind, &FIELDS).apply(body.to_string().into());
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn each_kind_changes_its_own_fields() {
        let html = changed(Hostile::Html);
        assert!(html["message"].as_str().unwrap().starts_with('<'));
        assert!(html["chips"][1].as_str().unwrap().starts_with('<'));
        assert_eq!(html["map"]["s"][0]["id"], "1");
        let links = changed(Hostile::Links);
        assert!(LINKS.contains(&links["map"]["s"][0]["url"].as_str().unwrap()));
        let types = changed(Hostile::Types);
        assert!(types["map"]["s"][0]["price"].is_string() && !types["message"].is_string());
        let nulls = changed(Hostile::Nulls);
        assert!(nulls["map"]["s"][0]["price"].is_null() && nulls["message"] == "Hi");
        let many = changed(Hostile::Many);
        assert_eq!(many["map"]["s"].as_array().unwrap().len(), MANY);
        let extra = changed(Hostile::ExtraFields);
        assert!(extra["simulator_extra"].is_object());
        assert!(extra["map"]["s"][0]["simulator_extra"].is_object());
        assert_eq!(extra["map"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn the_data_of_an_event_is_changed_in_its_place() {
        let event = Bytes::from_static(b": c\nevent: m\ndata: {\"message\":\"Hi\"}\n\n");
        let changed = Change::new(Hostile::Html, &FIELDS).apply(event);
        let text = String::from_utf8(changed.to_vec()).unwrap();
        assert!(text.starts_with(": c\nevent: m\ndata: {\"message\":\"<script>"));
        assert!(text.ends_with("}\n\n"));
    }
}
