//! A reader of JSON that shares nothing with the one under test: it keeps every field of an
//! object, the ones that stand there twice too, and every digit of a number.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text, or panics.
    pub fn parse(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let json = value(&mut chars);
        skip_space(&mut chars);
        assert_eq!(chars.next(), None, "something follows the JSON in {text}");
        json
    }

    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// What `JSON.parse` makes of it: of fields of one name the last one, and no order.
    pub fn last_wins(&self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.iter().map(Self::last_wins).collect()),
            Self::Object(fields) => {
                let mut kept: Vec<(String, Self)> = Vec::new();
                for (name, value) in fields {
                    kept.retain(|(other, _)| other != name);
                    kept.push((name.clone(), value.last_wins()));
                }
                kept.sort_by(|(a, _), (b, _)| a.cmp(b));
                Self::Object(kept)
            }
            other => other.clone(),
        }
    }

    /// Whether some object in it has two fields of one name.
    pub fn has_twins(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::has_twins),
            Self::Object(fields) => fields.iter().enumerate().any(|(place, (name, value))| {
                value.has_twins() || fields[..place].iter().any(|(other, _)| other == name)
            }),
            _ => false,
        }
    }

    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else {
            panic!("{self:?} is no object");
        };
        fields
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value)
    }

    /// Writes it; strings are spelled now plainly, now in escapes, and white space comes and goes.
    pub fn spell(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => spell_text(text, out),
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    spell_space(out);
                    item.spell(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (place, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    spell_space(out);
                    spell_text(name, out);
                    spell_space(out);
                    out.push(':');
                    spell_space(out);
                    value.spell(out);
                }
                spell_space(out);
                out.push('}');
            }
        }
    }
}

fn spell_space(out: &mut String) {
    out.push_str(["", " ", "\n", "\t\r "][out.len() % 4]);
}

fn spell_text(text: &str, out: &mut String) {
    let escape_all = out.len().is_multiple_of(3);
    out.push('"');
    for char in text.chars() {
        if escape_all || char < ' ' || char == '"' || char == '\\' {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").unwrap();
            }
        } else {
            out.push(char);
        }
    }
    out.push('"');
}

type Input<'a> = Peekable<Chars<'a>>;

fn skip_space(chars: &mut Input<'_>) {
    while chars
        .next_if(|char| matches!(char, ' ' | '\t' | '\n' | '\r'))
        .is_some()
    {}
}

fn value(chars: &mut Input<'_>) -> Json {
    skip_space(chars);
    match chars.peek().copied() {
        Some('{') => Json::Object(list(chars, '}', |chars| {
            skip_space(chars);
            let name = text(chars);
            skip_space(chars);
            assert_eq!(chars.next(), Some(':'));
            (name, value(chars))
        })),
        Some('[') => Json::Array(list(chars, ']', value)),
        Some('"') => Json::Text(text(chars)),
        Some(_) => word(chars),
        None => panic!("the JSON breaks off"),
    }
}

fn list<T>(chars: &mut Input<'_>, end: char, item: impl Fn(&mut Input<'_>) -> T) -> Vec<T> {
    chars.next();
    skip_space(chars);
    let mut items = Vec::new();
    if chars.next_if_eq(&end).is_some() {
        return items;
    }
    loop {
        items.push(item(chars));
        skip_space(chars);
        match chars.next() {
            Some(',') => {}
            Some(char) if char == end => return items,
            other => panic!("{other:?} stands in a list"),
        }
    }
}

fn word(chars: &mut Input<'_>) -> Json {
    let mut word = String::new();
    while let Some(char) =
        chars.next_if(|char| char.is_ascii_alphanumeric() || "+-.".contains(*char))
    {
        word.push(char);
    }
    match word.as_str() {
        "null" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ if word.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
            Json::Number(word)
        }
        _ => panic!("{word:?} is no JSON"),
    }
}

fn text(chars: &mut Input<'_>) -> String {
    assert_eq!(chars.next(), Some('"'));
    let mut units: Vec<u16> = Vec::new();
    loop {
        let char = chars.next().expect("the end of a string");
        let char = match char {
            '"' => return String::from_utf16(&units).expect("whole surrogate pairs"),
            '\\' => match chars.next().expect("an escape") {
                'u' => {
                    let hex: String = chars.take(4).collect();
                    units.push(u16::from_str_radix(&hex, 16).expect("four hex digits"));
                    continue;
                }
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                same @ ('"' | '\\' | '/') => same,
                other => panic!("\\{other} is no escape"),
            },
            char => {
                assert!(char >= ' ', "{char:?} stands in a string");
                char
            }
        };
        units.extend(char.encode_utf16(&mut [0; 2]).iter());
    }
}
