//! Whole requests, through any events in any order and at any time.

use concierge_proxy::exchange::{End, Event, Exchange, Failure, Next, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::{Answer, Question, Standing};
use concierge_proxy::settings::Setting;
use proptest::prelude::*;

use super::{ADMITTED, BODY, NETWORK_FULL, T0, broken, counted, decision, head, told};
use crate::support::{Settings, api_key, cases, entropy, post};

/// More steps than the longest request has: its body, its admission, its refund, and for each of
/// four attempts the request, a connection, an answer or error, a pause and a count. An answer by
/// events opens them as well. What it waits for again and again is not counted.
const MOST_STEPS: usize = 4 + 4 * 5;

/// Any event. What brings a request on is likelier, so that many come far.
fn any_event() -> impl Strategy<Value = Event> {
    let refunded = Standing {
        remaining: 6,
        reset: 0,
    };
    let body = prop_oneof![
        9 => Just(BODY.to_vec()),
        1 => prop::sample::select(vec![b"{".to_vec(), Vec::new()]),
    ];
    let words = prop_oneof![9 => Just(&ADMITTED[..]), 1 => Just(&NETWORK_FULL[..])];
    prop_oneof![
        9 => body.prop_map(Event::Body),
        9 => words.prop_map(decision),
        9 => prop::bool::weighted(0.9).prop_map(counted),
        9 => prop::sample::select(vec![None, Some(refunded)])
            .prop_map(|standing| Event::Answer(Answer::Refunded(standing))),
        18 => any_head(),
        9 => any::<bool>().prop_map(Event::Connected),
        9 => any_error().prop_map(|text| Event::UpstreamBody(text.as_bytes().to_vec())),
        9 => (0..3_usize).prop_map(Event::Read),
        9 => any_events().prop_map(|text| Event::Events(text.as_bytes().to_vec())),
        2 => Just(Event::Elapsed),
        1 => Just(Event::Failed(Failure::ShopperLeft)),
        1 => Just(Event::Failed(Failure::Unreadable)),
        2 => Just(broken("lost")),
    ]
}

fn any_head() -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        1 => any::<u16>(),
        2 => prop::sample::select(vec![200_u16, 204, 401]),
        9 => prop::sample::select(vec![429_u16, 502, 503, 522]),
    ];
    let content_type = prop::sample::select(vec!["application/json", "text/event-stream", ""]);
    let length = prop::sample::select(vec!["", "0", "12", "999999"]);
    let wait = prop::sample::select(vec!["", "", "0", "1", "30"]);
    (status, content_type, length, wait).prop_map(|(status, content_type, length, wait)| {
        head(status, &[content_type, length, "", "500", "20", wait])
    })
}

fn any_error() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "{",
        "{}",
        r#"{"error":"upstream_error"}"#,
        r#"{"error":"upstream_invoke_error"}"#,
        r#"{"error":"rate_limited","limit_window":"minute"}"#,
        r#"{"id":"c1","content":"A hat.","response":"A hat.","agent_reply":"A hat."}"#,
    ])
}

fn any_events() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "data: A h",
        "at\n\n",
        "data: {\"content\":\"A hat.\"}\n\n",
        "event: typing\ndata: \n\n",
    ])
}

/// The settings of each assistant, with the least requests that a chat may need.
fn any_assistant() -> impl Strategy<Value = (Settings, u32)> {
    prop_oneof![
        3 => Just((Settings::good(), 1)),
        2 => Just((Settings::homie(), 2)),
        1 => Just((Settings::rewardsbot(), 1)),
        1 => Just((Settings::omniops(), 1)),
    ]
}

/// Whether the event is one that the step may bring, however it goes.
fn fits(step: &Step, event: &Event) -> bool {
    match (step, event) {
        (Step::Wait { .. }, _) => *event == Event::Elapsed,
        (_, Event::Elapsed | Event::Failed(_))
        | (Step::ReadBody { .. }, Event::Body(_))
        | (Step::Listen { .. } | Step::Send { .. } | Step::Await { .. }, Event::Head(_))
        | (
            Step::Send {
                listening: true, ..
            }
            | Step::Await { .. },
            Event::Events(_),
        )
        | (Step::Connect { .. }, Event::Connected(_))
        | (Step::ReadUpstream { .. }, Event::UpstreamBody(_))
        | (Step::ReadAnswer { .. } | Step::ReadFirst { .. }, Event::Read(_)) => true,
        (Step::Ask { question, .. }, Event::Answer(answer)) => matches!(
            (question, answer),
            (
                Question::Admit { .. } | Question::AdmitVerified(_),
                Answer::Decision(_)
            ) | (Question::CountRetry, Answer::RetryCounted(_))
                | (
                    Question::Refund { .. } | Question::RefundVerified(_),
                    Answer::Refunded(_)
                )
        ),
        _ => false,
    }
}

