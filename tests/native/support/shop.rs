//! A shop in front of an upstream that a test plays: whole requests, from their heads to their ends.

use concierge_proxy::assistants::UpstreamRequest;
use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{End, Event, Exchange, Next, Step};
use concierge_proxy::head::{RequestHead, ResponseHead};
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::{Answer, Decision, Question, Standing};
use concierge_proxy::reply::Body;
use serde_json::{Value, json};

use super::{HERE, NOW, Settings, entropy, header, pairs, post};

pub const JSON: &str = "application/json";
pub const HTML: &str = "text/html";

/// More steps than any request takes.
const MOST_STEPS: usize = 40;

/// A deployment, with the memory of one isolate.
pub struct Shop {
    pub isolate: Isolate,
    /// The time, in milliseconds since 1970.
    pub now: u64,
    /// How long the upstream takes for a head, in milliseconds.
    pub delay: u64,
    requests: u8,
}

/// What a request was answered, and what it took.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    /// The body, or null if there is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    pub headers: Vec<(String, String)>,
    /// The pass that came with it.
    pub pass: Option<String>,
    /// Our id of the request.
    pub request_id: String,
    /// The requests that went upstream.
    pub sent: Vec<Sent>,
    /// The steps between the limiter's admission and the answer.
    pub steps: Vec<&'static str>,
    /// The log line.
    pub line: Value,
}

/// A request that went upstream.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    /// The body as JSON, or null if there is none.
    pub body: Value,
}

/// What the upstream does with a request.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// An answer: its status, its headers in the order of `ResponseHead::HEADERS`, and its body.
    Answer(u16, Vec<String>, Vec<u8>),
    /// Another event instead of a head.
    Event(Event),
}

/// An answer of this content type.
pub fn answer(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reaction {
    Reaction::Answer(status, vec![content_type.to_owned()], body.into())
}

/// An answer of JSON.
pub fn json_answer(status: u16, body: &Value) -> Reaction {
    answer(status, JSON, body.to_string())
}

/// Someone's request: who sends it, for what.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    pub route: Route,
    pub pass: &'a str,
    pub address: &'a str,
    pub authorization: &'a str,
}

/// A visit of somebody unknown.
pub const fn visit(route: Route) -> Visit<'static> {
    Visit {
        route,
        pass: "",
        address: HERE,
        authorization: "",
    }
}

impl Shop {
    pub fn open(settings: &Settings) -> Self {
        Self {
            isolate: settings.isolate(),
            now: u64::from(NOW) * 1_000,
            delay: 0,
            requests: 0,
        }
    }

    /// One request. `input` is its body or its query.
    pub fn ask(
        &mut self,
        visit: Visit<'_>,
        input: &str,
        mut upstream: impl FnMut(&Sent) -> Reaction,
    ) -> Told {
        self.requests += 1;
        let head = RequestHead {
            method: visit.route.method(),
            path: visit.route.path(),
            query: if visit.route.has_body() { "" } else { input },
            pass: visit.pass,
            address: visit.address,
            authorization: visit.authorization,
            ..post()
        };
        let mut next = Exchange::begin(&mut self.isolate, &head, entropy(self.requests), self.now);
        let (mut sent, mut steps, mut arriving) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..MOST_STEPS {
            let (step, exchange) = match next {
                Next::Step(step, exchange) => (step, exchange),
                Next::Respond(end) => return told(&end, sent, steps),
                other => panic!("its answer begins too early: {other:?}"),
            };
            let (name, event) = match step {
                Step::ReadBody { .. } => ("", Event::Body(input.as_bytes().to_vec())),
                Step::Ask { question, .. } => limiter(question),
                Step::Send { request, .. } => {
                    let request = read(&request);
                    let reaction = upstream(&request);
                    sent.push(request);
                    self.now += self.delay;
                    ("send", react(reaction, &mut arriving))
                }
                Step::ReadUpstream { max_bytes, .. } => {
                    arriving.truncate(max_bytes);
                    ("read", Event::UpstreamBody(std::mem::take(&mut arriving)))
                }
                Step::Wait { pause } => {
                    self.now += pause;
                    ("wait", Event::Elapsed)
                }
                other => panic!("no step of a translated chat: {other:?}"),
            };
            if !name.is_empty() {
                steps.push(name);
            }
            next = exchange.handle(&mut self.isolate.memory, event, self.now);
        }
        panic!("it does not end: {steps:?}")
    }

