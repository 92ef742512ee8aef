//! The merchant's own requests: who may send them, and in which order they are answered.

use concierge_proxy::exchange::{Event, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::Tier;
use concierge_proxy::limits::protocol::{Answer, Question};
use concierge_proxy::reply::Body;
use concierge_proxy::settings::{Raw, Setting};
use serde_json::Value;

use super::{ADMITTED, LEFT, REFUSED, Run, T0, broken};
use crate::support::{Settings, header, post};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const GOOD: &str = "Bearer 0123456789abcdef0123456789abcdef";
const PATHS: [(&str, &str); 4] = [
    ("GET", "/admin/usage"),
    ("GET", "/admin/blocks"),
    ("GET", "/metrics"),
    ("POST", "/admin/lift"),
];

fn settings() -> Settings {
    Settings::good()
        .with(Setting::AdminToken, TOKEN)
        .raw(Setting::Usage, Raw::NotText)
}

fn head<'a>(method: &'a str, path: &'a str, authorization: &'a str) -> RequestHead<'a> {
    RequestHead {
        method,
        path,
        authorization,
        content_type: "application/json",
        ..post()
    }
}

fn arrive(isolate: &mut Isolate, method: &str, path: &str, authorization: &str) -> Run {
    Run::begin(isolate, &head(method, path, authorization), 1, T0)
}

/// A request that the limiter has admitted.
fn admitted(isolate: &mut Isolate, method: &str, path: &str) -> Run {
    let mut run = arrive(isolate, method, path, GOOD);
    run.decide(isolate, &ADMITTED, T0 + 1);
    run
}

/// The same, with a query.
fn asked(isolate: &mut Isolate, path: &str, query: &str) -> Run {
    let head = RequestHead {
        query,
        ..head("GET", path, GOOD)
    };
    let mut run = Run::begin(isolate, &head, 1, T0);
    run.decide(isolate, &ADMITTED, T0 + 1);
    run
}

/// A wish that was read, for this to be lifted.
fn lifting(isolate: &mut Isolate, body: &str) -> Run {
    let mut run = admitted(isolate, "POST", "/admin/lift");
    assert_eq!(run.name(), "read body");
    run.handle(isolate, Event::Body(body.as_bytes().to_vec()), T0 + 2);
    run
}

fn body(run: &Run) -> Value {
    match &run.end().reply.body {
        Body::Text(text) => serde_json::from_str(text).expect("a JSON body"),
        other => panic!("{other:?}"),
    }
}

fn outcome(run: &Run) -> (u16, String) {
    let (status, line) = run.told();
    (
        status,
        line["outcome"].as_str().expect("an outcome").to_owned(),
    )
}

#[test]
fn without_a_token_in_the_settings_there_is_nothing_there() {
    let mut isolate = Settings::good().isolate();
    let mut unknown = RequestHead {
        path: "/no/such/path",
        ..post()
    };
    for (method, path) in PATHS {
        unknown.method = method;
        let run = arrive(&mut isolate, method, path, GOOD);
        let other = Run::begin(&mut isolate, &unknown, 1, T0);
        assert_eq!(run.end().reply, other.end().reply, "{path}");
        assert_eq!(run.end().reply.status, 404, "{path}");
    }
}

#[test]
fn without_the_token_a_request_is_refused_and_costs_no_object_call() {
    for (method, path) in PATHS {
        for authorization in [
            "",
            "Bearer wrong",
            &GOOD[..GOOD.len() - 1],
            "Basic YTpi",
            TOKEN,
        ] {
            let mut isolate = settings().isolate();
            let run = arrive(&mut isolate, method, path, authorization);
            let refused = (401, "invalid_admin_token".to_owned());
            assert_eq!(outcome(&run), refused, "{path}");
        }
    }
}

#[test]
fn a_request_over_the_limit_is_refused_and_then_from_memory() {
    let mut isolate = settings().isolate();
    let mut run = arrive(&mut isolate, "GET", "/admin/usage", GOOD);
    run.decide(&mut isolate, &REFUSED, T0 + 1);
    assert_eq!(outcome(&run), (429, "rate_limited".to_owned()));
    let wait = header(&run.end().reply.headers, "retry-after");
    assert_eq!(wait.as_deref(), Some("30"));
    let again = arrive(&mut isolate, "GET", "/metrics", GOOD);
    assert_eq!(outcome(&again), (429, "rate_limited".to_owned()));
}

