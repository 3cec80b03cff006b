//! Files of spikes: text in columns, or the arrays that `twinfire simulate` writes.
//!
//! ```text
//! time_ms,neuron,population      neuron,time     sender<TAB>time_ms    a header, or none: neuron, then time
//! 12.5,3,exc                     3,12.5          4<TAB>12.500          neurons from 0, senders from 1
//! ```
//! Senders, and all numbers in `.dat` and `.gdf`, count from 1 as in NEST. A column `weight` gives each
//! spike a weight of its own. What we write says which population a spike is of.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use crate::delimited::{self, Records, index, is_called, number, shown};
use crate::numpy::Archive;

const NEURON: &[&str] = &["neuron", "neurons", "id", "ids", "index"];
const SENDER: &[&str] = &["sender", "senders"];
const TIME: &[&str] = &["time", "times", "time_ms", "times_ms", "t", "t_ms"];
const POPULATION: &[&str] = &["population"];
const WEIGHT: &[&str] = &["weight", "weights"];

/// What stands in our files between their first words and the names and sizes of the populations.
const POPULATIONS: &str = ", populations from 1: ";

/// Which spikes of a file are meant.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// Empty where the file holds those of one population.
    pub population: &'a str,
    /// The number that neuron 0 has in the file, where that is another than the usual one.
    pub first: Option<u32>,
}

/// Populations of a file that an error names.
const NAMED: usize = 20;

/// A spike of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spike {
    pub ms: f64,
    pub neuron: u32,
    /// Of the synapse, where the file has one.
    pub weight: Option<f64>,
}

/// The spikes of a file, each with the index of its population in `names`.
#[derive(Debug, Default)]
struct Spikes {
    all: Vec<(Spike, usize)>,
    names: Vec<String>,
    /// Where each name is among them.
    places: HashMap<String, usize>,
}

/// The spikes in the file at `path` that are meant.
pub(super) fn read(path: &Path, wanted: Wanted<'_>) -> Result<Vec<Spike>, String> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let spikes = match ending {
        "npz" => arrays(path, wanted.first.unwrap_or(0)),
        _ => delimited::read(path).and_then(require_any).map_err(|what| format!(" {what}")).and_then(|text| {
            let from_one = ["dat", "gdf"].iter().any(|known| ending.eq_ignore_ascii_case(known));
            parse(&text, from_one, wanted.first).map_err(|what| format!(", {what}"))
        }),
    };
    spikes.and_then(|spikes| spikes.of(wanted.population)).map_err(|what| format!("{}{what}", path.display()))
}

/// Refuses a file of no bytes: it may be one whose writing failed, while one without spikes has a header.
fn require_any(text: String) -> Result<String, String> {
    match text.is_empty() {
        true => Err("is empty; a file without spikes holds a header, such as `neuron,time`".into()),
        false => Ok(text),
    }
}

impl Spikes {
    /// Those of the population with this name, or of the only one.
    fn of(self, wanted: &str) -> Result<Vec<Spike>, String> {
        let found: BTreeSet<usize> = self.all.iter().map(|&(_, population)| population).collect();
        let names = |indices: &BTreeSet<usize>| {
            indices.iter().take(NAMED).map(|&index| format!("`{}`", self.names[index])).collect::<Vec<_>>().join(", ")
        };
        match self.names.iter().position(|name| name == wanted) {
            Some(index) => Ok(self.all.into_iter().filter(|spike| spike.1 == index).map(|spike| spike.0).collect()),
            None if !wanted.is_empty() && self.names.is_empty() && !self.all.is_empty() => Err(
                " does not say which spikes are of which population; `first_sender` says at which number one begins"
                    .into(),
            ),
            None if !wanted.is_empty() && !self.all.is_empty() => {
                Err(format!(" holds no spikes of `{wanted}`, but of {}", names(&found)))
            }
            None if found.len() > 1 => {
                let first = &self.names[*found.first().unwrap_or(&0)];
                Err(format!(" holds spikes of {}; name one of them, as in `population = \"{first}\"`", names(&found)))
            }
            None => Ok(self.all.into_iter().map(|spike| spike.0).collect()),
        }
    }
}

