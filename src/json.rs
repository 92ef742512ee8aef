//! JSON texts, read as they are written.
//!
//! Values keep every digit and escape that they were written with. Each field of an object is kept
//! once.

mod scanner;

use std::borrow::Cow;
use std::str::Chars;

use serde::de::IgnoredAny;

use scanner::Scanner;

/// The most digits that a number may have before the decimal point.
const MAX_MAGNITUDE: usize = 308;

/// A value of a JSON text, borrowed from it.
#[derive(Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string, number, `true`, `false` or `null`, as it was written.
    Scalar(&'a str),
    /// The items of an array.
    Array(Vec<Self>),
    /// The fields of an object, each once.
    ///
    /// Of several fields with one name, the last one is kept, as in `JSON.parse`.
    Object(Vec<Field<'a>>),
}

/// A field of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name, without escapes.
    pub name: Cow<'a, str>,
    /// Its value.
    pub value: Value<'a>,
}

/// A text that is not JSON, is nested too deep, or contains half a surrogate pair.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid;

/// Reads a JSON text (RFC 8259).
///
/// Its arrays and objects may be nested at most `max_depth` deep. The text is checked first, and
/// then read in one pass.
///
/// # Errors
///
/// Returns an error if the bytes are not such a text.
pub fn read(bytes: &[u8], max_depth: usize) -> Result<Value<'_>, Invalid> {
    scan(bytes, max_depth, true)
}

/// Reads a JSON text in which a string with half a surrogate pair is only no text.
///
/// JavaScript writes such a string where it has cut a text within a character.
///
/// # Errors
///
/// Returns an error if the bytes are not a JSON text, or are nested too deep.
pub fn read_leniently(bytes: &[u8], max_depth: usize) -> Result<Value<'_>, Invalid> {
    scan(bytes, max_depth, false)
}

fn scan(bytes: &[u8], max_depth: usize, is_strict: bool) -> Result<Value<'_>, Invalid> {
    let text = str::from_utf8(bytes).map_err(|_| Invalid)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| Invalid)?;
    Scanner::new(text, is_strict).value(max_depth)
}

/// Returns the text of a JSON string, or `None` for another value.
///
/// A string with half a surrogate pair also gives `None`, because UTF-8 cannot encode it.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return unescape(inner).map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// Resolves the escapes of RFC 8259, section 7.
fn unescape(inner: &str) -> Option<String> {
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => escaped(&mut chars)?,
            plain => plain,
        });
    }
    Some(text)
}

fn escaped(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(chars),
        itself => itself,
    })
}

/// Reads a code point from four hex digits.
///
/// One beyond the BMP takes the two halves of a surrogate pair.
fn code_point(chars: &mut Chars<'_>) -> Option<char> {
    let high = code_unit(chars)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    let low = (chars.next()? == '\\' && chars.next()? == 'u')
        .then(|| code_unit(chars))
        .flatten()
        .filter(|low| (0xdc00..0xe000).contains(low))?;
    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

fn code_unit(chars: &mut Chars<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit << 4 | chars.next()?.to_digit(16)?;
    }
    Some(unit)
}

impl<'a> Value<'a> {
    /// Returns the value's text, or `None` if it is not a string.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Scalar(raw) => text(raw),
            _ => None,
        }
    }

    /// Returns the number as it was written, or `None` if the value is not a number that fits in a
    /// double.
    pub fn number(&self) -> Option<&'a str> {
        match self {
            Self::Scalar(raw) if raw.starts_with(is_numeric) && is_finite(raw) => Some(raw),
            _ => None,
        }
    }

    /// Returns the truth value, or `None` if the value is not one.
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Scalar("true") => Some(true),
            Self::Scalar("false") => Some(false),
            _ => None,
        }
    }

    /// Returns the field of an object, or `None` if the value has no such field.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields
                .iter()
                .find(|field| field.name == name)
                .map(|field| &field.value),
            _ => None,
        }
    }

    /// Returns the items of an array, or none if the value is not an array.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// Returns whether a double can hold every number in the value (RFC 8259, section 6).
    ///
    /// That is so if none has more than 308 digits before the point, after the exponent has moved
    /// it.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Scalar(raw) => is_finite(raw),
            Self::Array(items) => items.iter().all(Self::is_finite),
            Self::Object(fields) => fields.iter().all(|field| field.value.is_finite()),
        }
    }

    /// Adds the value to a JSON text.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Scalar(raw) => out.push_str(raw),
            Self::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, field) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    field.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Returns whether a double can hold this number.
///
/// It counts the digits before the point, as the exponent moves it. A parser of doubles would add
/// 15 KB to the upload.
fn is_finite(scalar: &str) -> bool {
    let unsigned = scalar.bytes().skip_while(|byte| *byte == b'-');
    let digits = unsigned.take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return true;
    }
    let Some(at) = scalar.bytes().position(|byte| matches!(byte, b'e' | b'E')) else {
        return digits <= MAX_MAGNITUDE;
    };
    let exponent = scalar.get(at + 1..).unwrap_or_default();
    match exponent.parse::<i32>() {
        Ok(exponent) => digits.saturating_add_signed(exponent as isize) <= MAX_MAGNITUDE,
        Err(_) => exponent.starts_with('-'),
    }
}

fn is_numeric(first: char) -> bool {
    first == '-' || first.is_ascii_digit()
}

impl Field<'_> {
    /// Adds the field to the inside of an object.
    pub fn write(&self, out: &mut String) {
        write_text(&self.name, out);
        out.push(':');
        self.value.write(out);
    }
}

/// Adds a string to a JSON text.
pub fn write_text(text: &str, out: &mut String) {
    out.push_str(&quoted(text));
}

/// Returns a string as a JSON text.
pub fn quoted(text: &str) -> String {
    // A string always serialises.
    serde_json::to_string(text).unwrap_or_default()
}
