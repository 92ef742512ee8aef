//! The names of the faults and the switch that holds one for all requests.

use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

use crate::app::lock;
use crate::errors::Code;

/// The largest answer that a fault may ask for.
const MAX_SIZE: usize = 256 * 1024 * 1024;

/// A way in which an answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Delay(Duration),
    HangBefore,
    HangAfter,
    Trickle(Duration),
    ResetBefore,
    ResetAfter,
    Truncated,
    NotJson,
    JsonAsHtml,
    BrokenJson,
    Empty,
    Html502,
    Html504,
    Gateway403,
    Gateway413,
    Gateway429,
    Redirect,
    Error(Code),
    UnknownError,
    Oversized(usize),
    OversizedError(usize),
    Gzip,
    Headers,
    Status(u16),
    BadRetryAfter,
    NoRequestId,
    KeyEcho,
}

/// The faults without an argument.
const PLAIN: [(&str, Fault); 21] = [
    ("hang-before", Fault::HangBefore),
    ("hang-after", Fault::HangAfter),
    ("reset-before", Fault::ResetBefore),
    ("reset-after", Fault::ResetAfter),
    ("truncated", Fault::Truncated),
    ("not-json", Fault::NotJson),
    ("json-as-html", Fault::JsonAsHtml),
    ("broken-json", Fault::BrokenJson),
    ("empty", Fault::Empty),
    ("html-502", Fault::Html502),
    ("html-504", Fault::Html504),
    ("gateway-403", Fault::Gateway403),
    ("gateway-413", Fault::Gateway413),
    ("gateway-429", Fault::Gateway429),
    ("redirect", Fault::Redirect),
    ("unknown-error", Fault::UnknownError),
    ("gzip", Fault::Gzip),
    ("headers", Fault::Headers),
    ("bad-retry-after", Fault::BadRetryAfter),
    ("no-request-id", Fault::NoRequestId),
    ("key-echo", Fault::KeyEcho),
];

/// The faults with an argument, as a person writes them.
const WITH_ARGUMENT: [&str; 6] = [
    "delay:MS",
    "trickle:MS",
    "error:CODE",
    "oversized:BYTES",
    "oversized-error:BYTES",
    "status:N",
];

/// Says that a name is unknown, and which ones exist.
pub fn unknown(name: &str) -> String {
    let plain = PLAIN.map(|(name, _)| name).join(", ");
    let codes = Code::ALL.map(Code::name).join(", ");
    let with_argument = WITH_ARGUMENT.join(", ");
    format!(
        "There is no fault '{name}'. These exist: {with_argument}, {plain}. \
         CODE is one of {codes}; N is from 200 to 599; BYTES is at most {MAX_SIZE}.\n"
    )
}

impl FromStr for Fault {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let Some((name, argument)) = text.split_once(':') else {
            return PLAIN
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, fault)| *fault)
                .ok_or(());
        };
        match name {
            "delay" => milliseconds(argument).map(Self::Delay),
            "trickle" => milliseconds(argument).map(Self::Trickle),
            "error" => Code::ALL
                .into_iter()
                .find(|code| code.name() == argument)
                .map(Self::Error),
            "oversized" => size(argument).map(Self::Oversized),
            "oversized-error" => size(argument).map(Self::OversizedError),
            "status" => argument
                .parse()
                .ok()
                .filter(|status| (200..600).contains(status))
                .map(Self::Status),
            _ => None,
        }
        .ok_or(())
    }
}

fn milliseconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

fn size(text: &str) -> Option<usize> {
    text.parse().ok().filter(|size| *size <= MAX_SIZE)
}

/// A fault with the name under which it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub fault: Fault,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(fault) => Ok(Self {
                name: text.to_owned(),
                fault,
            }),
            Err(()) => Err(unknown(text)),
        }
    }
}

/// The fault that strikes all chats, for a number of times or until it is taken back.
#[derive(Default)]
pub struct Switch(Mutex<Option<(Named, Option<u64>)>>);

impl Switch {
    pub fn set(&self, fault: Named, times: Option<u64>) {
        *lock(&self.0) = (times != Some(0)).then_some((fault, times));
    }

    pub fn clear(&self) {
        *lock(&self.0) = None;
    }

    /// The fault for the next chat.
    pub fn take(&self) -> Option<Named> {
        let mut held = lock(&self.0);
        let (fault, times) = held.as_mut()?;
        let fault = fault.clone();
        if let Some(times) = times {
            *times -= 1;
            if *times == 0 {
                *held = None;
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_read_and_unknown_ones_answered_with_the_list() {
        assert_eq!(
            "delay:20".parse(),
            Ok(Fault::Delay(Duration::from_millis(20)))
        );
        assert_eq!("status:418".parse(), Ok(Fault::Status(418)));
        assert_eq!(
            "error:upstream_error".parse(),
            Ok(Fault::Error(Code::UpstreamError))
        );
        for (name, fault) in PLAIN {
            assert_eq!(name.parse(), Ok(fault));
        }
        for wrong in [
            "",
            "delay",
            "delay:x",
            "status:99",
            "status:600",
            "error:none",
            "gzip:1",
            "oversized:999999999999",
        ] {
            let said = wrong.parse::<Named>().unwrap_err();
            assert!(said.contains("gzip") && said.contains("delay:MS"), "{said}");
        }
    }

    #[test]
    fn the_switch_counts_down() {
        let switch = Switch::default();
        let gzip: Named = "gzip".parse().unwrap();
        switch.set(gzip.clone(), Some(2));
        assert_eq!(switch.take(), Some(gzip.clone()));
        assert_eq!(switch.take(), Some(gzip.clone()));
        assert_eq!(switch.take(), None);
        switch.set(gzip.clone(), None);
        for _ in 0..9 {
            assert!(switch.take().is_some());
        }
        switch.clear();
        assert_eq!(switch.take(), None);
        switch.set(gzip, Some(0));
        assert_eq!(switch.take(), None);
    }
}
