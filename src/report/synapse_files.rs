//! The synapses of a network on their way to disk, in little memory however many they are.
//!
//! ```text
//! synapses.npz   exc_to_inh.source u32, exc_to_inh.target u32, exc_to_inh.weight f64, exc_to_inh.delay f64 (ms):
//!                one entry per synapse, by source, target and delay
//! synapses.csv   projection,source,target,weight,delay
//! ```

use std::fs::create_dir_all;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::columns::Columns;
use super::csv::cell;
use super::draft::Draft;
use super::npz::Archive;
use crate::error::{Error, Result};
use crate::numpy::{entry_name, header};

const ARRAYS: &str = "synapses.npz";
const TABLE: &str = "synapses.csv";
const WEIGHTS: &str = "weights";

/// Columns of a synapse, with NumPy's type and the bytes of each.
const COLUMNS: [(&str, &str, u64); 4] =
    [("source", "<u4", 4), ("target", "<u4", 4), ("weight", "<f8", 8), ("delay", "<f8", 8)];

/// Bytes that a synapse takes in `synapses.npz`.
pub const BYTES: u64 = 24;

/// The files of a plastic projection, with a stem of [`stems`](super::names::stems).
pub fn weights(stem: &str) -> [String; 5] {
    ["before", "after", "source", "target", "delay"].map(|what| format!("{WEIGHTS}/{stem}-{what}.npy"))
}

/// Files of the synapses of all projections.
pub struct SynapseFiles {
    folder: PathBuf,
    archive: Archive<Draft>,
    table: Option<Draft>,
}

/// The synapses of one projection, before they are added to the files.
pub struct Projection {
    name: String,
    path: PathBuf,
    columns: Columns,
}

impl Projection {
    /// That is called so, on its way to files in `folder`.
    ///
    /// # Errors
    /// [`Error::Output`] when no file can be made there.
    pub fn new(name: &str, folder: &Path) -> Result<Self> {
        let path = folder.join(ARRAYS);
        let columns = Columns::new(folder, COLUMNS.len()).map_err(|source| Error::output(&path, source))?;
        Ok(Self { name: name.to_owned(), path, columns })
    }

    /// Adds synapses of `source`: targets, weights and delays in ms.
    ///
    /// # Errors
    /// [`Error::Output`] when they cannot be written.
    pub fn add(&mut self, source: u32, targets: &[u32], weights: &[f64], delays_ms: &[f64]) -> Result<()> {
        let columns = &mut self.columns;
        let mut push = || {
            columns.push(0, targets.iter().flat_map(|_| source.to_le_bytes()))?;
            columns.push(1, targets.iter().flat_map(|target| target.to_le_bytes()))?;
            columns.push(2, weights.iter().flat_map(|weight| weight.to_le_bytes()))?;
            columns.push(3, delays_ms.iter().flat_map(|ms| ms.to_le_bytes()))
        };
        push().map_err(|refused| Error::output(&self.path, refused))
    }

    /// Writes where its synapses begin and end and their delays beside its weights: `STEM-source.npy`,
    /// `STEM-target.npy`, `STEM-delay.npy`, with a stem of [`stems`](super::names::stems).
    ///
    /// # Errors
    /// [`Error::Output`] when they cannot be written.
    pub fn write_ends(&mut self, folder: &Path, stem: &str) -> Result<()> {
        let folder = folder.join(WEIGHTS);
        create_dir_all(&folder).map_err(|refused| Error::output(&folder, refused))?;
        for (column, (what, descr, size)) in COLUMNS.into_iter().enumerate().filter(|(_, column)| column.0 != "weight")
        {
            let mut draft = Draft::new(folder.join(format!("{stem}-{what}.npy")))?;
            let begin = header(descr, &[self.columns.length(column) / size]);
            let written = draft.write_all(&begin).and_then(|()| self.columns.copy(column, &mut draft));
            written.map_err(|refused| draft.refused(refused))?;
            draft.finish()?;
        }
        Ok(())
    }
}

impl SynapseFiles {
    /// Begins `synapses.npz` in `folder`, which exists, and `synapses.csv` where that is `wanted`.
    ///
    /// # Errors
    /// [`Error::Output`] when a file cannot be made.
    pub fn create(folder: &Path, wanted: bool) -> Result<Self> {
        let archive = Archive::new(Draft::new(folder.join(ARRAYS))?);
        let table = wanted.then(|| Draft::new(folder.join(TABLE))).transpose()?;
        let mut files = Self { folder: folder.to_path_buf(), archive, table };
        if let Some(table) = &mut files.table {
            let begun = table.write_all(b"projection,source,target,weight,delay\n");
            begun.map_err(|refused| table.refused(refused))?;
        }
        Ok(files)
    }

    /// Adds the synapses of a projection.
    ///
    /// # Errors
    /// [`Error::Output`] when they cannot be written.
    pub fn add(&mut self, projection: &mut Projection) -> Result<()> {
        let refused = |refused| Error::output(self.folder.join(ARRAYS), refused);
        for (column, (what, descr, size)) in COLUMNS.into_iter().enumerate() {
            let name = format!("{}.{what}", entry_name(&projection.name));
            self.archive.column(&name, descr, size, (&mut projection.columns, column)).map_err(refused)?;
        }
        if let Some(table) = &mut self.table {
            lines(projection, table).map_err(|wrong| table.refused(wrong))?;
        }
        Ok(())
    }

    /// Puts the files in their places; gives their paths.
    ///
    /// # Errors
    /// [`Error::Output`] when one cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        let draft = self.archive.finish().map_err(|refused| Error::output(self.folder.join(ARRAYS), refused))?;
        let table = self.table.map(Draft::finish).transpose()?;
        Ok([draft.finish()?].into_iter().chain(table).collect())
    }
}

/// Writes the lines of a projection.
fn lines(projection: &mut Projection, table: &mut Draft) -> io::Result<()> {
    let mut columns: [Vec<u8>; 4] = Default::default();
    for (column, bytes) in columns.iter_mut().enumerate() {
        projection.columns.copy(column, bytes)?;
    }
    let [sources, targets, weights, delays] = &columns;
    let whole = sources.as_chunks().0.iter().zip(targets.as_chunks().0);
    let real = weights.as_chunks().0.iter().zip(delays.as_chunks().0);
    let name = cell(&projection.name);
    for ((&source, &target), (&weight, &delay)) in whole.zip(real) {
        let (source, target) = (u32::from_le_bytes(source), u32::from_le_bytes(target));
        let (weight, delay) = (f64::from_le_bytes(weight), f64::from_le_bytes(delay));
        writeln!(table, "{name},{source},{target},{weight},{delay}")?;
    }
    Ok(())
}
