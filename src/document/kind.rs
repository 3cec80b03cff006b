//! Reads the parameters of pluggable things from their rows: `neuron.lif = { ... }`.

use std::sync::Arc;

use super::advice::{list, suggested_kind};
use super::reader::{Reader, Wanted};
use super::selection::Selection;
use super::{Entry, Item, Node, Table, setting};
use crate::error::{Place, Source};
use crate::parameter::{Field, Form, Kind, Spec, Value, Values, find};
use crate::unit::Dimension;

/// The unit of [`Dimension::Relative`] parameters: that of the target's synapses for weights and
/// rules, that of the parameter for a distribution from which it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub dimension: Dimension,
    /// Whether a pure number will do too, in the base unit.
    pub or_pure: bool,
}

impl Unit {
    /// Of the synapses onto a neuron: pure numbers will do.
    pub fn of_synapses(dimension: Dimension) -> Self {
        Self { dimension, or_pure: true }
    }

    /// Of a parameter: pure numbers will do only if it is one.
    pub fn of_parameter(dimension: Dimension) -> Self {
        Self { dimension, or_pure: dimension == Dimension::None }
    }
}

/// A kind that was chosen, and what was built from it.
pub type Chosen<T> = (Spec, Arc<T>);

impl Reader {
    /// One value for every field, in base units; defaults where `table` says nothing.
    /// Weights and the like may be written in `unit`.
    pub fn values(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        fields: &'static [Field],
        unit: Option<Unit>,
    ) -> Option<Values> {
        let problems = self.problems.len();
        let known: Vec<&str> = fields.iter().flat_map(names_of).collect();
        let listed: Vec<&str> = fields.iter().map(|field| field.name).collect();
        self.refuse_unknown_names(table, owner.name, &known, &listed);
        let mut values = Values::default();
        for field in fields {
            let given = names_of(field).any(|name| table.get(name).is_some());
            let value = match field.follows(fields) {
                Some(leader) if !given => values.get(leader.name).cloned(),
                _ => self.field(owner, table, field, unit),
            };
            if let Some(value) = value {
                values.set(field.name, value);
            }
        }
        // A problem that was told of before is not told again, so a value may be missing all the same.
        let complete = fields.iter().all(|field| values.get(field.name).is_some());
        (complete && self.problems.len() == problems).then_some(values)
    }

    fn field(&mut self, owner: &Owner<'_>, table: &Table, field: &'static Field, unit: Option<Unit>) -> Option<Value> {
        let is_named = |entry: &&Entry| entry.key == field.name || field.aliases.contains(&entry.key.as_str());
        let mut found = table.entries.iter().filter(is_named);
        let Some(mut entry) = found.next() else {
            if field.default.is_none() {
                let help = Some(field.doc.into());
                self.problem_with_help(owner.place, format!("{} needs `{}`", owner.name, field.name), help);
            }
            return self.default_of(field);
        };
        for other in found {
            match setting::winner(entry, other) {
                Some(winner) => entry = winner,
                None => {
                    let message = format!("`{}` and `{}` are the same parameter", entry.key, other.key);
                    self.problem(&other.place, message);
                }
            }
        }
        self.field_value(&entry.key, &entry.value, field, unit)
    }

    /// The default of a field, if it has one of its own.
    pub fn default_of(&mut self, field: &'static Field) -> Option<Value> {
        let default = field.default?;
        self.field_value(field.name, &default_node(field, default), field, None)
    }

