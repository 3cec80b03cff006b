//! A unit that stands once for a list: `"[1, 2, 3] ms"` is `["1 ms", "2 ms", "3 ms"]`, and so at any
//! depth: `"[[1, 2], [3, 4]] pA"`.

use std::ops::Range;

use super::{Item, Node};
use crate::error::Place;
use crate::unit::find_unit;

/// Lists nest no deeper.
const DEEPEST: usize = 32;

/// The list that a string is which ends with a unit behind brackets; any other node as it is.
pub fn spread(node: Node) -> Node {
    let list = node.text().and_then(|text| {
        let end = text.rfind(']')?;
        let unit = text[end + 1..].trim();
        find_unit(unit)?;
        entries(&Written::new(&node, text), 0..end + 1, unit, 0)
    });
    list.unwrap_or(node)
}

/// A string with the place where it stands.
struct Written<'n> {
    node: &'n Node,
    text: &'n str,
    /// Where it begins in the source, if it is written there as it is.
    start: Option<usize>,
}

impl<'n> Written<'n> {
    fn new(node: &'n Node, text: &'n str) -> Self {
        let whole = node.place_inside(&(0..text.len()));
        let start = (whole.span.len() == text.len()).then_some(whole.span.start);
        Self { node, text, start }
    }

    fn place(&self, stretch: &Range<usize>) -> Place {
        let whole = self.node.place.clone();
        match self.start {
            Some(start) => Place { span: start + stretch.start..start + stretch.end, ..whole },
            None => whole,
        }
    }

    fn leaf(&self, text: String, stretch: &Range<usize>) -> Node {
        Node { item: Item::Text(text), place: self.place(stretch) }
    }
}

/// The list in a stretch of what is written, brackets included; `None` if it is none.
fn entries(written: &Written<'_>, stretch: Range<usize>, unit: &str, depth: usize) -> Option<Node> {
    let text = written.text;
    let stretch = trimmed(text, stretch);
    let inside = text[stretch.clone()].strip_prefix('[')?.strip_suffix(']').filter(|_| depth < DEEPEST)?;
    let mut nodes = Vec::new();
    let first = stretch.start + 1;
    for piece in pieces(inside)? {
        let piece = trimmed(text, first + piece.start..first + piece.end);
        nodes.push(match &text[piece.clone()] {
            "" => return None,
            list if list.starts_with('[') => entries(written, piece, unit, depth + 1)?,
            number if number.parse::<f64>().is_ok() => written.leaf(format!("{number} {unit}"), &piece),
            arithmetic => written.leaf(format!("({arithmetic}) * 1 {unit}"), &piece),
        });
    }
    Some(Node { item: Item::Array(nodes), place: written.place(&stretch) })
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
