//! Where the limiter objects are.

use concierge_proxy::placement::Placement;
use concierge_proxy::settings::Setting;

use crate::support::Settings;

fn placed(location: &str, jurisdiction: &str) -> Settings {
    Settings::good()
        .with(Setting::LimiterLocation, location)
        .with(Setting::LimiterJurisdiction, jurisdiction)
}

#[test]
fn the_platform_is_told_what_is_set() {
    assert_eq!(Settings::good().isolate().placement(), Placement::default());
    for (location, jurisdiction, hint, within) in [
        ("enam", "", Some("enam"), None),
        ("", "eu", None, Some("eu")),
        ("weur", "eu", Some("weur"), Some("eu")),
    ] {
        let placement = placed(location, jurisdiction).isolate().placement();
        assert_eq!((placement.hint, placement.jurisdiction), (hint, within));
    }
}

#[test]
fn what_the_platform_does_not_know_is_a_mistake() {
    assert_eq!(
        placed("us-east-1", "EU").mistakes(),
        [
            "LIMITER_LOCATION must be wnam, enam, sam, weur, eeur, apac, oc, afr, me",
            "LIMITER_JURISDICTION must be eu",
        ]
    );
}
