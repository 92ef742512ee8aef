//! The checks of bodies. A mistake is answered with 422 and its place.

use serde_json::{Map, Value};

use crate::contract::rewardsbot::errors::{Refusal, mistake};
use crate::contract::time::is_iso_8601;

/// A chat. The engine reads the choice and the prices as a part of the text.
pub struct Chat {
    pub text: String,
    pub prompt: String,
}

/// A kind of value that a field must have.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Time,
    Number,
    Object,
    /// An object whose values are texts.
    Texts,
}

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Time => value.as_str().is_some_and(is_iso_8601),
            Self::Number => value.is_number(),
            Self::Object => value.is_object(),
            Self::Texts => value
                .as_object()
                .is_some_and(|map| map.values().all(Value::is_string)),
        }
    }

    /// Returns the framework's name of the mistake, and its words.
    fn mistake(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("string_type", "Input should be a valid string"),
            Self::Time => (
                "datetime_parsing",
                "Input should be a valid datetime or date",
            ),
            Self::Number => ("float_type", "Input should be a valid number"),
            Self::Object | Self::Texts => ("dict_type", "Input should be a valid dictionary"),
        }
    }
}

/// A body, and the mistakes that were found in it so far.
struct Check<'a> {
    fields: &'a Map<String, Value>,
    place: Vec<&'a str>,
    mistakes: Vec<Value>,
}

impl<'a> Check<'a> {
    fn of(fields: &'a Map<String, Value>) -> Self {
        Self {
            fields,
            place: vec!["body"],
            mistakes: Vec::new(),
        }
    }

    fn required(&mut self, name: &'a str, kind: Kind) {
        if self.fields.contains_key(name) {
            self.checked(name, kind, false);
        } else {
            self.wrong(name, "missing", "Field required", None);
        }
    }

    fn optional(&mut self, name: &'a str, kind: Kind) {
        self.checked(name, kind, true);
    }

    fn checked(&mut self, name: &'a str, kind: Kind, nullable: bool) {
        let fields = self.fields;
        let Some(value) = fields.get(name) else {
            return;
        };
        let accepted = kind.admits(value) || (nullable && value.is_null());
        if !accepted {
            let (code, words) = kind.mistake();
            self.wrong(name, code, words, Some(value));
        }
    }

    /// Checks the fields of an object that may be missing.
    fn within(&mut self, name: &'a str, check: impl FnOnce(&mut Self)) {
        self.optional(name, Kind::Object);
        let outer = self.fields;
        if let Some(Value::Object(fields)) = outer.get(name) {
            self.fields = fields;
            self.place.push(name);
            check(self);
            self.place.pop();
            self.fields = outer;
        }
    }

    fn wrong(&mut self, name: &'a str, code: &str, words: &str, input: Option<&Value>) {
        let mut place = self.place.clone();
        place.push(name);
        self.mistakes.push(mistake(code, &place, words, input));
    }

    fn end(self) -> Result<(), Refusal> {
        match self.mistakes.is_empty() {
            true => Ok(()),
            false => Err(Refusal::invalid(self.mistakes)),
        }
    }
}

pub fn chat(body: &[u8]) -> Result<Chat, Refusal> {
    let fields = object(body)?;
    let mut check = Check::of(&fields);
    check.optional("chat", Kind::Text);
    check.within("refinement_selection", |choice| {
        choice.required("category", Kind::Text);
        choice.required("selection", Kind::Text);
    });
    check.within("product_filter", |filter| {
        filter.optional("low_price", Kind::Number);
        filter.optional("high_price", Kind::Number);
    });
    check.end()?;

    let text = text(&fields, "chat");
    let choice =
        inner(&fields, "refinement_selection").map(|choice| self::text(choice, "selection"));
    let prices = inner(&fields, "product_filter").and_then(prices);
    let parts = [Some(text.clone()), choice, prices];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Ok(Chat {
        text,
        prompt: parts.join(" ").trim().to_owned(),
    })
}

/// Returns a price filter in the words that the engine reads.
fn prices(filter: &Map<String, Value>) -> Option<String> {
    let price = |name: &str| {
        let price = filter.get(name).and_then(Value::as_f64);
        price.filter(|price| *price > 0.0)
    };
    match (price("low_price"), price("high_price")) {
        (Some(low), Some(high)) => Some(format!("between ${low} and ${high}")),
        (Some(low), None) => Some(format!("over ${low}")),
        (None, Some(high)) => Some(format!("under ${high}")),
        (None, None) => None,
    }
}

/// Checks a click. Its conversation must be the one in the path.
pub fn click(body: &[u8], conversation: &str) -> Result<Map<String, Value>, Refusal> {
    let fields = object(body)?;
    let mut check = Check::of(&fields);
    for name in [
        "program",
        "email",
        "convo_id",
        "presentation_id",
        "click_id",
    ] {
        check.required(name, Kind::Text);
    }
    check.required("click_datetime", Kind::Time);
    check.optional("product_info", Kind::Object);
    let own = fields.get("convo_id");
    if own.is_some_and(|id| id.is_string() && id.as_str() != Some(conversation)) {
        check.wrong(
            "convo_id",
            "value_error",
            "Value error, convo_id does not match the path",
            own,
        );
    }
    check.end()?;
    Ok(fields)
}

pub fn signup(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let fields = object(body)?;
    let mut check = Check::of(&fields);
    check.required("program", Kind::Text);
    check.required("email", Kind::Text);
    for name in ["presentation_id", "external_id", "card_bin"] {
        check.optional(name, Kind::Text);
    }
    check.optional("utm", Kind::Texts);
    check.optional("product_info", Kind::Object);
    check.end()?;
    Ok(fields)
}

/// Returns the number of a page.
pub fn page(index: &str) -> Result<usize, Refusal> {
    index.parse().map_err(|_| {
        let words = "Input should be a valid integer, unable to parse string as an integer";
        let input = Value::from(index);
        let place = ["path", "page_index"];
        Refusal::invalid(vec![mistake("int_parsing", &place, words, Some(&input))])
    })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
            let words = "Input should be a valid dictionary or object to extract fields from";
            let code = "model_attributes_type";
            Err(Refusal::invalid(vec![mistake(
                code,
                &["body"],
                words,
                Some(&other),
            )]))
        }
        Err(_) => Err(Refusal::invalid(vec![mistake(
            "json_invalid",
            &["body"],
            "JSON decode error",
            None,
        )])),
    }
}

fn inner<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    fields.get(name).and_then(Value::as_object)
}

fn text(fields: &Map<String, Value>, name: &str) -> String {
    let text = fields.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
