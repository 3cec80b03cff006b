//! Samples on their way to disk: `traces.npz`, and `traces.csv` where that is asked for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::columns::Columns;
use super::csv::SampleTable;
use super::draft::Draft;
use super::npz::Archive;
use crate::error::{Error, Result};
use crate::id::PopulationId;
use crate::numpy::entry_name;
use crate::record::SpikeObserver;
use crate::record::setup::{Sampled, Setup};
use crate::time::Tick;

const ARRAYS: &str = "traces.npz";
const TABLE: &str = "traces.csv";

/// Writes the samples of a run into files.
pub struct TraceFiles<'a> {
    setup: &'a Setup,
    path: PathBuf,
    /// Times and values of each probe; `None` when there are no probes.
    columns: Option<Columns>,
    table: Option<SampleTable>,
}

impl<'a> TraceFiles<'a> {
    /// Begins files in `folder`, which exists: none where the run has no probes, CSV where
    /// `formats` names it.
    ///
    /// # Errors
    /// [`Error::Output`] when a file cannot be made.
    pub fn create(folder: &Path, setup: &'a Setup, formats: &[&str]) -> Result<Self> {
        let (path, probes) = (folder.join(ARRAYS), setup.probes.len());
        let columns = (probes > 0).then(|| Columns::new(folder, 2 * probes)).transpose();
        let columns = columns.map_err(|source| Error::output(&path, source))?;
        let wanted = probes > 0 && formats.contains(&"csv");
        let table = wanted.then(|| SampleTable::create(&folder.join(TABLE), setup)).transpose()?;
        Ok(Self { setup, path, columns, table })
    }

    /// Puts the files in their places; gives their paths.
    ///
    /// # Errors
    /// [`Error::Output`] when one cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        let Self { setup, path, columns, table } = self;
        let mut paths = Vec::new();
        if let Some(mut columns) = columns {
            let mut draft = Draft::new(path)?;
            let mut write = || {
                let mut archive = Archive::new(&mut draft);
                for (index, (times, values)) in array_names(&setup.sampled()).iter().enumerate() {
                    archive.column(times, "<f8", 8, (&mut columns, 2 * index))?;
                    archive.column(values, "<f8", 8, (&mut columns, 2 * index + 1))?;
                }
                archive.finish().map(drop)
            };
            write().map_err(|source| draft.refused(source))?;
            paths.push(draft.finish()?);
        }
        paths.extend(table.map(SampleTable::finish).transpose()?);
        Ok(paths)
    }
}

/// The arrays of each probe in `traces.npz`: its times and its values.
pub(super) fn array_names(sampled: &[Sampled]) -> Vec<(String, String)> {
    let place = |s: &Sampled| format!("{}/{}", entry_name(&s.place), s.index);
    let mut variables: HashMap<String, u32> = HashMap::new();
    sampled.iter().for_each(|s| *variables.entry(place(s)).or_default() += 1);
    let names = |s: &Sampled| {
        let (place, variable) = (place(s), &s.variable);
        // A neuron with several variables may sample each at its own times.
        let alone = !s.synapse && variables[&place] == 1;
        let times = if alone { format!("{place}/times_ms") } else { format!("{place}/{variable}_times_ms") };
        (times, format!("{place}/{variable}"))
    };
    sampled.iter().map(names).collect()
}

impl SpikeObserver for TraceFiles<'_> {
    fn spikes(&mut self, _: PopulationId, _: Tick, _: &[u32], _: Option<&[f64]>) -> Result<()> {
        Ok(())
    }

    fn sample(&mut self, probe: usize, tick: Tick, value: f64) -> Result<()> {
        let ms = self.setup.resolution.to_ms(tick);
        if let Some(columns) = &mut self.columns {
            let pushed = columns.push(2 * probe, ms.to_le_bytes());
            let pushed = pushed.and_then(|()| columns.push(2 * probe + 1, value.to_le_bytes()));
            pushed.map_err(|source| Error::output(&self.path, source))?;
        }
        self.table.as_mut().map_or(Ok(()), |table| table.add(probe, ms, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Probe;
    use crate::time::Resolution;

    #[test]
    fn samples_are_arrays_by_name_and_lines_in_order_of_time() {
        let place = tempfile::tempdir().unwrap();
        let mut setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(100), &[("exc", 3), ("hémi", 3)]);
        let gap = Probe { variable: "g_exc".into(), ..Probe::membrane(PopulationId(1), 2, 10) };
        setup.probes = vec![Probe::membrane(PopulationId(0), 1, 5), Probe::membrane(PopulationId(1), 2, 5), gap];
        let mut files = TraceFiles::create(place.path(), &setup, &["csv"]).unwrap();
        for (probe, tick, value) in [(0, 0, -65.0), (1, 0, -64.25), (2, 0, 3.5), (0, 5, -64.0), (1, 5, -63.0)] {
            files.sample(probe, Tick(tick), value).unwrap();
        }
        assert_eq!(files.finish().unwrap().len(), 2);
        let text = std::fs::read_to_string(place.path().join(TABLE)).unwrap();
        assert_eq!(text.lines().nth(3).unwrap(), "0,hémi,2,g_exc,3.5");
        let archive = std::fs::File::open(place.path().join(ARRAYS)).unwrap();
        let archive = zip::ZipArchive::new(archive).unwrap();
        let mut names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        names.sort_unstable();
        let expected =
            ["exc/1/times_ms", "exc/1/v", "hémi/2/g_exc", "hémi/2/g_exc_times_ms", "hémi/2/v", "hémi/2/v_times_ms"];
        assert_eq!(names, expected.map(|name| format!("{name}.npy")));
    }

    #[test]
    fn without_probes_there_are_no_files() {
        let place = tempfile::tempdir().unwrap();
        let setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(100), &[("exc", 3)]);
        assert!(TraceFiles::create(place.path(), &setup, &["csv"]).unwrap().finish().unwrap().is_empty());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
