//! The command line.

use std::ffi::OsString;
use std::fmt;

use lexopt::prelude::*;
use simulator::{KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, MAX_KEEP, Options, State};

pub const HELP: &str = "\
The concierge API as its published contract describes it, on a local port.

Usage: simulator --key KEY:TIER[:ORIGIN,ORIGIN...] [OPTIONS]

Options:
  --key KEY:TIER[:ORIGIN,...]  a key, its tier (trial, production or internal) and the origins
                               that CORS lets in; may be repeated
  --disabled-key KEY           a key that is switched off; may be repeated
  --misconfigured-key KEY      a key with incomplete metadata; may be repeated
  --port N                     the port, 0 for a free one [default: 8790]
  --host ADDRESS               the address to listen on [default: 127.0.0.1]
  --storefront URL             the base of product pages [default: https://www.example.com]
  --faults                     allow faults, the record of requests and other control
  --keep N                     how many requests stay on record, at most 1,000,000
                               [default: 20000]
  --exit-with-stdin            end when stdin is closed
  --verbose                    a line on stderr for every request
  --help                       this text

A KEY is ak_concierge_ followed by 48 hexadecimal digits.

With --faults, a chat whose context has \"simulator_fault\": \"NAME\" goes wrong in that way, and:
  PUT    /_simulator/fault     {\"fault\": NAME, \"times\": N} for all chats, or for the next N
  DELETE /_simulator/fault     ends that
  GET    /_simulator/requests  the requests on record, of the last 20,000, with their bodies
  DELETE /_simulator/requests  clears the record
  GET    /_simulator/chats     a short entry for each of all chats on record
  GET    /_simulator/count     how many chats there were, are open, and were answered whole
  POST   /_simulator/limits    {\"key\": KEY, \"minute\": N, \"hour\": N, \"day\": N} for one key
  POST   /_simulator/reset     clears requests, faults, sessions, rate counters and such limits
These NAMEs exist:
";

/// The command that the arguments select.
pub enum Command {
    Help,
    Run(Run),
}

/// The settings of one run.
pub struct Run {
    pub options: Options,
    pub exit_with_stdin: bool,
}

/// An error in the command line.
#[derive(Debug)]
pub enum Mistake {
    Syntax(lexopt::Error),
    Key(&'static str, KeyError),
    NoKey,
    Storefront,
    Keep,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Syntax(error) => error.to_string(),
            Self::Key(option, error) => format!("{option}: {error}"),
            Self::NoKey => format!(
                "at least one --key KEY:TIER[:ORIGIN,ORIGIN...] is needed, where KEY is {KEY_FORM}"
            ),
            Self::Keep => format!("--keep: not a number from 1 to {MAX_KEEP}"),
            Self::Storefront => "--storefront: not an http or https URL".to_owned(),
        };
        f.write_str(&without_keys(&text))
    }
}

/// Removes keys from a message. An invalid argument may contain one.
fn without_keys(text: &str) -> String {
    let mut parts = text.split(KEY_PREFIX);
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str(KEY_PREFIX);
        clean.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    clean
}

impl From<lexopt::Error> for Mistake {
    fn from(error: lexopt::Error) -> Self {
        Self::Syntax(error)
    }
}

/// Parses the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Mistake> {
    let mut options = Options::default();
    let mut exit_with_stdin = false;
    let mut open_keys = 0;
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("key") => {
                let text = text(&mut parser)?;
                add(&mut options.keys, "--key", text.parse())?;
                open_keys += 1;
            }
            Long("disabled-key") => {
                let key = Key::closed(&text(&mut parser)?, State::Disabled);
                add(&mut options.keys, "--disabled-key", key)?;
            }
            Long("misconfigured-key") => {
                let key = Key::closed(&text(&mut parser)?, State::Misconfigured);
                add(&mut options.keys, "--misconfigured-key", key)?;
            }
            Long("port") => options.port = parser.value()?.parse()?,
            Long("host") => options.host = parser.value()?.parse()?,
            Long("storefront") => options.storefront = storefront(&text(&mut parser)?)?,
            Long("keep") => options.keep = keep(&text(&mut parser)?)?,
            Long("faults") => options.faults = true,
            Long("exit-with-stdin") => exit_with_stdin = true,
            Long("verbose") => options.verbose = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    if open_keys == 0 {
        return Err(Mistake::NoKey);
    }
    Ok(Command::Run(Run {
        options,
        exit_with_stdin,
    }))
}

/// Returns the value of an option. A value that is not Unicode becomes a text that no rule accepts.
fn text(parser: &mut lexopt::Parser) -> Result<String, Mistake> {
    Ok(parser.value()?.to_string_lossy().into_owned())
}

fn add(keys: &mut Keys, option: &'static str, key: Result<Key, KeyError>) -> Result<(), Mistake> {
    key.and_then(|key| keys.add(key))
        .map_err(|error| Mistake::Key(option, error))
}

fn storefront(url: &str) -> Result<String, Mistake> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(Mistake::Storefront),
    }
}

