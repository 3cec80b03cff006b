//! The `[parameters]` of a file: named numbers, quantities and lists, and arithmetic on them.
//! What depends on a list is worked out where it is used, entry by entry.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use super::advice::{advice, unit_meant};
use super::expression::{self, Lookup, Mistake, Unusable};
use super::reader::Reader;
use super::{Entry, Item, Node, Table};
use crate::unit::{Dimension, Quantity};

/// Named values, in the order in which they were worked out.
#[derive(Debug, Default)]
pub struct Parameters {
    known: Vec<(String, Parameter)>,
    places: HashMap<String, usize>,
}

impl Parameters {
    fn get(&self, name: &str) -> Option<&(String, Parameter)> {
        self.places.get(name).map(|&place| &self.known[place])
    }

    fn push(&mut self, name: &str, parameter: Parameter) {
        self.places.entry(name.to_owned()).or_insert(self.known.len());
        self.known.push((name.to_owned(), parameter));
    }
}

/// What a name stands for.
#[derive(Debug)]
pub enum Parameter {
    Number(Quantity),
    /// A list, or arithmetic on one.
    List(Node),
    /// A mistake that was noted.
    Wrong,
}

/// Lists that depend on lists nest no deeper.
const DEEPEST: usize = 32;

impl Reader {
    /// Works out the `[parameters]`, which may refer to each other in any order: one that has to wait
    /// for another is looked at again when that is known.
    pub fn read_parameters(&mut self, table: &Table) {
        let entries: Vec<&Entry> = table.entries.iter().filter(|entry| self.is_parameter_name(entry)).collect();
        let mut waiting: HashSet<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let mut waiters: HashMap<String, Vec<&Entry>> = HashMap::new();
        let mut ready: Vec<&Entry> = entries.iter().rev().copied().collect();
        while let Some(entry) = ready.pop() {
            match self.parameter(entry, &waiting) {
                Ok(parameter) => {
                    self.parameters.push(&entry.key, parameter);
                    waiting.remove(entry.key.as_str());
                    ready.extend(waiters.remove(&entry.key).unwrap_or_default());
                }
                Err(name) => waiters.entry(name).or_default().push(entry),
            }
        }
        for entry in entries.into_iter().filter(|entry| waiting.contains(entry.key.as_str())) {
            let message = format!("parameter `{}` depends on itself", entry.key);
            self.problem(&entry.place, message);
            self.parameters.push(&entry.key, Parameter::Wrong);
        }
    }

    /// What an entry stands for, or the name that it has to wait for, one of `waiting`.
    fn parameter(&mut self, entry: &Entry, waiting: &HashSet<&str>) -> Result<Parameter, String> {
        let mut is_list = false;
        let mut value = None;
        for node in leaves(&entry.value) {
            match self.evaluate(node) {
                Ok((quantity, _)) => value = Some(quantity),
                Err(Some(Mistake { name: Some(Unusable::Unknown(name)), .. })) if waiting.contains(&*name) => {
                    return Err(name);
                }
                Err(Some(Mistake { name: Some(Unusable::List(_)), .. })) => is_list = true,
                Err(mistake) => {
                    self.note_mistake(&entry.key, node, mistake, Dimension::None);
                    return Ok(Parameter::Wrong);
                }
            }
        }
        match value {
            Some(quantity) if !is_list && !matches!(entry.value.item, Item::Array(_)) => {
                Ok(Parameter::Number(quantity))
            }
            _ => Ok(Parameter::List(entry.value.clone())),
        }
    }

    fn is_parameter_name(&mut self, entry: &Entry) -> bool {
        let mut letters = entry.key.chars();
        let good = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && letters.all(|c| c.is_alphanumeric() || c == '_');
        if !good {
            let help = Some("a name is made of letters, digits and `_`, and starts with a letter".into());
            self.problem_with_help(&entry.place, format!("`{}` cannot be used in arithmetic", entry.key), help);
        }
        good
    }

    /// The quantity a node stands for, and whether it is an entry of a list; `Err(None)` when
    /// it is no number at all.
    pub(super) fn evaluate(&self, node: &Node) -> Result<(Quantity, bool), Option<Mistake>> {
        let looks = Looks::default();
        let quantity = self.worked_out(node, &looks, 0)?;
        Ok((quantity, looks.from_list.get()))
    }

    /// The dimension of the quantity a node stands for.
    pub fn dimension(&self, node: &Node) -> Option<Dimension> {
        self.evaluate(node).ok().map(|(quantity, _)| quantity.dimension)
    }

    /// Whether a node gives no number because a parameter in it is a list.
    pub fn is_list(&self, node: &Node) -> bool {
        matches!(self.evaluate(node), Err(Some(Mistake { name: Some(Unusable::List(_)), .. })))
    }

