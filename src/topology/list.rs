//! Synapses from a list: a CSV file, or the arrays of a NumPy archive such as `synapses.npz`.
//!
//! ```text
//! source,target,weight,delay        the last two, or one of them, may be missing
//! 0,17,0.25,1.5                     neurons from 0; weights in the unit of the target's synapses; ms
//! ```
//! Columns may come in any order; one called `projection` tells the synapses of several projections
//! apart, as do the names of arrays (`exc_to_inh.source`, or `source` alone). Where the list has no
//! weight or delay, an empty cell among them, it is the projection's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Ends, Listing, Plan, Topology};
use crate::delimited::{self, Records, index, is_called, number, shown};
use crate::numpy::{Archive, Array, name_of_entry};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::Stream;
use crate::time::{Resolution, Tick, TimeError};

const COLUMNS: [&str; 5] = ["source", "target", "weight", "delay", "projection"];

#[derive(Debug)]
struct List {
    path: PathBuf,
    synapses: Arc<Listing>,
    /// The line of each synapse; empty for arrays.
    lines: Vec<u32>,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "list",
    aliases: &["from_file", "from_list", "file"],
    summary: "Synapses from a file: CSV with the columns source, target and, where wanted, weight and delay, or .npz",
    fields: &[
        Field {
            name: "file",
            aliases: &["path"],
            form: Form::Path,
            default: None,
            range: Range::Any,
            doc: "CSV with a header, or `synapses.npz` of `simulate --synapses`; neurons count from 0, delays are in ms",
        },
        Field {
            name: "projection",
            aliases: &[],
            form: Form::Text,
            default: Some(""),
            range: Range::Any,
            doc: "Whose synapses are meant, where the file holds those of several projections",
        },
        Field {
            name: "weights",
            aliases: &[],
            form: Form::Flag,
            default: Some("true"),
            range: Range::Any,
            doc: "Whether weights in the file come before the projection's `weight`, which may then be missing",
        },
        Field {
            name: "delays",
            aliases: &[],
            form: Form::Flag,
            default: Some("true"),
            range: Range::Any,
            doc: "Whether delays in the file come before the projection's `delay`",
        },
    ],
    build: |v: &Values| {
        let path = v.path("file").ok_or("names no file")?;
        let (mut synapses, lines) = read(path, v.text("projection"))?;
        if !v.flag("weights") {
            synapses.weights.clear();
        }
        if !v.flag("delays") {
            synapses.delays_ms.clear();
        }
        Ok(Box::new(List { path: path.to_owned(), synapses: Arc::new(synapses), lines }))
    },
};

impl List {
    /// A sentence about a synapse.
    fn at(&self, synapse: usize, what: &str) -> String {
        let place = self.lines.get(synapse).map_or(format!("synapse {synapse}"), |line| format!("line {line}"));
        format!("{}, {place}: {what}", self.path.display())
    }
}

impl Topology for List {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        let all =
            [("source", ends.sources(), &self.synapses.sources), ("target", ends.targets(), &self.synapses.targets)];
        for (what, size, neurons) in all {
            if let Some(beyond) = neurons.iter().position(|&neuron| neuron as usize >= size) {
                let neuron = neurons[beyond];
                return Err(self.at(beyond, &format!("there is no {what} {neuron} among {size}, counted from 0")));
            }
        }
        Ok(Plan::Listed(Arc::clone(&self.synapses)))
    }

    fn gives_weights(&self) -> bool {
        let weights = &self.synapses.weights;
        weights.len() == self.synapses.sources.len() && weights.iter().all(|weight| !weight.is_nan())
    }

    fn misfit(&self, resolution: Resolution, longest: u64) -> Option<String> {
        let wrong = |(synapse, &ms): (usize, &f64)| {
            if ms.is_nan() {
                return None;
            }
            let what = match resolution.ticks(ms) {
                Err(TimeError::OffGrid { nearest_ms, .. }) => {
                    let nearest = nearest_ms.max(resolution.ms());
                    format!(
                        "a delay of {ms} ms is no whole number of ticks of {} ms; the nearest is {nearest} ms",
                        resolution.ms()
                    )
                }
                Ok(0) => format!("a delay of {ms} ms is under one tick of {} ms", resolution.ms()),
                Ok(ticks) if ticks <= longest => return None,
                Ok(_) | Err(_) => {
                    let longest = resolution.to_ms(Tick(longest));
                    format!("a delay of {ms} ms is longer than the {longest} ms that can be kept")
                }
            };
            Some(self.at(synapse, &what))
        };
        self.synapses.delays_ms.iter().enumerate().find_map(wrong)
    }
}

