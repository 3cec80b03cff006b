//! Spikes on their way to disk: files that grow as spikes come, in as much memory at the end
//! of a long run as at its start.

use std::path::{Path, PathBuf};

use super::{csv, dat, npz};
use crate::error::Result;
use crate::id::PopulationId;
use crate::record::SpikeObserver;
use crate::record::setup::Setup;
use crate::time::Tick;

/// Every format of spikes. The first is what figures are drawn from.
pub const SPIKE_FORMATS: &[SpikeFormat] = &[npz::FORMAT, csv::FORMAT, dat::FORMAT, dat::GDF];

/// A format that spikes can be written in.
pub struct SpikeFormat {
    /// What users call it.
    pub name: &'static str,
    /// Name of the file.
    pub file: &'static str,
    /// Who reads it.
    pub summary: &'static str,
    /// Begins the file.
    pub create: fn(&Path, &Setup) -> Result<Box<dyn SpikeFile>>,
}

/// A file of spikes that grows.
pub trait SpikeFile {
    /// Appends spikes of the population with this index, in the order of
    /// [`SpikeObserver::spikes`]; one time for each neuron.
    ///
    /// # Errors
    /// [`Error::Output`](crate::error::Error::Output) when they cannot be written.
    fn add(&mut self, population: usize, neurons: &[u32], times_ms: &[f64]) -> Result<()>;

    /// Puts the file in its place; dropped before that, it leaves nothing behind.
    ///
    /// # Errors
    /// As for [`add`](Self::add).
    fn finish(self: Box<Self>) -> Result<PathBuf>;
}

/// Writes the spikes of a run into files.
pub struct SpikeFiles<'a> {
    setup: &'a Setup,
    files: Vec<Box<dyn SpikeFile>>,
    times: Vec<f64>,
}

impl<'a> SpikeFiles<'a> {
    /// Begins a file in `folder`, which exists, for each of the formats with these names;
    /// names that are none are passed over.
    ///
    /// # Errors
    /// [`Error::Output`](crate::error::Error::Output) when a file cannot be made.
    pub fn create(folder: &Path, setup: &'a Setup, formats: &[&str]) -> Result<Self> {
        let wanted = SPIKE_FORMATS.iter().filter(|format| formats.contains(&format.name));
        let files = wanted.map(|format| (format.create)(&folder.join(format.file), setup));
        Ok(Self { setup, files: files.collect::<Result<_>>()?, times: Vec::new() })
    }

    /// Puts all files in their places; gives their paths.
    ///
    /// # Errors
    /// [`Error::Output`](crate::error::Error::Output) when one cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        self.files.into_iter().map(SpikeFile::finish).collect()
    }
}

impl SpikeObserver for SpikeFiles<'_> {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], offsets: Option<&[f64]>) -> Result<()> {
        let ms = self.setup.resolution.to_ms(tick);
        self.times.clear();
        match offsets {
            Some(offsets) => self.times.extend(offsets.iter().map(|offset| ms - offset)),
            None => self.times.resize(neurons.len(), ms),
        }
        self.files.iter_mut().try_for_each(|file| file.add(population.0, neurons, &self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Resolution;

    fn written(formats: &[&str], offsets: Option<&[f64]>) -> (tempfile::TempDir, Vec<PathBuf>) {
        let place = tempfile::tempdir().unwrap();
        let setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(100), &[("exc", 3), ("a,\"b\"", 2)]);
        let mut files = SpikeFiles::create(place.path(), &setup, formats).unwrap();
        files.spikes(PopulationId(0), Tick(3), &[0, 2], offsets).unwrap();
        files.spikes(PopulationId(1), Tick(3), &[1], offsets.map(|offsets| &offsets[..1])).unwrap();
        let paths = files.finish().unwrap();
        (place, paths)
    }

    #[test]
    fn each_format_is_what_its_readers_expect() {
        let (place, paths) = written(&["npz", "csv", "dat", "gdf"], None);
        assert_eq!(paths.len(), 4);
        let text = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
        assert_eq!(text("spikes.csv"), "time_ms,neuron,population\n0.3,0,exc\n0.3,2,exc\n0.3,1,\"a,\"\"b\"\"\"\n");
        // nest.raster_plot takes the third line as the header.
        let lines: Vec<String> = text("spikes.dat").lines().map(String::from).collect();
        assert!(lines[0].starts_with("# NEST version: ") && lines[1] == "# RecordingBackendASCII version: 2");
        assert!(lines[0].ends_with(r#", populations from 1: [["exc",3],["a,\"b\"",2]]"#), "{}", lines[0]);
        assert_eq!(lines[2..], ["# sender\ttime_ms", "1\t0.3", "3\t0.3", "5\t0.3"]);
        let lines: Vec<String> = text("spikes.gdf").lines().map(String::from).collect();
        assert!(lines[0].starts_with("# written by twinfire "));
        assert_eq!(lines[1..], ["1\t0.3", "3\t0.3", "5\t0.3"]);
    }

    #[test]
    fn streamed_arrays_are_those_kept_in_memory() {
        let (place, _) = written(&["npz"], None);
        let spikes = [(0.3, 0, 0), (0.3, 2, 0), (0.3, 1, 1)];
        let expected = npz::spike_arrays(&spikes, &["exc", "a,\"b\""], &[3, 2]);
        assert_eq!(std::fs::read(place.path().join("spikes.npz")).unwrap(), expected);
    }

    #[test]
    fn spikes_off_the_grid_have_their_own_times() {
        let (place, _) = written(&["csv"], Some(&[0.05, 0.0125]));
        let text = std::fs::read_to_string(place.path().join("spikes.csv")).unwrap();
        let times: Vec<f64> =
            text.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
        assert_eq!(times, [0.3 - 0.05, 0.3 - 0.0125, 0.3 - 0.05]);
    }

    #[test]
    fn files_that_are_not_finished_leave_nothing() {
        let place = tempfile::tempdir().unwrap();
        let setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(100), &[("exc", 3)]);
        let mut files = SpikeFiles::create(place.path(), &setup, &["npz", "csv", "dat"]).unwrap();
        files.spikes(PopulationId(0), Tick(3), &[0, 2], None).unwrap();
        drop(files);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
