//! The layered shorthand: `[[layers]]` becomes populations and projections of the same
//! document, each value with the place where the user wrote it.

use std::collections::HashSet;

use super::keys::LAYER;
use crate::document::key::names;
use crate::document::reader::Reader;
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;

/// Moves the layers of `document` to its `populations`, `projections` and `readout`.
/// Whether there were any.
pub fn expand(document: &mut Table, reader: &mut Reader) -> bool {
    let Some(entry) = document.remove("layers") else {
        return false;
    };
    let layers = tables(&entry.value, reader);
    let names: Vec<String> = (0..layers.len()).map(|index| layer_name(&layers, index, reader)).collect();
    let makers: Vec<_> = layers.iter().map(|(layer, place)| Maker { layer, place }).collect();
    makers.iter().enumerate().for_each(|(index, maker)| maker.check_keys(index, reader));
    let populations = makers.iter().zip(&names).enumerate();
    let populations = populations.map(|(index, (maker, name))| (name.clone(), maker.population(index), maker.place));
    add(document, "populations", populations.collect(), reader);
    let pairs = makers.iter().skip(1).zip(names.iter().zip(names.iter().skip(1)));
    let projections = pairs.map(|(maker, (source, target))| {
        (format!("{source}_to_{target}"), maker.projection(source, target), maker.place)
    });
    add(document, "projections", projections.collect(), reader);
    add_readout(document, &layers, &names, reader);
    true
}

/// The tables of the array, with the place to point at when something is missing.
fn tables<'n>(node: &'n Node, reader: &mut Reader) -> Vec<(&'n Table, Place)> {
    let Item::Array(nodes) = &node.item else {
        reader.refuse_type("layers", node, "an array of tables (`[[layers]]`)");
        return Vec::new();
    };
    if nodes.len() < 2 {
        reader.problem(&node.place, "a layered model needs at least two layers, the input and the output");
    }
    nodes.iter().filter_map(|node| Some((reader.table("layers", node)?, node.place.clone()))).collect()
}

fn layer_name(layers: &[(&Table, Place)], index: usize, reader: &mut Reader) -> String {
    let given = layers[index].0.get("name").and_then(|node| reader.text("name", node));
    given.map_or_else(|| default_name(index, layers.len()), str::to_owned)
}

fn default_name(index: usize, count: usize) -> String {
    match index {
        0 => "input".into(),
        _ if index + 1 == count => "output".into(),
        _ => format!("hidden_{index}"),
    }
}

/// Makes the tables of one layer.
struct Maker<'a> {
    layer: &'a Table,
    place: &'a Place,
}

impl Maker<'_> {
    fn check_keys(&self, index: usize, reader: &mut Reader) {
        let misplaced: &[&str] =
            if index == 0 { &["dense", "neuron", "weight", "delay", "plastic"] } else { &["size", "shape"] };
        let known: Vec<&str> = names(LAYER).into_iter().filter(|name| !misplaced.contains(name)).collect();
        let owner = if index == 0 { "the first layer" } else { "a later layer" };
        reader.refuse_unknown_keys(self.layer, owner, &known);
        let size = if index == 0 { ["size", "shape"].as_slice() } else { &["dense"] };
        if !size.iter().any(|key| self.layer.get(key).is_some()) {
            let example = if index == 0 { "write `shape = [28, 28]` or `size = 784`" } else { "write `dense = 100`" };
            let message = format!("{owner} needs `{}`", size.join("` or `"));
            reader.problem_with_help(self.place, message, Some(example.into()));
        }
    }

    fn population(&self, index: usize) -> Table {
        let mut table = Table::default();
        let size = if index == 0 { "size" } else { "dense" };
        let shaped = index == 0 && self.copy(&mut table, "shape", "shape");
        if !self.copy(&mut table, size, "size") && !shaped {
            // Reported already; any size will do to find what else is wrong.
            table.entries.push(entry("size", Item::Integer(1), self.place));
        }
        if index == 0 {
            table.entries.push(self.entry("neuron", "source"));
        } else if !self.copy(&mut table, "neuron", "neuron") {
            table.entries.push(self.entry("neuron", "integrate_and_fire"));
        }
        self.copy(&mut table, "color", "color");
        table
    }

    fn projection(&self, source: &str, target: &str) -> Table {
        let mut table = Table { entries: vec![self.entry("source", source), self.entry("target", target)] };
        if !self.copy(&mut table, "weight", "weight") {
            table.entries.push(self.entry("weight", "he_normal"));
        }
        self.copy(&mut table, "delay", "delay");
        self.copy(&mut table, "plastic", "plastic");
        table
    }

    /// Copies `key` of the layer to `name` of `table`; whether it was there.
    fn copy(&self, table: &mut Table, key: &str, name: &str) -> bool {
        let entry = self.layer.entry(key).map(|entry| Entry { key: name.into(), ..entry.clone() });
        let found = entry.is_some();
        table.entries.extend(entry);
        found
    }

    fn entry(&self, key: &str, text: &str) -> Entry {
        entry(key, Item::Text(text.into()), self.place)
    }
}

fn entry(key: &str, item: Item, place: &Place) -> Entry {
    Entry { key: key.into(), place: place.clone(), value: Node { item, place: place.clone() } }
}

/// Adds `made`, each with its name and its layer's place, to the table of tables called `group`.
fn add(document: &mut Table, group: &str, made: Vec<(String, Table, &Place)>, reader: &mut Reader) {
    let Some(&(.., first)) = made.first() else { return };
    if document.get(group).is_none() {
        document.entries.push(entry(group, Item::Table(Table::default()), first));
    }
    let found = document.entries.iter_mut().find(|entry| entry.key == group);
    let Some(Item::Table(tables)) = found.map(|entry| &mut entry.value.item) else {
        return; // the wrong type is reported by whoever reads the group
    };
    let mut taken: HashSet<String> = tables.keys().map(str::to_owned).collect();
    for (name, table, place) in made {
        if taken.insert(name.clone()) {
            tables.entries.push(entry(&name, Item::Table(table), place));
        } else {
            reader.problem(place, format!("`{group}` already has a `{name}`"));
        }
    }
}

fn add_readout(document: &mut Table, layers: &[(&Table, Place)], names: &[String], reader: &mut Reader) {
    let mut chosen = Vec::new();
    for ((layer, _), name) in layers.iter().zip(names) {
        if let Some(node) = layer.get("readout")
            && reader.flag("readout", node) == Some(true)
        {
            chosen.push((name, &node.place));
        }
    }
    if let Some((_, place)) = chosen.get(1) {
        reader.problem(place, "only one layer can be the readout");
    }
    let last = names.last().zip(layers.last().map(|(_, place)| place));
    if document.get("readout").is_none()
        && let Some((name, place)) = chosen.first().copied().or(last)
    {
        document.entries.push(entry("readout", Item::Text(name.clone()), place));
    }
}
