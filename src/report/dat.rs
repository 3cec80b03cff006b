//! Spikes as NEST's ASCII recording backend writes them, for `nest.raster_plot.from_file`,
//! Neo's `NestIO` and what else reads NEST's files: three lines of header, then
//! `sender<TAB>time_ms`.
//!
//! Senders are numbered as NEST numbers nodes: from 1 on, through all populations in the
//! order of the model, whether their spikes are recorded or not.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::spike_files::{SpikeFile, SpikeFormat};
use crate::error::Result;
use crate::record::setup::Setup;

/// The row of this format.
pub const FORMAT: SpikeFormat =
    SpikeFormat { name: "dat", file: "spikes.dat", summary: "Text as NEST writes it", create: Senders::create };

const HEADER: &str = concat!(
    "# NEST version: none, written by twinfire ",
    env!("CARGO_PKG_VERSION"),
    "\n# RecordingBackendASCII version: 2\n# sender\ttime_ms\n"
);

/// `spikes.dat` while a run goes on.
struct Senders {
    draft: Draft,
    /// The sender that is neuron 0 of each population.
    first: Vec<u64>,
}

impl Senders {
    fn create(path: &Path, setup: &Setup) -> Result<Box<dyn SpikeFile>> {
        let mut draft = Draft::new(path)?;
        draft.write_all(HEADER.as_bytes()).map_err(|source| draft.refused(source))?;
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
        let written = lines.try_for_each(|(&neuron, ms)| writeln!(draft, "{}\t{ms}", first + u64::from(neuron)));
        written.map_err(|source| self.draft.refused(source))
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        self.draft.finish()
    }
}