#[test]
fn its_limiter_counts_no_chats() {
    let mut isolate = settings().isolate();
    let run = arrive(&mut isolate, "GET", "/admin/usage", GOOD);
    let Step::Ask { limiter, .. } = run.step() else {
        panic!("{:?}", run.step())
    };
    let mut chat = Run::begin(&mut isolate, &post(), 1, T0);
    chat.body(&mut isolate, T0);
    let Step::Ask { limiter: other, .. } = chat.step() else {
        panic!("{:?}", chat.step())
    };
    assert_ne!(limiter, other);
}

#[test]
fn a_page_of_the_shop_can_read_no_answer() {
    for (method, path) in PATHS {
        for authorization in ["", GOOD] {
            let mut isolate = settings().isolate();
            let mut run = arrive(&mut isolate, method, path, authorization);
            if authorization == GOOD {
                run.decide(&mut isolate, &REFUSED, T0 + 1);
            }
            let headers = &run.end().reply.headers;
            let allowed = header(headers, "access-control-allow-origin");
            assert_eq!(allowed, None, "{path}");
        }
    }
}

#[test]
fn each_report_reads_the_days_that_it_is_about() {
    for (path, query, days) in [
        ("/admin/usage", "range=day", 2),
        ("/admin/usage", "", 2),
        ("/admin/usage", "range=month", 30),
        ("/admin/blocks", "", 2),
        ("/metrics", "", 1),
    ] {
        let mut isolate = settings().isolate();
        let mut run = asked(&mut isolate, path, query);
        let Step::ReadUsage { objects, .. } = run.step() else {
            panic!("{:?}", run.step())
        };
        assert_eq!(objects.len(), days, "{path}?{query}");
        assert_eq!(objects[0], "usage-2027-01-15");
        let counts = vec![Vec::new(); days];
        run.handle(&mut isolate, Event::Usage(counts), T0 + 9);
        assert_eq!(outcome(&run), (200, "ok".to_owned()), "{path}?{query}");
    }
}

#[test]
fn what_a_query_does_not_mean_is_named() {
    for (path, query, message) in [
        (
            "/admin/usage",
            "range=year",
            "range must be hour, day or month.",
        ),
        (
            "/admin/blocks",
            "request_id=%00",
            "request_id must be the X-Request-Id of an answer.",
        ),
    ] {
        let run = asked(&mut settings().isolate(), path, query);
        assert_eq!(outcome(&run), (400, "invalid_field".to_owned()));
        assert_eq!(body(&run)["message"], message);
    }
}

