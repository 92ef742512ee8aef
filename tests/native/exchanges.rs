//! The path of a request, step by step: what comes next, how long it may take, and how it ends when
//! a step fails.

mod admin;
mod admission;
mod answers;
mod creations;
mod dry_run;
mod engine;
mod misfits;
mod orders;
mod refunds;
mod retries;
mod steps;
mod webhooks;

use concierge_proxy::exchange::{End, Event, Exchange, Failure, Next, Step};
use concierge_proxy::head::{RequestHead, ResponseHead};
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::{Answer, Decision, Question, Standing};
use concierge_proxy::relay::Relay;
use concierge_proxy::settings::Setting;
use serde_json::Value;

use crate::support::{Settings, entropy, post};

const T0: u64 = 1_800_000_000_000;
const BODY: &[u8] = br#"{"prompt":"hat"}"#;
/// The limiter's words: admitted, 5 left; refused for 30 seconds as one shopper; and as one who has
/// used nothing, because the network's budget is spent.
const ADMITTED: [u32; 2] = [5, 9];
const REFUSED: [u32; 6] = [0, 30, 1, 6, 60, 30];
const NETWORK_FULL: [u32; 6] = [40, 0, 3, 20, 60, 30];
/// The upstream's own cap, as its envelope says it.
const STORE_FULL: &[u8] = br#"{"error":"rate_limited","limit_window":"minute"}"#;

/// A request on its way, or its end.
struct Run(Option<Next>);

impl Run {
    fn begin(isolate: &mut Isolate, head: &RequestHead<'_>, number: u8, now: u64) -> Self {
        Self(Some(Exchange::begin(isolate, head, entropy(number), now)))
    }

    fn handle(&mut self, isolate: &mut Isolate, event: Event, now: u64) {
        let Some(Next::Step(_, exchange)) = self.0.take() else {
            panic!("it has ended: {event:?}")
        };
        self.0 = Some(exchange.handle(&mut isolate.memory, event, now));
    }

    fn body(&mut self, isolate: &mut Isolate, now: u64) {
        self.handle(isolate, Event::Body(BODY.to_vec()), now);
    }

    fn decide(&mut self, isolate: &mut Isolate, words: &[u32], now: u64) {
        self.handle(isolate, decision(words), now);
    }

    /// The head of a response: its status, and its headers in their order.
    fn head(&mut self, isolate: &mut Isolate, status: u16, headers: &[&str], now: u64) {
        self.handle(isolate, head(status, headers), now);
    }

    /// The end of a pause.
    fn elapse(&mut self, isolate: &mut Isolate, now: u64) {
        self.handle(isolate, Event::Elapsed, now);
    }

    fn refund(&mut self, isolate: &mut Isolate, now: u64) {
        let standing = Standing {
            remaining: 6,
            reset: 0,
        };
        self.handle(
            isolate,
            Event::Answer(Answer::Refunded(Some(standing))),
            now,
        );
    }

    fn step(&self) -> &Step {
        match &self.0 {
            Some(Next::Step(step, _)) => step,
            other => panic!("no step: {other:?}"),
        }
    }

    /// What is to be done, and how long that may take.
    fn named(&self) -> (&'static str, u64) {
        match self.step() {
            Step::ReadBody { timeout, .. } => ("read body", *timeout),
            Step::CheckSignature { timeout, .. } => ("check signature", *timeout),
            Step::ReadSigned { timeout, .. } => ("read signed", *timeout),
            Step::Ask {
                question, timeout, ..
            } => match question {
                Question::Admit { .. } | Question::AdmitVerified(_) => ("admit", *timeout),
                Question::CountRetry => ("count retry", *timeout),
                Question::Refund { .. } | Question::RefundVerified(_) => ("refund", *timeout),
                Question::Free(_) | Question::Done(_) => ("note", *timeout),
                Question::Lift { .. } => ("lift", *timeout),
            },
            Step::ReadUsage { timeout, .. } => ("read usage", *timeout),
            Step::Listen { timeout, .. } => ("listen", *timeout),
            Step::Send { timeout, .. } => ("send", *timeout),
            Step::Await { timeout } => ("await", *timeout),
            Step::Connect { timeout, .. } => ("connect", *timeout),
            Step::ReadUpstream { timeout, .. } => ("read error", *timeout),
            Step::ReadAnswer { timeout } => ("read answer", *timeout),
            Step::ReadFirst { timeout } => ("read first", *timeout),
            Step::Wait { pause } => ("wait", *pause),
        }
    }

    fn name(&self) -> &'static str {
        self.named().0
    }

    /// The end of a request that is answered by a text of ours or by an answer that was read.
    fn end(&self) -> &End {
        match &self.0 {
            Some(Next::Respond(end)) => end,
            other => panic!("no end: {other:?}"),
        }
    }

    /// The end of a request whose answer is relayed.
    fn forwarded(&mut self) -> (&End, &mut Relay) {
        match &mut self.0 {
            Some(Next::Forward(end, relay)) => (end, relay),
            other => panic!("not forwarded: {other:?}"),
        }
    }

    /// Its status and the log line, read.
    fn told(&self) -> (u16, Value) {
        told(self.end())
    }
}

fn told(end: &End) -> (u16, Value) {
    let entry = end.log.last().expect("a line");
    let line = serde_json::from_str(&entry.text).expect("a line of JSON");
    (end.reply.status, line)
}

fn decision(words: &[u32]) -> Event {
    let decision = Decision::from_words(words).expect("a decision");
    Event::Answer(Answer::Decision(decision))
}

fn head(status: u16, headers: &[&str]) -> Event {
    let mut all = [""; 7];
    all[..headers.len()].copy_from_slice(headers);
    Event::Head(ResponseHead::read(status, all))
}

fn counted(counted: bool) -> Event {
    Event::Answer(Answer::RetryCounted(counted))
}

fn broken(words: &str) -> Event {
    Event::Failed(Failure::Broken(words.to_owned()))
}

const LEFT: Event = Event::Failed(Failure::ShopperLeft);

fn isolate() -> Isolate {
    Settings::good().isolate()
}

fn arrive(isolate: &mut Isolate) -> Run {
    Run::begin(isolate, &post(), 1, T0)
}

/// A request that is as far as this step.
fn until(isolate: &mut Isolate, step: &str) -> Run {
    let mut run = arrive(isolate);
    if step != "read body" {
        run.body(isolate, T0);
    }
    if step == "send" || step == "read error" {
        run.decide(isolate, &ADMITTED, T0);
    }
    if step == "read error" {
        run.head(isolate, 502, &["application/json"], T0 + 40);
    }
    assert_eq!(run.name(), step);
    run
}

/// A chat whose upstream is on this machine, and whose request has failed.
fn failed_locally(isolate: &mut Isolate) -> Run {
    *isolate = Settings::good()
        .with(Setting::BaseUrl, "http://localhost:9000/v1")
        .isolate();
    let mut run = until(isolate, "send");
    run.handle(isolate, broken("lost"), T0 + 5);
    run
}
