//! The settings: every one right, or every mistake at once.

mod assistants;
mod budgets;
mod custody;
mod signing_keys;
mod urls;

use concierge_proxy::limits::Window;
use concierge_proxy::settings::{Raw, Setting};

use crate::support::{ORIGIN, Settings, api_key, budget};

#[test]
fn a_key_and_an_allow_list_are_all_it_takes() {
    let (origins, config) = Settings::good().read();
    let config = config.expect("right settings");
    assert!(origins.allows(ORIGIN));
    assert_eq!(config.api_key.expect("a key").expose(), api_key('0'));
    assert_eq!(config.api_key_next, None);
    assert_eq!(config.base_url, "https://api.youromi.com/v1");
    assert_eq!(
        config.fallback_url.as_deref(),
        Some("https://nxgsc3wl3l.execute-api.us-east-1.amazonaws.com/prod/v1")
    );
    assert_eq!(config.limits.shopper, budget("6/minute, 40/hour, 100/day"));
    assert_eq!(
        config.limits.newcomer,
        budget("10/minute, 60/hour, 200/day")
    );
    assert_eq!(
        config.limits.network,
        budget("20/minute, 200/hour, 600/day")
    );
    assert_eq!(config.limits.horizon(), Window::Day);
}

#[test]
fn the_names_are_the_published_ones() {
    let names = Setting::ALL.map(Setting::name);
    assert_eq!(
        names,
        [
            "CONCIERGE_API_KEY",
            "CONCIERGE_API_KEY_NEXT",
            "CONCIERGE_BASE_URL",
            "CONCIERGE_FALLBACK_URL",
            "ALLOWED_ORIGINS",
            "SHOPPER_LIMITS",
            "NEWCOMER_LIMITS",
            "NETWORK_LIMITS",
            "UPSTREAM_ATTEMPTS",
            "ASSISTANT",
            "SIGNING_KEY",
            "SIGNING_KEY_NEXT",
            "ASSISTANT_AUTH",
            "HOMIE_CHATBOT_ID",
            "HOMIE_STORE",
            "HOMIE_EVENTS",
            "REWARDS_PROGRAM",
            "OMNIOPS_DOMAIN",
            "OMNIOPS_DIALECT",
            "OMNIOPS_WEBHOOK_SECRET",
            "VERIFIED_LIMITS",
            "SHOPPER_TOKEN_KEY",
            "SHOPIFY_APP_SECRET",
            "SHOPIFY_APP_SECRET_NEXT",
            "SHOPIFY_SHOP",
            "OMI_APP_ID",
            "OMI_APP_KEY",
            "OMI_CAPABILITIES",
            "OMI_LIMITS",
            "OMI_BASE_URL",
            "OMI_CONTEXT",
            "LIMITS_DRY_RUN",
            "ANALYTICS",
            "LIMITER_LOCATION",
            "LIMITER_JURISDICTION",
            "ADMIN_TOKEN",
            "USAGE",
        ]
    );
}

#[test]
fn an_empty_setting_counts_as_missing() {
    for empty in ["", " ", "\n", " \t\r\n "] {
        let mut settings = Settings::none();
        for setting in Setting::ALL {
            settings = settings.with(setting, empty);
        }
        assert_eq!(
            settings.mistakes(),
            ["ALLOWED_ORIGINS is missing", "CONCIERGE_API_KEY is missing"],
            "{empty:?}"
        );
        let config = settings
            .with(Setting::ApiKey, &api_key('0'))
            .with(Setting::AllowedOrigins, ORIGIN)
            .read()
            .1
            .expect("the others have defaults");
        assert_eq!(config.api_key_next, None);
        assert_eq!(config.base_url, "https://api.youromi.com/v1");
        assert_eq!(config.limits.shopper, budget("6/minute, 40/hour, 100/day"));
    }
}

#[test]
fn a_setting_that_is_no_text_is_a_mistake() {
    for setting in Setting::ALL {
        let settings = match setting {
            Setting::AssistantAuth
            | Setting::HomieChatbotId
            | Setting::HomieStore
            | Setting::HomieEvents => Settings::homie(),
            Setting::RewardsProgram => Settings::rewardsbot(),
            Setting::OmniopsDomain | Setting::OmniopsDialect | Setting::OmniopsWebhookSecret => {
                Settings::omniops()
            }
            _ => Settings::good(),
        };
        let mistakes = settings.raw(setting, Raw::NotText).mistakes();
        if matches!(setting, Setting::Analytics | Setting::Usage) {
            assert_eq!(mistakes, [""; 0], "a binding is none");
        } else {
            assert_eq!(mistakes, [format!("{} must be a string", setting.name())]);
        }
    }
}

