//! From nodes to checked values. A [`Reader`] never stops at a mistake: it notes a
//! problem, gives `None` and goes on, so that everything wrong is reported at once.

use super::expression::{self, Mistake};
use super::{Item, Node, Table};
use crate::error::{Error, Place, Problem, Result};
use crate::parameter::Range;
use crate::unit::{Dimension, Quantity};

/// Named parameters and the problems found so far.
#[derive(Debug, Default)]
pub struct Reader {
    pub problems: Vec<Problem>,
    /// Where files that the text names are looked for.
    pub folder: std::path::PathBuf,
    parameters: Vec<(String, Quantity)>,
}

/// What a number has to be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub dimension: Dimension,
    /// Whether a pure number will do too, in the base unit.
    pub or_pure: bool,
    pub range: Range,
}

impl Wanted {
    /// A number of this dimension, pure only if the dimension is.
    pub fn new(dimension: Dimension, range: Range) -> Self {
        Self { dimension, or_pure: dimension == Dimension::None, range }
    }
}

/// `did you mean ...`, when one of `known` is close to `word`.
pub fn suggestion<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let closeness = |name: &str| {
        let (word, name) = (word.to_lowercase(), name.to_lowercase());
        let near = strsim::damerau_levenshtein(&word, &name) <= (name.chars().count() / 3).max(1);
        let (short, long) = (word.len().min(name.len()), word.len().max(name.len()));
        let part = short > 2 && long <= 3 * short && (name.contains(&word) || word.contains(&name));
        let score = strsim::jaro_winkler(&word, &name);
        (near || part || score > 0.85).then_some(score)
    };
    let best = known.take(10_000).filter_map(|name| Some((closeness(name)?, name)));
    let best = best.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (word.len() < 100).then(|| format!("did you mean `{}`?", best.1))
}

/// A suggestion, or else the list of what is known.
pub fn advice<'k>(word: &str, what: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    let list = || match known.clone().take(20).collect::<Vec<_>>() {
        names if names.is_empty() => None,
        names => Some(format!("{what}: {}", names.join(", "))),
    };
    suggestion(word, known.clone()).or_else(list)
}

impl Reader {
    /// Notes a problem.
    pub fn problem(&mut self, place: &Place, message: impl Into<String>) {
        self.problem_with_help(place, message, None);
    }

    /// Notes a problem and how to mend it.
    pub fn problem_with_help(&mut self, place: &Place, message: impl Into<String>, help: Option<String>) {
        self.problems.push(Problem { message: message.into(), place: Some(place.clone()), help });
    }

