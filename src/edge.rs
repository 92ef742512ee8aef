//! The edge: the only code that knows the platform. It reads, asks, fetches and streams, and lets
//! the gate decide.

mod bindings;
mod limiter;
#[cfg(feature = "panic-probe")]
mod panic_probe;
mod reply;
mod upstream;

use std::cell::OnceCell;
use std::mem;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};
use worker::{Env, js_sys};

use bindings::Failure;

use crate::arrival::Arrival;
use crate::chat::MAX_BODY_BYTES;
use crate::config::{Raw, Setting};
use crate::gate::{Chance, Entry, Gate, Plan};
use crate::refusal::Refusal;
use crate::reply::Quota;

/// How long a request's body may take to come, in milliseconds.
const BODY_DEADLINE_MS: u32 = 10_000;

/// What a request comes to, where it is not stopped.
enum Answer {
    Preflight,
    Health,
    Chat {
        response: Response,
        content_type: &'static str,
    },
}

/// What stops a request.
enum Stop {
    Refused(Refusal),
    ShopperLeft,
}

/// What is learnt of a request on its way, for its reply and its log line.
#[derive(Default)]
struct Facts {
    plan: Option<Plan>,
    /// There once the limiter has answered.
    quota: Option<Quota>,
    upstream_ms: Option<u64>,
    /// What the upstream's error came under.
    upstream_status: Option<u16>,
    upstream_request_id: Option<String>,
    /// What only the log is told.
    detail: Option<String>,
}

/// The fetch event. Where it rejects, the shim calls `fault`.
#[wasm_bindgen(
    wasm_bindgen_futures = worker::wasm_bindgen_futures,
    js_sys = worker::js_sys
)]
pub async fn fetch(request: Request, env: Env) -> Result<Response, JsValue> {
    let started = now();
    let lines = bindings::describe(&request)?;
    let arrival = Arrival::from_lines(&lines);
    let gate = gate(&env);
    let chance = draw()?;
    let mut facts = Facts::default();
    let answer = answer(&request, &env, &gate, &arrival, chance, started, &mut facts).await;
    reply::finish(
        &gate,
        &arrival,
        &chance.request_id(),
        started,
        &answer,
        &facts,
    )
}

/// Answers a request whose fetch event came to nothing: its instance was lost, or the platform
/// refused something.
#[wasm_bindgen]
pub fn fault(request: &Request, env: &Env, started: f64) -> Result<Response, JsValue> {
    let lines = bindings::describe(request)?;
    reply::finish(
        &gate(env),
        &Arrival::from_lines(&lines),
        &draw()?.request_id(),
        started as u64,
        &Err(Refusal::InternalError.into()),
        &Facts::default(),
    )
}

async fn answer(
    request: &Request,
    env: &Env,
    gate: &Gate,
    arrival: &Arrival<'_>,
    chance: Chance,
    started: u64,
    facts: &mut Facts,
) -> Result<Answer, Stop> {
    let proxy = match gate.receive(arrival)? {
        Entry::Preflight => return Ok(Answer::Preflight),
        Entry::Health => return Ok(Answer::Health),
        Entry::Chat(proxy) => proxy,
    };
    let body = bindings::read_at_most(request, MAX_BODY_BYTES as u32 + 1, BODY_DEADLINE_MS)
        .await
        .map_err(|reason| no_body(reason.into(), facts))?;
    #[cfg(feature = "panic-probe")]
    panic_probe::in_fetch(request);
    let seconds = (started / 1_000) as u32;
    let plan = proxy.plan(arrival, &body.to_vec(), seconds, chance)?;
    #[cfg(feature = "panic-probe")]
    let plan = panic_probe::poisoned(request, plan);
    let verdict = limiter::verdict(env, &plan).await;
    let plan = facts.plan.insert(plan);
    let verdict = verdict.map_err(|reason| {
        facts.detail = Some(reason);
        Refusal::LimiterUnavailable
    })?;
    facts.quota = Some(Quota {
        cap: proxy.config.limits.shopper.headline(),
        standing: verdict.standing,
    });
    if let Some(exceeded) = verdict.exceeded {
        return Err(Refusal::RateLimited(exceeded).into());
    }
    let body = mem::take(&mut plan.body);
    upstream::chat(proxy, &body, request, facts).await
}

fn no_body(failure: Failure, facts: &mut Facts) -> Stop {
    match failure {
        Failure::Late => {
            facts.detail = Some("body: timeout".to_owned());
            Refusal::InvalidJsonBody.into()
        }
        // A body that breaks off is a shopper who is gone.
        _ => Stop::ShopperLeft,
    }
}

/// The gate of this deployment, opened with the first request to an instance.
fn gate(env: &Env) -> Rc<Gate> {
    thread_local! {
        static GATE: OnceCell<Rc<Gate>> = const { OnceCell::new() };
    }
    GATE.with(|gate| {
        gate.get_or_init(|| Rc::new(Gate::open(|setting| raw(env, setting))))
            .clone()
    })
}

fn raw(env: &Env, setting: Setting) -> Raw {
    let value = js_sys::Reflect::get(env, &setting.name().into()).unwrap_or_default();
    match value.as_string() {
        Some(text) => Raw::Text(text),
        None if value.is_undefined() => Raw::Missing,
        None => Raw::NotText,
    }
}

fn draw() -> Result<Chance, JsValue> {
    let mut bytes = [0; Chance::BYTES];
    getrandom::fill(&mut bytes).map_err(|_| "there is no randomness")?;
    Ok(Chance::new(bytes))
}

/// The time in milliseconds since 1970.
fn now() -> u64 {
    bindings::now() as u64
}

impl Facts {
    /// The platform refused something that it never refuses.
    fn fault(&mut self, error: JsValue) -> Stop {
        if let Failure::Other(reason) = error.into() {
            self.detail = Some(format!("edge: {reason}"));
        }
        Refusal::InternalError.into()
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