#[test]
fn what_a_log_line_names_is_lifted_and_logged() {
    let mut isolate = settings().isolate();
    let limiter = "MDEyMzQ1Njc4OWFiY2RlZg";
    let wish = format!(r#"{{"limiter":"{limiter}","shopper":"AAECAwQF","budget":"shopper"}}"#);
    let mut run = lifting(&mut isolate, &wish);
    let Step::Ask {
        limiter: asked,
        question,
        ..
    } = run.step()
    else {
        panic!("{:?}", run.step())
    };
    assert_eq!(asked, limiter);
    let lift = Question::Lift {
        name: [0, 1, 2, 3, 4, 5],
        tier: Tier::Shopper,
    };
    assert_eq!(*question, lift);
    run.handle(&mut isolate, Event::Answer(Answer::Lifted(12)), T0 + 5);
    assert_eq!(outcome(&run), (200, "ok".to_owned()));
    let answer = body(&run);
    assert_eq!(
        (&answer["lifted"], &answer["shopper"]),
        (&12.into(), &"AAECAwQF".into())
    );
    let notice: Value = serde_json::from_str(&run.end().log[0].text).unwrap();
    assert_eq!(notice["notice"], "lifted");
    assert_eq!(notice["limiter"], limiter);
    assert_eq!(notice["shopper"], "AAECAwQF");
    assert_eq!(notice["count"], 12);
    let lifted = run.end().lifted.expect("a lift");
    assert_eq!(
        (lifted.shopper, lifted.retry_after),
        ([0, 1, 2, 3, 4, 5], 0)
    );
}

#[test]
fn what_is_no_wish_is_refused_before_a_limiter_hears_of_it() {
    for body in [
        "",
        "{}",
        r#"{"request_id":"no uuid"}"#,
        r#"{"limiter":"short","shopper":"AAECAwQF"}"#,
        r#"{"limiter":"MDEyMzQ1Njc4OWFiY2RlZg"}"#,
        r#"{"limiter":"MDEyMzQ1Njc4OWFiY2RlZg","shopper":"AAEC"}"#,
        r#"{"limiter":"MDEyMzQ1Njc4OWFiY2RlZg","shopper":"AAECAwQF","budget":"store"}"#,
        r#"{"limiter":"MDEyMzQ1Njc4OWFiY2RlZg","shopper":"AAECAwQF","budget":7}"#,
        r#"{"limiter":["MDEyMzQ1Njc4OWFiY2RlZg"],"shopper":"AAECAwQF"}"#,
    ] {
        let mut isolate = settings().isolate();
        assert_eq!(lifting(&mut isolate, body).told().0, 400, "{body}");
    }
}

#[test]
fn an_id_that_nobody_knows_lifts_nothing() {
    let mut isolate = settings().isolate();
    let wish = r#"{"request_id":"0df213bd-b156-49c4-a270-b7bd062a0f27"}"#;
    let mut run = lifting(&mut isolate, wish);
    assert_eq!(run.name(), "read usage");
    run.handle(&mut isolate, Event::Usage(vec![Vec::new(); 2]), T0 + 5);
    assert_eq!(outcome(&run), (404, "request_not_found".to_owned()));
}

#[test]
fn a_step_that_brings_nothing_ends_the_request_readably() {
    type Begin = fn(&mut Isolate) -> Run;
    let steps: [(Begin, u16, &str); 4] = [
        (
            |isolate| arrive(isolate, "GET", "/metrics", GOOD),
            503,
            "limiter_unavailable",
        ),
        (
            |isolate| admitted(isolate, "GET", "/metrics"),
            503,
            "usage_unavailable",
        ),
        (
            |isolate| admitted(isolate, "POST", "/admin/lift"),
            400,
            "invalid_json_body",
        ),
        (
            |isolate| {
                lifting(
                    isolate,
                    r#"{"limiter":"MDEyMzQ1Njc4OWFiY2RlZg","budget":"network"}"#,
                )
            },
            503,
            "limiter_unavailable",
        ),
    ];
    for (until, status, code) in steps {
        for event in [Event::Elapsed, broken("lost")] {
            let mut isolate = settings().isolate();
            let mut run = until(&mut isolate);
            run.handle(&mut isolate, event, T0 + 9);
            assert_eq!(outcome(&run), (status, code.to_owned()));
        }
        let mut isolate = settings().isolate();
        let mut run = until(&mut isolate);
        run.handle(&mut isolate, LEFT, T0 + 9);
        assert_eq!(outcome(&run), (499, "shopper_left".to_owned()));
        let mut run = until(&mut isolate);
        run.handle(&mut isolate, Event::Connected(true), T0 + 9);
        assert_eq!(outcome(&run), (500, "internal_error".to_owned()));
    }
}

#[test]
fn a_token_is_32_characters_at_least_and_comes_with_its_binding() {
    let with = |token: &str, usage: Raw| {
        Settings::good()
            .with(Setting::AdminToken, token)
            .raw(Setting::Usage, usage)
            .mistakes()
    };
    assert_eq!(with(TOKEN, Raw::NotText), [""; 0]);
    let length = "ADMIN_TOKEN must be 32 to 256 visible ASCII characters";
    assert_eq!(with(&TOKEN[1..], Raw::NotText), [length]);
    assert_eq!(with(&TOKEN.repeat(9), Raw::NotText), [length]);
    assert_eq!(with(&format!("{TOKEN} x"), Raw::NotText), [length]);
    assert_eq!(
        with(TOKEN, Raw::Missing),
        ["USAGE is missing: ADMIN_TOKEN needs this binding in wrangler.toml"]
    );
    assert_eq!(with("", Raw::Missing), [""; 0]);
}

/// What is counted of a request.
#[test]
fn only_what_a_page_asks_is_counted_and_only_with_a_token() {
    for (settings, path, is_counted) in [
        (settings(), "/v1/concierge/chat", true),
        (settings(), "/no/such/path", false),
        (settings(), "/healthz", false),
        (Settings::good(), "/v1/concierge/chat", false),
    ] {
        let head = RequestHead {
            path,
            origin: None,
            method: if path == "/healthz" { "GET" } else { "POST" },
            ..post()
        };
        let run = Run::begin(&mut settings.isolate(), &head, 1, T0);
        assert_eq!(run.end().sample.is_some(), is_counted, "{path}");
    }
}