#[test]
fn a_wrong_setting_is_named() {
    for setting in Setting::ALL {
        let mistakes = Settings::good().with(setting, "nonsense").mistakes();
        assert_eq!(mistakes.len(), 1, "{}: {mistakes:?}", setting.name());
        let named = mistakes[0].split(' ').next();
        assert_eq!(named, Some(setting.name()));
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let mut settings = Settings::none();
    for setting in Setting::ALL {
        settings = settings.with(setting, "nonsense");
    }
    let mut named: Vec<String> = settings
        .with(
            Setting::AllowedOrigins,
            "nonsense, https://a.example.com, worse/",
        )
        .with(Setting::Assistant, "sales-associate")
        .with(Setting::OmiAppId, "no id")
        .mistakes()
        .iter()
        .map(|mistake| mistake.split(' ').next().unwrap().to_owned())
        .collect();
    named.sort();
    let mut expected: Vec<&str> = Setting::ALL.map(Setting::name).to_vec();
    expected.retain(|name| *name != "ASSISTANT");
    // The list has two bad entries.
    expected.push("ALLOWED_ORIGINS");
    expected.sort_unstable();
    assert_eq!(named, expected);
}

#[test]
fn a_wrong_setting_closes_the_gate_and_keeps_the_origins_readable() {
    for setting in Setting::ALL {
        let settings = match setting {
            Setting::AllowedOrigins => {
                Settings::good().with(setting, &format!("nonsense, {ORIGIN}"))
            }
            _ => Settings::good().with(setting, "nonsense"),
        };
        let (origins, config) = settings.read();
        assert!(config.is_err(), "{}", setting.name());
        assert!(origins.allows(ORIGIN), "{}", setting.name());
    }
}

#[test]
fn a_key_has_the_published_form() {
    let hex = |digits: usize| "0f".repeat(24)[..].repeat(2)[..digits].to_owned();
    let good = format!("ak_concierge_{}", hex(48));
    for (key, right) in [
        (good.clone(), true),
        (format!("{good}\n"), true),
        (format!(" {good} \r\n"), true),
        (format!("ak_concierge_{}", hex(48).to_uppercase()), true),
        (format!("ak_concierge_{}", hex(47)), false),
        (format!("ak_concierge_{}", hex(49)), false),
        (format!("ak_concierge_{}", hex(96)), false),
        ("ak_concierge_".to_owned(), false),
        (hex(48), false),
        (format!("ak_concierge{}", hex(48)), false),
        (format!("AK_CONCIERGE_{}", hex(48)), false),
        (format!("sk_concierge_{}", hex(48)), false),
        (format!("ak_concierge_{}g", hex(47)), false),
        (format!("ak_concierge_{}\u{e4}", hex(46)), false),
        (format!("ak_concierge_{} {}", hex(24), hex(23)), false),
        (format!("ak_concierge_{}\n{}", hex(24), hex(23)), false),
        (format!("\"{good}\""), false),
        (format!("{good},{good}"), false),
    ] {
        for setting in [Setting::ApiKey, Setting::ApiKeyNext] {
            let mistakes = Settings::good().with(setting, &key).mistakes();
            assert_eq!(mistakes.is_empty(), right, "{key:?}: {mistakes:?}");
        }
    }
}

#[test]
fn white_space_around_a_key_is_no_part_of_it() {
    let key = api_key('a');
    let config = Settings::good()
        .with(Setting::ApiKey, &format!(" {key}\n"))
        .read()
        .1
        .unwrap();
    assert_eq!(config.api_key.expect("a key").expose(), key);
}

#[test]
fn a_next_key_that_is_the_current_one_is_none() {
    let config = Settings::good()
        .with(Setting::ApiKeyNext, &api_key('0'))
        .read()
        .1
        .unwrap();
    assert_eq!(config.api_key_next, None);
    let config = Settings::good()
        .with(Setting::ApiKeyNext, &api_key('1'))
        .read()
        .1
        .unwrap();
    assert_eq!(config.api_key_next.unwrap().expose(), api_key('1'));
}
