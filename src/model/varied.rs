//! Parameters that differ from neuron to neuron.
//!
//! ```text
//! tau_m = ["10 ms", "12 ms", "15 ms"]          an array, or a parameter that is one: a value for each neuron
//! tau_m = { file = "tau.npy" }                 the same from a file (per_neuron.rs)
//! tau_m.normal = { mean = "20 ms", std = … }   a distribution that is drawn from for each neuron
//! ```
//! Where one table makes several populations, a list has one entry for each of them, which may be a list.

use super::file::Checker;
use super::neuron::{draws, median};
use super::{Varied, VariedValues, per_neuron};
use crate::distribution::{self, Distribution};
use crate::document::kind::{Chosen, Unit};
use crate::document::reader::Wanted;
use crate::document::selection::Position;
use crate::document::writing::with_unit;
use crate::document::{Item, Node, Table};
use crate::error::Place;
use crate::neuron::Neuron;
use crate::parameter::{Field, Form, Kind};
use crate::unit::Dimension;

/// One parameter of a kind, as it is read.
struct Parameter<'a> {
    /// As the user calls it.
    name: &'a str,
    field: &'static Field,
    dimension: Dimension,
    /// How many neurons there are, where that is known.
    size: Option<usize>,
    /// Whether plain numbers are in the base unit.
    or_pure: bool,
}

impl Parameter<'_> {
    fn wanted(&self) -> Wanted {
        let range = self.field.range;
        Wanted { or_pure: self.or_pure, ..Wanted::new(self.dimension, range) }
    }
}

impl Checker {
    /// What varies of the parameters `given`, where one value takes the place of many.
    pub(super) fn varied(
        &mut self,
        kind: &Kind<dyn Neuron>,
        given: &mut Table,
        size: Option<usize>,
        or_pure: bool,
    ) -> Option<Vec<(Varied, Place)>> {
        let mut all = Vec::new();
        let mut wrong = false;
        for entry in &mut given.entries {
            let Some((field, dimension)) = kind.field(&entry.key).and_then(quantity) else {
                continue;
            };
            let is_none =
                |node: &Node| field.default == Some("[]") && matches!(&node.item, Item::Array(none) if none.is_empty());
            if is_none(&entry.value) {
                continue;
            }
            let parameter = Parameter {
                name: &entry.key,
                field,
                dimension,
                size,
                or_pure: or_pure || dimension == Dimension::None,
            };
            let Some(node) = self.reader.picked(&entry.key, &entry.value).cloned() else {
                wrong = true;
                continue;
            };
            let values = match &node.item {
                Item::Array(nodes) => self.listed(&parameter, &node.place, nodes),
                Item::Table(table) if table.get("file").is_some() => self.in_file(&parameter, &node.place, table),
                Item::Table(_) => self.drawn(&parameter, &node),
                Item::Text(_) if self.reader.is_list(&node) => self.named(&parameter, &node),
                _ => continue,
            };
            let Some((values, typical)) = values else {
                wrong = true;
                continue;
            };
            all.push((Varied { field: field.name, values }, node.place.clone()));
            entry.value = Node { item: Item::Text(with_unit(typical, dimension)), place: node.place };
        }
        (!wrong).then_some(all)
    }

    /// One value for each neuron from an array, and the first of them.
    fn listed(&mut self, parameter: &Parameter<'_>, place: &Place, nodes: &[Node]) -> Option<(VariedValues, f64)> {
        self.check_length(parameter, place, nodes.len())?;
        let values = nodes.iter().map(|node| self.reader.number(parameter.name, node, parameter.wanted()));
        each(values.collect::<Vec<_>>())
    }

    /// The same from arithmetic on parameters that are lists.
    fn named(&mut self, parameter: &Parameter<'_>, node: &Node) -> Option<(VariedValues, f64)> {
        let (count, outer) = (parameter.size?, self.reader.selection);
        let mut values = Vec::new();
        for index in 0..count {
            self.reader.selection = outer.neuron(Position { index, count });
            values.push(self.reader.number(parameter.name, node, parameter.wanted()));
            if values.ends_with(&[None]) {
                break;
            }
        }
        self.reader.selection = outer;
        each(values)
    }

