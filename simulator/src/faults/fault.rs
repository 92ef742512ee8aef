//! The faults and their names.

use std::str::FromStr;
use std::time::Duration;

use crate::contract::assistant::Assistant;
use crate::faults::hostile::Hostile;

/// The largest answer that a fault may ask for.
pub const MAX_SIZE: usize = 256 * 1024 * 1024;

/// A fault: a way in which an answer fails or differs from the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No fault. It stands for a good answer in a sequence.
    Nothing,
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
    /// An empty chunked body, without a length.
    EmptyChunked,
    Html502,
    Html503,
    Html504,
    /// A gateway's 503, with this many seconds in its `Retry-After`.
    Unavailable(u64),
    Gateway403,
    Gateway413,
    Gateway429,
    /// A 429 as an HTML page, with this many seconds in its `Retry-After`.
    Throttled(u64),
    Redirect,
    /// The error with this code or status, in an assistant's own form.
    Error(&'static str),
    UnknownError,
    Oversized(usize),
    OversizedError(usize),
    Gzip,
    Headers,
    Status(u16),
    BadRetryAfter,
    NoRequestId,
    KeyEcho,
    /// A good answer. Its headers report this many remaining requests.
    Quota(u64),
    /// An event stream with this pause between events.
    Stream(Duration),
    StreamCut,
    StreamStall,
    /// A good answer with hostile content.
    Hostile(Hostile),
}

/// The names of the faults without an argument.
pub const PLAIN: [(&str, Fault); 33] = [
    ("ok", Fault::Nothing),
    ("hang-before", Fault::HangBefore),
    ("hang-after", Fault::HangAfter),
    ("reset-before", Fault::ResetBefore),
    ("reset-after", Fault::ResetAfter),
    ("truncated", Fault::Truncated),
    ("not-json", Fault::NotJson),
    ("json-as-html", Fault::JsonAsHtml),
    ("broken-json", Fault::BrokenJson),
    ("empty", Fault::Empty),
    ("empty-chunked", Fault::EmptyChunked),
    ("html-502", Fault::Html502),
    ("html-503", Fault::Html503),
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
    ("stream", Fault::Stream(Duration::ZERO)),
    ("stream-cut", Fault::StreamCut),
    ("stream-stall", Fault::StreamStall),
    ("hostile-html", Fault::Hostile(Hostile::Html)),
    ("hostile-links", Fault::Hostile(Hostile::Links)),
    ("hostile-types", Fault::Hostile(Hostile::Types)),
    ("hostile-nulls", Fault::Hostile(Hostile::Nulls)),
    ("hostile-many", Fault::Hostile(Hostile::Many)),
    ("extra-fields", Fault::Hostile(Hostile::ExtraFields)),
];

/// The names of the faults with an argument, as in the help text.
pub const WITH_ARGUMENT: [&str; 10] = [
    "delay:MS",
    "trickle:MS",
    "error:CODE",
    "oversized:BYTES",
    "oversized-error:BYTES",
    "status:N",
    "unavailable:SECONDS",
    "throttled:SECONDS",
    "quota:REMAINING",
    "stream-slow:MS",
];

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
            "stream-slow" => milliseconds(argument).map(Self::Stream),
            "unavailable" => argument.parse().ok().map(Self::Unavailable),
            "throttled" => argument.parse().ok().map(Self::Throttled),
            "quota" => argument.parse().ok().map(Self::Quota),
            "error" => Assistant::ALL
                .into_iter()
                .flat_map(Assistant::codes)
                .find(|code| *code == argument)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(
            "delay:20".parse(),
            Ok(Fault::Delay(Duration::from_millis(20)))
        );
        assert_eq!("status:418".parse(), Ok(Fault::Status(418)));
        assert_eq!("unavailable:9".parse(), Ok(Fault::Unavailable(9)));
        assert_eq!("quota:7".parse(), Ok(Fault::Quota(7)));
        assert_eq!(
            "stream-slow:20".parse(),
            Ok(Fault::Stream(Duration::from_millis(20)))
        );
        assert_eq!(
            "error:upstream_error".parse(),
            Ok(Fault::Error("upstream_error"))
        );
        for (name, fault) in PLAIN {
            assert_eq!(name.parse(), Ok(fault));
        }
        for name in WITH_ARGUMENT {
            let (name, argument) = name.split_once(':').unwrap();
            let argument = match argument {
                "CODE" => "upstream_error",
                _ => "200",
            };
            let text = format!("{name}:{argument}");
            assert!(text.parse::<Fault>().is_ok(), "{text}");
        }
        for wrong in [
            "",
            "delay",
            "delay:x",
            "status:99",
            "status:600",
            "error:none",
            "gzip:1",
            "ok:1",
            "unavailable:soon",
            "quota:-1",
            "stream-slow",
            "stream-slow:",
            "oversized:999999999999",
        ] {
            assert!(wrong.parse::<Fault>().is_err(), "{wrong}");
        }
    }
}
