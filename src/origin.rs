//! Web origins: how a setting spells them, and which of them may call.
//!
//! A browser sends the serialised origin (RFC 6454, section 6.1): in lower case, without the
//! default port and without a path. Entries are converted to that form once, when the configuration
//! is read. So a request costs a comparison of bytes, and nothing that a browser sent is ever
//! parsed.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The most bytes in a label of a host name (RFC 1035, section 2.3.4).
const LABEL_BYTES: usize = 63;

/// The origins that may call, as the merchant wrote them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct AllowList(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(String),
    /// Everything before and after the `*`, which is inside the left-most label.
    Wildcard {
        before: String,
        after: String,
    },
}

/// An entry that is not an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEntry {
    /// The entry's place in the list, from 1.
    pub place: usize,
    /// What is wrong, without quoting the entry.
    pub reason: &'static str,
}

impl AllowList {
    /// Reads a list of entries separated by commas.
    ///
    /// Returns the list of the valid entries, and a report of each of the others.
    pub fn parse(text: &str) -> (Self, Vec<BadEntry>) {
        let mut patterns = Vec::new();
        let mut bad = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            match Pattern::parse(entry.trim()) {
                Ok(pattern) => patterns.push(pattern),
                Err(reason) => bad.push(BadEntry {
                    place: index + 1,
                    reason,
                }),
            }
        }
        (Self(patterns), bad)
    }

    /// Returns whether a page of this serialised origin may call.
    pub fn allows(&self, origin: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(origin))
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        let Some((before, after)) = entry.split_once('*') else {
            return serialise(entry).map(Self::Exact);
        };
        if after.contains('*') {
            return Err("has more than one `*`");
        }
        let (_, host) = split_scheme(before)?;
        if host.contains('.') || host.contains(':') {
            return Err("has a `*` outside the leftmost label");
        }
        let parents = after
            .split_once('.')
            .map_or(0, |(_, rest)| rest.split('.').count());
        if parents < 2 {
            return Err("has a `*` followed by fewer than two labels");
        }
        // Each request checks what the `*` stands for. Here the `*` only has to leave an origin.
        let stand_in = "x";
        let whole = serialise(&format!("{before}{stand_in}{after}"))?;
        let start = before.len();
        let after = whole
            .get(start + stand_in.len()..)
            .ok_or("is not an origin")?;
        Ok(Self::Wildcard {
            before: before.to_ascii_lowercase(),
            after: after.to_owned(),
        })
    }

    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == origin,
            Self::Wildcard { before, after } => origin
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(after.as_str()))
                .is_some_and(|label| {
                    !label.is_empty()
                        && label.bytes().all(|byte| {
                            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
                        })
                }),
        }
    }
}

/// Converts an origin to the form in which a browser sends it.
///
/// # Errors
///
/// Returns what is wrong with it, in words that follow "entry 2 …" and never quote it.
pub fn serialise(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    if !text.is_ascii() {
        return Err("is not ASCII: write an international host name in its xn-- form");
    }
    if text.contains(char::is_whitespace) {
        return Err("contains white space: separate entries with commas");
    }
    let text = text.to_ascii_lowercase();
    let (scheme, authority) = split_scheme(&text)?;
    if authority.contains(['/', '?', '#', '\\']) {
        return Err("has a path: an origin must end with its host or port");
    }
    if authority.contains('@') {
        return Err("has a user name");
    }
    let (host, port) = split_port(authority)?;
    let loopback = check_host(host)?;
    let default_port = match scheme {
        "https" => 443,
        "http" if loopback => 80,
        "http" => {
            return Err("uses http, which is allowed only for localhost and loopback addresses");
        }
        _ => return Err("uses a scheme other than https or http"),
    };
    Ok(match port {
        Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}

/// Returns the origin of a URL, in the form in which a browser sends it.
///
/// Returns `None` if it is not an https URL, or an http one of this machine.
pub fn of_url(url: &str) -> Option<String> {
    let (_, rest) = split_scheme(url).ok()?;
    let path = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let end = url.len() - rest.len() + path;
    serialise(url.get(..end)?).ok()
}

/// Returns the scheme of a URL, and what follows its `://`.
///
/// # Errors
///
/// Returns an error if there is no scheme.
pub fn split_scheme(url: &str) -> Result<(&str, &str), &'static str> {
    url.split_once(':')
        .and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?)))
        .ok_or("has no scheme: write https:// before the host")
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    // The colons of an IPv6 address are inside its brackets.
    let host_end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority
        .get(host_end..)
        .and_then(|rest| rest.find(':'))
        .map(|at| host_end + at)
    else {
        return Ok((authority, None));
    };
    let (host, port) = (authority.get(..colon), authority.get(colon + 1..));
    let (host, port) = (host.unwrap_or_default(), port.unwrap_or_default());
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port == number.to_string() => Ok((host, Some(number))),
        _ => Err("has a port that is not a number from 1 to 65535"),
    }
}

/// Checks a lower-case host, and returns whether it is this machine itself.
fn check_host(host: &str) -> Result<bool, &'static str> {
    const NO_HOST: &str = "has an invalid host name or address";
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').ok_or(NO_HOST)?;
        let parsed: Ipv6Addr = address.parse().map_err(|_| NO_HOST)?;
        // Browsers and Rust spell a mapped IPv4 address differently.
        if parsed.to_string() != address || parsed.to_ipv4_mapped().is_some() {
            return Err("has an IPv6 address that is not in its shortest form");
        }
        return Ok(parsed.is_loopback());
    }
    let labels_good = host.split('.').all(|label| {
        (1..=LABEL_BYTES).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    if !labels_good {
        return Err(NO_HOST);
    }
    // A browser reads a host whose last label is a number as an IPv4 address.
    let last = host.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        let parsed: Ipv4Addr = host.parse().map_err(|_| NO_HOST)?;
        return Ok(parsed.is_loopback());
    }
    Ok(host == "localhost")
}
