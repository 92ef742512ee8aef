//! The words for the products, and the normal form for comparing words.

/// A category of products.
pub struct Category {
    pub name: &'static str,
    /// Its plural name, as in a heading.
    pub plural: &'static str,
    pub words: &'static [&'static str],
    /// Whether people wear or carry it, rather than keep it at home.
    pub worn: bool,
}

const fn category(
    name: &'static str,
    plural: &'static str,
    words: &'static [&'static str],
    worn: bool,
) -> Category {
    Category {
        name,
        plural,
        words,
        worn,
    }
}

/// All categories. One word may name several categories.
#[rustfmt::skip]
pub const CATEGORIES: [Category; 20] = [
    category("vase", "Vases", &["vase", "vases", "flowers", "ceramics", "pottery"], false),
    category("candle", "Candles", &["candle", "candles", "scented"], false),
    category("mug", "Mugs", &["mug", "mugs", "cup", "cups", "coffee lover", "tea", "ceramics", "pottery"], false),
    category("throw", "Throws", &["throws", "blanket", "blankets", "throw blanket", "a throw"], false),
    category("bowl", "Bowls", &["bowl", "bowls", "tableware", "ceramics", "pottery"], false),
    category("lamp", "Lamps", &["lamp", "lamps", "lighting"], false),
    category("planter", "Planters", &["planter", "planters", "plant", "plants", "pots"], false),
    category("tray", "Trays", &["tray", "trays", "tableware"], false),
    category("cushion", "Cushions", &["cushion", "cushions", "pillow", "pillows"], false),
    category("scarf", "Scarves", &["scarf", "scarves", "shawl", "accessories"], true),
    category("bag", "Bags", &["bag", "bags", "tote", "totes", "handbag", "handbags", "leather"], true),
    category("necklace", "Necklaces", &["necklace", "necklaces", "pendant", "jewellery", "jewelry"], true),
    category("earrings", "Earrings", &["earring", "earrings", "studs", "hoops", "jewellery", "jewelry"], true),
    category("wallet", "Wallets", &["wallet", "wallets", "card holder", "leather", "accessories"], true),
    category("watch", "Watches", &["a watch", "watches", "wristwatch"], true),
    category("hat", "Hats", &["hat", "hats", "beanie", "accessories"], true),
    category("gloves", "Gloves", &["glove", "gloves", "accessories"], true),
    category("book", "Books", &["book", "books", "coffee table", "cookbook", "cookbooks"], false),
    category("notebook", "Notebooks", &["notebook", "notebooks", "journal", "journals", "stationery"], false),
    category("perfume", "Perfumes", &["perfume", "perfumes", "fragrance", "fragrances", "parfum"], true),
];

/// A tag in the catalogue, and the words that name it.
#[derive(Debug)]
pub struct Concept {
    pub tag: &'static str,
    /// The phrase for it in a sentence.
    pub phrase: &'static str,
    pub words: &'static [&'static str],
}

const fn concept(
    tag: &'static str,
    phrase: &'static str,
    words: &'static [&'static str],
) -> Concept {
    Concept { tag, phrase, words }
}

/// The recipients of gifts.
#[rustfmt::skip]
pub const RECIPIENTS: [Concept; 9] = [
    concept("grandparent", "a grandparent", &["grandmother", "grandma", "granny", "nana", "grandfather", "grandpa", "grandparent", "grandparents"]),
    concept("mother", "a mother", &["mother", "mom", "mum", "mama", "mommy", "mummy", "stepmom", "mother in law"]),
    concept("father", "a father", &["father", "dad", "papa", "daddy", "stepdad", "father in law"]),
    concept("partner", "a partner", &["partner", "wife", "husband", "girlfriend", "boyfriend", "fiancee", "fiance", "spouse"]),
    concept("teen", "a younger person", &["teen", "teenager", "daughter", "son", "niece", "nephew", "student"]),
    concept("colleague", "a colleague", &["colleague", "colleagues", "coworker", "boss", "teacher", "client", "assistant"]),
    concept("host", "a host", &["host", "hostess", "hosts", "neighbour", "neighbor", "dinner party"]),
    concept("friend", "a friend", &["friend", "friends", "bestie", "sister", "brother", "roommate"]),
    concept("self", "yourself", &["myself", "for me", "self", "treat"]),
];

