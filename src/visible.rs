//! Text without characters that nobody sees but that do something: control a terminal, turn the order of letters, or
//! make XML that is none.

/// Whether a character does something instead of showing: control characters, and those that override the order of
/// letters.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// What stands for such a character: ␛ for an escape, � where there is no picture.
fn picture(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('�'),
        '\x7f' => '␡',
        _ => '�',
    }
}

/// `text` with pictures in place of them; line ends and tabs stay.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) && !matches!(c, '\n' | '\t') { picture(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_something_becomes_a_picture() {
        assert_eq!(visible("a\u{1b}[31m\u{7}\u{7f}\u{9b}\u{202e}b\n\tτ"), "a␛[31m␇␡��b\n\tτ");
    }
}
