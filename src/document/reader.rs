//! From nodes to checked values. A [`Reader`] never stops at a mistake: it records a
//! problem, gives `None` and goes on, so that everything wrong is reported at once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::advice::{is_cut_short, list, suggestion};
use super::parameters::Parameters;
use super::selection::Selection;
use super::writing::with_unit;
use super::{Item, Node, Table};
use crate::error::{Error, Place, Problem, Result};
use crate::parameter::Range;
use crate::unit::{Dimension, Quantity};

/// Named parameters and the problems found so far.
#[derive(Debug, Default)]
pub struct Reader {
    pub problems: Vec<Problem>,
    /// From where paths of files are understood.
    pub folder: PathBuf,
    /// Whether these are made absolute, and those in a `--set` understood from the working folder.
    pub absolute_paths: bool,
    /// Which entry of a list counts where one number is expected.
    pub selection: Selection,
    /// Whether an entry of a list was picked, and whether one was 0.
    pub used_list: bool,
    pub found_zero: bool,
    /// Whether plain numbers stand for quantities in their base unit: so they do in kinds that are
    /// called by NEST's names, whose units they are.
    pub plain_numbers: bool,
    /// Whether plain numbers would stand for other units than the base ones: so they do in PyNN.
    pub other_units: bool,
    /// Where a key belongs that stands in a table which does not have it, in Markdown.
    pub elsewhere: Option<fn(&str) -> Option<String>>,
    /// The largest number that can be computed with, and the precision that it is for.
    pub most: Option<(f64, &'static str)>,
    pub(super) parameters: Parameters,
}

/// The most problems that are given advice: looking through names takes time, and no more are read.
const ADVISED: usize = 200;

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

impl Reader {
    /// A reader of a document in `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..Self::default() }
    }

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
        self.problems.sort_by(|a, b| start(a).cmp(&start(b)));
        // What is shared by two readers of the same text is found twice.
        let mut told = HashSet::new();
        let new: Vec<bool> = self.problems.iter().map(|problem| told.insert(identity(problem))).collect();
        let mut new = new.into_iter();
        self.problems.retain(|_| new.next() == Some(true));
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Error::Invalid(self.problems)),
        }
    }

    /// Notes every key of `table` that is not `known`.
    pub fn refuse_unknown_keys(&mut self, table: &Table, owner: &str, known: &[&str]) {
        self.refuse_unknown_names(table, owner, known, known);
    }

    /// The same, where only the names of `listed` are told to whoever is at a loss.
    pub(super) fn refuse_unknown_names(&mut self, table: &Table, owner: &str, known: &[&str], listed: &[&str]) {
        for entry in table.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = self.advised(|| {
                let elsewhere = self.elsewhere.and_then(|place_of| place_of(&entry.key));
                let belongs = elsewhere.map(|place| format!("it belongs to {place}"));
                let near = suggestion(&entry.key, known.iter().copied());
                let is_cut = known.iter().any(|name| is_cut_short(&entry.key, name));
                let help = if is_cut { near.or(belongs) } else { belongs.or(near) };
                help.or_else(|| list("keys that are known here", listed.iter().copied()))
            });
            self.problem_with_help(&entry.place, format!("{owner} has no key `{}`", entry.key), help);
        }
    }

    /// What `advice` says, unless so much is wrong that nobody will read it.
    pub fn advised(&self, advice: impl FnOnce() -> Option<String>) -> Option<String> {
        if self.problems.len() < ADVISED { advice() } else { None }
    }

    /// Notes that `node` is of the wrong sort.
    pub fn refuse_type(&mut self, name: &str, node: &Node, expected: &str) {
        self.problem(&node.place, format!("`{name}` is {} where {expected} is expected", node.item.name()));
    }

    /// The entry that counts of a list, or the node itself where it is none.
    pub fn picked<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n Node> {
        match self.selection.pick(name, node) {
            Ok(entry) => {
                self.used_list |= !std::ptr::eq(entry, node);
                Some(entry)
            }
            Err(Some(problem)) => {
                self.problems.push(problem);
                None
            }
            Err(None) => Some(node), // refused as an array by whoever reads it
        }
    }

    /// A number in base units.
    pub fn number(&mut self, name: &str, node: &Node, wanted: Wanted) -> Option<f64> {
        let entry = self.picked(name, node)?;
        let (quantity, from_list) = match self.evaluate(entry) {
            Ok(found) => found,
            Err(mistake) => {
                self.note_mistake(name, entry, mistake, wanted.dimension);
                return None;
            }
        };
        self.used_list |= from_list;
        self.found_zero |= quantity.value == 0.0 && (from_list || !std::ptr::eq(entry, node));
        self.require(name, entry, quantity, wanted)
    }

    /// The value of a quantity, if it is what is wanted.
    fn require(&mut self, name: &str, node: &Node, quantity: Quantity, wanted: Wanted) -> Option<f64> {
        if !quantity.value.is_finite() {
            self.problem(&node.place, format!("`{name}` is {}, which is no finite number", quantity.value));
            return None;
        }
        let fits = quantity.dimension == wanted.dimension || (wanted.or_pure && quantity.dimension == Dimension::None);
        if !fits {
            self.refuse_dimension(name, node, quantity, wanted.dimension);
            return None;
        }
        if let Some((most, precision)) = self.most.filter(|most| quantity.value.abs() > most.0) {
            let shown = format!(
                "`{name}` is {:e}, more than {most:e}, the most that {precision} precision holds",
                quantity.value
            );
            self.problem(&node.place, shown);
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
            (Dimension::None, _) if !matches!(node.item, Item::Text(_)) && self.other_units => {
                format!("write it with its unit; units that fit: {units}")
            }
            (Dimension::None, _) if !matches!(node.item, Item::Text(_)) => {
                format!("write \"{}\"; units that fit: {units}", with_unit(found.value, wanted))
            }
            _ => format!("units that fit: {units}"),
        };
        self.problem_with_help(&node.place, message, Some(help));
    }

    /// A whole number, 0 and up.
    pub fn count(&mut self, name: &str, node: &Node, range: Range) -> Option<u64> {
        let entry = self.picked(name, node)?;
        if let Item::Integer(integer) = entry.item
            && range.contains(integer as f64)
            && let Ok(count) = u64::try_from(integer)
        {
            self.found_zero |= count == 0 && !std::ptr::eq(entry, node);
            return Some(count); // seeds use all 64 bits
        }
        if let Item::Integer(integer) = entry.item
            && integer > i128::from(u64::MAX)
        {
            self.problem(&entry.place, format!("`{name}` is {integer}, more than the {} that it can be", u64::MAX));
            return None;
        }
        let value = self.number(name, node, Wanted::new(Dimension::None, range))?;
        if value < 0.0 || (value - value.round()).abs() > 1e-9 * value.abs().max(1.0) || value > 9e15 {
            let shown = with_unit(value, Dimension::None);
            let message = format!("`{name}` is {shown}, which is no whole number from 0 up");
            let is_fraction = entry.text().is_some() && value > 0.0 && value < 9e15;
            let help = is_fraction.then(|| "`round(…)`, `floor(…)` and `ceil(…)` give whole numbers".into());
            self.problem_with_help(&entry.place, message, help);
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

/// Where a problem begins.
fn start(problem: &Problem) -> Option<(&str, usize)> {
    problem.place.as_ref().map(|place| (place.source.name.as_str(), place.span.start))
}

/// What tells a problem from others.
fn identity(problem: &Problem) -> (Option<(&str, usize)>, usize, &str) {
    (start(problem), problem.place.as_ref().map_or(0, |place| place.span.end), &problem.message)
}
