//! Labelled data sets, one per file. A set is read from its original files or from a
//! copy embedded in the program; nothing here touches the network (`fetch.rs` apart).
//!
//! To add one: write `my_set.rs` with a `DataSet`, add its `mod` line and its row.

use std::path::{Path, PathBuf};

use crate::error::Result;

/// Labelled samples, all of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Shape of one sample: [rows, columns], [rows, columns, channels] or [features].
    pub shape: Vec<usize>,
    pub values: SampleValues,
    /// The class of each sample.
    pub labels: Vec<u16>,
}

/// The values of all samples, sample after sample, channels last.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValues {
    /// Pixels, 0..=`white`.
    Bytes { bytes: Vec<u8>, white: u8 },
    /// Features, already scaled to [0, 1].
    Features(Vec<f32>),
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Values per sample.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// Writes the values of sample `index`, each in [0, 1], to `out`.
    ///
    /// # Panics
    /// When `out` is not [`width`](Self::width) long or there is no such sample.
    pub fn read(&self, index: usize, out: &mut [f32]) {
        let range = index * self.width()..(index + 1) * self.width();
        match &self.values {
            SampleValues::Bytes { bytes, white } => {
                let scale = 1.0 / f32::from(*white);
                for (value, byte) in out.iter_mut().zip(&bytes[range]) {
                    *value = f32::from(*byte) * scale;
                }
            }
            SampleValues::Features(features) => out.copy_from_slice(&features[range]),
        }
    }
}

/// A loaded data set.
#[derive(Debug, Clone)]
pub struct Data {
    pub name: &'static str,
    /// One name per class.
    pub classes: Vec<String>,
    /// For training and validation.
    pub train: Samples,
    /// Held out: never used to choose anything.
    pub test: Samples,
}

/// One original file of a data set.
#[derive(Debug, Clone, Copy)]
pub struct DataFile {
    /// Path below the data folder, such as `mnist/train-images-idx3-ubyte.gz`.
    pub path: &'static str,
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256 of the original.
    pub sha256: &'static str,
    /// Where it can be fetched, in order of preference.
    pub urls: &'static [&'static str],
}

/// One row in the list of data sets.
pub struct DataSet {
    pub name: &'static str,
    /// One sentence, shown by `synfire list`.
    pub summary: &'static str,
    /// Shape of one sample.
    pub shape: &'static [usize],
    pub classes: usize,
    /// Original files; none when the set is embedded.
    pub files: &'static [DataFile],
    /// Reads the set, looking for its files below each of these folders in turn.
    pub load: fn(&[PathBuf]) -> Result<Data>,
}

/// Every data set, in the order `synfire list` shows them.
pub const SETS: &[&DataSet] = &[];

/// Where data files are looked for: `--data DIR`, then `SYNFIRE_DATA`, then the user's
/// data folder (`$XDG_DATA_HOME/synfire` or `~/.local/share/synfire`).
pub fn folders(option: Option<&Path>) -> Vec<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share"));
    let user = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
    option
        .map(Path::to_path_buf)
        .into_iter()
        .chain(std::env::var_os("SYNFIRE_DATA").map(PathBuf::from))
        .chain(user.map(|folder| folder.join("synfire")))
        .collect()
}
