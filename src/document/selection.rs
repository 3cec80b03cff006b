//! Lists and matrices where one number is expected: they give one number for each of several
//! populations, and a [`Selection`] says for which of them values are being read.
//!
//! ```text
//! several populations        [a, b, c]              one entry for each
//! one neuron of many         [a, b, c]              one entry for each
//! projections, S to T        [[a, b], [c, d]]       a row for each target, in it an entry for each source
//!                            [a, b]                 one entry for each source; for each target if S is 1
//!                            [[a], [b]]             one entry for each target
//! ```

use super::{Item, Node};
use crate::error::Problem;

/// Which entry of a list counts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Selection {
    /// Lists cannot stand for a number.
    #[default]
    Nothing,
    /// Some entry: how many there should be is not known.
    Any,
    /// One of several populations.
    Population(Position),
    /// One of several pairs of populations.
    Pair { source: Position, target: Position },
    /// One neuron, where several populations share a table of one of them.
    Neuron { population: Option<Position>, neuron: Position },
}

/// One of so many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    pub index: usize,
    pub count: usize,
}

impl Selection {
    /// The selection of one pair; of nothing when it is the only one.
    pub fn pair(source: Position, target: Position) -> Self {
        if source.count == 1 && target.count == 1 { Self::Nothing } else { Self::Pair { source, target } }
    }

    /// The selection of one population; of nothing when it is the only one.
    pub fn population(position: Position) -> Self {
        if position.count == 1 { Self::Nothing } else { Self::Population(position) }
    }

    /// The selection of one neuron of what is selected.
    pub fn neuron(self, neuron: Position) -> Self {
        let population = if let Self::Population(position) = self { Some(position) } else { None };
        Self::Neuron { population, neuron }
    }

    /// The entry of the array `node`, called `name`, that counts.
    ///
    /// # Errors
    /// `None` when lists cannot stand here, else what is wrong with the shape of this one.
    pub fn pick<'n>(&self, name: &str, node: &'n Node) -> Result<&'n Node, Option<Problem>> {
        let Item::Array(entries) = &node.item else {
            return Ok(node);
        };
        let is_matrix = !entries.is_empty() && entries.iter().all(|entry| matches!(entry.item, Item::Array(_)));
        match *self {
            Self::Nothing => Err(None),
            Self::Any => entries.first().map_or(Err(None), |entry| self.pick(name, entry)),
            Self::Population(position) => position.entry(name, node, "entries", "populations"),
            Self::Neuron { population: Some(population), neuron } => {
                let own = population.entry(name, node, "entries", "populations")?;
                match &own.item {
                    Item::Array(_) => neuron.entry(&format!("an entry of `{name}`"), own, "values", "neurons"),
                    _ => Ok(own),
                }
            }
            Self::Neuron { population: None, neuron } => neuron.entry(name, node, "values", "neurons"),
            Self::Pair { source, target } if is_matrix => {
                let row = target.entry(name, node, "rows", "targets")?;
                match &row.item {
                    Item::Array(column) if column.len() == 1 => Ok(&column[0]),
                    _ => source.entry(&format!("a row of `{name}`"), row, "entries", "sources"),
                }
            }
            Self::Pair { source, target } if source.count == 1 => target.entry(name, node, "entries", "targets"),
            Self::Pair { source, .. } => source.entry(name, node, "entries", "sources"),
        }
    }
}

impl Position {
    fn entry<'n>(self, name: &str, node: &'n Node, what: &str, of: &str) -> Result<&'n Node, Option<Problem>> {
        let entries = if let Item::Array(entries) = &node.item { entries.as_slice() } else { &[] };
        if entries.len() == self.count {
            return Ok(&entries[self.index]);
        }
        let name = if name.contains('`') { name.to_owned() } else { format!("`{name}`") };
        let (has, count) = (entries.len(), self.count);
        let help = match of {
            "sources" => "a list has an entry for each source; a matrix has a row for each target: [[a, b], [c, d]]",
            "targets" => "a list has an entry for each target, a matrix a row",
            "neurons" => "a list has a value for each neuron",
            _ => "a list has an entry for each population",
        };
        let what =
            if has == 1 { what.replace("ies", "y").replace("ows", "ow").replace("ues", "ue") } else { what.into() };
        let message = format!("{name} has {has} {what} where there are {count} {of}");
        Err(Some(Problem { message, place: Some(node.place.clone()), help: Some(help.into()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Table;
    use crate::error::Source;
    use std::sync::Arc;

    /// What `text` stands for in each pair, row by row, or the first mistake.
    fn picked(text: &str, sources: usize, targets: usize) -> Result<Vec<i128>, String> {
        let source = Arc::new(Source { name: "m".into(), text: format!("x = {text}") });
        let node = Table::parse(&source).unwrap().get("x").unwrap().clone();
        let pairs = (0..targets).flat_map(|i| (0..sources).map(move |j| (i, j)));
        let at = |(i, j)| {
            let position = |index, count| Position { index, count };
            let entry = Selection::pair(position(j, sources), position(i, targets)).pick("x", &node);
            match entry.map(|entry| &entry.item) {
                Ok(Item::Integer(integer)) => Ok(*integer),
                Ok(other) => Err(other.name().to_owned()),
                Err(problem) => Err(problem.map_or("no lists here".into(), |problem| problem.message)),
            }
        };
        pairs.map(at).collect()
    }

    #[test]
    fn rows_are_targets_and_columns_are_sources() {
        assert_eq!(picked("[[1, 2], [3, 4], [5, 6]]", 2, 3), Ok(vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(picked("[1, 2]", 2, 3), Ok(vec![1, 2, 1, 2, 1, 2]));
        assert_eq!(picked("[[1], [2], [3]]", 2, 3), Ok(vec![1, 1, 2, 2, 3, 3]));
        assert_eq!(picked("[1, 2, 3]", 1, 3), Ok(vec![1, 2, 3]));
        assert_eq!(picked("[[1, 2]]", 2, 1), Ok(vec![1, 2]));
        assert_eq!(picked("7", 2, 2), Ok(vec![7; 4]));
    }

    #[test]
    fn other_shapes_are_refused() {
        let refused = |text, sources, targets| picked(text, sources, targets).unwrap_err();
        assert_eq!(refused("[1, 2, 3]", 2, 3), "`x` has 3 entries where there are 2 sources");
        assert_eq!(refused("[[1, 2]]", 2, 3), "`x` has 1 row where there are 3 targets");
        assert_eq!(refused("[[1, 2], [3, 4, 5]]", 2, 2), "a row of `x` has 3 entries where there are 2 sources");
        assert_eq!(refused("[]", 1, 2), "`x` has 0 entries where there are 2 targets");
        assert_eq!(refused("[1]", 1, 1), "no lists here");
        assert_eq!(refused("[[1, 2], 3]", 2, 2), "an array");
    }
}