/// The occasions for gifts.
#[rustfmt::skip]
pub const OCCASIONS: [Concept; 8] = [
    concept("anniversary", "an anniversary", &["anniversary"]),
    concept("birthday", "a birthday", &["birthday", "bday"]),
    concept("housewarming", "a housewarming", &["housewarming", "new home", "new house", "new apartment", "new flat", "moving"]),
    concept("wedding", "a wedding", &["wedding", "bride", "newlyweds", "engagement"]),
    concept("christmas", "Christmas", &["christmas", "xmas", "holiday", "holidays", "hanukkah", "stocking"]),
    concept("graduation", "a graduation", &["graduation", "graduate", "new job", "promotion"]),
    concept("valentine", "Valentine’s Day", &["valentine", "valentines", "romantic"]),
    concept("thank-you", "a thank-you", &["thank you", "appreciation", "gratitude"]),
];

/// The styles of people and things.
#[rustfmt::skip]
pub const STYLES: [Concept; 13] = [
    concept("fashion", "fashion", &["fashion", "fashionable", "stylish", "wear", "outfit", "wardrobe", "clothes"]),
    concept("cosy", "cosy evenings", &["cosy", "cozy", "warm", "winter", "snug", "comfort"]),
    concept("minimal", "clean lines", &["minimal", "minimalist", "simple", "understated", "modern", "scandinavian"]),
    concept("travel", "travel", &["travel", "travels", "traveller", "traveler", "trip", "journey", "flight"]),
    concept("cooking", "the kitchen", &["cooking", "cook", "cooks", "kitchen", "food", "foodie", "baking", "chef"]),
    concept("reading", "reading", &["reading", "reader", "reads", "bookworm", "literature"]),
    concept("garden", "the garden", &["garden", "gardening", "gardener", "gardens", "botanical"]),
    concept("wellness", "a quiet hour", &["wellness", "spa", "relax", "relaxing", "self care", "calm"]),
    concept("art", "art and colour", &["art", "artist", "arty", "design", "designer", "creative", "colourful", "colorful"]),
    concept("desk", "the desk", &["desk", "office", "work", "writing", "study"]),
    concept("outdoors", "the outdoors", &["outdoors", "outdoor", "hiking", "camping", "sailing", "beach"]),
    concept("luxury", "something special", &["luxury", "luxurious", "special", "splurge", "elegant", "premium"]),
    concept("handmade", "handmade things", &["handmade", "artisan", "craft", "crafted", "unique", "interiors"]),
];

/// The colours in the catalogue, and other names for them.
#[rustfmt::skip]
pub const COLOURS: [Concept; 13] = [
    concept("ivory", "ivory", &["ivory", "white", "cream"]),
    concept("sand", "sand", &["sand", "beige", "natural", "neutral"]),
    concept("amber", "amber", &["amber", "orange", "brown", "tan", "yellow"]),
    concept("terracotta", "terracotta", &["terracotta", "rust", "red"]),
    concept("rose", "rose", &["rose", "pink", "blush"]),
    concept("plum", "plum", &["plum", "purple", "burgundy"]),
    concept("navy", "navy", &["navy", "blue", "indigo"]),
    concept("sky", "sky blue", &["sky", "blue", "pale blue"]),
    concept("teal", "teal", &["teal", "turquoise"]),
    concept("sage", "sage", &["sage", "green"]),
    concept("forest", "forest green", &["forest", "green"]),
    concept("charcoal", "charcoal", &["charcoal", "grey", "gray", "black", "silver"]),
    concept("gold", "gold", &["gold", "golden", "brass"]),
];

/// Returns the normal form of a text, for comparing words.
///
/// The normal form is in lower case, has no possessives, and has one space before and after each
/// word: `Mom's gift` becomes ` mom gift `.
pub fn normal(text: &str) -> String {
    let lower = text.to_lowercase().replace('’', "'").replace("'s ", " ");
    let mut normal = String::from(" ");
    for word in lower.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            normal.push_str(word);
            normal.push(' ');
        }
    }
    normal
}

/// Returns whether a normalised text contains this word, or these words in a row.
pub fn has(normal: &str, words: &str) -> bool {
    normal.contains(&format!(" {words} "))
}

pub fn has_any(normal: &str, list: &[&str]) -> bool {
    list.iter().any(|words| has(normal, words))
}

/// Returns the concepts in a table that a normalised text names, in the order of the table.
pub fn named(normal: &str, table: &'static [Concept]) -> impl Iterator<Item = &'static Concept> {
    table
        .iter()
        .filter(move |concept| has_any(normal, concept.words))
}

pub fn category_of(name: &str) -> Option<&'static Category> {
    CATEGORIES.iter().find(|category| category.name == name)
}