    fn worked_out(&self, node: &Node, looks: &Looks, depth: usize) -> Result<Quantity, Option<Mistake>> {
        let pure = |value| Quantity { value, dimension: Dimension::None };
        let lookup: Lookup<'_> = &|name| match self.parameters.get(name) {
            None => Err(Unusable::Unknown(name.to_owned())),
            Some((_, Parameter::Wrong)) => Err(Unusable::Reported),
            Some((_, Parameter::Number(quantity))) => Ok(*quantity),
            Some((name, Parameter::List(_))) if depth > DEEPEST => {
                Err(Unusable::List(format!("parameter `{name}` depends on itself")))
            }
            Some((name, Parameter::List(node))) => self.entry_of_list(name, node, looks, depth),
        };
        match &node.item {
            Item::Integer(integer) => Ok(pure(*integer as f64)),
            Item::Float(float) => Ok(pure(*float)),
            Item::Text(text) => expression::evaluate(text, lookup).map_err(Some),
            _ => Err(None),
        }
    }

    /// The entry that counts of the list called `name`, worked out once however often it is asked for.
    fn entry_of_list(&self, name: &str, node: &Node, looks: &Looks, depth: usize) -> Result<Quantity, Unusable> {
        looks.from_list.set(true);
        if let Some(known) = looks.entries.borrow().get(name) {
            return known.clone();
        }
        let picked = self.selection.pick(name, node).map_err(|problem| unusable_list(name, node, problem));
        let worked_out = picked.and_then(|entry| {
            self.worked_out(entry, looks, depth + 1).map_err(|mistake| match mistake {
                Some(Mistake { name: Some(Unusable::List(why)), .. }) => Unusable::List(why),
                Some(mistake) => Unusable::List(format!("in `{name}`: {}", mistake.message)),
                None => unusable_list(name, entry, None),
            })
        });
        looks.entries.borrow_mut().insert(name.to_owned(), worked_out.clone());
        worked_out
    }

    /// Notes why a node gives no number, where one of this dimension is wanted.
    pub(super) fn note_mistake(&mut self, name: &str, node: &Node, mistake: Option<Mistake>, wanted: Dimension) {
        let Some(mistake) = mistake else {
            return self.refuse_type(name, node, "a number or a quantity such as \"20 ms\"");
        };
        let names = self.parameters.known.iter().map(|(name, _)| name.as_str());
        let help = match &mistake.name {
            Some(Unusable::Reported) => return,
            Some(Unusable::Unknown(name)) => self.advised(|| advice(name, "parameters", names)),
            Some(Unusable::Unit(word)) => mistake.help.or_else(|| unit_meant(word, wanted)),
            _ => mistake.help,
        };
        self.problem_with_help(&node.place_inside(&mistake.span), mistake.message, help);
    }
}

/// What one evaluation came across.
#[derive(Default)]
struct Looks {
    /// Whether an entry of a list was picked.
    from_list: Cell<bool>,
    /// Entries of lists that were worked out, by name.
    entries: RefCell<HashMap<String, Result<Quantity, Unusable>>>,
}

/// The entries of a list or matrix, or the node itself.
fn leaves(node: &Node) -> Vec<&Node> {
    match &node.item {
        Item::Array(entries) => entries.iter().flat_map(leaves).collect(),
        _ => vec![node],
    }
}

/// Why the list called `name` gives no number.
fn unusable_list(name: &str, node: &Node, problem: Option<crate::error::Problem>) -> Unusable {
    let length = if let Item::Array(entries) = &node.item { entries.len() } else { 0 };
    let plain = || format!("`{name}` is a list of {length}, and one number is needed here");
    Unusable::List(problem.map_or_else(plain, |problem| problem.message))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::selection::{Position, Selection};
    use super::*;
    use crate::error::Source;
    use crate::parameter::Range;

    fn parameters(text: &str) -> Reader {
        let source = Arc::new(Source { name: "m".into(), text: text.into() });
        let mut reader = Reader::default();
        reader.read_parameters(&Table::parse(&source).unwrap());
        reader
    }

    fn value(reader: &mut Reader, text: &str) -> Option<f64> {
        let source = Arc::new(Source { name: "m".into(), text: format!("x = \"{text}\"") });
        let table = Table::parse(&source).unwrap();
        reader.number("x", table.get("x").unwrap(), super::super::reader::Wanted::new(Dimension::None, Range::Any))
    }

    #[test]
    fn parameters_refer_to_each_other_in_any_order() {
        let mut reader = parameters("a = \"b / 4\"\nb = \"2 * c\"\nc = 10\nd = \"a * 1 mV\"");
        assert!(reader.problems.is_empty(), "{:?}", reader.problems);
        assert_eq!(value(&mut reader, "d / 1 mV"), Some(5.0));
    }

    #[test]
    fn cycles_and_unknown_names_are_each_reported_once() {
        let reader = parameters("a = \"b\"\nb = \"a + 1\"\nc = \"dd\"\nd = \"2 mV + c\"\nok = 1");
        let messages: Vec<String> = reader.problems.iter().map(|p| p.message.clone()).collect();
        assert_eq!(
            messages,
            ["there is no parameter `dd`", "parameter `a` depends on itself", "parameter `b` depends on itself"]
        );
    }

    #[test]
    fn lists_are_worked_out_entry_by_entry() {
        let mut reader = parameters("half = \"all / 2\"\nall = [10, \"2 * c\", 0]\nc = 4\nm = [[1, 2, 3], [4, 5, 6]]");
        assert!(reader.problems.is_empty(), "{:?}", reader.problems);
        let at = |index, count| Position { index, count };
        reader.selection = Selection::population(at(1, 3));
        assert_eq!(value(&mut reader, "half + 1"), Some(5.0));
        reader.selection = Selection::pair(at(2, 3), at(1, 2));
        assert_eq!(value(&mut reader, "m * 10"), Some(60.0));
        assert!(!reader.found_zero);
        assert_eq!(value(&mut reader, "half"), Some(0.0));
        assert!(reader.found_zero);
        reader.selection = Selection::Nothing;
        assert_eq!(value(&mut reader, "1 + half"), None);
        reader.selection = Selection::population(at(0, 2));
        assert_eq!(value(&mut reader, "half"), None);
        let messages: Vec<&str> = reader.problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`all` is a list of 3, and one number is needed here",
                "`all` has 3 entries where there are 2 populations"
            ]
        );
    }

    #[test]
    fn lists_that_depend_on_each_other_are_refused() {
        let mut reader = parameters("a = [\"b\", 1]\nb = \"a + 1\"");
        assert_eq!(reader.problems.len(), 2, "{:?}", reader.problems);
        assert_eq!(value(&mut reader, "a"), None);
    }
}
