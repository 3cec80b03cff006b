//! The folder that a command fills, as its options name it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use twinfire::error::{Error, Result};
use twinfire::regular_file;
use twinfire::report::output::record::Kind;
use twinfire::report::output::{self, Output, Request, Way};
use twinfire::result::origin::{Of, Origin};
use twinfire::visible::visible;

use super::Options;
use super::quote::command_line;

/// So many strings of a file are looked at as names of files, and none longer than this.
const STRINGS: usize = 100_000;
const LONGEST: usize = 4096;

/// What a command fills a folder with.
pub struct Filling {
    pub kind: Kind,
    pub of: Of,
    /// What the command sets, as `--set` would.
    pub settings: Vec<String>,
    /// Files that it reads.
    pub inputs: Vec<PathBuf>,
}

impl Filling {
    /// The command and what it sets.
    pub fn origin(&self) -> Origin {
        Origin { command: command_line(), settings: self.settings.clone() }
    }

    /// Takes the folder for new results: `--output`, or else `default` or the next one like it.
    ///
    /// # Errors
    /// As [`output::open`].
    pub fn open(&self, options: &Options, default: &Path) -> Result<Output> {
        self.open_in(options, options.output.as_deref(), default, Way::New)
    }

    /// Takes `folder`, or else `default`, in this way; says where results go when that is not where they would.
    ///
    /// # Errors
    /// As [`output::open`].
    pub fn open_in(&self, options: &Options, folder: Option<&Path>, default: &Path, way: Way) -> Result<Output> {
        let Self { kind, of, inputs, .. } = self;
        let (of, inputs) = (of.clone(), inputs.clone());
        let request =
            Request { kind: *kind, way, folder, default, force: options.force, of, origin: self.origin(), inputs };
        let output = output::open(&request)?;
        output.note.iter().for_each(|note| say(note));
        Ok(output)
    }
}

/// A sentence on stderr that is no progress and no error.
pub fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(sentence));
}

/// The file at `path`, and its contents.
///
/// # Errors
/// [`Error::Data`] when it cannot be read.
pub fn file(path: &Path) -> Result<Of> {
    let bytes = regular_file::read_data(path, 1).map_err(|what| Error::data(path, what))?;
    Ok(Of::new(path, bytes))
}

/// The files that a run of the model or experiment file at `path` may read: itself, and every file that a string in it,
/// in a file that it names or in `settings` leads to.
pub fn inputs(path: &Path, settings: &[String]) -> Vec<PathBuf> {
    let mut found = vec![path.to_path_buf()];
    let above = path.parent().unwrap_or(Path::new(""));
    settings.iter().for_each(|setting| named(setting, &[above, Path::new("")], &mut found));
    let mut next = 0;
    while let Some(file) = found.get(next).cloned() {
        next += 1;
        if file.extension().is_some_and(|ending| ending == "toml") {
            let text = regular_file::read(&file, regular_file::TEXT).unwrap_or_default();
            let text = String::from_utf8(text).unwrap_or_default();
            named(&text, &[file.parent().unwrap_or(Path::new(""))], &mut found);
        }
    }
    found
}

/// Adds the files that strings in `text` name, from one of these folders.
fn named(text: &str, folders: &[&Path], found: &mut Vec<PathBuf>) {
    let parts = text.split(['"', '\'', '\n', '=']).map(str::trim);
    for part in parts.filter(|part| !part.is_empty() && part.len() < LONGEST).take(STRINGS) {
        let paths = folders.iter().map(|folder| folder.join(part));
        for path in paths.filter(|path| path.is_file()) {
            if !found.contains(&path) {
                found.push(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_model_names_are_inputs() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::write(path("m.toml"), "weight.file = \"w.npy\"\nv = { file = 'v.csv' }\ntitle = \"none\"").unwrap();
        std::fs::write(path("e.toml"), "model = \"m.toml\"").unwrap();
        ["w.npy", "v.csv", "set.npy"].iter().for_each(|name| std::fs::write(path(name), "").unwrap());
        let settings = ["projections.x.weight.file=set.npy".to_owned()];
        let names = ["e.toml", "set.npy", "m.toml", "w.npy", "v.csv"];
        assert_eq!(inputs(&path("e.toml"), &settings), names.map(path));
    }
}
