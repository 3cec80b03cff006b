//! Reads the parameters of pluggable things from their rows: `neuron.lif = { ... }`.

use std::sync::Arc;

use super::reader::{Reader, Wanted, advice, suggestion};
use super::{Entry, Item, Node, Table};
use crate::error::{Place, Source};
use crate::parameter::{Field, Form, Kind, Spec, Value, Values, find};
use crate::unit::Dimension;

/// Pure numbers that are in the unit of the target's synapses, and may be written with it.
const SYNAPTIC: &[&str] = &["weight", "mean", "std", "low", "high"];

/// A kind that was chosen, and what was built from it.
pub type Chosen<T> = (Spec, Arc<T>);

impl Reader {
    /// One value for every field, in base units; defaults where `table` says nothing.
    /// Weights may be written in the dimension `synapse`.
    pub fn values(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        fields: &'static [Field],
        synapse: Option<Dimension>,
    ) -> Option<Values> {
        let problems = self.problems.len();
        let known: Vec<&str> = fields.iter().flat_map(names_of).collect();
        self.refuse_unknown_keys(table, owner.name, &known);
        let mut values = Values::default();
        for field in fields {
            let given = names_of(field).any(|name| table.get(name).is_some());
            let value = match field.follows(fields) {
                Some(leader) if !given => values.get(leader.name).cloned(),
                _ => self.field(owner, table, field, synapse),
            };
            if let Some(value) = value {
                values.set(field.name, value);
            }
        }
        (self.problems.len() == problems).then_some(values)
    }

    fn field(
        &mut self,
        owner: &Owner<'_>,
        table: &Table,
        field: &'static Field,
        synapse: Option<Dimension>,
    ) -> Option<Value> {
        let is_named = |entry: &&Entry| entry.key == field.name || field.aliases.contains(&entry.key.as_str());
        let mut found = table.entries.iter().filter(is_named);
        let Some(entry) = found.next() else {
            if field.default.is_none() {
                let help = Some(field.doc.into());
                self.problem_with_help(owner.place, format!("{} needs `{}`", owner.name, field.name), help);
            }
            return self.default_of(field);
        };
        for other in found {
            let message = format!("`{}` and `{}` are the same parameter", entry.key, other.key);
            self.problem(&other.place, message);
        }
        self.field_value(&entry.key, &entry.value, field, synapse)
    }

    /// The default of a field, if it has one of its own.
    pub fn default_of(&mut self, field: &'static Field) -> Option<Value> {
        let default = field.default?;
        self.field_value(field.name, &default_node(field, default), field, None)
    }

    fn field_value(&mut self, name: &str, node: &Node, field: &Field, synapse: Option<Dimension>) -> Option<Value> {
        let wanted = |dimension| match synapse {
            Some(synapse) if dimension == Dimension::None && SYNAPTIC.contains(&field.name) => {
                Wanted { dimension: synapse, or_pure: true, range: field.range }
            }
            _ => Wanted::new(dimension, field.range),
        };
        let may_be_empty = field.default == Some("[]");
        if may_be_empty && matches!(&node.item, Item::Array(nodes) if nodes.is_empty()) {
            return Some(Value::Numbers(Vec::new()));
        }
        match field.form {
            Form::Quantity(dimension) => self.number(name, node, wanted(dimension)).map(Value::Number),
            Form::Quantities(dimension) => self.numbers(name, node, wanted(dimension), field).map(Value::Numbers),
            Form::Count => self.count(name, node, field.range).map(Value::Count),
            Form::Flag => self.flag(name, node).map(Value::Flag),
            Form::Choice(words) => self.choice(name, node, words).map(|word| Value::Text(word.into())),
            Form::Text => self.text(name, node).map(|text| Value::Text(text.into())),
            Form::Path => self.path(name, node).map(Value::Text),
        }
    }

    fn numbers(&mut self, name: &str, node: &Node, wanted: Wanted, field: &Field) -> Option<Vec<f64>> {
        let Item::Array(nodes) = &node.item else {
            return self.number(name, node, wanted).map(|value| vec![value]);
        };
        if nodes.is_empty() && field.default != Some("[]") {
            self.problem(&node.place, format!("`{name}` is empty"));
            return None;
        }
        let numbers: Vec<_> = nodes.iter().map(|node| self.number(name, node, wanted)).collect();
        numbers.into_iter().collect()
    }

    /// A file, from the folder of the text on; empty for none.
    fn path(&mut self, name: &str, node: &Node) -> Option<String> {
        let text = self.text(name, node)?;
        let path =
            if text.is_empty() { text.to_owned() } else { self.folder.join(text).to_string_lossy().into_owned() };
        Some(path)
    }

    /// One of these words.
    pub fn choice(&mut self, name: &str, node: &Node, words: &[&'static str]) -> Option<&'static str> {
        let given = self.text(name, node)?;
        let word = words.iter().find(|word| **word == given).copied();
        if word.is_none() {
            let help = suggestion(given, words.iter().copied());
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
        synapse: Option<Dimension>,
    ) -> Option<Chosen<T>> {
        match &node.item {
            Item::Text(name) => self.build(what, (name, &node.place), None, kinds, synapse),
            Item::Table(table) => match table.entries.as_slice() {
                [entry] => self.kind_entry(what, entry, kinds, synapse),
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
        synapse: Option<Dimension>,
    ) -> Option<Chosen<T>> {
        let known = find(kinds, &entry.key).is_some();
        let table = if known { Some(self.table(&entry.key, &entry.value)?) } else { None };
        self.build(what, (&entry.key, &entry.place), table, kinds, synapse)
    }

    fn build<T: ?Sized>(
        &mut self,
        what: &str,
        (name, place): (&str, &Place),
        table: Option<&Table>,
        kinds: &'static [Kind<T>],
        synapse: Option<Dimension>,
    ) -> Option<Chosen<T>> {
        let Some(kind) = find(kinds, name) else {
            let known = kinds.iter().flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied()));
            let help = suggestion(name, known).or_else(|| advice(name, "kinds", names(kinds).into_iter()));
            self.problem_with_help(place, format!("there is no {what} `{name}`"), help);
            return None;
        };
        let owner = Owner { name: &format!("{what} `{}`", kind.name), place };
        let values = self.values(&owner, table.unwrap_or(&Table::default()), kind.fields, synapse)?;
        match (kind.build)(&values) {
            Ok(built) => Some((Spec { kind: kind.name, values }, built.into())),
            Err(sentence) => {
                self.problem(place, format!("{what} `{}`: {sentence}", kind.name));
                None
            }
        }
    }
}

/// Every name by which a field may be given.
fn names_of(field: &Field) -> impl Iterator<Item = &'static str> + use<> {
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
