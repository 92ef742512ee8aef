//! What JavaScript is told to do next: texts with a NUL between them, which none of them can hold.

use std::fmt::{Display, Write};

use crate::exchange::{End, Next, Step};
use crate::headers::Headers;
use crate::log::Level;
use crate::reply::Body;

#[derive(Default)]
struct Told(String);

/// The name of what follows, its timeout, and what it takes.
pub fn told(next: &Next) -> String {
    let mut told = Told::default();
    match next {
        Next::Step(step, _) => told.step(step),
        Next::Respond(end) => told.end("Respond", end, ""),
        Next::Forward(end, relay) => {
            told.end("Forward", end, &relay.last_event().unwrap_or_default());
        }
    }
    told.0
}

impl Told {
    fn step(&mut self, step: &Step) {
        match step {
            Step::ReadBody { max_bytes, timeout } => {
                self.begin("ReadBody", *timeout).add(max_bytes);
            }
            Step::Ask {
                limiter,
                question,
                timeout,
            } => {
                self.begin("Ask", *timeout).add(limiter);
                for word in question.to_words() {
                    self.add(&word);
                }
            }
            Step::Send { request, timeout } => {
                let told = self.begin("Send", *timeout);
                told.add(&request.url).add(&request.body);
                told.headers(&request.headers);
            }
            Step::Connect {
                host,
                port,
                timeout,
            } => {
                self.begin("Connect", *timeout).add(host).add(port);
            }
            Step::ReadError { max_bytes, timeout } => {
                self.begin("ReadError", *timeout).add(max_bytes);
            }
            Step::ReadAnswer { timeout } => {
                self.begin("ReadAnswer", *timeout);
            }
            Step::ReadFirst { timeout } => {
                self.begin("ReadFirst", *timeout);
            }
            Step::Wait { pause } => {
                self.begin("Wait", *pause);
            }
        }
    }

    /// It takes no time: the status, the text, the last event, the log and the headers.
    fn end(&mut self, name: &str, end: &End, last_event: &str) {
        let text = match &end.reply.body {
            Body::Text(text) => text,
            Body::Empty | Body::Upstream => "",
        };
        self.begin(name, 0).add(&end.reply.status);
        self.add(&text).add(&last_event);
        self.add(&end.log.len());
        for entry in &end.log {
            let method = match entry.level {
                Level::Info => "log",
                Level::Warn => "warn",
                Level::Error => "error",
            };
            self.add(&method).add(&entry.text);
        }
        self.headers(&end.reply.headers);
    }

    fn begin(&mut self, name: &str, timeout: u64) -> &mut Self {
        self.0.push_str(name);
        self.add(&timeout)
    }

    fn headers(&mut self, headers: &Headers) {
        for (name, value) in headers.iter() {
            self.add(&name).add(&value);
        }
    }

    fn add(&mut self, part: &dyn Display) -> &mut Self {
        // Writing to a text always succeeds.
        let _ = write!(self.0, "\0{part}");
        self
    }
}
