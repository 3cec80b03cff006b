//! JSON that people can read: one line per field, and arrays of numbers on one line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

/// Bytes in memory for a byte of a summary, together with what is read from it.
pub(super) const COPIES: u64 = 8;

/// The bytes of a document.
pub(super) fn document(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Lines(PrettyFormatter::new()));
    let written = value.serialize(&mut serializer);
    assert!(written.is_ok(), "a summary is plain data: {written:?}");
    bytes
}

/// Objects as [`PrettyFormatter`] sets them, arrays without line breaks.
struct Lines(PrettyFormatter<'static>);

impl Formatter for Lines {
    fn begin_object<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object(to)
    }

    fn end_object<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object(to)
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(to, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object_value(to)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object_value(to)
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        to.write_all(if first { b"" } else { b", " })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_one_line() {
        let value = serde_json::json!({ "a": [1, 2.5], "b": [{ "c": [] }, { "d": null }] });
        let expected = "{\n  \"a\": [1, 2.5],\n  \"b\": [{\n    \"c\": []\n  }, {\n    \"d\": null\n  }]\n}";
        let text = String::from_utf8(document(&value)).unwrap();
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
