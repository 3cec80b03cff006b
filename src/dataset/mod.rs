//! Data sets, one per file: those known by name, read from their original files or from a copy
//! embedded in the program, and files of a user's own. Nothing here touches the network
//! (`fetch.rs` apart).
//!
//! To add one: write `my_set.rs` with a `KIND`, add its `mod` line and its row; one of fixed
//! contents has a `DataSet` too, and a second row for `twinfire data`.

mod csv;
mod digits;
mod fashion_mnist;
pub mod fetch;
mod idx;
mod idx_file;
mod iris;
mod labels;
mod mnist;
mod npz;
mod own;
mod published;
mod samples;
mod scaling;
mod split;
mod table;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::parameter::{Form, Kind, Values};
pub use samples::{Data, SampleValues, Samples};

/// Every data set, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Source>] =
    &[digits::KIND, iris::KIND, mnist::KIND, fashion_mnist::KIND, csv::KIND, idx::KIND, npz::KIND];

/// Those of fixed contents, in the order `twinfire data` shows them.
pub const SETS: &[&DataSet] = &[&digits::SET, &iris::SET, &mnist::SET, &fashion_mnist::SET];

/// The field that holds the checksum of a user's own files.
pub const CHECKSUM: &str = own::CHECKSUM.name;

/// Whether the field called `name` is the path of a file.
pub fn is_path(name: &str) -> bool {
    KINDS.iter().filter_map(|kind| kind.field(name)).any(|field| field.form == Form::Path)
}

/// The data set of fixed contents called `name`; case, `-` and `_` do not matter.
pub fn find(name: &str) -> Option<&'static DataSet> {
    let plain = |name: &str| name.to_lowercase().replace(['-', '_'], "");
    SETS.iter().copied().find(|set| plain(set.name) == plain(name))
}

/// Where the samples of an experiment come from.
pub trait Source: Send + Sync + std::fmt::Debug {
    /// What can be told without reading more than headers.
    ///
    /// # Errors
    /// [`Error::Data`] with the file that is missing or wrong.
    fn outline(&self) -> Result<Outline>;

    /// Reads all samples; files of sets known by name are looked for below each of `folders` in turn.
    ///
    /// # Errors
    /// [`Error::Data`] with the file that is missing or wrong, and where.
    fn load(&self, folders: &[PathBuf]) -> Result<Data>;
}

/// What headers tell of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub name: String,
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Number of classes, 0 for samples without labels; `None` where only the samples themselves tell.
    pub classes: Option<usize>,
    /// Number of samples, those for tests included, where headers tell.
    pub samples: Option<usize>,
    /// Bytes of memory that it takes while it is read.
    pub bytes: u64,
}

/// One original file of a data set.
#[derive(Debug, Clone, Copy)]
pub struct DataFile {
    /// Path below the data folder, such as `mnist/train-images-idx3-ubyte.gz`.
    pub path: &'static str,
    pub bytes: u64,
    /// Lower-case hexadecimal SHA-256 of the original.
    pub sha256: &'static str,
    /// What is inside the original, which is gzip data.
    pub unpacked: Unpacked,
    /// Where it can be fetched, in order of preference.
    pub urls: &'static [&'static str],
}

/// What a file holds once unpacked. Every load checks it: it costs some milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    pub bytes: u64,
    pub crc32: u32,
}

impl DataFile {
    /// Where the file, or its unpacked form, may stand below `folders`, in order of
    /// preference: in the folder of its set, then in the folder itself.
    fn places(&self, folders: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        let below = [self.path, name].into_iter().flat_map(|path| folders.iter().map(move |folder| folder.join(path)));
        below.flat_map(|path| [path.clone(), path.with_extension("")])
    }

    /// The file, as published or unpacked, below the first of `folders` that has it; else what stands in its place.
    pub fn find(&self, folders: &[PathBuf]) -> Option<PathBuf> {
        let stands = |path: &PathBuf| path.exists() && !path.is_dir();
        self.places(folders).find(|path| path.is_file()).or_else(|| self.places(folders).find(stands))
    }
}

impl Source for DataSet {
    fn outline(&self) -> Result<Outline> {
        Ok(Outline {
            name: self.name.into(),
            shape: self.shape.to_vec(),
            classes: Some(self.classes),
            samples: None,
            bytes: self.files.iter().map(|file| file.unpacked.bytes).sum(),
        })
    }