/// The spikes of a `spikes.npz`, whose neurons count from `first`.
fn arrays(path: &Path, first: u32) -> Result<Spikes, String> {
    let mut archive = Archive::open(path).map_err(|what| format!(" {what}"))?;
    let mut array = |name: &str| archive.array(name).map_err(|what| format!(", {what}"));
    let needed =
        |name: &str| format!(" holds no array `{name}`; those of spikes are `times_ms`, `ids`, `population`, `names`");
    let named = |name: &str, what: String| format!(", `{name}`: {what}");
    let times =
        array("times_ms")?.ok_or_else(|| needed("times_ms"))?.numbers().map_err(|what| named("times_ms", what))?;
    let ids = array("ids")?.ok_or_else(|| needed("ids"))?.indices().map_err(|what| named("ids", what))?;
    let names = array("names")?.map_or(Ok(Vec::new()), |names| names.texts()).map_err(|what| named("names", what))?;
    let populations = match array("population")? {
        Some(populations) => populations.indices().map_err(|what| named("population", what))?,
        None => vec![0; ids.len()],
    };
    if names.is_empty() && populations.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(" holds spikes of several populations, and no array `names` that tells them apart".into());
    }
    let populations = if names.is_empty() { vec![0; ids.len()] } else { populations };
    if times.len() != ids.len() || populations.len() != ids.len() {
        return Err(" holds arrays of different lengths".into());
    }
    let spike = |(place, ((&ms, &id), &population)): (usize, ((&f64, &u32), &u32))| {
        let wrong = |what: &str| format!(", spike {place}: {what}");
        let neuron = id.checked_sub(first).ok_or_else(|| wrong(&format!("neuron {id} comes before {first}")))?;
        if !(ms.is_finite() && ms >= 0.0) {
            return Err(wrong(&format!("{ms} is not a time in ms")));
        }
        if !names.is_empty() && population as usize >= names.len() {
            return Err(wrong(&format!("there is no population {population}")));
        }
        Ok((Spike { ms, neuron, weight: None }, population as usize))
    };
    let all = times.iter().zip(&ids).zip(&populations).enumerate().map(spike).collect::<Result<_, String>>()?;
    Ok(Spikes { all, names, places: HashMap::new() })
}

/// Where the columns of a text are, and how its neurons count.
#[derive(Debug, Clone)]
struct Columns {
    neuron: usize,
    time: usize,
    population: Option<usize>,
    weight: Option<usize>,
    first: u32,
    /// Names and sizes of the populations through which senders are numbered, where the text says.
    sizes: Vec<(String, u32)>,
}

/// The spikes of a text; errors begin with the line.
fn parse(text: &str, from_one: bool, first: Option<u32>) -> Result<Spikes, String> {
    let mut columns = Columns { neuron: 0, time: 1, population: None, weight: None, first: 0, sizes: Vec::new() };
    columns.first = first.unwrap_or(u32::from(from_one));
    if let (None, Some((_, sizes))) = (first, text.lines().next().unwrap_or_default().split_once(POPULATIONS)) {
        columns.sizes = serde_json::from_str(sizes).map_err(|wrong| format!("line 1: populations: {wrong}"))?;
    }
    let names = columns.sizes.iter().map(|(name, _)| name.clone()).collect();
    let places = columns.sizes.iter().enumerate().rev().map(|(place, (name, _))| (name.clone(), place)).collect();
    let mut spikes = Spikes { all: Vec::new(), names, places };
    let mut records = Records::new(text);
    let mut begins = true;
    while let Some(record) = records.next_record()? {
        let is_header = begins && record.cells[0].parse::<f64>().is_err();
        begins = false;
        let placed = |what: String| format!("line {}{what}", record.line);
        match is_header {
            true => columns.name(record.cells, first.is_none()).map_err(placed)?,
            false => columns.spike(record.cells, &mut spikes).map_err(placed)?,
        }
    }
    Ok(spikes)
}

