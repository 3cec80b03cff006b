//! Changes to a document from outside: `--set a.b=c`, and the tables by which one part of
//! an experiment overrides another. Changed values keep the place where they were written.

use std::sync::Arc;

use super::hidden;
use super::{Entry, Item, Node, Table, unit_once};
use crate::error::{Place, Problem, Source};

/// Keys whose table names one kind: another kind in an override takes its place.
const ONE_KIND: &[&str] = &["neuron", "connect", "weight", "encoder", "decoder", "dataset"];

/// The name of the source of a `--set`, before its number.
const SETTING: &str = "--set #";

/// The argument of the `number`th (from 1) `--set`, as a table with one leaf. The value is
/// TOML; what is not TOML is a string.
///
/// # Errors
/// A [`Problem`] at `--set #n` when there is no key or no value.
pub fn parse(number: usize, argument: &str) -> Result<Table, Problem> {
    let source = Arc::new(Source { name: format!("{SETTING}{number}"), text: argument.to_owned() });
    let problem = |message: &str, end: usize| Problem {
        message: message.to_owned(),
        place: Some(Place { source: Arc::clone(&source), span: 0..end }),
        help: Some("write key=value, such as simulation.seed=7".into()),
    };
    let Some(equals) = argument.find('=') else {
        return Err(problem("`--set` needs a key and a value", argument.len()));
    };
    if let Ok(table) = Table::parse_any(&source) {
        return seen(table);
    }
    let (key, text) = (&argument[..equals], &argument[equals + 1..]);
    let bare = Arc::new(Source { name: source.name.clone(), text: format!("{key}=0") });
    let mut table = Table::parse(&bare).map_err(|_| problem("`--set` needs a key and a value", equals))?;
    let value = unit_once::spread(Node {
        item: Item::Text(text.trim().to_owned()),
        place: Place { source: Arc::clone(&source), span: equals + 1..argument.len() },
    });
    replace_leaf(&mut table, value, &source);
    seen(table)
}

/// Refuses characters that cannot be seen.
fn seen(table: Table) -> Result<Table, Problem> {
    hidden::problems(&table).into_iter().next().map_or(Ok(table), Err)
}

/// Puts `value` where the only leaf of `table` is, and gives all keys their true source.
fn replace_leaf(table: &mut Table, value: Node, source: &Arc<Source>) {
    if let Some(entry) = table.entries.first_mut() {
        entry.place.source = Arc::clone(source);
        match &mut entry.value.item {
            Item::Table(inner) => replace_leaf(inner, value, source),
            _ => entry.value = value,
        }
    }
}

/// Whether a value stands in a `--set`.
pub fn is_setting(place: &Place) -> bool {
    place.source.name.starts_with(SETTING)
}

