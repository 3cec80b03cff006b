//! How wide the user's terminal is, and text that fits it.

use std::io::IsTerminal as _;

/// Terminals of fewer columns get less to read.
const NARROW: usize = 110;
/// Narrower terminals are written to as if they had so many columns.
const LEAST: usize = 20;

/// Columns of what stdout goes to: `COLUMNS` where that is set, else of the terminal; `None`
/// for files and pipes, which may be as wide as they like.
pub fn width() -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let real = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    let real = if std::io::stdout().is_terminal() { real() } else { None };
    asked.or(real).filter(|&columns| columns > 0).map(|columns| columns.max(LEAST))
}

/// Whether progress on stderr has little room.
pub fn narrow() -> bool {
    terminal_size::terminal_size_of(std::io::stderr()).is_none_or(|(width, _)| usize::from(width.0) < NARROW)
}

/// Breaks lines that are longer than `width` between words, and indents what follows as the
/// line is; a word that is too long stands out.
pub fn wrapped(text: &str, width: usize) -> String {
    text.split('\n').map(|line| wrap_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, width: usize) -> String {
    let length = |text: &str| text.chars().count();
    if length(line) <= width {
        return line.to_string();
    }
    let start = &line[..hanging(line, width)];
    let indent = " ".repeat(length(start));
    let (mut done, mut row, mut empty) = (String::new(), start.to_string(), true);
    for word in line[start.len()..].split_whitespace() {
        if empty {
            row += word;
        } else if length(&row) + 1 + length(word) > width {
            done += &(row + "\n");
            row = format!("{indent}{word}");
        } else {
            row += &format!(" {word}");
        }
        empty = false;
    }
    done + &row
}

/// Where the last column of a line begins, behind two spaces or more; behind its indentation
/// where that is beyond the middle.
fn hanging(line: &str, width: usize) -> usize {
    let text = |from: usize| from + line[from..].len() - line[from..].trim_start().len();
    let own = text(0);
    let near = |at: &usize| line[..*at].chars().count() * 2 <= width;
    let column = line[own..].find("  ").map(|gap| text(own + gap));
    column.filter(near).or(Some(own)).filter(near).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three\n  four five six", 9), "one two\nthree\n  four\n  five\n  six");
        assert_eq!(wrapped("a/path/that/is/long x", 6), "a/path/that/is/long\nx");
        assert_eq!(wrapped("short\n\n", 20), "short\n\n");
        assert_eq!(wrapped("  lif  one two three", 16), "  lif  one two\n       three");
    }
}
