//! What a page sends about rewards: a sign-up, and a click on a product.

use std::borrow::Cow;

use super::body::Body;
use crate::json::{Field, Value};
use crate::refusal::{InvalidField, Refusal};

/// The longest address, in bytes (RFC 5321, section 4.5.3.1).
const MAX_EMAIL_BYTES: usize = 254;
/// The longest other text, in bytes.
const MAX_TEXT_BYTES: usize = 256;
const MAX_UTM_FIELDS: usize = 16;

/// A shopper who signs up for rewards, and has agreed to it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignUp {
    /// The shopper's address.
    pub email: String,
    /// Where the shopper came from.
    pub utm: Vec<(String, String)>,
}

/// A shopper who follows a product's link.
#[derive(Clone, PartialEq, Eq)]
pub struct Click {
    /// The shopper's address.
    pub email: String,
    /// The id of the product.
    pub product_id: String,
}

impl SignUp {
    /// Reads a sign-up from a body.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn read(body: &Body<'_>) -> Result<Self, Refusal> {
        let email = email(body)?;
        if body.field("consent").and_then(Value::boolean) != Some(true) {
            return Err(Refusal::InvalidField(InvalidField::Consent));
        }
        let utm = match body.field("utm") {
            None => Vec::new(),
            Some(Value::Object(fields)) if fields.len() <= MAX_UTM_FIELDS => {
                let fields: Option<Vec<_>> = fields.iter().map(utm_field).collect();
                fields.ok_or(Refusal::InvalidField(InvalidField::Utm))?
            }
            Some(_) => return Err(Refusal::InvalidField(InvalidField::Utm)),
        };
        Ok(Self { email, utm })
    }
}

impl Click {
    /// Reads a click from a body.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn read(body: &Body<'_>) -> Result<Self, Refusal> {
        let email = email(body)?;
        let product_id = body.field("product_id").and_then(Value::text);
        let product_id = product_id.filter(|id| is_plain(id));
        Ok(Self {
            email,
            product_id: product_id
                .ok_or(Refusal::InvalidField(InvalidField::ProductId))?
                .into_owned(),
        })
    }
}

// No address is ever printed.
impl std::fmt::Debug for SignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignUp(***)")
    }
}

impl std::fmt::Debug for Click {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Click(***)")
    }
}

/// An address is only roughly checked: whether it exists shows when it is written to.
fn email(body: &Body<'_>) -> Result<String, Refusal> {
    let is_address = |text: &Cow<'_, str>| {
        let parts = text.split_once('@');
        parts.is_some_and(|(local, host)| {
            !local.is_empty() && host.contains('.') && !host.contains('@')
        }) && text.len() <= MAX_EMAIL_BYTES
            && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let email = body.field("email").and_then(Value::text).filter(is_address);
    email
        .map(Cow::into_owned)
        .ok_or(Refusal::InvalidField(InvalidField::Email))
}

fn utm_field(field: &Field<'_>) -> Option<(String, String)> {
    let value = field.value.text()?;
    let is_short = field.name.len() <= MAX_TEXT_BYTES && value.len() <= MAX_TEXT_BYTES;
    is_short.then(|| (field.name.to_string(), value.into_owned()))
}

fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_TEXT_BYTES
}