/// What a request has asked for until it ended.
#[derive(Debug, Default)]
struct Course {
    steps: usize,
    admissions: u32,
    counts: u32,
    requests: u32,
    refunds: u32,
    beginnings: u32,
}

/// Drives a request to its end. Of the events, those that do not fit are left out where the order
/// is kept; once there are no more, every step times out.
fn drive(
    isolate: &mut Isolate,
    events: Vec<(Event, u32)>,
    (keeps_order, accepts_events): (bool, bool),
    now: &mut u64,
) -> (Course, End) {
    let mut course = Course::default();
    let mut events = events.into_iter();
    let head = RequestHead {
        accepts_events,
        ..post()
    };
    let mut next = Exchange::begin(isolate, &head, entropy(1), *now);
    loop {
        let (step, exchange) = match next {
            Next::Step(step, exchange) => (step, exchange),
            Next::Begin(_, step, exchange) => {
                course.beginnings += 1;
                (step, exchange)
            }
            Next::Write(_, step, exchange) => {
                assert_eq!(course.beginnings, 1, "what has not begun cannot go on");
                (step, exchange)
            }
            Next::Respond(end) => return (course, end),
            Next::Forward(end, _) => {
                assert_eq!(course.beginnings, 0, "it begins twice");
                return (course, end);
            }
        };
        course.steps += usize::from(!matches!(step, Step::Await { .. }));
        match &step {
            Step::Ask { question, .. } => match question {
                Question::Admit { .. } | Question::AdmitVerified(_) => course.admissions += 1,
                Question::CountRetry => course.counts += 1,
                Question::Refund { .. } | Question::RefundVerified(_) => course.refunds += 1,
                Question::Free(_) | Question::Done(_) | Question::Lift { .. } => {}
            },
            Step::Send { .. } => course.requests += 1,
            _ => {}
        }
        let event = events
            .by_ref()
            .find(|(event, _)| !keeps_order || fits(&step, event));
        let (event, took) = event.unwrap_or((Event::Elapsed, 1_000));
        *now += u64::from(took);
        next = exchange.handle(&mut isolate.memory, event, *now);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_request_has_one_answer_and_no_more_attempts_than_it_may(
        chats in prop::collection::vec(
            (prop::collection::vec((any_event(), 0..1_500_u32), 0..200), prop::bool::weighted(0.8)),
            1..4,
        ),
        (settings, least) in any_assistant(),
        most in 1..=4_u32,
        is_local: bool,
        has_next_key: bool,
        accepts_events: bool,
    ) {
        let most = most.max(least);
        let mut settings = settings.with(Setting::UpstreamAttempts, &most.to_string());
        if is_local {
            settings = settings.with(Setting::BaseUrl, "http://localhost:9000/v1");
        }
        if has_next_key && settings.has(Setting::ApiKey) {
            settings = settings.with(Setting::ApiKeyNext, &api_key('1'));
        }
        let mut isolate = settings.isolate();
        let mut now = T0;
        for (events, keeps_order) in chats {
            let (course, end) = drive(&mut isolate, events, (keeps_order, accepts_events), &mut now);
            prop_assert!(course.steps <= MOST_STEPS, "{:?}", course);
            prop_assert!(course.requests <= most, "{:?}", course);
            prop_assert!(course.beginnings <= u32::from(accepts_events), "{:?}", course);
            prop_assert!(course.admissions <= 1 && course.refunds <= 1, "{:?}", course);
            // Nothing is sent that was not admitted, and no retry counted for nothing.
            prop_assert!(course.requests == 0 || course.admissions == 1, "{:?}", course);
            prop_assert!(course.counts <= most.saturating_sub(1), "{:?}", course);
            let (status, line) = told(&end);
            prop_assert!((200..600).contains(&status), "{}", status);
            prop_assert_eq!(&line["request_id"], &entropy(1).request_id());
            let attempts = line["attempts"].as_array().map_or(0, Vec::len);
            prop_assert!(attempts <= course.requests as usize, "{}", line);
            if keeps_order {
                prop_assert_ne!(&line["outcome"], "internal_error");
            }
        }
    }

    #[test]
    fn no_head_of_a_request_breaks_its_beginning(
        method in "[A-Z]{0,7}",
        url: String,
        headers: [String; 9],
    ) {
        let mut isolate = Settings::good().isolate();
        let head = RequestHead::read(&method, &url, headers.each_ref().map(String::as_str));
        if let Next::Respond(end) = Exchange::begin(&mut isolate, &head, entropy(1), T0) {
            prop_assert!((200..600).contains(&told(&end).0));
        }
    }
}