    /// `value`, if nothing was wrong.
    ///
    /// # Errors
    /// [`Error::Invalid`] with all problems, in the order of the text.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T> {
        let order = |p: &Problem| p.place.as_ref().map(|place| (place.source.name.clone(), place.span.start));
        self.problems.sort_by_cached_key(order);
        // What is shared by two readers of the same text is found twice.
        let mut told: Vec<Problem> = Vec::new();
        self.problems.retain(|problem| {
            let new = !told.contains(problem);
            if new {
                told.push(problem.clone());
            }
            new
        });
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Error::Invalid(self.problems)),
        }
    }

    /// Notes every key of `table` that is not `known`.
    pub fn refuse_unknown_keys(&mut self, table: &Table, owner: &str, known: &[&str]) {
        for entry in table.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = advice(&entry.key, "keys that are known here", known.iter().copied());
            self.problem_with_help(&entry.place, format!("{owner} has no key `{}`", entry.key), help);
        }
    }

    /// Notes that `node` is of the wrong sort.
    pub fn refuse_type(&mut self, name: &str, node: &Node, expected: &str) {
        self.problem(&node.place, format!("`{name}` is {} where {expected} is expected", node.item.name()));
    }

    /// Works out the `[parameters]`, which may refer to each other in any order.
    pub fn read_parameters(&mut self, table: &Table) {
        let mut waiting: Vec<_> = table.entries.iter().filter(|entry| self.is_parameter_name(entry)).collect();
        loop {
            let before = waiting.len();
            let names: Vec<String> = waiting.iter().map(|entry| entry.key.clone()).collect();
            waiting.retain(|entry| match self.evaluate(&entry.value) {
                Ok(quantity) => {
                    self.parameters.push((entry.key.clone(), quantity));
                    false
                }
                Err(Some(mistake)) if mistake.unknown.as_ref().is_some_and(|name| names.contains(name)) => true,
                Err(mistake) => {
                    self.note_mistake(&entry.key, &entry.value, mistake);
                    // Known from here on, so that its users are not reported too.
                    self.parameters.push((entry.key.clone(), Quantity { value: f64::NAN, dimension: Dimension::None }));
                    false
                }
            });
            if waiting.len() == before {
                break;
            }
        }
        for entry in waiting {
            let message = format!("parameter `{}` depends on itself", entry.key);
            self.problem(&entry.place, message);
            self.parameters.push((entry.key.clone(), Quantity { value: f64::NAN, dimension: Dimension::None }));
        }
    }

    fn is_parameter_name(&mut self, entry: &super::Entry) -> bool {
        let mut letters = entry.key.chars();
        let good = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && letters.all(|c| c.is_alphanumeric() || c == '_');
        if !good {
            let help = Some("a name is made of letters, digits and `_`, and starts with a letter".into());
            self.problem_with_help(&entry.place, format!("`{}` cannot be used in arithmetic", entry.key), help);
        }
        good
    }

    /// The quantity a node stands for; `Err(None)` when it is no number at all.
    fn evaluate(&self, node: &Node) -> std::result::Result<Quantity, Option<Mistake>> {
        let pure = |value| Quantity { value, dimension: Dimension::None };
        let lookup =
            |name: &str| self.parameters.iter().find(|(known, _)| known == name).map(|(_, quantity)| *quantity);
        match &node.item {
            Item::Integer(integer) => Ok(pure(*integer as f64)),
            Item::Float(float) => Ok(pure(*float)),
            Item::Text(text) => expression::evaluate(text, &lookup).map_err(Some),
            _ => Err(None),
        }
    }

    fn note_mistake(&mut self, name: &str, node: &Node, mistake: Option<Mistake>) {
        let Some(mistake) = mistake else {
            return self.refuse_type(name, node, "a number or a quantity such as \"20 ms\"");
        };
        let names = self.parameters.iter().map(|(name, _)| name.as_str());
        let help = mistake.help.or_else(|| advice(mistake.unknown.as_ref()?, "parameters", names));
        self.problem_with_help(&node.place_inside(&mistake.span), mistake.message, help);
    }

    /// A number in base units.
    pub fn number(&mut self, name: &str, node: &Node, wanted: Wanted) -> Option<f64> {
        let quantity = match self.evaluate(node) {
            Ok(quantity) => quantity,
            Err(mistake) => {
                self.note_mistake(name, node, mistake);
                return None;
            }
        };
        if quantity.value.is_nan() && node.text().is_some() {
            return None; // from a parameter that is already reported
        }
        if !quantity.value.is_finite() {
            self.problem(&node.place, format!("`{name}` is {}, which is no finite number", quantity.value));
            return None;
        }
        let fits = quantity.dimension == wanted.dimension || (wanted.or_pure && quantity.dimension == Dimension::None);
        if !fits {
            self.refuse_dimension(name, node, quantity, wanted.dimension);
            return None;
        }
        if !wanted.range.contains(quantity.value) {
            let shown = with_unit(quantity.value, wanted.dimension);
            self.problem(&node.place, format!("`{name}` is {shown}, but has to be {}", wanted.range));
            return None;
        }
        Some(quantity.value)
    }

    fn refuse_dimension(&mut self, name: &str, node: &Node, found: Quantity, wanted: Dimension) {
        let message = format!("`{name}` is {} where {} is expected", found.dimension.name(), wanted.name());
        let units = wanted.units().collect::<Vec<_>>().join(", ");
        let help = match (found.dimension, wanted) {
            (_, Dimension::None) => "write a number without a unit".into(),
            (Dimension::None, _) if !matches!(node.item, Item::Text(_)) => {
                format!("write \"{}\"; units that fit: {units}", with_unit(found.value, wanted))
            }
            _ => format!("units that fit: {units}"),
        };
        self.problem_with_help(&node.place, message, Some(help));
    }

    /// A whole number, 0 and up.
    pub fn count(&mut self, name: &str, node: &Node, range: Range) -> Option<u64> {
        if let Item::Integer(integer) = node.item
            && range.contains(integer as f64)
            && let Ok(count) = u64::try_from(integer)
        {
            return Some(count); // seeds use all 64 bits
        }
        let value = self.number(name, node, Wanted::new(Dimension::None, range))?;
        if value < 0.0 || (value - value.round()).abs() > 1e-9 * value.abs().max(1.0) || value > 9e15 {
            self.problem(&node.place, format!("`{name}` is {value}, which is no whole number from 0 up"));
            return None;
        }
        Some(value.round() as u64)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, node: &Node) -> Option<bool> {
        if let Item::Flag(flag) = node.item {
            return Some(flag);
        }
        self.refuse_type(name, node, "true or false");
        None
    }

    /// A string.
    pub fn text<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n str> {
        if node.text().is_none() {
            self.refuse_type(name, node, "a string");
        }
        node.text()
    }

    /// A table.
    pub fn table<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n Table> {
        if node.table().is_none() {
            self.refuse_type(name, node, "a table");
        }
        node.table()
    }

    /// A string or an array of strings, as nodes.
    pub fn words<'n>(&mut self, name: &str, node: &'n Node) -> Vec<(&'n str, &'n Node)> {
        let nodes = match &node.item {
            Item::Text(_) => std::slice::from_ref(node),
            Item::Array(nodes) => nodes.as_slice(),
            _ => {
                self.refuse_type(name, node, "a name or an array of names");
                return Vec::new();
            }
        };
        if nodes.is_empty() {
            self.problem(&node.place, format!("`{name}` is empty"));
        }
        nodes.iter().filter_map(|node| Some((self.text(name, node)?, node))).collect()
    }
}