fn keep(number: &str) -> Result<usize, Mistake> {
    number
        .parse()
        .ok()
        .filter(|number| (1..=MAX_KEEP).contains(number))
        .ok_or(Mistake::Keep)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const KEY: &str = "ak_concierge_0123456789abcdef0123456789abcdef0123456789abcdef";

    fn read(line: &str) -> Result<Run, String> {
        match parse(line.split_whitespace().map(OsString::from)) {
            Ok(Command::Run(run)) => Ok(run),
            Ok(Command::Help) => Err("help".to_owned()),
            Err(mistake) => Err(mistake.to_string()),
        }
    }

    fn mistake(line: &str) -> String {
        read(line).err().unwrap()
    }

    #[test]
    fn everything_has_a_default_but_the_key() {
        let run = read(&format!("--key {KEY}:trial")).unwrap();
        assert_eq!(run.options.port, 8790);
        assert_eq!(run.options.host.to_string(), "127.0.0.1");
        assert_eq!(run.options.storefront, "https://www.example.com");
        assert_eq!(run.options.keep, 20_000);
        assert!(!run.options.faults && !run.exit_with_stdin && !run.options.verbose);
        assert!(mistake("").contains("ak_concierge_ followed by 48"));
        assert!(mistake(&format!("--disabled-key {KEY}")).contains("at least one --key"));
    }

    #[test]
    fn all_options_are_read() {
        let run = read(&format!(
            "--port 0 --host 0.0.0.0 --key {KEY}:trial:http://localhost:1 --faults --verbose \
             --exit-with-stdin --storefront http://shop.test/ --keep 70000"
        ))
        .unwrap();
        assert_eq!(run.options.port, 0);
        assert_eq!(run.options.host.to_string(), "0.0.0.0");
        assert_eq!(run.options.storefront, "http://shop.test");
        assert_eq!(run.options.keep, 70_000);
        assert!(run.options.faults && run.exit_with_stdin && run.options.verbose);
    }

    #[test]
    fn mistakes_are_readable_and_keep_the_key_to_themselves() {
        for line in [
            format!("--key {KEY}"),
            format!("--key {KEY}:gold"),
            format!("--key x{KEY}:trial"),
            format!("--key {KEY}:trial:nowhere"),
            format!("--key {KEY}:trial --disabled-key {KEY}"),
            format!("{KEY}:trial"),
            format!("--port {KEY}"),
            format!("--faults={KEY}"),
            format!("--key {KEY}:trial:https://a.example,{KEY}:trial"),
        ] {
            assert!(!mistake(&line).contains(KEY), "{line}");
        }
        assert!(mistake("--port many").contains("many"));
        assert!(mistake("--fault").contains("--fault"));
        assert!(mistake("--storefront ftp://x").contains("--storefront"));
        for number in ["0", "1000001", "many"] {
            assert!(mistake(&format!("--keep {number}")).contains("from 1 to 1000000"));
        }
        assert_eq!(mistake("--help"), "help");
    }
}
