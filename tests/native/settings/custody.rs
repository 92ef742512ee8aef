//! No value of a setting is ever shown.

use concierge_proxy::assistants::{Call, Destination};
use concierge_proxy::keys::Keys;
use concierge_proxy::refusal::Refusal;
use concierge_proxy::reply::{self, Body, ReplyContext, Timing};
use concierge_proxy::secret::Secret;
use concierge_proxy::settings::{Misconfigured, Setting};
use proptest::prelude::*;

use crate::support::{NOW, Settings, api_key, cases, entropy, pairs, plan, post, signer};

/// Everything that is ever said about settings.
fn said(settings: &Settings) -> String {
    let Err(Misconfigured(mistakes)) = settings.read().1 else {
        return String::new();
    };
    let refusal = Refusal::MisconfiguredProxy(mistakes.clone());
    let context = ReplyContext {
        origin: None,
        request_id: "-",
        timing: Timing::default(),
    };
    let reply = reply::refusal(context, &refusal, None, None, None);
    let Body::Text(body) = &reply.body else {
        panic!("an envelope")
    };
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    format!(
        "{} {} {body} {:?} {mistakes:?} {:?}",
        told.join(" "),
        refusal.message(),
        pairs(&reply.headers),
        settings.open(),
    )
}

#[test]
fn a_near_miss_of_a_value_is_never_quoted() {
    let marked = [
        "S3cr3tMark",
        "ak_concierge_S3cr3tMark",
        "https://S3cr3tMark",
        "https://S3cr3tMark@api.example.com/v1",
        "https://api.example.com/v1?S3cr3tMark",
        "https://api.example.com/S3cr3tMark!",
        "https://api.example.com:S3cr3tMark",
        "S3cr3tMark://api.example.com",
        "http://S3cr3tMark.example.com",
        "6/S3cr3tMark",
        "S3cr3tMark/minute",
        "6/minute, S3cr3tMark",
        "https://*.S3cr3tMark",
        "https://*.S3cr3tMark.*",
        "https://[S3cr3tMark]",
    ];
    for setting in Setting::ALL {
        for value in marked {
            let said = said(&Settings::good().with(setting, value)).to_lowercase();
            let name = setting.name();
            assert!(!said.contains("s3cr3tmark"), "{name} = {value}: {said}");
        }
    }
}

#[test]
fn every_byte_of_a_root_counts() {
    // The key of some assistants is a long token that begins like every other one.
    for length in [64, 65, 100, 512] {
        let root = vec![b'e'; length];
        let name = Keys::derive(&root, None).limiter(&[b"network"]);
        for place in [0, 63, length - 1] {
            let mut other = root.clone();
            other[place] = b'f';
            let other = Keys::derive(&other, None).limiter(&[b"network"]);
            assert_ne!(name, other, "byte {place} of {length}");
        }
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_wrong_value_is_never_in_a_message(
        place in 0..Setting::ALL.len(),
        value in prop_oneof![
            "[a-zA-Z0-9_@:/.*,+ \u{e4}\"-]{10,40}",
            "\\PC{10,40}",
            "(https?://)?[a-z]{10,20}[.:/?@*a-z0-9]{0,9}",
            "ak_concierge_[a-z]{10,50}",
            "[0-9]{10,20}/[a-z]{10,20}",
        ],
    ) {
        let said = said(&Settings::good().with(Setting::ALL[place], &value));
        for part in [&value[..], value.trim()].into_iter().chain(value.split([',', '/', ':', '@', '*']))
        {
            if part.trim().chars().count() >= 10 {
                prop_assert!(!said.contains(part), "{:?} in {}", part, said);
            }
        }
    }
}

#[test]
fn a_secret_never_prints() {
    let secret = Secret::new(api_key('7'));
    assert_eq!(format!("{secret:?}"), "Secret(***)");
    assert_eq!(format!("{secret:#?}"), "Secret(***)");
    assert_eq!(secret.expose(), api_key('7'));
}

#[test]
fn nothing_that_holds_a_key_prints_it() {
    let settings = Settings::good()
        .with(Setting::ApiKey, &api_key('7'))
        .with(Setting::ApiKeyNext, &api_key('8'));
    let gate = settings.open();
    let keys = Keys::derive(api_key('7').as_bytes(), Some(api_key('8').as_bytes()));
    let plan = plan(&gate, &post(), br#"{"prompt":"a"}"#, NOW, entropy(1)).unwrap();
    for printed in [
        format!("{gate:?}"),
        format!("{gate:#?}"),
        format!("{:?}", settings.read()),
        format!("{:?}", gate.receive(&post(), NOW)),
        format!("{keys:?}"),
        format!("{keys:#?}"),
        format!("{:?}", signer(&keys)),
        format!("{plan:?}"),
    ] {
        for digits in ["77777777", "88888888", "55, 55, 55", "56, 56, 56"] {
            assert!(!printed.contains(digits), "{printed}");
        }
        assert!(!printed.contains("ak_concierge_"), "{printed}");
    }
}

#[test]
fn a_request_on_its_way_does_not_print_the_key() {
    let key = Secret::new(api_key('7'));
    let target = Destination {
        base_url: "https://upstream.example.com",
        key: Some(&key),
    };
    let request = Call::SalesAssociate("{}".to_owned()).request(&target);
    for printed in [format!("{request:?}"), format!("{request:#?}")] {
        assert!(!printed.contains("7777"), "{printed}");
    }
}
