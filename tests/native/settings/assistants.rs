//! Which assistant answers, and the settings that only it has.

use concierge_proxy::assistants::Assistant;
use concierge_proxy::settings::{Raw, Setting};

use crate::support::{Settings, api_key};

/// Right settings for each assistant, by its name.
fn assistants() -> [(&'static str, Settings); 4] {
    [
        ("sales-associate", Settings::good()),
        ("homie", Settings::homie()),
        ("rewardsbot", Settings::rewardsbot()),
        ("omniops", Settings::omniops()),
    ]
}

/// The settings that one assistant alone has, each with a good value.
const OWN: [(&str, Setting, &str); 8] = [
    (
        "homie",
        Setting::HomieChatbotId,
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    ),
    ("homie", Setting::HomieStore, "berlin"),
    ("homie", Setting::HomieEvents, "messages"),
    ("homie", Setting::AssistantAuth, "bearer"),
    ("rewardsbot", Setting::RewardsProgram, "acme"),
    ("omniops", Setting::OmniopsDomain, "www.example.com"),
    ("omniops", Setting::OmniopsDialect, "documented"),
    ("omniops", Setting::OmniopsWebhookSecret, "0123456789abcdef"),
];

fn assistant(settings: &Settings) -> Assistant {
    settings.read().1.expect("right settings").assistant
}

#[test]
fn the_sales_associate_answers_unless_another_is_named() {
    assert_eq!(assistant(&Settings::good()), Assistant::SalesAssociate);
    for (name, settings) in assistants() {
        assert_eq!(
            assistant(&settings.with(Setting::Assistant, name)).name(),
            name
        );
    }
}

#[test]
fn a_name_that_is_not_known_is_the_only_mistake() {
    for name in ["Homie", "homie ai", "sales_associate", "omni", "*"] {
        let mistakes = Settings::homie().with(Setting::Assistant, name).mistakes();
        let wanted = "ASSISTANT must be sales-associate or homie or rewardsbot or omniops";
        assert_eq!(mistakes, [wanted], "{name}");
    }
}

#[test]
fn a_setting_of_another_assistant_is_a_mistake() {
    for (chosen, settings) in assistants() {
        for (owner, setting, value) in OWN {
            let settings = settings.clone().with(setting, value);
            let name = setting.name();
            if owner == chosen {
                assert_eq!(settings.mistakes(), [""; 0], "{chosen}: {name}");
            } else {
                let mistake = format!("{name} is for {owner}, but ASSISTANT is {chosen}");
                assert_eq!(settings.mistakes(), [mistake]);
                // White space is nothing, and what is no text is something.
                let settings = settings.with(setting, " \n");
                assert_eq!(settings.mistakes(), [""; 0], "{chosen}: {name}");
                let settings = settings.raw(setting, Raw::NotText);
                assert_eq!(settings.mistakes().len(), 1, "{chosen}: {name}");
            }
        }
    }
}

#[test]
fn an_api_key_for_an_assistant_without_one_is_a_mistake() {
    for settings in [Settings::rewardsbot(), Settings::omniops_as_built()] {
        for setting in [Setting::ApiKey, Setting::ApiKeyNext] {
            let settings = settings.clone().with(setting, &api_key('0'));
            let mistake = format!("{} is set, but this assistant has no key", setting.name());
            assert_eq!(settings.mistakes(), [mistake]);
        }
        let config = settings.read().1.expect("right settings");
        assert!(config.api_key.is_none() && config.api_key_next.is_none());
    }
}

#[test]
fn a_key_whose_form_is_not_published_is_visible_ascii() {
    let long = "k".repeat(512);
    for settings in [Settings::homie(), Settings::omniops()] {
        for key in [
            "k".repeat(16).as_str(),
            "hk_live_0123!\"#$~",
            &api_key('7'),
            &long,
        ] {
            let settings = settings.clone().with(Setting::ApiKey, key);
            let config = settings.read().1.expect("right settings");
            assert_eq!(config.api_key.expect("a key").expose(), key);
        }
        for key in [
            "0123456789abcde",
            "0123456789abcdef b",
            "0123456789abcdef\nb",
            "0123456789abcdef\r\nX-Evil: 1",
            "0123456789abcdefk\u{e4}y",
            "\u{0}0123456789abcdef",
            &format!("{long}k"),
        ] {
            for setting in [Setting::ApiKey, Setting::ApiKeyNext] {
                let mistakes = settings.clone().with(setting, key).mistakes();
                let wanted = "must be 16 to 512 visible ASCII characters";
                assert_eq!(mistakes, [format!("{} {wanted}", setting.name())]);
            }
        }
    }
}

#[test]
fn homie_needs_three_requests_for_a_chat_whose_conversation_is_gone() {
    for (attempts, right) in [
        ("0", false),
        ("1", false),
        ("2", false),
        ("3", true),
        ("4", true),
        ("5", false),
    ] {
        let mistakes = Settings::homie()
            .with(Setting::UpstreamAttempts, attempts)
            .mistakes();
        assert_eq!(mistakes.is_empty(), right, "{attempts}: {mistakes:?}");
    }
    let mistakes = Settings::homie()
        .with(Setting::UpstreamAttempts, "1")
        .mistakes();
    assert_eq!(mistakes, ["UPSTREAM_ATTEMPTS must be a number from 3 to 4"]);
    for settings in [
        Settings::good(),
        Settings::rewardsbot(),
        Settings::omniops(),
    ] {
        assert_eq!(
            settings.with(Setting::UpstreamAttempts, "1").mistakes(),
            [""; 0]
        );
    }
}

#[test]
fn homie_needs_a_chatbot() {
    let missing = Settings::homie().raw(Setting::HomieChatbotId, Raw::Missing);
    assert_eq!(missing.mistakes(), ["HOMIE_CHATBOT_ID is missing"]);
    for id in [
        "chatbot",
        "7c9e6679-7425-40de-944b-e07fc1f90ae",
        "7c9e6679/7425",
    ] {
        let mistakes = Settings::homie()
            .with(Setting::HomieChatbotId, id)
            .mistakes();
        assert_eq!(mistakes, ["HOMIE_CHATBOT_ID must be a UUID"], "{id}");
    }
}

#[test]
fn what_goes_into_a_url_a_header_or_a_body_is_plain() {
    let long = "a".repeat(129);
    let longer = "a".repeat(256);
    let rows: [(Settings, Setting, &[&str], &[&str]); 6] = [
        (
            Settings::homie(),
            Setting::HomieStore,
            &["berlin", "Berlin-7_a.b~c", &long[..128]],
            &[
                "a b", "a&b=c", "a#b", "a?b", "a/b", "a%20b", "\u{e4}", &long,
            ],
        ),
        (
            Settings::homie(),
            Setting::AssistantAuth,
            &["x-api-key", "bearer"],
            &["Bearer", "X-API-Key", "basic", "bearer x"],
        ),
        (
            Settings::homie(),
            Setting::HomieEvents,
            &["chat", "messages", "none"],
            &["Chat", "all", "chat,messages", "/events"],
        ),
        (
            Settings::rewardsbot(),
            Setting::RewardsProgram,
            &["acme", "ac me \"7\"", "\u{e4}", &long[..128]],
            &["a\nb", "a\u{0}b", &long],
        ),
        (
            Settings::omniops(),
            Setting::OmniopsDomain,
            &[
                "example.com",
                "www.Example.com",
                "localhost:3000",
                &longer[..255],
            ],
            &[
                "a b",
                "https://example.com",
                "example.com/",
                "a\r\nX-Evil: 1",
                "ex\u{e4}mple.com",
                &longer,
            ],
        ),
        (
            Settings::omniops(),
            Setting::OmniopsDialect,
            &["documented"],
            &["Documented", "built", "as built", "as_built"],
        ),
    ];
    for (settings, setting, right, wrong) in rows {
        for value in right {
            let mistakes = settings.clone().with(setting, value).mistakes();
            assert_eq!(mistakes, [""; 0], "{value:?}");
        }
        for value in wrong {
            let mistakes = settings.clone().with(setting, value).mistakes();
            assert_eq!(mistakes.len(), 1, "{value:?}: {mistakes:?}");
            let named = format!("{} must be ", setting.name());
            assert!(mistakes[0].starts_with(&named), "{mistakes:?}");
        }
    }
}

#[test]
fn an_assistant_that_merchants_host_themselves_has_no_published_url() {
    let missing = Settings::omniops().raw(Setting::BaseUrl, Raw::Missing);
    assert_eq!(missing.mistakes(), ["CONCIERGE_BASE_URL is missing"]);
    for (name, settings, url) in [
        ("homie", Settings::homie(), "https://api.yourhomie.ai"),
        (
            "rewardsbot",
            Settings::rewardsbot(),
            "https://rewardsbot-prod.liquidrewardsapi.com",
        ),
    ] {
        let config = settings.read().1.expect("right settings");
        assert_eq!(
            (&*config.base_url, config.fallback_url),
            (url, None),
            "{name}"
        );
    }
}

#[test]
fn an_answer_may_take_a_minute_only_where_it_says_so() {
    for (_, settings) in assistants() {
        assert_eq!(assistant(&settings).deadlines().answer, 25_000);
    }
    assert_eq!(
        assistant(&Settings::omniops_as_built()).deadlines().answer,
        60_000
    );
}
