//! Text in columns: comma-separated values (RFC 4180), and what programs make of them.
//!
//! ```text
//! source,target,weight       cells are separated by the first of `,` `;` and tab that the line
//! "0", "17", 0.25            has, or else by blanks; blanks around them do not count
//! ```
//! Cells may be quoted (`""` is a quote within quotes, which may hold separators and ends of
//! lines). A byte order mark, CRLF, blank lines and lines that start with `#` are passed over.

use std::borrow::Cow;
use std::path::Path;

use crate::regular_file;

/// The records of a text, one by one.
pub struct Records<'t> {
    rest: &'t str,
    line: usize,
    cells: Vec<Cow<'t, str>>,
    /// What separates the cells of the first record, where it holds for all.
    first: Option<Option<char>>,
    is_uniform: bool,
}

/// A line of cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'r> {
    /// The line on which it begins, from 1.
    pub line: usize,
    pub cells: &'r [Cow<'r, str>],
}

/// The text of the regular file at `path`.
///
/// # Errors
/// What is wrong with it: "is no regular file", "cannot be read: ...", "is not text in UTF-8".
pub fn read(path: &Path) -> Result<String, String> {
    String::from_utf8(read_bytes(path)?).map_err(|_| "is not text in UTF-8".into())
}

/// Bytes in memory for a byte of a text, together with what is read from it.
const COPIES: u64 = 4;

/// The bytes of the regular file at `path`.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    regular_file::read_data(path, COPIES)
}

/// A cell as an error may show it: what looks like a number or a name of a table, and nothing else of a file
/// that may be none.
pub fn shown(cell: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-+. %()[]".contains(letter);
    match cell.chars().count() {
        0..=SHOWN if cell.chars().all(plain) => format!("`{cell}`"),
        letters => format!("a text of {letters} letters"),
    }
}

/// Letters of a cell that is shown.
const SHOWN: usize = 24;

/// Whether `header` is one of `names`, in capitals or not.
pub fn is_called(header: &str, names: &[&str]) -> bool {
    names.iter().any(|name| header.eq_ignore_ascii_case(name))
}

/// The finite number in a cell.
pub fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The whole number, 0 and up, in a cell; `3.0` is one.
pub fn index(cell: &str) -> Option<u32> {
    let whole = |value: &f64| value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value);
    cell.parse().ok().or_else(|| number(cell).filter(whole).map(|value| value as u32))
}

impl<'t> Records<'t> {
    /// The records of `text`.
    pub fn new(text: &'t str) -> Self {
        Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            line: 0,
            cells: Vec::new(),
            first: None,
            is_uniform: false,
        }
    }

    /// The records of `text`, all separated as the first one is.
    pub fn uniform(text: &'t str) -> Self {
        Self { is_uniform: true, ..Self::new(text) }
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// A sentence that begins with the line when a quote is not closed.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, String> {
        while !self.rest.is_empty() {
            let line = self.cut_line();
            self.line += 1;
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let first = self.line;
            self.cells.clear();
            let separator = self.separator(line);
            if line.contains('"') {
                self.quoted(line, separator)?
            } else {
                self.plain(line, separator)
            }
            return Ok(Some(Record { line: first, cells: &self.cells }));
        }
        Ok(None)
    }

    /// The next line, without its end.
    fn cut_line(&mut self) -> &'t str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// What separates the cells of a line; `None` for blanks.
    fn separator(&mut self, line: &str) -> Option<char> {
        let own = || if line.contains('"') { separator(&outside_quotes(line)) } else { separator(line) };
        if self.is_uniform { *self.first.get_or_insert_with(own) } else { own() }
    }

    fn plain(&mut self, line: &'t str, separator: Option<char>) {
        match separator {
            Some(separator) => self.cells.extend(line.split(separator).map(|cell| Cow::Borrowed(cell.trim()))),
            None => self.cells.extend(line.split_whitespace().map(Cow::Borrowed)),
        }
    }

    /// Takes the cells of a line with quotes, and of those behind it that a quote reaches into.
    fn quoted(&mut self, mut line: &'t str, separator: Option<char>) -> Result<(), String> {
        let first = self.line;
        let is_separator = |c: char| separator.map_or(c.is_whitespace(), |separator| c == separator);
        let (mut cell, mut within) = (String::new(), false);
        let mut was_quoted = false;
        loop {
            let mut letters = line.chars().peekable();
            while let Some(letter) = letters.next() {
                match letter {
                    '"' if within && letters.peek() == Some(&'"') => cell.extend(letters.next()),
                    '"' if within || cell.trim().is_empty() => {
                        within = !within;
                        was_quoted = true;
                    }
                    _ if !within && is_separator(letter) => {
                        self.take_cell(&mut cell, &mut was_quoted, separator.is_none());
                    }
                    _ if !within && letter.is_whitespace() && (was_quoted || cell.is_empty()) => {}
                    _ => cell.push(letter),
                }
            }
            if !within {
                self.take_cell(&mut cell, &mut was_quoted, separator.is_none());
                return Ok(());
            }
            if self.rest.is_empty() {
                return Err(format!("line {first}: a quote is not closed"));
            }
            cell.push('\n');
            line = self.cut_line();
            self.line += 1;
        }
    }

    /// Adds a cell; between blanks there are no empty ones.
    fn take_cell(&mut self, cell: &mut String, was_quoted: &mut bool, between_blanks: bool) {
        let text = std::mem::take(cell);
        let quoted = std::mem::take(was_quoted);
        if quoted || !between_blanks || !text.is_empty() {
            self.cells.push(Cow::Owned(if quoted { text } else { text.trim().to_owned() }));
        }
    }
}