    fn load(&self, folders: &[PathBuf]) -> Result<Data> {
        (self.load)(folders)
    }
}

impl DataSet {
    /// Its row in the list of kinds: it has no parameters.
    const fn kind(&self, build: fn(&Values) -> std::result::Result<Box<dyn Source>, String>) -> Kind<dyn Source> {
        Kind { name: self.name, aliases: &[], summary: self.summary, fields: &[], build }
    }

    /// All files of the set, in the order of [`DataSet::files`].
    fn locate(&self, folders: &[PathBuf]) -> Result<Vec<PathBuf>> {
        let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let missing = |file: &DataFile| {
            let looked = format!("not found; looked in {}", places.join(", "));
            Error::data(file.path, looked).with_help(self.advice())
        };
        self.files.iter().map(|file| file.find(folders).ok_or_else(|| missing(file))).collect()
    }

    /// How to come by the files.
    fn advice(&self) -> String {
        format!(
            "`twinfire data --fetch {}` fetches it; or name a folder that has it with --data or TWINFIRE_DATA",
            self.name
        )
    }
}

/// A data set of fixed contents.
#[derive(Debug)]
pub struct DataSet {
    pub name: &'static str,
    /// One sentence, shown by `twinfire list`.
    pub summary: &'static str,
    /// Shape of one sample.
    pub shape: &'static [usize],
    pub classes: usize,
    /// Original files; none when the set is embedded.
    pub files: &'static [DataFile],
    /// Reads the set, looking for its files below each of these folders in turn.
    pub load: fn(&[PathBuf]) -> Result<Data>,
}

/// Where data files are looked for: `--data DIR`, then `TWINFIRE_DATA`, then the user's
/// data folder.
pub fn folders(option: Option<&Path>) -> Vec<PathBuf> {
    let named = option.map(Path::to_path_buf).into_iter();
    named.chain(folder_in("TWINFIRE_DATA")).chain(user_folder()).collect()
}

/// The user's data folder: `$XDG_DATA_HOME/twinfire` or `~/.local/share/twinfire`.
pub fn user_folder() -> Option<PathBuf> {
    let data = folder_in("XDG_DATA_HOME").or_else(|| Some(folder_in("HOME")?.join(".local/share")));
    data.map(|folder| folder.join("twinfire"))
}

/// The folder that an environment variable names; an empty one names none.
fn folder_in(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_found_by_name_however_it_is_written() {
        for name in ["fashion_mnist", "fashion-mnist", "FashionMNIST"] {
            assert_eq!(find(name).unwrap().name, "fashion_mnist");
        }
        assert!(find("mnis").is_none());
    }

    #[test]
    fn what_a_row_says_is_what_the_embedded_sets_hold() {
        for set in SETS.iter().filter(|set| set.files.is_empty()) {
            let data = (set.load)(&[]).unwrap();
            assert_eq!((data.name.as_str(), data.classes.len()), (set.name, set.classes));
            for samples in [&data.train, &data.test] {
                assert_eq!(samples.shape, set.shape);
                let mut values = vec![0.0; samples.width()];
                for index in 0..samples.len() {
                    samples.read(index, &mut values);
                    assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
                    assert!(usize::from(samples.labels[index]) < set.classes);
                }
            }
        }
    }

    #[test]
    fn a_missing_file_says_where_it_was_looked_for_and_how_to_get_it() {
        let error = (find("mnist").unwrap().load)(&["here".into(), "there/too".into()]).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("mnist/train-images-idx3-ubyte.gz: not found; looked in here, there/too"),
            "{message}"
        );
        assert!(message.contains("`twinfire data --fetch mnist`"), "{message}");
    }

    #[test]
    fn the_folder_of_the_set_comes_first_and_both_forms_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("empty"), folder.path().to_path_buf()];
        let file = find("mnist").unwrap().files[0];
        assert_eq!(file.find(&folders), None);
        for name in ["train-images-idx3-ubyte", "mnist/train-images-idx3-ubyte", "mnist/train-images-idx3-ubyte.gz"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            assert_eq!(file.find(&folders), Some(path));
        }
    }
}
