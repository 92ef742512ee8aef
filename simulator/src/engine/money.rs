//! Amounts of money in a prompt: "around $250", "under 50", "$80–$120".

/// The budget that a prompt states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    pub floor: Option<f64>,
    pub cap: Option<f64>,
    /// The price to aim for.
    pub target: Option<f64>,
}

/// The factor by which "around" may exceed the amount.
const AROUND: f64 = 1.1;

impl Budget {
    pub fn up_to(cap: f64) -> Self {
        Self {
            cap: Some(cap),
            ..Self::default()
        }
    }

    fn from(floor: f64) -> Self {
        Self {
            floor: Some(floor),
            ..Self::default()
        }
    }

    fn around(target: f64) -> Self {
        Self {
            floor: None,
            cap: Some(target * AROUND),
            target: Some(target),
        }
    }

    /// Returns whether a price is within the budget. An unknown price fits a budget without limits.
    pub fn admits(&self, price: Option<f64>) -> bool {
        match price {
            Some(price) => {
                self.floor.is_none_or(|floor| price >= floor)
                    && self.cap.is_none_or(|cap| price <= cap)
            }
            None => self.floor.is_none() && self.cap.is_none(),
        }
    }
}

const UP_TO: [&str; 12] = [
    "under", "below", "within", "max", "maximum", "most", "to", "budget", "of", "is", "exceed",
    "than",
];
const AROUND_WORDS: [&str; 5] = ["around", "about", "roughly", "approximately", "near"];
const FROM: [&str; 4] = ["over", "above", "least", "from"];
const UNITS: [&str; 4] = ["dollars", "dollar", "usd", "bucks"];
const RANGE: [&str; 4] = ["-", "–", "to", "and"];

#[derive(Clone, Copy)]
struct Amount {
    value: f64,
    currency: bool,
}

/// Returns the budget in a prompt. If the prompt has several, the last one counts.
pub fn budget(prompt: &str) -> Option<Budget> {
    let spaced = prompt
        .to_lowercase()
        .replace('-', " - ")
        .replace('–', " – ");
    let words: Vec<&str> = spaced
        .split_whitespace()
        .map(|word| word.trim_matches([',', '.', '!', '?', ';', ':', '(', ')', '"']))
        .filter(|word| !word.is_empty())
        .collect();
    let word = |place: Option<usize>| place.and_then(|place| words.get(place)).copied();
    let mut found = None;
    let mut skip_to = 0;
    for (place, text) in words.iter().enumerate() {
        let Some(first) = amount(text).filter(|_| place >= skip_to) else {
            continue;
        };
        let before = word(place.checked_sub(1)).unwrap_or_default();
        let two_before = word(place.checked_sub(2)).unwrap_or_default();
        let after = word(Some(place + 1)).unwrap_or_default();
        let second = word(Some(place + 2)).and_then(amount);
        let sure = first.currency || UNITS.contains(&after);
        let said_as_range = before == "between" || before == "from";
        if let Some(second) = second
            .filter(|second| RANGE.contains(&after) && (sure || second.currency || said_as_range))
        {
            skip_to = place + 3;
            found = Some(Budget {
                floor: Some(first.value.min(second.value)),
                cap: Some(first.value.max(second.value)),
                target: None,
            });
            continue;
        }
        let is_end = after.is_empty();
        let three_before = word(place.checked_sub(3)).unwrap_or_default();
        let more_than = before == "than" && two_before == "more" && three_before != "no";
        if FROM.contains(&before) || more_than {
            found = Some(Budget::from(first.value));
        } else if AROUND_WORDS.contains(&before) && (sure || is_end) {
            found = Some(Budget::around(first.value));
        } else if sure || (UP_TO.contains(&before) && before_is_money(before, two_before)) {
            found = Some(Budget::up_to(first.value));
        }
    }
    found
}

/// Returns whether the words before an amount make it money.
///
/// Some words do so only after another word: "up to 50", "budget of 50", "less than 50".
fn before_is_money(before: &str, two_before: &str) -> bool {
    match before {
        "to" => two_before == "up",
        "of" | "is" => two_before == "budget",
        "than" => matches!(two_before, "less" | "more"),
        "most" => two_before == "at",
        _ => true,
    }
}

fn amount(word: &str) -> Option<Amount> {
    let digits = word.strip_prefix('$');
    let currency = digits.is_some();
    let digits = digits.unwrap_or(word);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let value: f64 = digits.replace(',', "").parse().ok()?;
    (value > 0.0 && value < 1_000_000.0).then_some(Amount { value, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(floor: f64, cap: f64) -> Option<Budget> {
        Some(Budget {
            floor: Some(floor),
            cap: Some(cap),
            target: None,
        })
    }

    #[test]
    fn limits() {
        for text in [
            "Under $50",
            "under 50",
            "below $50.00",
            "a gift, max $50!",
            "up to 50",
            "$50",
            "budget of 50",
            "My budget is 50",
            "budget $50",
            "less than 50 dollars",
            "50 bucks",
            "at most 50",
            "no more than $50",
            "$90, or rather under $50",
        ] {
            assert_eq!(budget(text), Some(Budget::up_to(50.0)), "{text}");
        }
        assert_eq!(budget("under $1,200"), Some(Budget::up_to(1200.0)));
    }

    #[test]
    fn targets_floors_and_ranges() {
        assert_eq!(budget("budget around $250"), Some(Budget::around(250.0)));
        assert_eq!(budget("about 80"), Some(Budget::around(80.0)));
        assert_eq!(budget("over $100"), Some(Budget::from(100.0)));
        assert_eq!(budget("more than 100"), Some(Budget::from(100.0)));
        for text in [
            "$50-$100",
            "$50 – 100",
            "between 50 and 100",
            "from $100 to $50",
        ] {
            assert_eq!(budget(text), range(50.0, 100.0), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not_money() {
        for text in [
            "",
            "a 30th birthday",
            "2 mugs",
            "about 3 weeks from now",
            "room 12",
            "$",
            "$0",
        ] {
            assert_eq!(budget(text), None, "{text}");
        }
    }

    #[test]
    fn an_unknown_price_is_within_no_limit() {
        assert!(Budget::default().admits(None));
        assert!(!Budget::up_to(50.0).admits(None));
        assert!(Budget::up_to(50.0).admits(Some(50.0)));
        assert!(!Budget::up_to(50.0).admits(Some(50.01)));
        assert!(!Budget::from(50.0).admits(Some(49.99)));
    }
}
