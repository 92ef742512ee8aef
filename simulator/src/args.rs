//! The command line.

use std::ffi::OsString;
use std::fmt;

use lexopt::prelude::*;
use simulator::{
    Assistant, KEY_FORM, KEY_PREFIX, Key, KeyError, Keys, MAX_KEEP, Options, Serve, State,
};

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
    Assistant(String),
    Switch(String),
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
            Self::Assistant(reason) => format!("--assistant: {reason}"),
            Self::Switch(reason) => reason.clone(),
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
    let mut assistants = Vec::new();
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
            Long("assistant") => assistants.push(text(&mut parser)?),
            Long("port") => options.port = parser.value()?.parse()?,
            Long("host") => options.host = parser.value()?.parse()?,
            Long("storefront") => options.storefront = storefront(&text(&mut parser)?)?,
            Long("keep") => options.keep = keep(&text(&mut parser)?)?,
            Long("faults") => options.faults = true,
            Long("exit-with-stdin") => exit_with_stdin = true,
            Long("verbose") => options.verbose = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            Long(name) if switch(name).is_some() => {
                if let Some((assistant, name)) = switch(name).map(|(a, n)| (a, n.to_owned())) {
                    let text = text(&mut parser)?;
                    let set = options.switches.set(assistant, &name, &text);
                    set.map_err(|why| Mistake::Switch(format!("--{assistant}-{name}: {why}")))?;
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    options.serve = serve(&assistants).map_err(Mistake::Assistant)?;
    let served = options.assistants();
    if open_keys == 0
        && served
            .iter()
            .any(|(own, _)| *own == Assistant::SalesAssociate)
    {
        return Err(Mistake::NoKey);
    }
    Ok(Command::Run(Run {
        options,
        exit_with_stdin,
    }))
}

/// Returns the assistant and the name of a switch, from an option such as `homie-link`.
fn switch(option: &str) -> Option<(Assistant, &str)> {
    Assistant::ALL.into_iter().find_map(|assistant| {
        let name = option.strip_prefix(assistant.name())?.strip_prefix('-')?;
        Some((assistant, name))
    })
}

/// Reads the assistants to serve: none, one, some with their ports, or all.
fn serve(texts: &[String]) -> Result<Serve, String> {
    match texts {
        [] => Ok(Serve::One(Assistant::SalesAssociate)),
        [all] if all == "all" => Ok(Serve::All),
        [one] if !one.contains('=') => one.parse().map(Serve::One),
        several => {
            let mut list: Vec<(Assistant, u16)> = Vec::new();
            for text in several {
                let (name, port) = text
                    .split_once('=')
                    .ok_or_else(|| format!("'{text}' beside others needs a port: NAME=PORT"))?;
                let assistant = name.parse()?;
                let port = port.parse().map_err(|_| format!("'{port}' is no port"))?;
                if list.iter().any(|(own, _)| *own == assistant) {
                    return Err(format!("{assistant} is given twice"));
                }
                list.push((assistant, port));
            }
            Ok(Serve::Each(list))
        }
    }
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
