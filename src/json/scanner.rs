//! The scan of a text that is known to be JSON.

use std::collections::BinaryHeap;

use super::{Field, Invalid, Value, text};

/// Walks a text that is known to be JSON, so it only has to tell the values apart.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Whether half a surrogate pair makes the whole text invalid.
    is_strict: bool,
}

impl<'a> Scanner<'a> {
    /// Begins at the start of a text.
    pub(super) fn new(text: &'a str, is_strict: bool) -> Self {
        Self {
            text,
            at: 0,
            is_strict,
        }
    }

    /// Reads the next value, nested at most `depth` levels deep.
    pub(super) fn value(&mut self, depth: usize) -> Result<Value<'a>, Invalid> {
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
            let name = text(self.string()?);
            self.skip(b':');
            let value = self.value(depth)?;
            // Nobody asks for a field whose name is no text.
            fields.extend(name.map(|name| Field { name, value }));
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
        if self.is_strict && escapes_code_points && text(raw).is_none() {
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