    fn field_value(&mut self, name: &str, node: &Node, field: &Field, unit: Option<Unit>) -> Option<Value> {
        let wanted = |dimension| match (dimension, unit) {
            (Dimension::Relative, Some(Unit { dimension, or_pure })) => {
                Wanted { dimension, or_pure, range: field.range }
            }
            (Dimension::Relative, None) => Wanted::new(Dimension::None, field.range),
            _ => Wanted::new(dimension, field.range),
        };
        let plain_numbers = self.plain_numbers;
        let wanted = |dimension| {
            let wanted = wanted(dimension);
            Wanted { or_pure: wanted.or_pure || plain_numbers, ..wanted }
        };
        let may_be_empty = field.default == Some("[]");
        if may_be_empty && matches!(&node.item, Item::Array(nodes) if nodes.is_empty()) {
            let texts = field.form == Form::Texts;
            return Some(if texts { Value::Texts(Vec::new()) } else { Value::Numbers(Vec::new()) });
        }
        match field.form {
            Form::Quantity(dimension) => self.number(name, node, wanted(dimension)).map(Value::Number),
            Form::Quantities(dimension) | Form::OneOrEach(dimension) => {
                self.numbers(name, node, wanted(dimension), field).map(Value::Numbers)
            }
            Form::Optional(dimension) => {
                self.number(name, node, wanted(dimension)).map(|number| Value::Numbers(vec![number]))
            }
            Form::Count => self.count(name, node, field.range).map(Value::Count),
            Form::Flag => self.flag(name, node).map(Value::Flag),
            Form::Choice(words) => self.choice(name, node, words).map(|word| Value::Text(word.into())),
            Form::Text => self.text(name, node).map(|text| Value::Text(text.into())),
            Form::Texts => self.texts(name, node).map(Value::Texts),
            Form::Path => self.path(name, node).map(Value::Text),
        }
    }

    fn numbers(&mut self, name: &str, node: &Node, wanted: Wanted, field: &Field) -> Option<Vec<f64>> {
        let nested = |nodes: &[Node]| nodes.iter().any(|node| matches!(node.item, Item::Array(_)));
        let is_list = matches!(self.selection, Selection::Pair { .. }) || matches!(field.form, Form::OneOrEach(_));
        let entry = match &node.item {
            // An array is the value itself, unless each of several populations has its own.
            Item::Array(nodes) if is_list || nested(nodes) => self.picked(name, node)?,
            _ => node,
        };
        let Item::Array(nodes) = &entry.item else {
            let value = self.number(name, entry, wanted)?;
            self.found_zero |= value == 0.0 && !std::ptr::eq(entry, node);
            return Some(vec![value]);
        };
        if nodes.is_empty() && field.default != Some("[]") {
            self.problem(&entry.place, format!("`{name}` is empty"));
            return None;
        }
        let numbers: Vec<_> = nodes.iter().map(|node| self.number(name, node, wanted)).collect();
        numbers.into_iter().collect()
    }

    fn texts(&mut self, name: &str, node: &Node) -> Option<Vec<String>> {
        let problems = self.problems.len();
        let texts = self.words(name, node).into_iter().map(|(text, _)| text.to_owned()).collect();
        (self.problems.len() == problems).then_some(texts)
    }

    /// A file, from the folder of the text on; empty for none.
    fn path(&mut self, name: &str, node: &Node) -> Option<String> {
        let text = self.text(name, node)?;
        if text.is_empty() {
            return Some(text.to_owned());
        }
        let from_here = self.absolute_paths && setting::is_setting(&node.place);
        let path = if from_here { text.into() } else { self.folder.join(text) };
        let absolute = if self.absolute_paths { std::path::absolute(&path).ok() } else { None };
        Some(absolute.unwrap_or(path).to_string_lossy().into_owned())
    }

