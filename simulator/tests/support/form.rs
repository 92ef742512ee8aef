//! Compares the form of an answer with a published example.

use serde_json::Value;

/// The published fields that may be null.
const NULLABLE: [&str; 7] = [
    "vendor",
    "description",
    "price",
    "image",
    "url",
    "available",
    "intent",
];

/// Fails unless `found` has the fields and types of `example`, and no others.
pub fn assert_same_form(found: &Value, example: &Value, place: &str) {
    match (found, example) {
        (Value::Object(found), Value::Object(example)) => {
            let names = |map: &serde_json::Map<String, Value>| {
                let mut names: Vec<String> = map.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(found), names(example), "{place}");
            for (name, value) in found {
                if !(value.is_null() && NULLABLE.contains(&name.as_str())) {
                    assert_same_form(value, &example[name], &format!("{place}.{name}"));
                }
            }
        }
        (Value::Array(found), Value::Array(example)) => {
            for value in found {
                assert_same_form(value, &example[0], place);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(found),
            std::mem::discriminant(example),
            "{place}"
        ),
    }
}

pub fn published(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
