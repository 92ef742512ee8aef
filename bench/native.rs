//! The native core by the clock: one limit decision with 10,000 shoppers in one object, and the
//! checks and the rebuilding of an 8 KiB body. Prints one line of JSON, medians in nanoseconds.

// A bench that cannot go on ends by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use concierge_proxy::contract::body::MAX_BODY_BYTES;
use concierge_proxy::contract::chat::Chat;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::{Budget, Limits};

/// A time, in milliseconds since 1970.
const T0: u64 = 1_800_000_000_000;
const SHOPPERS: u32 = 10_000;
const SAMPLES: usize = 31;
const DECISIONS: u32 = 10_000;
const BODIES: u32 = 2_000;
const SESSION_ID: &str = "9b1f4e2d-6cb2-4f10-9ec0-1234567890ab";

fn main() {
    println!(
        "{{\"decision_ns\":{:.1},\"body_ns\":{:.1},\"rich_body_ns\":{:.1}}}",
        decision(),
        body(&usual_body()),
        body(&rich_body()),
    );
}

/// A chat every 4 ms by one of 10,000 shoppers in an order that no cache knows; what the windows
/// need no more is dropped all the while, so that the ledger stays as large as it is.
fn decision() -> f64 {
    let limits = Limits {
        shopper: Budget::parse("6/second, 100/minute").expect("a budget"),
        omi: None,
        admin: None,
        verified: Budget::parse("20000/second, 20000/minute").expect("a budget"),
        newcomer: Budget::parse("20000/second, 20000/minute").expect("a budget"),
        network: Budget::parse("20000/second, 20000/minute").expect("a budget"),
    };
    let mut ledger = Ledger::default();
    let mut turn = 0_u32;
    let mut chat = || {
        turn = turn.wrapping_add(1);
        let shopper = turn.wrapping_mul(2_654_435_761) % SHOPPERS;
        let decision = ledger.admit(
            &limits,
            shopper,
            turn.is_multiple_of(20),
            T0 + u64::from(turn) * 4,
        );
        assert!(black_box(decision).exceeded.is_none(), "a chat was refused");
    };
    for _ in 0..3 * SHOPPERS {
        chat();
    }
    median(DECISIONS, chat)
}

fn body(bytes: &[u8]) -> f64 {
    median(BODIES, || {
        let chat = Chat::check(black_box(bytes)).expect("a good body");
        black_box(chat.body(SESSION_ID, None).expect("a body that fits"));
    })
}

/// What fills 8 KiB in a storefront: the longest prompt, the usual hints, and the text of a page.
fn usual_body() -> Vec<u8> {
    let prompt = "Birthday gift for my mom, fashion-leaning, budget around $250. ".repeat(31);
    let start = format!(
        r#"{{"prompt":"{prompt}","session_id":"{SESSION_ID}","context":{{"occasion":"birthday","recipient":"mother","budget_max":250,"cart":[105.0,89.5],"page_url":"https://www.example.com/pages/gifting-concierge","page_text":""#
    );
    let text = "Glossy travel monograph, cloth-bound. ".repeat(MAX_BODY_BYTES / 38);
    let room = MAX_BODY_BYTES.saturating_sub(start.len() + 3);
    let text = text.get(..room).unwrap_or(&text);
    format!(r#"{start}{text}"}}}}"#).into_bytes()
}

/// 8 KiB that are nearly all structure: a hundred small objects.
fn rich_body() -> Vec<u8> {
    let mut text = format!(r#"{{"prompt":"A gift","session_id":"{SESSION_ID}","context":{{"#);
    for index in 0.. {
        let field = format!(
            r#""hint_{index}":{{"handle":"abu-dhabi-{index}","price":{index}.50,"tags":["gift","book"]}},"#
        );
        if text.len() + field.len() > MAX_BODY_BYTES - 16 {
            break;
        }
        text.push_str(&field);
    }
    text.push_str(r#""last":null}}"#);
    text.into_bytes()
}

/// The median, over some samples, of the time that one of so many calls takes, in nanoseconds.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn median(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut samples: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..calls {
                call();
            }
            started.elapsed().as_nanos() as f64 / f64::from(calls)
        })
        .collect();
    samples.sort_by(f64::total_cmp);
    *samples.get(SAMPLES / 2).expect("a sample")
}