    /// A chat of somebody unknown, in a conversation or in a new one.
    pub fn chat(&mut self, session: Option<&str>, upstream: impl FnMut(&Sent) -> Reaction) -> Told {
        let body = json!({"prompt": "a red hat", "session_id": session});
        self.ask(visit(Route::Chat), &body.to_string(), upstream)
    }
}

impl Told {
    pub fn session(&self) -> &str {
        self.body["session_id"].as_str().expect("a session id")
    }

    /// The outcome, as the log has it.
    pub fn outcome(&self) -> &str {
        self.line["outcome"].as_str().expect("an outcome")
    }

    /// How each request upstream ended, as the log has it.
    pub fn ended(&self) -> Vec<&str> {
        let attempts = self.line["attempts"].as_array();
        let attempts = attempts.map(Vec::as_slice).unwrap_or_default();
        let ended = attempts.iter().map(|attempt| &attempt["ended"]);
        ended.map(|name| name.as_str().expect("a name")).collect()
    }

    pub fn refunded(&self) -> bool {
        self.line["refunded"] == true
    }

    pub fn urls(&self) -> Vec<&str> {
        self.sent.iter().map(|sent| &*sent.url).collect()
    }
}

fn limiter(question: Question) -> (&'static str, Event) {
    let standing = Standing {
        remaining: 5,
        reset: 9,
    };
    match question {
        Question::Admit { .. } | Question::AdmitVerified(_) => {
            let decision = Decision {
                exceeded: None,
                standing,
            };
            ("", Event::Answer(Answer::Decision(decision)))
        }
        Question::CountRetry => ("count retry", Event::Answer(Answer::RetryCounted(true))),
        Question::Refund { .. } | Question::RefundVerified(_) => {
            ("refund", Event::Answer(Answer::Refunded(Some(standing))))
        }
        Question::Free(_) => ("free", Event::Answer(Answer::Noted)),
        Question::Done(_) => ("done", Event::Answer(Answer::Noted)),
        Question::Lift { .. } => ("lift", Event::Answer(Answer::Lifted(1))),
    }
}

fn read(request: &UpstreamRequest) -> Sent {
    let text = request.body.clone();
    let body = text.as_deref().map(serde_json::from_str);
    Sent {
        method: request.method,
        url: request.url.clone(),
        headers: pairs(&request.headers),
        body: body
            .transpose()
            .expect("a body of JSON")
            .unwrap_or_default(),
        text,
    }
}

fn react(reaction: Reaction, arriving: &mut Vec<u8>) -> Event {
    match reaction {
        Reaction::Event(event) => event,
        Reaction::Answer(status, headers, body) => {
            let mut all = [""; 7];
            for (to, from) in all.iter_mut().zip(&headers) {
                *to = from;
            }
            *arriving = body;
            Event::Head(ResponseHead::read(status, all))
        }
    }
}

fn told(end: &End, sent: Vec<Sent>, steps: Vec<&'static str>) -> Told {
    let text = match &end.reply.body {
        Body::Text(text) => text.clone(),
        Body::Empty => "null".to_owned(),
        Body::Upstream => panic!("an answer that is not translated"),
    };
    let line = &end.log.last().expect("a line").text;
    Told {
        status: end.reply.status,
        body: serde_json::from_str(&text).expect("a body of JSON"),
        text,
        headers: pairs(&end.reply.headers),
        pass: header(&end.reply.headers, "Shopper-Pass"),
        request_id: header(&end.reply.headers, "X-Request-Id").expect("an id"),
        sent,
        steps,
        line: serde_json::from_str(line).expect("a line of JSON"),
    }
}
