//! JSON texts, read as they are written.
//!
//! Values keep every digit and escape that they were written with. Each field of an object is kept
//! once.

use std::borrow::Cow;
use std::collections::BinaryHeap;
use std::str::Chars;

use serde::de::IgnoredAny;

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
    let text = str::from_utf8(bytes).map_err(|_| Invalid)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| Invalid)?;
    Scanner { text, at: 0 }.value(max_depth)
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
    // A string always serialises.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Walks a text that is known to be JSON, so it only has to tell the values apart.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Invalid> {
        match self.peek() {
            Some(b'{') => Ok(Value::Object(once(self.fields(inside(depth)?)?))),
            Some(b'[') => Ok(Value::Array(self.items(inside(depth)?)?)),
            Some(b'"') => self.string().map(Value::Scalar),
            _ => Ok(Value::Scalar(self.take(|byte| {
                matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r')
            }))),
        }
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<Field<'a>>, Invalid> {
        let mut fields = Vec::new();
        self.at += 1;
        while self.peek() == Some(b'"') {
            let name = text(self.string()?).ok_or(Invalid)?;
            self.skip(b':');
            let value = self.value(depth)?;
            fields.push(Field { name, value });
            self.skip(b',');
        }
        self.skip(b'}');
        Ok(fields)
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Value<'a>>, Invalid> {
        let mut items = Vec::new();
        self.at += 1;
        while !matches!(self.peek(), Some(b']') | None) {
            items.push(self.value(depth)?);
            self.skip(b',');
        }
        self.skip(b']');
        Ok(items)
    }

    /// Reads a string, with its quotes.
    fn string(&mut self) -> Result<&'a str, Invalid> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        let mut escapes_code_points = false;
        while let Some(byte) = bytes.get(end) {
            end += match byte {
                b'"' => break,
                b'\\' => {
                    escapes_code_points |= bytes.get(end + 1) == Some(&b'u');
                    2
                }
                _ => 1,
            };
        }
        self.at = end + 1;
        let raw = self.text.get(start..self.at).ok_or(Invalid)?;
        if escapes_code_points && text(raw).is_none() {
            return Err(Invalid);
        }
        Ok(raw)
    }

    /// Reads up to the next byte that `ends` accepts.
    fn take(&mut self, ends: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Skips white space, and returns the next byte without taking it.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Skips this byte if it comes next.
    fn skip(&mut self, byte: u8) {
        if self.peek() == Some(byte) {
            self.at += 1;
        }
    }
}

fn inside(depth: usize) -> Result<usize, Invalid> {
    depth.checked_sub(1).ok_or(Invalid)
}

/// Keeps the last field of each name.
fn once(mut fields: Vec<Field<'_>>) -> Vec<Field<'_>> {
    let names: BinaryHeap<(&str, usize)> = fields
        .iter()
        .enumerate()
        .map(|(index, field)| (&*field.name, index))
        .collect();
    let mut last = vec![true; fields.len()];
    // Equal names are now adjacent, in the order in which they were written.
    for pair in names.into_sorted_vec().windows(2) {
        if let [(name, earlier), (next, _)] = pair
            && name == next
            && let Some(flag) = last.get_mut(*earlier)
        {
            *flag = false;
        }
    }
    let mut flags = last.into_iter();
    fields.retain(|_| flags.next().unwrap_or(true));
    fields
}
