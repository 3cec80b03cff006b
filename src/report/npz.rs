//! NumPy archives: `numpy.load` gives the arrays by name.
//!
//! ```text
//! spikes.npz   times_ms f64, ids u32, population u16: one entry per spike, in order of time;
//!              names: the name of each population, sizes u64: its neurons
//! traces.npz   "exc/17/times_ms" and "exc/17/v", f64, for the membrane of neuron 17 of population exc
//! ```

use std::io::{self, Cursor, Seek, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::columns::Columns;
use super::draft::Draft;
use super::spike_files::{SpikeFile, SpikeFormat};
use crate::error::{Error, Result};
use crate::numpy::header;
use crate::record::recording::Recording;
use crate::record::setup::Setup;

/// The row of this format.
pub const FORMAT: SpikeFormat =
    SpikeFormat { name: "npz", file: "spikes.npz", summary: "Arrays for NumPy", create: SpikeArrays::create };

/// The bytes of `spikes.npz`, of a recording that was kept in memory.
pub fn spikes(recording: &Recording) -> Vec<u8> {
    let names: Vec<&str> = recording.populations.iter().map(|p| p.name.as_str()).collect();
    let sizes: Vec<usize> = recording.populations.iter().map(|p| p.size).collect();
    spike_arrays(&recording.spikes(), &names, &sizes)
}

/// The same of spikes as (time in ms, neuron, index of the population).
pub fn spike_arrays(spikes: &[(f64, u32, u16)], names: &[&str], sizes: &[usize]) -> Vec<u8> {
    let number = spikes.len() as u64;
    let write = |archive: &mut Archive<Cursor<Vec<u8>>>| {
        archive.array(
            "times_ms",
            "<f8",
            number,
            &spikes.iter().flat_map(|s| s.0.to_le_bytes()).collect::<Vec<u8>>(),
        )?;
        archive.array("ids", "<u4", number, &spikes.iter().flat_map(|s| s.1.to_le_bytes()).collect::<Vec<u8>>())?;
        archive.array(
            "population",
            "<u2",
            number,
            &spikes.iter().flat_map(|s| s.2.to_le_bytes()).collect::<Vec<u8>>(),
        )?;
        archive.populations(names, sizes)
    };
    let mut archive = Archive::new(Cursor::new(Vec::new()));
    write(&mut archive).expect("names differ, and memory takes every byte");
    archive.finish().expect("memory takes every byte").into_inner()
}

/// The bytes of a `.npy` file that holds weights.
pub(super) fn weights(weights: &[f64]) -> Vec<u8> {
    let mut bytes = header("<f8", &[weights.len() as u64]);
    bytes.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
    bytes
}

/// An archive of `.npy` files that is being written, uncompressed. The same arrays give the same bytes.
pub(super) struct Archive<W: Write + Seek> {
    zip: ZipWriter<W>,
}

impl<W: Write + Seek> Archive<W> {
    pub fn new(to: W) -> Self {
        Self { zip: ZipWriter::new(to) }
    }

    /// A one-dimensional array of `length` elements of NumPy's type `descr`.
    pub fn array(&mut self, name: &str, descr: &str, length: u64, data: &[u8]) -> io::Result<()> {
        self.begin(name, descr, length)?;
        self.zip.write_all(data)
    }

    /// The same from a column of growing files; `size` is that of an element in bytes.
    pub fn column(
        &mut self,
        name: &str,
        descr: &str,
        size: u64,
        (all, column): (&mut Columns, usize),
    ) -> io::Result<()> {
        self.begin(name, descr, all.length(column) / size)?;
        all.copy(column, &mut self.zip)
    }

    /// Names and sizes of populations.
    fn populations(&mut self, names: &[&str], sizes: &[usize]) -> io::Result<()> {
        let width = names.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
        // NumPy keeps texts in UTF-32 and pads them with zeros.
        let padded =
            |text: &&str| text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width).collect::<Vec<u32>>();
        let texts: Vec<u8> = names.iter().flat_map(padded).flat_map(u32::to_le_bytes).collect();
        self.array("names", &format!("<U{width}"), names.len() as u64, &texts)?;
        let sizes: Vec<u8> = sizes.iter().flat_map(|&size| (size as u64).to_le_bytes()).collect();
        self.array("sizes", "<u8", names.len() as u64, &sizes)
    }

    fn begin(&mut self, name: &str, descr: &str, length: u64) -> io::Result<()> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        self.zip.start_file(format!("{name}.npy"), options)?;
        self.zip.write_all(&header(descr, &[length]))
    }

    pub fn finish(self) -> io::Result<W> {
        Ok(self.zip.finish()?)
    }
}