/// What separates the cells of a line; `None` for blanks.
fn separator(line: &str) -> Option<char> {
    [',', ';', '\t'].into_iter().find(|&separator| line.contains(separator))
}

/// A line without what stands in quotes.
fn outside_quotes(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<(usize, Vec<String>)> {
        let mut records = Records::new(text);
        let mut all = Vec::new();
        while let Some(record) = records.next_record().unwrap() {
            all.push((record.line, record.cells.iter().map(|cell| cell.to_string()).collect()));
        }
        all
    }

    fn expect(text: &str, expected: &[(usize, &[&str])]) {
        let owned = |cells: &[&str]| cells.iter().map(|cell| cell.to_string()).collect();
        let expected: Vec<(usize, Vec<String>)> = expected.iter().map(|(line, cells)| (*line, owned(cells))).collect();
        assert_eq!(records(text), expected, "{text:?}");
    }

    #[test]
    fn marks_ends_of_lines_comments_and_blanks_do_not_count() {
        let plain: [(usize, &[&str]); 2] = [(1, &["a", "b"]), (2, &["1", "2"])];
        for text in [
            "a,b\n1,2",
            "\u{feff}a,b\n1,2\n",
            "a,b\r\n1,2\r\n\r\n",
            " a , b\n1 ,\t2 \n  \n\n",
            "a;b\n1;2",
            "a\tb\n1\t2\n",
            "a b\n  1   2\n",
            "\"a\",\"b\"\n\"1\",\"2\"\n",
            "\u{feff}\"a\" , \"b\"\r\n \"1\", 2\r\n",
            "\"a\" \"b\"\n1 \"2\"",
        ] {
            expect(text, &plain);
        }
        expect("# x\n\n1,,\n", &[(3, &["1", "", ""])]);
        expect("", &[]);
        expect("\u{feff}", &[]);
    }

    #[test]
    fn the_first_record_may_say_what_separates_all() {
        let mut records = Records::uniform("a;b\n1,5;2\n\"1;5\";\"2\"\n");
        let mut cells =
            || records.next_record().unwrap().unwrap().cells.iter().map(|c| c.to_string()).collect::<Vec<_>>();
        assert_eq!([cells(), cells(), cells()], [["a", "b"], ["1,5", "2"], ["1;5", "2"]]);
    }

    #[test]
    fn quotes_hold_separators_quotes_and_ends_of_lines() {
        expect(
            "\"a,\"\"b\"\"\",\" c \"\n1,\"x\r\ny\"\n2,3\n",
            &[(1, &["a,\"b\"", " c "]), (2, &["1", "x\ny"]), (4, &["2", "3"])],
        );
        expect("a 5,\"\",b\n", &[(1, &["a 5", "", "b"])]);
        assert_eq!(Records::new("1,\"2\n3").next_record().unwrap_err(), "line 1: a quote is not closed");
    }

    #[test]
    fn what_is_no_cell_of_a_table_is_not_shown() {
        assert_eq!([shown("tau (ms)"), shown("-1e3"), shown("")], ["`tau (ms)`", "`-1e3`", "``"].map(String::from));
        assert_eq!(shown("root:$6$x:1"), "a text of 11 letters");
        assert_eq!(shown(&"x".repeat(25)), "a text of 25 letters");
    }

    #[test]
    fn numbers_are_finite_and_indices_whole() {
        assert_eq!([number("1e3"), number("inf"), number("nan"), number("")], [Some(1000.0), None, None, None]);
        assert_eq!([index("3"), index("3.0"), index("1.5"), index("-1")], [Some(3), Some(3), None, None]);
        assert_eq!([index("4294967295"), index("4294967296")], [Some(u32::MAX), None]);
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err() == "is no regular file");
        assert!(read(Path::new("no/such.csv")).unwrap_err().starts_with("cannot be read: "));
        let path = folder.path().join("x.csv");
        std::fs::write(&path, b"\xff\xfea").unwrap();
        assert!(read(&path).unwrap_err() == "is not text in UTF-8");
    }
}
