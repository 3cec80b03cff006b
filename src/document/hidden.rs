//! Characters that nobody sees but that do something (control a terminal, turn the order of letters) have no place in
//! names and titles: they would reach terminals, pages and names of files.

use super::{Item, Node, Table};
use crate::error::{Place, Problem};
use crate::visible::{is_hidden, visible};

/// The key whose text is shown everywhere, on one line.
const TITLE: &str = "title";

/// What hidden characters there are in keys and texts of `table`. Texts may have several lines, but a title may not.
pub(super) fn problems(table: &Table) -> Vec<Problem> {
    let mut found = Vec::new();
    search(table, &mut found);
    found
}

fn search(table: &Table, found: &mut Vec<Problem>) {
    for entry in &table.entries {
        found.extend(problem("this name", &entry.key, false, &entry.place));
        let lines = entry.key != TITLE;
        search_value(&entry.value, lines, found);
    }
}

fn search_value(node: &Node, lines: bool, found: &mut Vec<Problem>) {
    match &node.item {
        Item::Text(text) => found.extend(problem("this text", text, lines, &node.place)),
        Item::Array(items) => items.iter().for_each(|item| search_value(item, lines, found)),
        Item::Table(table) => search(table, found),
        _ => {}
    }
}

fn problem(what: &str, text: &str, lines: bool, place: &Place) -> Option<Problem> {
    let is_line = |c: char| lines && matches!(c, '\n' | '\r' | '\t');
    let hidden = text.chars().find(|&c| is_hidden(c) && !is_line(c))?;
    let code = u32::from(hidden);
    Some(Problem {
        message: format!(
            "{what} holds U+{code:04X}, a character that cannot be seen but does something when it is shown"
        ),
        place: Some(place.clone()),
        help: Some(format!("leave it out, as in `{}`", visible(&text.replace(is_hidden, "")))),
    })
}
