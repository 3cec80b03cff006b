//! Spikes as NEST writes them. `spikes.dat` is what its ASCII recording backend writes, for
//! `nest.raster_plot.from_file`: three lines of header, then `sender<TAB>time_ms`. `spikes.gdf` is what
//! NEST 2 wrote, for Neo's `NestIO`: sender and time, below one comment.
//!
//! Senders are numbered as NEST numbers nodes: from 1 on, through all populations in the order of the
//! model, whether their spikes are recorded or not. The first line names the populations and their
//! sizes, so that each spike can be told to be of one of them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::spike_files::{SpikeFile, SpikeFormat};
use crate::error::Result;
use crate::record::setup::Setup;

/// The rows of these formats.
pub const FORMAT: SpikeFormat =
    SpikeFormat { name: "dat", file: "spikes.dat", summary: "Text as NEST writes it", create: dat };
pub const GDF: SpikeFormat =
    SpikeFormat { name: "gdf", file: "spikes.gdf", summary: "Text as NEST 2 wrote it, for Neo", create: gdf };

/// A file of senders while a run goes on.
struct Senders {
    draft: Draft,
    /// The sender that is neuron 0 of each population.
    first: Vec<u64>,
}

fn dat(path: &Path, setup: &Setup) -> Result<Box<dyn SpikeFile>> {
    let names = "# RecordingBackendASCII version: 2\n# sender\ttime_ms\n";
    Senders::create(path, setup, &format!("# NEST version: none, {}{names}", origin(setup)))
}

fn gdf(path: &Path, setup: &Setup) -> Result<Box<dyn SpikeFile>> {
    Senders::create(path, setup, &format!("# {}", origin(setup)))
}

/// Who wrote the file, and the populations in JSON, in ASCII.
fn origin(setup: &Setup) -> String {
    let sizes: Vec<(&str, usize)> = setup.populations.iter().map(|group| (group.name.as_str(), group.size)).collect();
    let populations = serde_json::to_string(&sizes).unwrap_or_default();
    let escaped = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    let populations: String = populations.chars().map(escaped).collect();
    format!("written by twinfire {}, populations from 1: {populations}\n", env!("CARGO_PKG_VERSION"))
}

impl Senders {
    fn create(path: &Path, setup: &Setup, header: &str) -> Result<Box<dyn SpikeFile>> {
        let mut draft = Draft::new(path)?;
        draft.write_all(header.as_bytes()).map_err(|source| draft.refused(source))?;
        let mut next = 1;
        let first = setup.populations.iter().map(|group| {
            next += group.size as u64;
            next - group.size as u64
        });
        Ok(Box::new(Self { first: first.collect(), draft }))
    }
}

impl SpikeFile for Senders {
    fn add(&mut self, population: usize, neurons: &[u32], times_ms: &[f64]) -> Result<()> {
        let (draft, first) = (&mut self.draft, self.first[population]);
        let mut lines = neurons.iter().zip(times_ms);
        let written =
            lines.try_for_each(|(&neuron, ms)| writeln!(draft, "{}\t{}", first + u64::from(neuron), decimal(*ms)));
        written.map_err(|source| self.draft.refused(source))
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        self.draft.finish()
    }
}

/// A time with a decimal point: without one Neo takes the times of a file for whole numbers.
fn decimal(ms: f64) -> String {
    if ms.fract() == 0.0 { format!("{ms:.1}") } else { ms.to_string() }
}
