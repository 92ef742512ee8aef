//! Bodies that an upstream may send.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

/// The names that the contracts have, and a few that they do not.
const NAMES: [&str; 49] = [
    "id",
    "type",
    "content",
    "createdAt",
    "products",
    "suggestions",
    "items",
    "gtin",
    "brand",
    "designation",
    "uri",
    "url",
    "image",
    "price",
    "currency",
    "availability",
    "status",
    "description",
    "recommendationText",
    "agent_reply",
    "found_products",
    "search_results",
    "product_warning",
    "refinement_result",
    "category",
    "options",
    "pagination",
    "page_index",
    "has_next_page",
    "next_page_index",
    "conversation_id",
    "session_id",
    "name",
    "value",
    "image_url",
    "direct_link",
    "presentment_id",
    "merchant",
    "success",
    "data",
    "response",
    "message",
    "messages",
    "role",
    "shoppingMetadata",
    "images",
    "permalink",
    "__proto__",
    "",
];

const TEXTS: [&str; 24] = [
    "",
    " ",
    "A hat",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"}],\"price\":1",
    "\u{0}",
    "\u{202e}tah",
    "\u{feff}",
    "\u{2028}",
    "\u{1f3a9}",
    "\\",
    "javascript:alert(1)",
    "data:text/html,a",
    "http://shop.example.com/p",
    "http://localhost/p",
    "https://shop.example.com/p",
    "https://a b",
    "$120.00",
    "1e999",
    "answer",
    "assistant",
    "user",
    "in_stock",
];

/// Numbers as they may be written.
const NUMBERS: [&str; 14] = [
    "0",
    "-0",
    "1",
    "-7",
    "39.90",
    "1e3",
    "1E+400",
    "-1e999",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "0.0000000000000000000000001",
    "1e-400",
    "123456789012345678901234567890",
];

/// JSON texts, with the names of the contracts and anything beneath them.
pub fn any_json() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (1..4_000_usize).prop_map(|count| "long".repeat(count)),
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        prop::sample::select(&NUMBERS[..]).prop_map(str::to_owned),
        (300..400_usize).prop_map(|digits| "9".repeat(digits)),
        text.prop_map(|text| json!(text).to_string()),
    ];
    leaf.prop_recursive(6, 96, 6, |inner| {
        let name = prop::sample::select(&NAMES[..]);
        let fields = vec((name, inner.clone()), 0..9);
        prop_oneof![
            1 => vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            3 => fields.prop_map(object),
        ]
    })
}

fn object(fields: Vec<(&str, String)>) -> String {
    let field = |(name, value): (&str, String)| format!("{}:{value}", json!(name));
    let fields: Vec<String> = fields.into_iter().map(field).collect();
    format!("{{{}}}", fields.join(","))
}

/// A text, mostly, so that what depends on it is seen.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&TEXTS[..]).prop_map(|text| json!(text).to_string()),
        1 => any_json(),
    ]
}

/// A product of the documented form, mostly with a title and with links of all sorts.
fn any_product() -> impl Strategy<Value = String> {
    let title = prop_oneof![
        4 => Just(r#""A hat""#.to_owned()),
        1 => any_text(),
    ];
    (title, vec(any_text(), 7), vec(any_json(), 4)).prop_map(|(title, links, parts)| {
        let links = [
            "image",
            "image_url",
            "uri",
            "url",
            "direct_link",
            "detail_link",
            "permalink",
        ]
        .into_iter()
        .zip(links);
        let parts = ["price", "value", "availability", "images"]
            .into_iter()
            .zip(parts);
        let titles = ["designation", "name"].map(|name| (name, title.clone()));
        object(titles.into_iter().chain(links).chain(parts).collect())
    })
}

/// An answer of the documented form, with anything in the place of its texts, links and lists.
pub fn any_answer() -> impl Strategy<Value = String> {
    let number = prop::sample::select(&NUMBERS[..]).prop_map(str::to_owned);
    let parts = (vec(any_text(), 5), any_json(), number);
    (any_product(), 0..70_usize, parts).prop_map(|(product, count, (texts, page, number))| {
        let products = format!("[{}]", vec![product; count].join(","));
        let [said, warning, options, role, id] = texts.try_into().expect("five texts");
        let message =
            format!(r#"{{"type":{role},"role":{role},"content":{said},"products":{products}}}"#);
        object(vec![
            ("content", said.clone()),
            ("agent_reply", said.clone()),
            ("message", said),
            ("product_warning", warning),
            ("suggestions", format!("[{options},{options}]")),
            (
                "refinement_result",
                format!(r#"{{"category":{options},"options":[{options}]}}"#),
            ),
            ("pagination", page),
            ("conversation_id", id.clone()),
            ("session_id", id),
            ("page_index", number),
            ("has_next_page", "true".to_owned()),
            (
                "found_products",
                format!(r#"{{"search_results":{{"a":{products}}}}}"#),
            ),
            ("shoppingMetadata", format!(r#"{{"products":{products}}}"#)),
            (
                "items",
                if count % 2 == 0 {
                    products.clone()
                } else {
                    format!("[{message}]")
                },
            ),
            ("messages", format!("[{message},{message}]")),
            ("products", products),
        ])
    })
}

/// Any bytes an upstream may send.
pub fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop_oneof![any_answer(), any_json()].prop_map(String::into_bytes);
    let broken = || (any_answer(), any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        8 => whole,
        // Cut off, with another byte somewhere, or no JSON at all.
        1 => broken().prop_map(|(text, at, _)| text.as_bytes()[..at.index(text.len())].to_vec()),
        1 => broken().prop_map(|(text, at, byte)| {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
        1 => any::<Vec<u8>>(),
        // Half a surrogate pair.
        1 => Just(br#"{"content":"\ud800","message":"A hat.","agent_reply":"A hat."}"#.to_vec()),
    ]
}
