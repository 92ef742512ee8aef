//! Shoppers whom the merchant knows: where they are counted, by which budget, and what is theirs.

use concierge_proxy::exchange::{Event, Exchange, Next, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::protocol::{Account, Decision, Question};
use concierge_proxy::limits::{MAX_CAP, Own, Tier};
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use crate::app_proxy;
use crate::support::{
    DAY, ELSEWHERE, HERE, NOW, Settings, WORKER, budget, entropy, header, limits, post,
};
use crate::tokens::token;

const SECRET: &str = "a secret of the merchant's own server";
const APP_SECRET: &str = "the-secret-of-an-app";
const ANNA: Account = Account {
    shopper: 1,
    own: Own::Verified,
    receipt: 2,
    once: 0,
};
const T0: u64 = NOW as u64 * 1_000;

fn settings() -> Settings {
    Settings::good()
        .with(Setting::ShopperTokenKey, SECRET)
        .with(Setting::ShopifyAppSecret, APP_SECRET)
        .with(Setting::ShopifyShop, "shop-name.myshopify.com")
}

fn of(subject: &str) -> String {
    token(&json!({"sub": subject, "exp": NOW + 600, "aud": WORKER}))
}

fn query(customer: &str) -> String {
    app_proxy::query(
        APP_SECRET,
        &app_proxy::parameters(customer, &NOW.to_string()),
    )
}

/// What a chat asks of which limiter, and what goes upstream.
struct Asked {
    limiter: String,
    question: Question,
    session_id: String,
    end: Value,
    body: Option<String>,
    pass: Option<String>,
}

fn chat(isolate: &mut Isolate, head: &RequestHead<'_>, body: &str, number: u8) -> Asked {
    let mut next = Exchange::begin(isolate, head, entropy(number), T0);
    let mut asked = Asked {
        limiter: String::new(),
        question: Question::CountRetry,
        session_id: String::new(),
        end: Value::Null,
        body: None,
        pass: None,
    };
    loop {
        let (step, exchange) = match next {
            Next::Step(step, exchange) => (step, exchange),
            Next::Respond(end) => {
                asked.end = serde_json::from_str(&end.log.last().unwrap().text).unwrap();
                asked.pass = header(&end.reply.headers, "Shopper-Pass");
                if let concierge_proxy::reply::Body::Text(text) = end.reply.body {
                    asked.body = Some(text);
                }
                return asked;
            }
            other => panic!("{other:?}"),
        };
        let event = match step {
            Step::ReadBody { .. } => Event::Body(body.as_bytes().to_vec()),
            Step::Ask {
                limiter, question, ..
            } => {
                (asked.limiter, asked.question) = (limiter, question);
                Event::Answer(question.read(&[5, 9]).unwrap())
            }
            Step::Send { request, .. } => {
                let sent: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
                asked.session_id = sent["session_id"].as_str().unwrap().to_owned();
                assert_eq!(sent.as_object().unwrap().len(), 2, "{sent}");
                let mut headers = [""; 7];
                (headers[0], headers[1]) = ("application/json", "13");
                Event::Head(concierge_proxy::head::ResponseHead::read(200, headers))
            }
            Step::ReadAnswer { .. } => Event::Read(13),
            Step::ReadUpstream { .. } => Event::UpstreamBody(br#"{"message":1}"#.to_vec()),
            other => panic!("{other:?}"),
        };
        next = exchange.handle(&mut isolate.memory, event, T0);
    }
}

fn with_token(isolate: &mut Isolate, subject: &str, address: &str, session: Option<&str>) -> Asked {
    let authorization = of(subject);
    let head = RequestHead {
        authorization: &authorization,
        address,
        ..post()
    };
    let body = json!({"prompt": "hat", "session_id": session}).to_string();
    chat(isolate, &head, &body, 1)
}

#[test]
fn a_verified_shopper_has_one_limiter_on_every_network_and_no_pass() {
    let mut isolate = settings().isolate();
    let here = with_token(&mut isolate, "anna", HERE, None);
    let there = with_token(&mut isolate, "anna", ELSEWHERE, None);
    assert_eq!(here.limiter, there.limiter);
    assert_eq!(here.question, there.question);
    assert!(matches!(here.question, Question::AdmitVerified(_)));
    assert_eq!(here.end["outcome"], "ok");
    assert_eq!(here.end["verified"], true);
    assert_eq!(here.pass, None);
    let other = with_token(&mut isolate, "berta", HERE, None);
    assert_ne!(other.limiter, here.limiter);
    let anonymous = chat(&mut isolate, &post(), r#"{"prompt":"hat"}"#, 1);
    assert_ne!(anonymous.limiter, here.limiter);
    assert!(matches!(anonymous.question, Question::Admit { .. }));
    assert!(anonymous.end.get("verified").is_none() && anonymous.pass.is_some());
}

#[test]
fn a_session_id_of_a_verified_shopper_works_for_them_alone_and_everywhere() {
    let mut isolate = settings().isolate();
    let first = with_token(&mut isolate, "anna", HERE, None);
    let session = Some(first.session_id.as_str());
    assert_eq!(
        with_token(&mut isolate, "anna", ELSEWHERE, session).session_id,
        first.session_id
    );
    assert_ne!(
        with_token(&mut isolate, "berta", HERE, session).session_id,
        first.session_id
    );
    // Without the token it is nobody's, not even on the same network.
    let body = json!({"prompt": "hat", "session_id": first.session_id}).to_string();
    let anonymous = chat(&mut isolate, &post(), &body, 2);
    assert_ne!(anonymous.session_id, first.session_id);
    assert_ne!(anonymous.limiter, first.limiter);
}

#[test]
fn a_session_id_outlives_the_rotation_of_the_signing_key() {
    let (one, two) = ("1a".repeat(32), "2b".repeat(32));
    let keyed = |current: &str, next: &str| {
        settings()
            .with(Setting::SigningKey, current)
            .with(Setting::SigningKeyNext, next)
            .isolate()
    };
    let before = with_token(&mut keyed(&one, ""), "anna", HERE, None);
    // Neither does the conversation of an id that the page has chosen change at its beginning.
    let chosen =
        |isolate: &mut Isolate| with_token(isolate, "anna", HERE, Some("cart-1")).session_id;
    let conversation = chosen(&mut keyed(&one, ""));
    assert_eq!(chosen(&mut keyed(&one, &two)), conversation);
    for mut isolate in [keyed(&one, &two), keyed(&two, &one)] {
        let during = with_token(&mut isolate, "anna", HERE, Some(&before.session_id));
        assert_eq!(during.session_id, before.session_id);
    }
    let after = with_token(&mut keyed(&two, ""), "anna", HERE, Some(&before.session_id));
    assert_ne!(after.session_id, before.session_id);
}

#[test]
fn a_pass_beside_a_token_counts_for_nothing() {
    let mut isolate = settings().isolate();
    let anonymous = chat(&mut isolate, &post(), r#"{"prompt":"hat"}"#, 1);
    let (authorization, pass) = (of("anna"), anonymous.pass.unwrap());
    let head = RequestHead {
        authorization: &authorization,
        pass: &pass,
        ..post()
    };
    let both = chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 2);
    assert_eq!(
        both.limiter,
        with_token(&mut isolate, "anna", HERE, None).limiter
    );
    assert_eq!(both.pass, None);
}

#[test]
fn a_bad_token_is_refused_and_never_makes_an_anonymous_shopper() {
    let mut isolate = settings().isolate();
    let anonymous = chat(&mut isolate, &post(), r#"{"prompt":"hat"}"#, 1);
    let pass = anonymous.pass.unwrap();
    let expired = token(&json!({"sub": "anna", "exp": NOW - DAY, "aud": WORKER}));
    for authorization in [&*expired, "Bearer x", "Basic YTpi", "x"] {
        let head = RequestHead {
            authorization,
            pass: &pass,
            ..post()
        };
        let refused = chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 2);
        assert_eq!(refused.end["outcome"], "invalid_shopper_token");
        assert_eq!(refused.end["status"], 401);
        assert!(refused.end["detail"].is_string(), "the log says why");
        assert_eq!(refused.limiter, "");
    }
    // Where no key is set, nobody is verified, and the header is not even read.
    let mut isolate = Settings::good().isolate();
    let head = RequestHead {
        authorization: &expired,
        ..post()
    };
    assert_eq!(
        chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 2).end["outcome"],
        "ok"
    );
}

#[test]
fn a_customer_of_shopify_is_verified_without_an_origin() {
    let mut isolate = settings().isolate();
    let mut visit = |customer: &str, origin, forwarded: &str| {
        let query = query(customer);
        let head = RequestHead {
            query: &query,
            origin,
            forwarded,
            ..post()
        };
        chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 3)
    };
    let forwarded = format!("198.51.100.7, {HERE}");
    let seven = visit("7", None, &forwarded);
    assert!(matches!(seven.question, Question::AdmitVerified(_)));
    assert_eq!(
        visit("7", Some("https://evil.com"), "").limiter,
        seven.limiter
    );
    assert_ne!(visit("8", None, &forwarded).limiter, seven.limiter);
    assert_eq!(seven.body.as_deref(), Some(r#"{"message":1}"#));
    // A token of the same name is another account.
    let mut isolate = settings().isolate();
    assert_ne!(
        with_token(&mut isolate, "7", HERE, None).limiter,
        seven.limiter
    );
}

#[test]
fn a_visitor_of_shopify_is_counted_by_the_forwarded_address_and_keeps_a_pass_in_bodies() {
    let mut isolate = settings().isolate();
    let unknown = query("");
    let mut visit = |forwarded: &str, body: &str, number| {
        let head = RequestHead {
            query: &unknown,
            origin: None,
            forwarded,
            ..post()
        };
        chat(&mut isolate, &head, body, number)
    };
    let plain = r#"{"prompt":"hat"}"#;
    let first = visit(&format!("198.51.100.7, {HERE}"), plain, 1);
    let answer: Value = serde_json::from_str(first.body.as_deref().unwrap()).unwrap();
    let pass = answer["shopper_pass"].as_str().unwrap();
    assert_eq!(
        (&answer["message"], Some(pass)),
        (&json!(1), first.pass.as_deref())
    );
    let body = json!({"prompt": "hat", "shopper_pass": pass}).to_string();
    let again = visit(&format!("203.0.113.9, {HERE}"), &body, 2);
    assert_eq!(again.question, {
        let Question::Admit { shopper, .. } = first.question else {
            panic!("{:?}", first.question)
        };
        Question::Admit {
            shopper,
            newcomer: false,
            receipt: entropy(2).receipt(),
        }
    });
    assert_eq!(again.body.as_deref(), Some(r#"{"message":1}"#));
    assert_eq!(again.pass, None);
    assert_eq!(
        visit(&format!("198.51.100.7,{HERE}"), plain, 3).limiter,
        first.limiter
    );
    assert_ne!(
        visit(&format!("198.51.100.8,{HERE}"), plain, 3).limiter,
        first.limiter
    );
}

#[test]
fn an_address_that_was_made_up_is_not_believed_without_a_signature() {
    let mut isolate = settings().isolate();
    let honest = chat(&mut isolate, &post(), r#"{"prompt":"hat"}"#, 1);
    let head = RequestHead {
        forwarded: "198.51.100.7",
        ..post()
    };
    assert_eq!(
        chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 1).limiter,
        honest.limiter
    );
    let forged = format!("{}0", query("7"));
    let head = RequestHead {
        query: &forged,
        forwarded: "198.51.100.7",
        ..post()
    };
    let refused = chat(&mut isolate, &head, r#"{"prompt":"hat"}"#, 1);
    assert_eq!(
        (&refused.end["outcome"], &refused.end["status"]),
        (&json!("invalid_signature"), &json!(401))
    );
}

#[test]
fn a_verified_shopper_has_a_budget_of_their_own_and_no_networks() {
    let limits = limits("2/minute", "1/minute", "3/minute");
    let mut ledger = Ledger::default();
    let mut admit = |at| -> Decision { ledger.admit_verified(&limits, ANNA, at) };
    for (chat, left) in [(0, 3), (1, 2), (2, 1), (3, 0)] {
        let decision = admit(T0 + chat);
        assert_eq!(decision.exceeded, None);
        assert_eq!(decision.standing.remaining, left);
    }
    let full = admit(T0 + 4).exceeded.expect("a fifth chat is too many");
    assert_eq!(
        (full.tier, full.cap.count, full.retry_after),
        (Tier::Shopper, 4, 60)
    );
    assert_eq!(admit(T0 + 60_000).exceeded, None);
}

#[test]
fn the_budget_is_twice_the_shoppers_unless_it_is_set() {
    let read = |settings: Settings| settings.read().1.unwrap().limits;
    let default = read(settings().with(Setting::ShopperLimits, "3/minute, 15000/day"));
    assert_eq!(
        default.verified,
        budget(&format!("6/minute, {MAX_CAP}/day"))
    );
    let set = read(settings().with(Setting::VerifiedLimits, "9/hour"));
    assert_eq!(set.verified, budget("9/hour"));
    let wrong = settings().with(Setting::VerifiedLimits, "nine").mistakes();
    assert_eq!(
        wrong,
        ["VERIFIED_LIMITS cap 1 does not have the form 40/hour"]
    );
}

#[test]
fn the_settings_of_the_app_proxy_belong_together() {
    for (secret, next, shop, wrong) in [
        ("", "", "acme.myshopify.com", "SHOPIFY_APP_SECRET"),
        (APP_SECRET, "", "", "SHOPIFY_SHOP"),
        ("short", "", "acme.myshopify.com", "SHOPIFY_APP_SECRET"),
        (
            APP_SECRET,
            "short",
            "acme.myshopify.com",
            "SHOPIFY_APP_SECRET_NEXT",
        ),
        (APP_SECRET, "", "acme.com", "SHOPIFY_SHOP"),
    ] {
        let mistakes = Settings::good()
            .with(Setting::ShopifyAppSecret, secret)
            .with(Setting::ShopifyAppSecretNext, next)
            .with(Setting::ShopifyShop, shop)
            .mistakes();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].starts_with(wrong), "{mistakes:?}");
    }
}