    /// The same from a file.
    fn in_file(&mut self, parameter: &Parameter<'_>, place: &Place, table: &Table) -> Option<(VariedValues, f64)> {
        self.reader.refuse_unknown_keys(table, &format!("`{}`", parameter.name), &["file", "column", "unit"]);
        let node = table.get("file")?;
        let name = self.reader.text("file", node)?;
        let path = self.reader.folder.join(name);
        let column = match table.get("column") {
            Some(node) => Some(self.reader.text("column", node)?),
            None => None,
        };
        let factor = match table.get("unit") {
            Some(unit) => self.unit(unit, parameter.dimension)?,
            None => 1.0,
        };
        let found = per_neuron::read(&path, column);
        let mut values =
            found.map_err(|what| self.reader.problem(&node.place, format!("{}: {what}", path.display()))).ok()?;
        values.iter_mut().for_each(|value| *value *= factor);
        self.check_length(parameter, place, values.len())?;
        let range = parameter.field.range;
        if let Some(neuron) = values.iter().position(|&value| !range.contains(value)) {
            let shown = with_unit(values[neuron], parameter.dimension);
            let message = format!("`{}` of neuron {neuron} is {shown}, but has to be {range}", parameter.name);
            self.reader.problem(&node.place, message);
            return None;
        }
        each(values.into_iter().map(Some).collect())
    }

    /// The factor from a unit to the base unit.
    fn unit(&mut self, node: &Node, dimension: Dimension) -> Option<f64> {
        let name = self.reader.text("unit", node)?;
        match crate::unit::find_unit(name) {
            Some((found, factor)) if found == dimension => Some(factor),
            _ => {
                let units = dimension.units().collect::<Vec<_>>().join(", ");
                let help = format!("units that fit: {units}");
                self.reader.problem_with_help(&node.place, format!("`unit` cannot be \"{name}\""), Some(help));
                None
            }
        }
    }

    fn check_length(&mut self, parameter: &Parameter<'_>, place: &Place, found: usize) -> Option<()> {
        let size = parameter.size?;
        if found == size {
            return Some(());
        }
        let values = if found == 1 { "value" } else { "values" };
        let message = format!("`{}` has {found} {values} where there are {size} neurons", parameter.name);
        let help = "an array holds one value for each neuron; a distribution such as \
                    `.normal = { mean = …, std = … }` draws them";
        self.reader.problem_with_help(place, message, Some(help.into()));
        None
    }

    /// A distribution, and a typical number of it.
    fn drawn(&mut self, parameter: &Parameter<'_>, node: &Node) -> Option<(VariedValues, f64)> {
        let unit = Unit { dimension: parameter.dimension, or_pure: parameter.or_pure };
        let (spec, distribution) = self.distribution_of(parameter.name, node, unit)?;
        let typical = median(draws(&*distribution, 0));
        Some((VariedValues::Distribution(spec, distribution), typical))
    }

    /// A distribution of numbers in `unit`.
    pub(super) fn distribution_of(&mut self, name: &str, node: &Node, unit: Unit) -> Option<Chosen<dyn Distribution>> {
        let chosen = self.reader.kind("distribution", node, distribution::KINDS, Some(unit))?;
        if chosen.0.kind == "he_normal" {
            self.reader.problem(&node.place, format!("`{name}` cannot be he_normal, which is for weights"));
            return None;
        }
        Some(chosen)
    }
}

/// All values and the first, if none is wrong.
fn each(values: Vec<Option<f64>>) -> Option<(VariedValues, f64)> {
    let values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
    let first = *values.first()?;
    Some((VariedValues::Each(values), first))
}

/// The field, if its values are quantities.
fn quantity(field: &'static Field) -> Option<(&'static Field, Dimension)> {
    match field.form {
        Form::Quantity(dimension) | Form::Optional(dimension) => Some((field, dimension)),
        _ => None,
    }
}
