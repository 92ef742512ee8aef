//! The counts of a day as Prometheus reads them.

use std::fmt::{Display, Write};

use super::counts::{Counter, Counts, WITHIN_MS};
use super::day::Day;
use super::outcome::{Class, Outcome};
use super::{Budget, Facts, Store};

/// Metrics in the text format 0.0.4.
#[derive(Debug, Default)]
struct Text(String);

/// A time in milliseconds, shown in seconds.
struct Seconds(u64);

/// Returns the metrics of a day, in the text format 0.0.4.
///
/// The counters begin anew with each UTC day. The day is what [`Keeper::read`](super::Keeper::read)
/// returned, and counts nothing if it is empty or cannot be read.
pub fn metrics(day: &[u8], facts: &Facts<'_>, now: u64) -> String {
    let mut counts = Counts::default();
    let day = Day::read(day);
    for slot in day.iter().flat_map(|day| &day.slots) {
        counts.merge(&slot.counts);
    }
    let mut text = Text::default();
    text.counters(&counts);
    text.durations(&counts);
    let store = day.and_then(|day| day.store);
    text.gauges(store.filter(|store| store.is_current(now)), facts);
    text.0
}

impl Text {
    fn counters(&mut self, counts: &Counts) {
        let outcomes = |text: &mut Self, name, counter: fn(Outcome) -> Counter| {
            for outcome in Outcome::all() {
                text.labelled(
                    name,
                    "outcome",
                    outcome.name(),
                    counts.get(counter(outcome)),
                );
            }
        };
        self.head(
            "chats_total",
            "counter",
            "Chats of today (UTC), by how they ended.",
        );
        outcomes(self, "chats_total", Counter::Chats);
        self.head("operations_total", "counter", "Other operations of pages.");
        outcomes(self, "operations_total", Counter::Operations);
        self.head(
            "refusals_total",
            "counter",
            "Chats that a full budget refused.",
        );
        for budget in Budget::ALL {
            let refused = counts.get(Counter::Refused(budget));
            self.labelled("refusals_total", "budget", budget.name(), refused);
        }
        for (name, help, counter) in [
            (
                "newcomers_total",
                "Requests of shoppers who were new to their network.",
                Counter::Newcomers,
            ),
            (
                "refunds_total",
                "Requests that their shopper's budget got back.",
                Counter::Refunded,
            ),
            (
                "upstream_requests_total",
                "Requests to the assistant.",
                Counter::UpstreamRequests,
            ),
            (
                "upstream_errors_total",
                "Requests to the assistant that brought nothing.",
                Counter::UpstreamErrors,
            ),
        ] {
            self.head(name, "counter", help);
            self.plain(name, counts.get(counter));
        }
    }

    fn durations(&mut self, counts: &Counts) {
        let help = "The time of answered chats until their answer begins.";
        self.head("chat_duration_seconds", "histogram", help);
        let bucket = "chat_duration_seconds_bucket";
        let mut within: u32 = 0;
        for (nth, ms) in WITHIN_MS.into_iter().enumerate() {
            within = within.saturating_add(counts.get(Counter::Within(nth)));
            self.labelled(bucket, "le", Seconds(ms), within);
        }
        let answered = counts.chats(Class::Ok);
        self.labelled(bucket, "le", "+Inf", answered);
        self.plain("chat_duration_seconds_sum", Seconds(counts.total_ms));
        self.plain("chat_duration_seconds_count", answered);
    }

    fn gauges(&mut self, store: Option<Store>, facts: &Facts<'_>) {
        if let Some(store) = store {
            let help = "The requests that the assistant allows the store an hour.";
            self.head("store_hour_cap", "gauge", help);
            self.plain("store_hour_cap", store.cap);
            let help = "How many of them were left when it last said so.";
            self.head("store_hour_remaining", "gauge", help);
            self.plain("store_hour_remaining", store.remaining);
        }
        let help = "Whether the limits are only tried out.";
        self.head("dry_run", "gauge", help);
        self.plain("dry_run", u8::from(facts.dry_run));
        self.head("info", "gauge", "What runs.");
        let (assistant, version) = (facts.assistant, facts.version);
        self.line(format_args!(
            "info{{assistant=\"{assistant}\",version=\"{version}\"}} 1"
        ));
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        for (keyword, text) in [("HELP", help), ("TYPE", kind)] {
            // Writing to a string never fails, here and below.
            let _ = writeln!(self.0, "# {keyword} concierge_{name} {text}");
        }
    }

    fn plain(&mut self, name: &str, value: impl Display) {
        self.line(format_args!("{name} {value}"));
    }

    fn labelled(&mut self, name: &str, label: &str, is: impl Display, value: u32) {
        self.line(format_args!("{name}{{{label}=\"{is}\"}} {value}"));
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.0, "concierge_{line}");
    }
}

impl Display for Seconds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, ms) = (self.0 / 1_000, self.0 % 1_000);
        // A bucket is named the shortest way, as Prometheus' own libraries do.
        let digits = format!("{ms:03}");
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        write!(formatter, "{seconds}{point}{digits}")
    }
}
