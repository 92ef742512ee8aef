//! No body costs much more than its bytes, because each is read before any limit applies.

use std::hint::black_box;
use std::time::{Duration, Instant};

use concierge_proxy::contract::body::MAX_BODY_BYTES;
use concierge_proxy::contract::chat::Chat;

const ROUNDS: u32 = 20;

/// The least time that a body took. The least varies least.
#[expect(clippy::disallowed_methods, reason = "a test of what it costs")]
fn cost(body: &str) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let chat = Chat::check(black_box(body.as_bytes())).expect("a good body");
            let _ = black_box(chat.body("9b1f4e2d-6cb2-4f10-9ec0-1234567890ab", None));
            start.elapsed()
        })
        .min()
        .expect("a round")
}

fn filled(head: &str, piece: impl Fn(usize) -> String, tail: &str) -> String {
    let mut body = head.to_owned();
    for index in 0.. {
        let piece = piece(index);
        if body.len() + piece.len() + tail.len() > MAX_BODY_BYTES - 64 {
            break;
        }
        body += &piece;
    }
    body + tail
}

#[test]
fn a_hostile_body_costs_no_more_than_a_plain_one_of_many_fields() {
    let plain = filled(
        "{\"prompt\":\"a\"",
        |i| format!(",\"hint{i}\":\"some text\""),
        "}",
    );
    let scale = cost(&plain);
    let deep = |open: &str, close: &str, piece: &dyn Fn(usize) -> String, inside: (&str, &str)| {
        filled(
            &format!("{{\"prompt\":\"a\",\"x\":{}{}", open.repeat(61), inside.0),
            piece,
            &format!("{}{}}}", inside.1, close.repeat(61)),
        )
    };
    for (name, body) in [
        (
            "keys",
            filled("{\"prompt\":\"a\"", |i| format!(",\"{i:x}\":0"), "}"),
        ),
        (
            "one key",
            filled("{\"prompt\":\"a\"", |_| ",\"\":0".to_owned(), "}"),
        ),
        (
            "escaped keys",
            filled(
                "{\"prompt\":\"a\"",
                |i| format!(",\"\\u00{:02x}\":0", i % 256),
                "}",
            ),
        ),
        (
            "numbers below arrays",
            deep("[", "]", &|_| "0,".to_owned(), ("[", "0]")),
        ),
        (
            "keys below arrays",
            deep("[", "]", &|i| format!("\"{i:x}\":0,"), ("{", "\"z\":0}")),
        ),
        (
            "keys below objects",
            deep(
                "{\"\":",
                "}",
                &|i| format!("\"{i:x}\":0,"),
                ("{", "\"z\":0}"),
            ),
        ),
        (
            "empty arrays",
            filled("{\"prompt\":\"a\",\"x\":[", |_| "[],".to_owned(), "0]}"),
        ),
    ] {
        assert!(body.len() > MAX_BODY_BYTES - 80, "{name}: {}", body.len());
        let ratio = cost(&body).as_secs_f64() / scale.as_secs_f64();
        assert!(ratio < 12.0, "{name} costs {ratio:.1} times as much");
    }
}