/// The synapses of `projection` in the file at `path`, and the line of each where it has lines.
fn read(path: &Path, projection: &str) -> Result<(Listing, Vec<u32>), String> {
    let place = |what: String| format!("{}{what}", path.display());
    if path.extension().is_some_and(|ending| ending == "npz") {
        return arrays(path, projection).map(|synapses| (synapses, Vec::new())).map_err(place);
    }
    let text = delimited::read(path).map_err(|what| place(format!(" {what}")))?;
    parse(&text, projection).map_err(place)
}

/// Projections of a file that an error names.
const NAMED: usize = 20;

/// Refuses a projection that is not among those of a file, or none where there are several.
fn choose(projection: &str, found: &[String]) -> Result<(), String> {
    let names = || found.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match found {
        [] if projection.is_empty() => Ok(()),
        [] => Err(format!(" does not say whose its synapses are, and `projection` is `{projection}`")),
        [_] if projection.is_empty() => Ok(()),
        _ if projection.is_empty() => {
            Err(format!(" holds synapses of {}; name one of them, as in `projection = \"{}\"`", names(), found[0]))
        }
        _ if found.iter().any(|name| name == projection) => Ok(()),
        _ => Err(format!(" holds no synapses of `{projection}`, but of {}", names())),
    }
}

/// The synapses of an archive.
fn arrays(path: &Path, projection: &str) -> Result<Listing, String> {
    let mut archive = Archive::open(path).map_err(|what| format!(" {what}"))?;
    let names = archive.names();
    let found: Vec<String> = names.iter().filter_map(|name| name.strip_suffix(".source").map(str::to_owned)).collect();
    let shown: Vec<String> = found.iter().map(|name| name_of_entry(name)).collect();
    choose(projection, &shown)?;
    let chosen = shown.iter().position(|name| projection.is_empty() || name == projection);
    let prefix = chosen.map_or(String::new(), |place| format!("{}.", found[place]));
    let mut array = |column: &str| archive.array(&format!("{prefix}{column}")).map_err(|what| format!(", {what}"));
    let needed = |column: &str, array: Option<Array>| {
        let array = array.ok_or_else(|| format!(" holds no array `{prefix}{column}`"))?;
        array.indices().map_err(|what| format!(", `{prefix}{column}`: {what}"))
    };
    let numbers = |column: &str, array: Option<Array>| {
        let numbers = array.map_or(Ok(Vec::new()), |array| array.numbers());
        numbers.map_err(|what| format!(", `{prefix}{column}`: {what}"))
    };
    let synapses = Listing {
        sources: needed("source", array("source")?)?,
        targets: needed("target", array("target")?)?,
        weights: numbers("weight", array("weight")?)?,
        delays_ms: numbers("delay", array("delay")?)?,
    };
    let number = synapses.sources.len();
    let lengths = [synapses.weights.len(), synapses.delays_ms.len()];
    if synapses.targets.len() != number || lengths.iter().any(|&length| length != 0 && length != number) {
        return Err(" holds arrays of different lengths".into());
    }
    let wrong = |column: &str, values: &[f64], good: fn(f64) -> bool, what: &str| {
        let place = values.iter().position(|&value| !good(value));
        place.map_or(Ok(()), |at| Err(format!(", synapse {at}: the {column} `{}` is {what}", values[at])))
    };
    wrong("weight", &synapses.weights, is_weight, NO_WEIGHT)?;
    wrong("delay", &synapses.delays_ms, is_delay, NO_DELAY)?;
    Ok(synapses)
}

const NO_WEIGHT: &str = "not a finite number of single precision";
const NO_DELAY: &str = "no delay; it takes a spike some time";

fn is_weight(weight: f64) -> bool {
    (weight as f32).is_finite()
}

fn is_delay(ms: f64) -> bool {
    ms.is_finite() && ms > 0.0
}

/// The synapses of a text, and the line of each; errors begin with a comma or a blank.
fn parse(text: &str, projection: &str) -> Result<(Listing, Vec<u32>), String> {
    let mut records = Records::new(text);
    let header = records.next_record().map_err(|what| format!(", {what}"))?;
    let header = header.ok_or(", line 1: there is no header `source,target`")?;
    let columns = columns(header.cells).map_err(|what| format!(", line {}: {what}", header.line))?;
    let (mut all, mut lines, mut names) = (Listing::default(), Vec::new(), Vec::<String>::new());
    let mut known = HashSet::new();
    while let Some(record) = records.next_record().map_err(|what| format!(", {what}"))? {
        let placed = |what| format!(", line {}{what}", record.line);
        let synapse = Synapse::of(record.cells, &columns).map_err(placed)?;
        if let Some(name) = synapse.projection {
            if !known.contains(&**name) {
                known.insert(name.clone().into_owned());
                names.push(name.clone().into_owned());
            }
            if !projection.is_empty() && *name != *projection {
                continue;
            }
        }
        all.sources.push(synapse.source);
        all.targets.push(synapse.target);
        all.weights.push(synapse.weight);
        all.delays_ms.push(synapse.delay_ms);
        lines.push(u32::try_from(record.line).unwrap_or(u32::MAX));
    }
    if !lines.is_empty() || !names.is_empty() {
        choose(projection, &names)?;
    }
    for values in [&mut all.weights, &mut all.delays_ms] {
        if values.iter().all(|value| value.is_nan()) {
            values.clear();
        }
    }
    Ok((all, lines))
}

