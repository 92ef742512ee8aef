//! Product pictures: one drawing per category, in the colour of the product.

use crate::catalogue::products::Product;

/// The tones of a colour, from highlight to shade, and the colour of the background wall.
struct Tones {
    light: &'static str,
    base: &'static str,
    dark: &'static str,
    wall: &'static str,
}

const fn tones(
    light: &'static str,
    base: &'static str,
    dark: &'static str,
    wall: &'static str,
) -> Tones {
    Tones {
        light,
        base,
        dark,
        wall,
    }
}

/// Returns the tones of a colour in the catalogue.
fn tones_of(colour: &str) -> Tones {
    match colour {
        "ivory" => tones("#fdf9f0", "#ece2cf", "#c6b798", "#cfd3cd"),
        "sand" => tones("#f0e2c8", "#d8c19a", "#aa8e62", "#dfe3e2"),
        "amber" => tones("#f2bf73", "#d48f3c", "#95591d", "#efe6d6"),
        "terracotta" => tones("#e59a78", "#c4694a", "#86402a", "#efe3d8"),
        "rose" => tones("#f4c6c8", "#dc949a", "#a85f69", "#f3e8e4"),
        "plum" => tones("#a9789f", "#764770", "#472544", "#eae1e6"),
        "navy" => tones("#6880a8", "#33496f", "#182640", "#e4e4de"),
        "sky" => tones("#cfe3ee", "#93bcd3", "#5d8aa6", "#efe9df"),
        "teal" => tones("#7cbab5", "#3d8a86", "#1d5654", "#eee6da"),
        "sage" => tones("#cdd8bb", "#9aad85", "#667a54", "#f0eae0"),
        "forest" => tones("#7f9f80", "#45694b", "#213d29", "#ebe6d9"),
        "gold" => tones("#f6e2a0", "#d3ac4f", "#91701f", "#e3e1dc"),
        _ => tones("#8b8d92", "#55585e", "#2a2c31", "#e6e4e0"),
    }
}

/// Returns the drawing of a category. Its shapes refer to the gradients in [`svg`].
fn drawing_of(category: &str) -> Option<&'static str> {
    Some(match category {
        "vase" => include_str!("../../art/vase.svg"),
        "candle" => include_str!("../../art/candle.svg"),
        "mug" => include_str!("../../art/mug.svg"),
        "throw" => include_str!("../../art/throw.svg"),
        "bowl" => include_str!("../../art/bowl.svg"),
        "lamp" => include_str!("../../art/lamp.svg"),
        "planter" => include_str!("../../art/planter.svg"),
        "tray" => include_str!("../../art/tray.svg"),
        "cushion" => include_str!("../../art/cushion.svg"),
        "scarf" => include_str!("../../art/scarf.svg"),
        "bag" => include_str!("../../art/bag.svg"),
        "necklace" => include_str!("../../art/necklace.svg"),
        "earrings" => include_str!("../../art/earrings.svg"),
        "wallet" => include_str!("../../art/wallet.svg"),
        "watch" => include_str!("../../art/watch.svg"),
        "hat" => include_str!("../../art/hat.svg"),
        "gloves" => include_str!("../../art/gloves.svg"),
        "book" => include_str!("../../art/book.svg"),
        "notebook" => include_str!("../../art/notebook.svg"),
        "perfume" => include_str!("../../art/perfume.svg"),
        _ => return None,
    })
}

/// Returns the picture of a product as SVG.
pub fn svg(product: &Product) -> String {
    let Tones {
        light,
        base,
        dark,
        wall,
    } = tones_of(&product.colour);
    let drawing = drawing_of(&product.category).unwrap_or_default();
    let title = product
        .title
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600" role="img">
<title>{title}</title>
<defs>
<linearGradient id="wall" x2="0" y2="1"><stop stop-color="#fff" stop-opacity=".55"/><stop offset="1" stop-color="#fff" stop-opacity=".1"/></linearGradient>
<linearGradient id="main"><stop stop-color="{light}"/><stop offset=".45" stop-color="{base}"/><stop offset="1" stop-color="{dark}"/></linearGradient>
<linearGradient id="dark"><stop stop-color="{base}"/><stop offset="1" stop-color="{dark}"/></linearGradient>
<linearGradient id="flat" gradientUnits="userSpaceOnUse" x1="100" x2="500" y1="0" y2="0"><stop stop-color="{base}"/><stop offset="1" stop-color="{dark}"/></linearGradient>
<linearGradient id="paper"><stop stop-color="#fffdf8"/><stop offset="1" stop-color="#e4dac8"/></linearGradient>
<linearGradient id="wood"><stop stop-color="#c99d6a"/><stop offset="1" stop-color="#80572f"/></linearGradient>
<linearGradient id="metal" gradientUnits="userSpaceOnUse" x1="120" x2="480" y1="100" y2="500"><stop stop-color="#f7e7b4"/><stop offset=".5" stop-color="#cfa64f"/><stop offset="1" stop-color="#8d6a25"/></linearGradient>
<radialGradient id="glow"><stop stop-color="#ffe9a8" stop-opacity=".9"/><stop offset="1" stop-color="#ffe9a8" stop-opacity="0"/></radialGradient>
<radialGradient id="shadow"><stop stop-color="#2a221a" stop-opacity=".38"/><stop offset="1" stop-color="#2a221a" stop-opacity="0"/></radialGradient>
</defs>
<rect width="600" height="600" fill="{wall}"/>
<rect width="600" height="470" fill="url(#wall)"/>
<rect y="470" width="600" height="130" fill="#000" opacity=".05"/>
<ellipse cx="300" cy="490" rx="220" ry="30" fill="url(#shadow)"/>
{drawing}</svg>
"##
    )
}
