//! A unit that stands once for a list: `"[1, 2, 3] ms"` is `["1 ms", "2 ms", "3 ms"]`, and so at any
//! depth: `"[[1, 2], [3, 4]] pA"`.

use std::ops::Range;

use super::{Item, Node};
use crate::unit::find_unit;

/// The list that a string is which ends with a unit behind brackets; any other node as it is.
pub fn spread(node: Node) -> Node {
    let list = node.text().and_then(|text| {
        let end = text.rfind(']')?;
        let unit = text[end + 1..].trim();
        find_unit(unit)?;
        entries(&node, text, 0..end + 1, unit)
    });
    list.unwrap_or(node)
}

/// The list in a stretch of `text`, brackets included; `None` if it is none.
fn entries(node: &Node, text: &str, stretch: Range<usize>, unit: &str) -> Option<Node> {
    let stretch = trimmed(text, stretch);
    let inside = text[stretch.clone()].strip_prefix('[')?.strip_suffix(']')?;
    let mut nodes = Vec::new();
    let first = stretch.start + 1;
    for piece in pieces(inside)? {
        let piece = trimmed(text, first + piece.start..first + piece.end);
        let written = &text[piece.clone()];
        nodes.push(match written {
            "" => return None,
            list if list.starts_with('[') => entries(node, text, piece, unit)?,
            number if number.parse::<f64>().is_ok() => leaf(node, format!("{number} {unit}"), &piece),
            arithmetic => leaf(node, format!("({arithmetic}) * 1 {unit}"), &piece),
        });
    }
    Some(Node { item: Item::Array(nodes), place: node.place_inside(&stretch) })
}

fn leaf(node: &Node, text: String, stretch: &Range<usize>) -> Node {
    Node { item: Item::Text(text), place: node.place_inside(stretch) }
}

/// A stretch of `text` without the space around it.
fn trimmed(text: &str, stretch: Range<usize>) -> Range<usize> {
    let whole = &text[stretch.clone()];
    let start = stretch.start + (whole.len() - whole.trim_start().len());
    start..start + whole.trim().len()
}

/// Where the entries of a list stand between its commas; `None` where brackets do not match.
fn pieces(inside: &str) -> Option<Vec<Range<usize>>> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, letter) in inside.char_indices() {
        match letter {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                pieces.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !inside[start..].trim().is_empty() {
        pieces.push(start..inside.len());
    }
    (depth == 0).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use crate::error::Source;
    use std::sync::Arc;

    fn shown(node: &super::Node) -> String {
        match &node.item {
            super::Item::Array(nodes) => format!("[{}]", nodes.iter().map(shown).collect::<Vec<_>>().join("; ")),
            _ => node.text().unwrap().to_owned(),
        }
    }

    fn read(text: &str) -> String {
        let source = Arc::new(Source { name: "m".into(), text: format!("x = \"{text}\"") });
        shown(Table::parse(&source).unwrap().get("x").unwrap())
    }

    #[test]
    fn a_unit_behind_brackets_is_that_of_every_entry() {
        assert_eq!(read("[1, -2.5, 3e2] ms"), "[1 ms; -2.5 ms; 3e2 ms]");
        assert_eq!(read(" [[1, 2], [3]]pA"), "[[1 pA; 2 pA]; [3 pA]]");
        assert_eq!(read("[2 * j, max(a, b),] mV"), "[(2 * j) * 1 mV; (max(a, b)) * 1 mV]");
        assert_eq!(read("[] ms"), "[]");
    }

    #[test]
    fn other_strings_stay_as_they_are() {
        for text in ["[1, 2]", "[1, 2] parsec", "[1,, 2] ms", "[1, 2]] ms", "[a) ms", "a[1] ms", "20 ms", "]ms"] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn every_entry_knows_its_place() {
        let source = Arc::new(Source { name: "m".into(), text: "x = \"[1, 22 ] ms\"".into() });
        let table = Table::parse(&source).unwrap();
        let super::Item::Array(nodes) = &table.get("x").unwrap().item else { panic!("a list") };
        assert_eq!(nodes[1].place.line_column(), (1, 10));
    }
}
