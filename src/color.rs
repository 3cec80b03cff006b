//! Colours that a model gives its populations: `"#c03030"`, `"#c33"`, or a name.

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// Colours with a name, as in CSS.
const NAMED: &[(&str, Rgb)] = &[
    ("black", [0x00, 0x00, 0x00]),
    ("blue", [0x00, 0x00, 0xff]),
    ("brown", [0xa5, 0x2a, 0x2a]),
    ("crimson", [0xdc, 0x14, 0x3c]),
    ("cyan", [0x00, 0xff, 0xff]),
    ("darkblue", [0x00, 0x00, 0x8b]),
    ("darkgreen", [0x00, 0x64, 0x00]),
    ("darkorange", [0xff, 0x8c, 0x00]),
    ("darkred", [0x8b, 0x00, 0x00]),
    ("gold", [0xff, 0xd7, 0x00]),
    ("gray", [0x80, 0x80, 0x80]),
    ("green", [0x00, 0x80, 0x00]),
    ("grey", [0x80, 0x80, 0x80]),
    ("indigo", [0x4b, 0x00, 0x82]),
    ("magenta", [0xff, 0x00, 0xff]),
    ("navy", [0x00, 0x00, 0x80]),
    ("olive", [0x80, 0x80, 0x00]),
    ("orange", [0xff, 0xa5, 0x00]),
    ("pink", [0xff, 0xc0, 0xcb]),
    ("purple", [0x80, 0x00, 0x80]),
    ("red", [0xff, 0x00, 0x00]),
    ("skyblue", [0x87, 0xce, 0xeb]),
    ("steelblue", [0x46, 0x82, 0xb4]),
    ("teal", [0x00, 0x80, 0x80]),
    ("tomato", [0xff, 0x63, 0x47]),
    ("turquoise", [0x40, 0xe0, 0xd0]),
    ("violet", [0xee, 0x82, 0xee]),
    ("yellow", [0xff, 0xff, 0x00]),
];

/// Every name that [`parse`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

/// The colour that `text` means.
pub fn parse(text: &str) -> Option<Rgb> {
    match text.strip_prefix('#') {
        Some(digits) => hexadecimal(digits),
        None => NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, rgb)| *rgb),
    }
}

/// `#c03030`
pub fn write([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn hexadecimal(digits: &str) -> Option<Rgb> {
    let digit = |c: char| c.to_digit(16).map(|digit| digit as u8);
    match digits.chars().map(digit).collect::<Option<Vec<u8>>>()?[..] {
        [r, g, b] => Some([r * 17, g * 17, b * 17]),
        [a, b, c, d, e, f] => Some([a * 16 + b, c * 16 + d, e * 16 + f]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        assert_eq!(parse("#c03030").map(write).as_deref(), Some("#c03030"));
        assert_eq!((parse("#C33"), parse("Navy")), (Some([0xcc, 0x33, 0x33]), Some([0, 0, 0x80])));
        assert_eq!(["#c0303", "c03030", "#c0303g", "reddish", ""].map(parse), [None; 5]);
    }
}
