//! Synapses from a list, in a CSV file.
//!
//! ```text
//! source,target,weight,delay        the last two, or one of them, may be missing
//! 0,17,0.25,1.5                     neurons from 0; weights in the unit of the target's synapses; ms
//! ```
//! Columns may come in any order; lines that are blank or start with `#` are skipped. An empty
//! weight or delay is the projection's. Delays go to the nearest tick, one at least.

use std::path::{Path, PathBuf};

use super::{Ends, Listed, Plan, Topology};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::Stream;

const COLUMNS: [&str; 4] = ["source", "target", "weight", "delay"];

#[derive(Debug)]
struct List {
    path: PathBuf,
    synapses: Vec<Listed>,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "list",
    aliases: &["from_file", "from_list", "file"],
    summary: "Synapses from a CSV file with the columns source, target and, where wanted, weight and delay",
    fields: &[Field {
        name: "file",
        aliases: &["path"],
        form: Form::Path,
        default: None,
        range: Range::Any,
        doc: "A CSV file with a header; neurons are counted from 0, delays are in ms",
    }],
    build: |v: &Values| {
        let path = v.path("file").ok_or("names no file")?;
        Ok(Box::new(List { path: path.to_owned(), synapses: read(path)? }))
    },
};

impl Topology for List {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        for (what, size, end) in [
            ("source", ends.sources(), (|synapse| synapse.source) as fn(&Listed) -> u32),
            ("target", ends.targets(), |synapse| synapse.target),
        ] {
            let largest = self.synapses.iter().map(end).max().unwrap_or(0);
            if !self.synapses.is_empty() && largest as usize >= size {
                let path = self.path.display();
                return Err(format!("{path} names {what} {largest}, but there are {size}, counted from 0"));
            }
        }
        Ok(Plan::Listed(self.synapses.clone()))
    }
}

fn read(path: &Path) -> Result<Vec<Listed>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|what| format!("{}, {what}", path.display()))
}

/// The synapses of a file; errors begin with the line.
fn parse(text: &str) -> Result<Vec<Listed>, String> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let (number, header) = lines.next().ok_or("line 1: there is no header `source,target`")?;
    let columns = columns(header).map_err(|what| format!("line {}: {what}", number + 1))?;
    lines.map(|(number, line)| synapse(line, &columns).map_err(|what| format!("line {}{what}", number + 1))).collect()
}

/// Which of [`COLUMNS`] each column is.
fn columns(header: &str) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    for name in header.split(',').map(str::trim) {
        let place = COLUMNS.iter().position(|column| *column == name);
        match place {
            None => return Err(format!("there is no column `{name}`; columns are {}", COLUMNS.join(", "))),
            Some(place) if found.contains(&place) => return Err(format!("`{name}` is there twice")),
            Some(place) => found.push(place),
        }
    }
    match [0, 1].iter().find(|place| !found.contains(place)) {
        Some(&missing) => Err(format!("there is no column `{}`", COLUMNS[missing])),
        None => Ok(found),
    }
}

fn synapse(line: &str, columns: &[usize]) -> Result<Listed, String> {
    let mut synapse = Listed { source: 0, target: 0, weight: None, delay_ms: None };
    let mut cells = line.split(',').map(str::trim);
    for (index, &column) in columns.iter().enumerate() {
        let cell = cells.next().ok_or(format!(" has {index} columns instead of {}", columns.len()))?;
        let wrong = |what: &str| format!(", column {}: `{cell}` is {what}", index + 1);
        let neuron = || cell.parse::<u32>().map_err(|_| wrong("not the number of a neuron"));
        let number = || match cell.parse::<f64>() {
            _ if cell.is_empty() => Ok(None),
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(wrong("not a finite number")),
        };
        match column {
            0 => synapse.source = neuron()?,
            1 => synapse.target = neuron()?,
            2 => synapse.weight = number()?,
            _ => synapse.delay_ms = number()?,
        }
        if synapse.delay_ms.is_some_and(|ms| ms <= 0.0) {
            return Err(wrong("no delay; it takes a spike some time"));
        }
    }
    match cells.next() {
        Some(_) => Err(format!(" has more than {} columns", columns.len())),
        None => Ok(synapse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_be_missing_empty_and_in_any_order() {
        let listed = |source, target, weight, delay_ms| Listed { source, target, weight, delay_ms };
        let all = parse("# mine\nsource,target,weight,delay\n\n0,1,0.5,1.5\n 3, 2, ,2\n").unwrap();
        assert_eq!(all, [listed(0, 1, Some(0.5), Some(1.5)), listed(3, 2, None, Some(2.0))]);
        assert_eq!(parse("delay,target,source\n1,2,3").unwrap(), [listed(3, 2, None, Some(1.0))]);
        assert_eq!(parse("source,target\n").unwrap(), []);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let cases = [
            ("", "line 1: there is no header `source,target`"),
            ("pre,post\n", "line 1: there is no column `pre`; columns are source, target, weight, delay"),
            ("source,weight\n", "line 1: there is no column `target`"),
            ("source,target,source\n", "line 1: `source` is there twice"),
            ("source,target\n1,2\n\n1\n", "line 4 has 1 columns instead of 2"),
            ("source,target\n1,2,3\n", "line 2 has more than 2 columns"),
            ("source,target\n1,-2\n", "line 2, column 2: `-2` is not the number of a neuron"),
            ("source,target,weight\n1,2,big\n", "line 2, column 3: `big` is not a finite number"),
            ("source,target,delay\n1,2,0\n", "line 2, column 3: `0` is no delay; it takes a spike some time"),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text).unwrap_err(), message);
        }
        let message = read(Path::new("no/such.csv")).unwrap_err();
        assert!(message.starts_with("no/such.csv cannot be read"), "{message}");
    }

    #[test]
    fn neurons_must_exist() {
        let synapses = parse("source,target\n4,9\n").unwrap();
        let list = List { path: "l.csv".into(), synapses };
        let plan = |sources, targets| {
            let ends = Ends { source: &[sources], target: &[targets], same: false };
            list.plan(&ends, &mut Stream::new(1, crate::random::Purpose::Wiring, 0, 0)).map(|_| ())
        };
        assert_eq!(plan(5, 10), Ok(()));
        assert_eq!(plan(4, 10).unwrap_err(), "l.csv names source 4, but there are 4, counted from 0");
        assert_eq!(plan(5, 9).unwrap_err(), "l.csv names target 9, but there are 9, counted from 0");
    }
}
