//! Spikes and samples as comma-separated text, one line per spike or sample, in order of time.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::spike_files::{SpikeFile, SpikeFormat};
use crate::error::Result;
use crate::record::recording::Recording;
use crate::record::setup::{Sampled, Setup};

/// The row of this format.
pub const FORMAT: SpikeFormat =
    SpikeFormat { name: "csv", file: "spikes.csv", summary: "Text for spreadsheets and R", create: SpikeTable::create };

const HEADER: &str = "time_ms,neuron,population\n";

/// The text of `spikes.csv`: `time_ms,neuron,population`, of a recording that was kept in memory.
pub fn spikes(recording: &Recording) -> String {
    let mut text = String::from(HEADER);
    let names: Vec<String> = recording.populations.iter().map(|p| cell(&p.name)).collect();
    for (ms, neuron, population) in recording.spikes() {
        writeln!(text, "{ms},{neuron},{}", names[usize::from(population)]).expect("a string takes every text");
    }
    text
}

/// `spikes.csv` while a run goes on.
struct SpikeTable {
    draft: Draft,
    names: Vec<String>,
}

impl SpikeTable {
    fn create(path: &Path, setup: &Setup) -> Result<Box<dyn SpikeFile>> {
        let mut draft = Draft::new(path)?;
        draft.write_all(HEADER.as_bytes()).map_err(|source| draft.refused(source))?;
        let names = setup.populations.iter().map(|group| cell(&group.name)).collect();
        Ok(Box::new(Self { draft, names }))
    }
}

impl SpikeFile for SpikeTable {
    fn add(&mut self, population: usize, neurons: &[u32], times_ms: &[f64]) -> Result<()> {
        let (draft, name) = (&mut self.draft, &self.names[population]);
        let mut lines = neurons.iter().zip(times_ms);
        let written = lines.try_for_each(|(neuron, ms)| writeln!(draft, "{ms},{neuron},{name}"));
        written.map_err(|source| self.draft.refused(source))
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        self.draft.finish()
    }
}

/// `traces.csv` while a run goes on: `time_ms,population,neuron,variable,value`, where
/// synapses stand as projection and synapse.
pub(super) struct SampleTable {
    draft: Draft,
    /// What stands between time and value, by probe.
    middles: Vec<String>,
}

impl SampleTable {
    pub fn create(path: &Path, setup: &Setup) -> Result<Self> {
        let mut draft = Draft::new(path)?;
        let header = b"time_ms,population,neuron,variable,value\n";
        draft.write_all(header).map_err(|source| draft.refused(source))?;
        let middle = |s: &Sampled| format!("{},{},{}", cell(&s.place), s.index, cell(&s.variable));
        Ok(Self { draft, middles: setup.sampled().iter().map(middle).collect() })
    }

    pub fn add(&mut self, probe: usize, ms: f64, value: f64) -> Result<()> {
        let written = writeln!(self.draft, "{ms},{},{value}", self.middles[probe]);
        written.map_err(|source| self.draft.refused(source))
    }

    pub fn finish(self) -> Result<PathBuf> {
        self.draft.finish()
    }
}

/// `name` as a cell: in quotes where it holds a separator.
pub(super) fn cell(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_string() }
}
