//! Shopify's App Proxy: requests that Shopify passes on from a storefront's own domain.
//!
//! Shopify signs the query of each of them with the app's secret, and says in it which customer is
//! logged in ("Authenticate app proxies", published by Shopify). Nothing else of such a request
//! shows where it comes from: cookies and some headers do not arrive.

use std::borrow::Cow;

use crate::keys;
use crate::secret::Secret;

/// How old a signature may be, and how far ahead of our clock, in seconds.
pub const MAX_AGE: u32 = 90;

const SIGNATURE: &str = "signature";
/// The parameters that Shopify adds, beside the signature.
const SIGNED: [&str; 4] = ["logged_in_customer_id", "path_prefix", "shop", "timestamp"];
/// These and the pages' own parameters, in the order in which they are signed.
const IN_ORDER: [&str; 6] = [
    "logged_in_customer_id",
    "page",
    "path_prefix",
    "session_id",
    "shop",
    "timestamp",
];
/// The longest customer id, in digits: a 64-bit number.
const MAX_ID_DIGITS: usize = 20;

/// The app that signs, and the shop that it is for.
#[derive(Debug)]
pub struct AppProxy {
    /// The app's secret.
    pub secret: Secret,
    /// The next secret, while a rotation runs.
    pub next: Option<Secret>,
    /// The shop's `myshopify.com` name.
    pub shop: String,
}

/// A request that the shop's own storefront sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    /// The customer who is logged in.
    pub customer: Option<String>,
}

// Who the customer is is never printed.
impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visit(***)")
    }
}

/// Returns whether a query claims to be signed.
pub fn is_claimed(query: &str) -> bool {
    query.split('&').any(|pair| name(pair) == SIGNATURE)
}

impl AppProxy {
    /// Returns the visit if Shopify has signed the query for this shop in the last 90 seconds.
    ///
    /// The query has exactly the parameters that Shopify adds and, where the path has one, `own`,
    /// the page's. Each is there once. The time is in seconds since 1970.
    pub fn verify(&self, query: &str, own: Option<&str>, now: u32) -> Option<Visit> {
        let mut pairs = Vec::new();
        for pair in query.split('&') {
            let (name, value) = decode(pair)?;
            let is_repeated = pairs.iter().any(|(other, _)| *other == name);
            let is_known = SIGNED.contains(&&*name) || name == SIGNATURE || own == Some(&*name);
            if is_repeated || !is_known {
                return None;
            }
            pairs.push((name, value));
        }
        let value = |name: &str| {
            let pair = pairs.iter().find(|(other, _)| other == name);
            pair.map(|(_, value)| &**value)
        };
        // Shopify signs the decoded parameters, in their order and with nothing between them.
        let mut signed = String::new();
        for name in IN_ORDER {
            if let Some(value) = value(name) {
                signed.extend([name, "=", value]);
            }
        }
        let signature = value(SIGNATURE)?;
        let is_signed = [Some(&self.secret), self.next.as_ref()]
            .into_iter()
            .flatten()
            .any(|secret| {
                keys::is_signed(signed.as_bytes(), secret.expose().as_bytes(), signature)
            });
        let [customer, prefix, shop, timestamp] = SIGNED.map(value);
        // Whatever prefix the shop chose, it has one.
        prefix?;
        let is_recent = timestamp?
            .parse()
            .is_ok_and(|at: u32| now.abs_diff(at) <= MAX_AGE);
        if !is_signed || shop? != self.shop || !is_recent {
            return None;
        }
        match customer? {
            "" => Some(Visit { customer: None }),
            id if id.len() <= MAX_ID_DIGITS && id.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Visit {
                    customer: Some(id.to_owned()),
                })
            }
            _ => None,
        }
    }
}

/// Returns the shopper's address in `X-Forwarded-For`.
///
/// That is the right-most entry that is not the peer, whom the platform vouches for: what is left
/// of it may have been made up by the browser.
pub fn shopper_address<'a>(forwarded: &'a str, peer: &str) -> Option<&'a str> {
    let mut entries = forwarded.rsplit(',').map(str::trim);
    entries.find(|entry| !entry.is_empty() && *entry != peer)
}

/// Reads the shop's `myshopify.com` name.
///
/// # Errors
///
/// Returns what is wrong, in words that follow the setting's name and never quote its value.
pub fn parse_shop(text: &str) -> Result<String, String> {
    let shop = text.to_ascii_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_shop = shop
        .strip_suffix(".myshopify.com")
        .is_some_and(|name| !name.is_empty() && name.bytes().all(is_plain));
    if is_shop {
        Ok(shop)
    } else {
        Err("must have the form example.myshopify.com".to_owned())
    }
}

fn name(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// Decodes one parameter (URL standard, application/x-www-form-urlencoded).
///
/// Returns `None` if an escape is broken, or if the result is not UTF-8.
fn decode(pair: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((unescape(name)?, unescape(value)?))
}

fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