/// Which of [`COLUMNS`] each column is; one without a name is none.
fn columns(header: &[Cow<'_, str>]) -> Result<Vec<usize>, String> {
    let mut found = Vec::new();
    for name in header {
        let place = COLUMNS.iter().position(|column| is_called(name, &[column]));
        match place {
            None if name.is_empty() => found.push(COLUMNS.len()),
            None => return Err(format!("there is no column {}; columns are {}", shown(name), COLUMNS.join(", "))),
            Some(place) if found.contains(&place) => return Err(format!("`{name}` is there twice")),
            Some(place) => found.push(place),
        }
    }
    match [0, 1].iter().find(|place| !found.contains(place)) {
        Some(&missing) => Err(format!("there is no column `{}`", COLUMNS[missing])),
        None => Ok(found),
    }
}

/// One line; values that it has not are not a number.
struct Synapse<'c> {
    source: u32,
    target: u32,
    weight: f64,
    delay_ms: f64,
    projection: Option<&'c Cow<'c, str>>,
}

impl<'c> Synapse<'c> {
    fn of(cells: &'c [Cow<'c, str>], columns: &[usize]) -> Result<Self, String> {
        if cells.len() != columns.len() {
            let more = if cells.len() > columns.len() { "more than" } else { "less than" };
            return Err(format!(" has {} columns, {more} the {} of the header", cells.len(), columns.len()));
        }
        let mut synapse = Self { source: 0, target: 0, weight: f64::NAN, delay_ms: f64::NAN, projection: None };
        for (place, (cell, &column)) in (1..).zip(cells.iter().zip(columns)) {
            let wrong = |what: &str| format!(", column {place}: {} is {what}", shown(cell));
            let neuron = || index(cell).ok_or_else(|| wrong("not the number of a neuron"));
            let value = |good: fn(f64) -> bool, what| match number(cell) {
                _ if cell.is_empty() => Ok(f64::NAN),
                Some(value) if good(value) => Ok(value),
                _ => Err(wrong(what)),
            };
            match column {
                0 => synapse.source = neuron()?,
                1 => synapse.target = neuron()?,
                2 => synapse.weight = value(is_weight, NO_WEIGHT)?,
                3 => synapse.delay_ms = value(is_delay, NO_DELAY)?,
                4 => synapse.projection = Some(cell),
                _ => {}
            }
        }
        Ok(synapse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(text: &str) -> Listing {
        parse(text, "").unwrap().0
    }

    #[test]
    fn columns_may_be_missing_empty_and_in_any_order() {
        let all = listing("# mine\nsource,target,weight,delay\n\n0,1,0.5,1.5\n 3, 2, ,2\n");
        assert_eq!(
            (&all.sources[..], &all.targets[..], &all.delays_ms[..]),
            (&[0, 3][..], &[1, 2][..], &[1.5, 2.0][..])
        );
        assert!(all.weights[0] == 0.5 && all.weights[1].is_nan());
        let marked = listing("\u{feff}\"Delay\",\"target\", \"source\"\r\n\"1\",2.0,3\r\n\r\n");
        let expected = Listing { sources: vec![3], targets: vec![2], weights: vec![], delays_ms: vec![1.0] };
        assert_eq!(marked, expected);
        assert_eq!(listing(",source,target\n0,3,2\n").sources, [3]);
        assert_eq!(listing("source,target\n"), Listing::default());
        assert_eq!(parse("source,target\n\n1,2\n", "").unwrap().1, [3]);
    }

    #[test]
    fn of_several_projections_one_has_to_be_named() {
        let text = "projection,source,target\na,1,2\n\"b,c\",3,4\n";
        assert_eq!(parse(text, "b,c").unwrap().0.sources, [3]);
        let message = " holds synapses of `a`, `b,c`; name one of them, as in `projection = \"a\"`";
        assert_eq!(parse(text, "").unwrap_err(), message);
        assert_eq!(parse(text, "b").unwrap_err(), " holds no synapses of `b`, but of `a`, `b,c`");
        assert!(parse("source,target\n1,2\n", "a").unwrap_err().contains("does not say whose"));
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let cases = [
            ("", ", line 1: there is no header `source,target`"),
            ("pre,post\n", ", line 1: there is no column `pre`; columns are source, target, weight, delay, projection"),
            ("source,weight\n", ", line 1: there is no column `target`"),
            ("source,target,source\n", ", line 1: `source` is there twice"),
            ("source,target\n1,2\n\n1\n", ", line 4 has 1 columns, less than the 2 of the header"),
            ("source,target\n1,2,3\n", ", line 2 has 3 columns, more than the 2 of the header"),
            ("source,target\n1,-2\n", ", line 2, column 2: `-2` is not the number of a neuron"),
            ("source,target\n1.5,2\n", ", line 2, column 1: `1.5` is not the number of a neuron"),
            ("source,target,weight\n1,2,big\n", ", line 2, column 3: `big` is not a finite number of single precision"),
            (
                "source,target,weight\n1,2,1e300\n",
                ", line 2, column 3: `1e300` is not a finite number of single precision",
            ),
            ("source,target,delay\n1,2,0\n", ", line 2, column 3: `0` is no delay; it takes a spike some time"),
        ];
        for (text, message) in cases {
            assert_eq!(parse(text, "").unwrap_err(), message);
        }
        let message = read(Path::new("no/such.csv"), "").unwrap_err();
        assert!(message.starts_with("no/such.csv cannot be read"), "{message}");
    }

    #[test]
    fn neurons_must_exist_and_delays_fit_the_grid() {
        let list = |text: &str| {
            let (synapses, lines) = parse(text, "").unwrap();
            List { path: "l.csv".into(), synapses: Arc::new(synapses), lines }
        };
        let plan = |sources, targets| {
            let ends = Ends { source: &[sources], target: &[targets], same: false };
            let stream = &mut Stream::new(1, crate::random::Purpose::Wiring, 0, 0);
            list("source,target\n4,9\n").plan(&ends, stream).map(|_| ())
        };
        assert_eq!(plan(5, 10), Ok(()));
        assert_eq!(plan(4, 10).unwrap_err(), "l.csv, line 2: there is no source 4 among 4, counted from 0");
        assert_eq!(plan(5, 9).unwrap_err(), "l.csv, line 2: there is no target 9 among 9, counted from 0");
        let delay = |ms: &str| {
            let list = list(&format!("source,target,delay\n0,0,\n0,0,{ms}\n"));
            list.misfit(Resolution::from_ms(0.1).unwrap(), 1_000_000)
        };
        assert_eq!([delay("1.5"), delay("100000")], [None, None]);
        let off = "l.csv, line 3: a delay of 1.26 ms is no whole number of ticks of 0.1 ms; the nearest is 1.3 ms";
        assert_eq!(delay("1.26").unwrap(), off);
        assert!(delay("0.01").unwrap().ends_with("the nearest is 0.1 ms"));
        let long = "l.csv, line 3: a delay of 100000.1 ms is longer than the 100000 ms that can be kept";
        assert_eq!(delay("100000.1").unwrap(), long);
        assert!(delay("1e300").unwrap().contains("longer than"));
    }

    #[test]
    fn arrays_of_an_archive_are_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.npz");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        let mut add = |name: &str, descr: &str, data: &[u8], length: u64| {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, &crate::numpy::header(descr, &[length])).unwrap();
            std::io::Write::write_all(&mut zip, data).unwrap();
        };
        for name in ["a", "b%2Fc"] {
            add(&format!("{name}.source.npy"), "<i8", &[3i64, 4].map(i64::to_le_bytes).concat(), 2);
            add(&format!("{name}.target.npy"), "<u4", &[1u32, 0].map(u32::to_le_bytes).concat(), 2);
            add(&format!("{name}.weight.npy"), "<f8", &[0.1f64, -2.0].map(f64::to_le_bytes).concat(), 2);
        }
        zip.finish().unwrap();
        assert_eq!(crate::numpy::entry_name("b/c"), "b%2Fc");
        let expected =
            Listing { sources: vec![3, 4], targets: vec![1, 0], weights: vec![0.1, -2.0], delays_ms: vec![] };
        assert_eq!(read(&path, "b/c").unwrap().0, expected);
        let message = read(&path, "c").unwrap_err();
        assert!(message.ends_with("s.npz holds no synapses of `c`, but of `a`, `b/c`"), "{message}");
        assert!(read(&path, "").unwrap_err().contains("name one of them"));
    }
}