/// `spikes.npz` while a run goes on: three columns, put together at the end.
struct SpikeArrays {
    draft: Draft,
    columns: Columns,
    populations: Vec<(String, usize)>,
}

impl SpikeArrays {
    fn create(path: &Path, setup: &Setup) -> Result<Box<dyn SpikeFile>> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let columns = Columns::new(folder, 3).map_err(|source| Error::output(path, source))?;
        let populations = setup.populations.iter().map(|group| (group.name.clone(), group.size)).collect();
        Ok(Box::new(Self { draft: Draft::new(path)?, columns, populations }))
    }
}

impl SpikeFile for SpikeArrays {
    fn add(&mut self, population: usize, neurons: &[u32], times_ms: &[f64]) -> Result<()> {
        let columns = &mut self.columns;
        let mut push = || {
            columns.push(0, times_ms.iter().flat_map(|time| time.to_le_bytes()))?;
            columns.push(1, neurons.iter().flat_map(|neuron| neuron.to_le_bytes()))?;
            columns.push(2, neurons.iter().flat_map(|_| (population as u16).to_le_bytes()))
        };
        push().map_err(|source| self.draft.refused(source))
    }

    fn finish(self: Box<Self>) -> Result<std::path::PathBuf> {
        let Self { mut draft, mut columns, populations } = *self;
        let names: Vec<&str> = populations.iter().map(|(name, _)| name.as_str()).collect();
        let sizes: Vec<usize> = populations.iter().map(|(_, size)| *size).collect();
        let mut write = |draft: &mut Draft| {
            let mut archive = Archive::new(draft);
            archive.column("times_ms", "<f8", 8, (&mut columns, 0))?;
            archive.column("ids", "<u4", 4, (&mut columns, 1))?;
            archive.column("population", "<u2", 2, (&mut columns, 2))?;
            archive.populations(&names, &sizes)?;
            archive.finish().map(drop)
        };
        write(&mut draft).map_err(|source| draft.refused(source))?;
        draft.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::id::PopulationId;
    use crate::record::recorder::Recorder;
    use crate::record::recording::Outcome;
    use crate::record::setup::Setup;
    use crate::record::{Probe, SpikeObserver as _};
    use crate::time::{Resolution, Tick};

    fn recording() -> Recording {
        let resolution = Resolution::from_ms(0.1).unwrap();
        let mut setup = Setup::new(resolution, Tick(100), &[("exc", 3), ("hémi", 3), ("quiet", 3)]);
        setup.populations[2].recorded = false;
        setup.probes = vec![Probe::membrane(PopulationId(1), 2, 5)];
        let mut recorder = Recorder::new(&setup).in_memory();
        recorder.sample(0, Tick(0), -65.0).unwrap();
        for (population, tick, neuron) in [(0, 3, 1), (1, 3, 0), (0, 15, 0)] {
            recorder.spikes(PopulationId(population), Tick(tick), &[neuron], None).unwrap();
        }
        recorder.sample(0, Tick(5), -64.25).unwrap();
        recorder.finish(Outcome { last: Tick(100), ..Outcome::default() })
    }

    fn file(archive: &[u8], name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn arrays_hold_the_spikes_in_order_of_time() {
        let archive = spikes(&recording());
        let times = file(&archive, "times_ms.npy");
        assert!(
            times.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }")
        );
        assert_eq!(times.len(), 128 + 24);
        assert_eq!(times[128..], [0.3f64, 0.3, 1.5].map(f64::to_le_bytes).concat());
        assert_eq!(file(&archive, "ids.npy")[128..], [1u32, 0, 0].map(u32::to_le_bytes).concat());
        assert_eq!(file(&archive, "population.npy")[128..], [0u16, 1, 0].map(u16::to_le_bytes).concat());
        assert_eq!(file(&archive, "names.npy").len(), 128 + 3 * 5 * 4);
    }
}