impl Columns {
    /// Finds the columns by their names.
    fn name(&mut self, header: &[std::borrow::Cow<'_, str>], by_name: bool) -> Result<(), String> {
        let place = |known: &[&str]| header.iter().position(|name| is_called(name, known));
        let missing = |name| format!(": there is no column `{name}`");
        let (neuron, sender) = (place(NEURON), place(SENDER));
        self.neuron = neuron.or(sender).ok_or_else(|| missing("neuron"))?;
        self.time = place(TIME).ok_or_else(|| missing("time"))?;
        (self.population, self.weight) = (place(POPULATION), place(WEIGHT));
        if neuron.is_none() && by_name {
            self.first = 1;
        }
        Ok(())
    }

    /// Adds the spike in a line; errors begin behind its number.
    fn spike(&self, cells: &[std::borrow::Cow<'_, str>], spikes: &mut Spikes) -> Result<(), String> {
        let cell = |column: usize| cells.get(column).map(|cell| &**cell).ok_or(format!(" has {} columns", cells.len()));
        let wrong = |column: usize, what: &str| format!(", column {}: {} is {what}", column + 1, shown(&cells[column]));
        let id = index(cell(self.neuron)?).ok_or_else(|| wrong(self.neuron, "not the number of a neuron"))?;
        let ms = number(cell(self.time)?).filter(|&ms| ms >= 0.0);
        let ms = ms.ok_or_else(|| wrong(self.time, "not a time in ms"))?;
        let before = || wrong(self.neuron, &format!("below {}, the number of the first neuron", self.first));
        let mut neuron = id.checked_sub(self.first).ok_or_else(before)?;
        let weight = match self.weight {
            Some(column) if !cell(column)?.is_empty() => {
                let weight = number(cell(column)?).filter(|&weight| (weight as f32).is_finite());
                Some(weight.ok_or_else(|| wrong(column, "not a finite number"))?)
            }
            _ => None,
        };
        let mut population = 0;
        if let Some(column) = self.population {
            let name = cell(column)?;
            population = spikes.places.get(name).copied().unwrap_or(spikes.names.len());
            if population == spikes.names.len() {
                spikes.places.insert(name.to_owned(), population);
                spikes.names.push(name.to_owned());
            }
        } else if !self.sizes.is_empty() {
            let place = within(neuron, &self.sizes).ok_or_else(|| wrong(self.neuron, "beyond the last population"))?;
            (population, neuron) = place;
        }
        spikes.all.push((Spike { ms, neuron, weight }, population));
        Ok(())
    }
}

/// The population of a neuron that is counted through all of them, and its number there.
fn within(mut neuron: u32, sizes: &[(String, u32)]) -> Option<(usize, u32)> {
    for (population, (_, size)) in sizes.iter().enumerate() {
        if neuron < *size {
            return Some((population, neuron));
        }
        neuron -= size;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spikes(text: &str, from_one: bool, wanted: Wanted<'_>) -> Result<Vec<(f64, u32)>, String> {
        let spikes = parse(text, from_one, wanted.first)?.of(wanted.population)?;
        Ok(spikes.iter().map(|spike| (spike.ms, spike.neuron)).collect())
    }

    #[test]
    fn every_text_is_read_with_and_without_a_header() {
        for text in [
            "neuron,time\n3,12.5\n0,0.1\n",
            "\u{feff}\"Time\" ,\"Neuron\"\r\n\"12.5\", 3\r\n0.1,0\r\n\r\n",
            "# NEST\nsender\ttime_ms\n4\t12.500\n\n1\t0.1\n",
            ",senders,times\n0,4,12.5\n1,1,0.1\n",
            "3 12.5\n0,0.1",
        ] {
            assert_eq!(spikes(text, false, Wanted::default()).unwrap(), [(12.5, 3), (0.1, 0)], "{text}");
        }
        assert_eq!(spikes("1 \t 12.5 \t\n2\t0.1\t", true, Wanted::default()).unwrap(), [(12.5, 0), (0.1, 1)]);
        assert_eq!(spikes("# nothing\n", false, Wanted::default()).unwrap(), []);
        let later = Wanted { first: Some(801), ..Wanted::default() };
        assert_eq!(spikes("801 1\n802 2", true, later).unwrap(), [(1.0, 0), (2.0, 1)]);
        let weighted = parse("neuron,time,weight\n1,2,0.5\n1,3,\n", false, None).unwrap();
        assert_eq!(weighted.all.iter().map(|spike| spike.0.weight).collect::<Vec<_>>(), [Some(0.5), None]);
    }

    #[test]
    fn of_several_populations_one_has_to_be_named() {
        let csv = "time_ms,neuron,population\n1,0,exc\n2,0,inh\n3,1,exc\n";
        let dat = "# x, populations from 1: [[\"exc\",2],[\"\\u00e9\",4],[\"inh\",1]]\n1\t1\n7\t2\n2\t3\n";
        for (text, from_one) in [(csv, false), (dat, true)] {
            let of = |population| spikes(text, from_one, Wanted { population, first: None });
            assert_eq!(of("exc").unwrap(), [(1.0, 0), (3.0, 1)]);
            assert_eq!(of("inh").unwrap(), [(2.0, 0)]);
            let message = " holds spikes of `exc`, `inh`; name one of them, as in `population = \"exc\"`";
            assert_eq!(of("").unwrap_err(), message);
            assert_eq!(of("ex").unwrap_err(), " holds no spikes of `ex`, but of `exc`, `inh`");
        }
        assert_eq!(spikes(csv.rsplit_once("2,0").unwrap().0, false, Wanted::default()).unwrap(), [(1.0, 0)]);
        let silent = Wanted { population: "\u{e9}", first: None };
        assert_eq!(spikes(dat, true, silent).unwrap(), []);
        let unknown = Wanted { population: "exc", first: None };
        assert!(spikes("1 1\n", true, unknown).unwrap_err().contains("does not say which spikes"));
    }

    #[test]
    fn a_file_of_no_bytes_is_refused_and_one_of_a_header_holds_no_spikes() {
        let place = tempfile::tempdir().unwrap();
        for name in ["s.csv", "s.dat", "s.npy", "s.npz"] {
            let path = place.path().join(name);
            std::fs::write(&path, "").unwrap();
            assert!(read(&path, Wanted::default()).is_err(), "{name}");
        }
        let path = place.path().join("s.csv");
        assert!(read(&path, Wanted::default()).unwrap_err().contains("s.csv is empty; "));
        std::fs::write(&path, "neuron,time\n").unwrap();
        assert_eq!(read(&path, Wanted::default()).unwrap(), []);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, message) in [
            ("neuron,when\n", "line 1: there is no column `time`"),
            ("neuron,time\n1\n", "line 2 has 1 columns"),
            ("neuron,time\n1.5,2\n", "line 2, column 1: `1.5` is not the number of a neuron"),
            ("neuron,time\n1,-2\n", "line 2, column 2: `-2` is not a time in ms"),
            ("sender,time\n0,2\n", "line 2, column 1: `0` is below 1, the number of the first neuron"),
            ("neuron,time,weight\n1,2,1e39\n", "line 2, column 3: `1e39` is not a finite number"),
        ] {
            assert_eq!(parse(text, false, None).unwrap_err(), message);
        }
        let missing = read(Path::new("no/such.dat"), Wanted::default()).unwrap_err();
        assert!(missing.starts_with("no/such.dat cannot be read"), "{missing}");
        assert!(
            read(Path::new("no/such.npz"), Wanted::default()).unwrap_err().starts_with("no/such.npz cannot be read")
        );
    }
}