/// Which of two values counts that stand in a table under two names of one parameter, the second
/// behind the first: the one of the later `--set`, or of whatever changed the file; `None` for two
/// of one text.
pub fn winner<'e>(first: &'e Entry, second: &'e Entry) -> Option<&'e Entry> {
    let number = |entry: &Entry| -> usize {
        entry.place.source.name.strip_prefix(SETTING).and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    let differ = !Arc::ptr_eq(&first.place.source, &second.place.source);
    differ.then(|| if number(first) > number(second) { first } else { second })
}

/// Works `changes` into `base`: tables key by key, everything else as a whole. Elements of
/// an array are changed by their index, from 0.
pub fn merge(base: &mut Table, changes: Table, problems: &mut Vec<Problem>) {
    work_in(base, changes, problems, |_| false);
}

/// The same, except that a table in braces takes the place of what stands there, whole:
/// `plasticity={}` takes every rule away, `plasticity.stdp.lambda=0` changes one number.
pub fn set(base: &mut Table, changes: Table, problems: &mut Vec<Problem>) {
    work_in(base, changes, problems, in_braces);
}

/// Whether a value was written as `{ … }`, not by dotted keys or under a heading.
fn in_braces(value: &Node) -> bool {
    let Place { source, span } = &value.place;
    matches!(value.item, Item::Table(_)) && source.text.get(span.clone()).is_some_and(|text| text.starts_with('{'))
}

fn work_in(base: &mut Table, changes: Table, problems: &mut Vec<Problem>, is_whole: fn(&Node) -> bool) {
    for change in changes.entries {
        let Some(entry) = base.entries.iter_mut().find(|entry| entry.key == change.key) else {
            base.entries.push(change);
            continue;
        };
        if is_whole(&change.value) {
            *entry = change;
            continue;
        }
        match (&mut entry.value.item, change.value.item) {
            (Item::Table(old), Item::Table(new)) => {
                if ONE_KIND.contains(&entry.key.as_str()) && new.keys().any(|kind| old.get(kind).is_none()) {
                    old.entries.clear();
                    entry.place = change.place;
                }
                work_in(old, new, problems, is_whole);
            }
            (Item::Array(old), Item::Table(new)) => work_in_elements(&entry.key, old, new, problems, is_whole),
            (_, item) => *entry = Entry { value: Node { item, ..change.value }, ..change },
        }
    }
}

fn work_in_elements(
    name: &str,
    elements: &mut [Node],
    changes: Table,
    problems: &mut Vec<Problem>,
    is_whole: fn(&Node) -> bool,
) {
    let length = elements.len();
    for change in changes.entries {
        let whole = is_whole(&change.value);
        let element = change.key.parse::<usize>().ok().and_then(|index| elements.get_mut(index));
        match (element, change.value.item) {
            (Some(Node { item: Item::Table(old), .. }), Item::Table(new)) if !whole => {
                work_in(old, new, problems, is_whole);
            }
            (Some(element), item) => *element = Node { item, place: change.value.place },
            (None, _) => problems.push(Problem {
                message: format!("`{name}` has no element `{}`", change.key),
                place: Some(change.place),
                help: Some(format!("its elements are called 0 to {}", length.saturating_sub(1))),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, settings: &[&str]) -> (Table, Vec<Problem>) {
        let source = Arc::new(Source { name: "m.toml".into(), text: text.into() });
        let (mut table, mut problems) = (Table::parse(&source).unwrap(), Vec::new());
        for (i, setting) in settings.iter().enumerate() {
            set(&mut table, parse(i + 1, setting).unwrap(), &mut problems);
        }
        (table, problems)
    }

    #[test]
    fn a_value_that_is_not_toml_is_a_string_with_its_place() {
        let (table, _) = changed("", &["a.b=-g * j"]);
        let node = table.get("a").unwrap().table().unwrap().get("b").unwrap();
        assert_eq!(node.text(), Some("-g * j"));
        assert_eq!(node.place.source.name, "--set #1");
        assert_eq!(node.place.line_column(), (1, 5));
        assert_eq!(node.place_inside(&(1..2)).span, 5..6);
    }

    #[test]
    fn another_kind_takes_the_place_of_the_first_but_its_own_parameters_are_merged() {
        let text = "encoder.regular = { window = 1, rate = 2 }";
        let kinds = |settings: &[&str]| {
            let (table, _) = changed(text, settings);
            let encoder = table.get("encoder").unwrap().table().unwrap().clone();
            encoder.entries.iter().map(|e| (e.key.clone(), e.value.table().unwrap().entries.len())).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&["encoder.regular.rate=5"]), [("regular".into(), 2)]);
        assert_eq!(kinds(&["encoder.poisson={}"]), [("poisson".into(), 0)]);
    }

    #[test]
    fn a_table_in_braces_takes_the_place_of_what_stands_there() {
        let text = "[p.rules]\nstdp = { lambda = 1, alpha = 2 }\n[[layers]]\nsize = 1\nname = \"x\"";
        let shown = |setting: &str| {
            let (table, problems) = changed(text, &[setting]);
            assert!(problems.is_empty(), "{problems:?}");
            let at = |node: Option<&Node>, key: &str| node.and_then(Node::table)?.get(key).cloned();
            let rules = at(table.get("p"), "rules");
            let keys =
                |node: Option<Node>| node?.table().map(|table| table.keys().map(str::to_owned).collect::<Vec<_>>());
            let Item::Array(layers) = &table.get("layers").unwrap().item else { panic!("an array") };
            (keys(at(rules.as_ref(), "stdp")).unwrap_or_default().join(" "), layers[0].table().unwrap().entries.len())
        };
        assert_eq!(shown("p.rules={}"), (String::new(), 2));
        assert_eq!(shown("p.rules.stdp={alpha=3}"), ("alpha".into(), 2));
        assert_eq!(shown("p={rules.stdp.mu=3}"), ("mu".into(), 2));
        assert_eq!(shown("p.rules.stdp.mu=3"), ("lambda alpha mu".into(), 2));
        assert_eq!(shown("layers.0={size=7}"), ("lambda alpha".into(), 1));
        assert_eq!(shown("layers.0.size=7"), ("lambda alpha".into(), 2));
    }

    #[test]
    fn elements_are_changed_by_index_and_missing_ones_are_named() {
        let (table, problems) =
            changed("[[layers]]\nsize = 1\n[[layers]]\ndense = 2", &["layers.1.dense=7", "layers.2.dense=8"]);
        let Item::Array(layers) = &table.get("layers").unwrap().item else { panic!("an array") };
        assert!(matches!(layers[1].table().unwrap().get("dense").unwrap().item, Item::Integer(7)));
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "--set #2:1:8: `layers` has no element `2` (help: its elements are called 0 to 1)"
        );
    }

    #[test]
    fn a_setting_without_a_value_is_refused() {
        assert!(parse(1, "seed").is_err());
        assert!(parse(1, "=5").is_err());
        assert!(parse(1, "").is_err());
    }
}