    /// One of these words.
    pub fn choice(&mut self, name: &str, node: &Node, words: &[&'static str]) -> Option<&'static str> {
        let given = self.text(name, node)?;
        let word = words.iter().find(|word| **word == given).copied();
        if word.is_none() {
            let help = suggested_kind(given, words.iter().copied());
            let help = help.or_else(|| Some(format!("write one of: {}", quoted(words))));
            self.problem_with_help(&node.place, format!("`{name}` cannot be \"{given}\""), help);
        }
        word
    }

    /// A kind: `"name"` with all defaults, or a table of which the only key is the name.
    pub fn kind<T: ?Sized>(
        &mut self,
        what: &str,
        node: &Node,
        kinds: &'static [Kind<T>],
        unit: Option<Unit>,
    ) -> Option<Chosen<T>> {
        let node = self.picked(what, node)?;
        match &node.item {
            Item::Text(name) => self.build(what, (name, &node.place), None, kinds, unit),
            Item::Table(table) => match table.entries.as_slice() {
                [entry] => self.kind_entry(what, entry, kinds, unit),
                entries => {
                    let place = entries.get(1).map_or(&node.place, |second| &second.place);
                    let help = format!("write one of: {}", quoted(&names(kinds)));
                    self.problem_with_help(place, format!("`{what}` needs exactly one kind"), Some(help));
                    None
                }
            },
            _ => {
                self.refuse_type(what, node, "a kind, with its parameters in a table,");
                None
            }
        }
    }

    /// A kind that is a key of a table, with its parameters.
    pub fn kind_entry<T: ?Sized>(
        &mut self,
        what: &str,
        entry: &Entry,
        kinds: &'static [Kind<T>],
        unit: Option<Unit>,
    ) -> Option<Chosen<T>> {
        let known = find(kinds, &entry.key).is_some();
        let table = if known { Some(self.table(&entry.key, &entry.value)?) } else { None };
        self.build(what, (&entry.key, &entry.place), table, kinds, unit)
    }

    fn build<T: ?Sized>(
        &mut self,
        what: &str,
        (name, place): (&str, &Place),
        table: Option<&Table>,
        kinds: &'static [Kind<T>],
        unit: Option<Unit>,
    ) -> Option<Chosen<T>> {
        let Some(kind) = find(kinds, name) else {
            let known = kinds.iter().flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied()));
            let help = suggested_kind(name, known).or_else(|| list("kinds", names(kinds).into_iter()));
            self.problem_with_help(place, format!("there is no {what} `{name}`"), help);
            return None;
        };
        let owner = Owner { name: &format!("{what} `{}`", kind.name), place };
        let outer = (self.plain_numbers, self.other_units);
        (self.plain_numbers, self.other_units) = (is_nests(name), is_pynns(name));
        let values = self.values(&owner, table.unwrap_or(&Table::default()), kind.fields, unit);
        (self.plain_numbers, self.other_units) = outer;
        let values = values?;
        match (kind.build)(&values) {
            Ok(built) => Some((Spec { kind: kind.name, values }, built.into())),
            Err(sentence) => {
                self.problem(place, format!("{what} `{}`: {sentence}", kind.name));
                None
            }
        }
    }
}

/// Whether a kind is called as NEST calls it. Its numbers may stand without a unit then: ms, mV, pA,
/// pF, nS and Hz are NEST's units and the base units here.
pub fn is_nests(name: &str) -> bool {
    let starts = ["iaf_psc_", "iaf_cond_", "aeif_"].iter().any(|start| name.starts_with(start));
    starts || ["_generator", "_synapse", "_synapse_hom"].iter().any(|end| name.ends_with(end))
}

/// Whether a kind is called as PyNN calls it, whose units are nF and nA.
pub fn is_pynns(name: &str) -> bool {
    name.starts_with("IF_") || name.ends_with("Source")
}

/// Drops parameters of a file that a `--set` gives under another name.
pub fn drop_replaced(table: &mut Table, fields: &[Field]) {
    for field in fields {
        let is_named = |entry: &Entry| names_of(field).any(|name| name == entry.key);
        let mut named = table.entries.iter().filter(|entry| is_named(entry));
        let winner = named.next().and_then(|first| named.try_fold(first, setting::winner));
        if let Some(kept) = winner.map(|winner| winner.place.clone()) {
            table.entries.retain(|entry| !is_named(entry) || entry.place == kept);
        }
    }
}

/// Every name by which a field may be given.
pub fn names_of(field: &Field) -> impl Iterator<Item = &'static str> + use<> {
    std::iter::once(field.name).chain(field.aliases.iter().copied())
}

/// Whose fields are read, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub name: &'a str,
    pub place: &'a Place,
}

fn names<T: ?Sized>(kinds: &'static [Kind<T>]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name).collect()
}

/// `"a", "b"`
pub fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// A field's default as it would stand in a file.
fn default_node(field: &Field, default: &str) -> Node {
    let source = Arc::new(Source { name: "default".into(), text: format!("x = {default}") });
    let text_form = matches!(field.form, Form::Choice(_) | Form::Text | Form::Path);
    let parsed = if text_form { None } else { Table::parse(&source).ok().and_then(|mut table| table.remove("x")) };
    let text = || Node {
        item: Item::Text(default.to_owned()),
        place: Place { span: 4..source.text.len(), source: Arc::clone(&source) },
    };
    parsed.map_or_else(text, |entry| entry.value)
}