/// `20 ms`, or just `20` for a pure number.
pub fn with_unit(value: f64, dimension: Dimension) -> String {
    let shown = super::writing::number(value);
    if dimension == Dimension::None { shown } else { format!("{shown} {}", dimension.base_unit()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn parameters(text: &str) -> Reader {
        let source = Arc::new(crate::error::Source { name: "m".into(), text: text.into() });
        let mut reader = Reader::default();
        reader.read_parameters(&Table::parse(&source).unwrap());
        reader
    }

    #[test]
    fn parameters_refer_to_each_other_in_any_order() {
        let reader = parameters("a = \"b / 4\"\nb = \"2 * c\"\nc = 10\nd = \"a * 1 mV\"");
        assert!(reader.problems.is_empty(), "{:?}", reader.problems);
        let d = reader.parameters.iter().find(|(name, _)| name == "d").unwrap().1;
        assert_eq!(d, Quantity { value: 5.0, dimension: Dimension::Voltage });
    }

    #[test]
    fn cycles_and_unknown_names_are_each_reported_once() {
        let reader = parameters("a = \"b\"\nb = \"a + 1\"\nc = \"dd\"\nd = \"c\"\nok = 1");
        let messages: Vec<String> = reader.problems.iter().map(|p| p.message.clone()).collect();
        assert_eq!(
            messages,
            ["there is no parameter `dd`", "parameter `a` depends on itself", "parameter `b` depends on itself"]
        );
    }

    #[test]
    fn suggestions_are_close_or_absent() {
        let known = ["tau_m", "v_thresh", "v_reset"];
        assert_eq!(suggestion("tau", known.into_iter()), Some("did you mean `tau_m`?".into()));
        assert_eq!(suggestion("v_tresh", known.into_iter()), Some("did you mean `v_thresh`?".into()));
        assert_eq!(suggestion("colour", known.into_iter()), None);
    }
}
