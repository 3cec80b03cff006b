//! The folder that a command fills. Every command writes through an [`Output`], which replaces and deletes nothing
//! but what twinfire wrote there before, as the list in `run.json` says.
//!
//! ```text
//! open     takes the folder, or the next one that is free; holds it against other runs (`lock.rs`), clears what
//!          dead runs left (`leftovers.rs`), refuses to touch results of other runs (`holding.rs`)
//! stage    a folder in it, out of sight, in which a run writes what it likes
//! publish  lists in run.json (`record.rs`) what the stage holds, moves it to its place, deletes what it replaces
//! close    notes how the run ended, and lets the folder go; what was never begun leaves no trace
//! ```
//! A file is listed before it is there, so a run that is killed leaves none that is not.

mod holding;
mod identity;
mod leftovers;
mod lock;
mod place;
pub mod record;

pub use identity::are_same;
pub use place::{abandon, open, trainings};

use std::collections::BTreeSet;
use std::fs;
use std::io::{Error as IoError, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};

use crate::error::{Error, Result};
use crate::result::origin::{Of, Origin};
use lock::Lock;
use record::{Kind, Record, State};

pub use leftovers::{PREFIX, SUFFIX};

/// Where data are that could not be moved to their places.
pub const UNFINISHED: &str = "unfinished";

/// How a run comes to its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its results are the only ones there.
    New,
    /// It goes on with the training that is there.
    Resume,
    /// It draws again what is there.
    InPlace,
}

/// What a command asks for.
pub struct Request<'a> {
    pub kind: Kind,
    pub way: Way,
    /// The folder that the user named.
    pub folder: Option<&'a Path>,
    /// Where results go otherwise: here, or here with `-2`, `-3` and so on where that is not free.
    pub default: &'a Path,
    /// Whether earlier results may be replaced.
    pub force: bool,
    pub of: Of,
    pub origin: Origin,
    /// Files that the run reads: they are never replaced.
    pub inputs: Vec<PathBuf>,
}

/// A folder that is being filled, by one process.
pub struct Output {
    folder: PathBuf,
    /// What the user should know about the choice of the folder.
    pub note: Option<String>,
    inputs: Vec<PathBuf>,
    state: Mutex<Progress>,
    lock: Option<Lock>,
}

struct Progress {
    record: Record,
    /// Whether the state of the record is that of other results, which stay as they are.
    in_place: bool,
    /// Whether `run.json` is of this run.
    begun: bool,
    /// Files of an earlier run that go when results come.
    replaced: BTreeSet<String>,
}

impl Progress {
    /// Whether `run.json` is of this run and lists files with all these names.
    fn lists(&self, names: &[String]) -> bool {
        self.begun && self.record.files.as_ref().is_some_and(|files| names.iter().all(|name| files.contains(name)))
    }
}

impl Output {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Names the checkpoint that a training starts from.
    pub fn descend_from(&self, parent: Of) {
        self.progress().record.parent = Some(parent);
    }

    /// Refuses to go on when a file that will be written stands there already and is not twinfire's.
    ///
    /// # Errors
    /// [`Error::Output`] that names the file.
    pub fn expect(&self, names: &[String]) -> Result<()> {
        let progress = self.progress();
        names.iter().try_for_each(|name| self.require_free(name, &progress))
    }

    /// A folder out of sight, for files of the run until they are whole; deleted when it is dropped.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be made.
    pub fn stage(&self) -> Result<TempDir> {
        let stage = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&self.folder);
        stage.map_err(|refused| Error::output(&self.folder, refused))
    }

    /// Notes that the run is under way, unless earlier results stay until its own are there.
    ///
    /// # Errors
    /// [`Error::Output`] when the note cannot be written.
    pub fn begin(&self) -> Result<()> {
        let mut progress = self.progress();
        if progress.begun || !progress.replaced.is_empty() {
            return Ok(());
        }
        self.begin_with(&mut progress, &[])
    }

    /// Makes room for files that are written straight into the folder, such as checkpoints: lists them, and deletes
    /// what an earlier run left. Done once; further calls do nothing.
    ///
    /// # Errors
    /// [`Error::Output`] when one of them is there and not twinfire's, or when something cannot be written or deleted.
    pub fn claim(&self, names: &[String]) -> Result<()> {
        let mut progress = self.progress();
        if progress.lists(names) {
            return Ok(());
        }
        self.begin_with(&mut progress, names)?;
        self.clear_replaced(&mut progress, &names.iter().cloned().collect())?;
        self.note(&progress.record)
    }

    /// Writes one file in one step: it is there whole, or as it was.
    ///
    /// # Errors
    /// [`Error::Output`] when something stands there that is not twinfire's, or when it cannot be written.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let draft = draft(&path, bytes)?;
        self.claim(&[name.to_owned()])?;
        draft.persist(&path).map_err(|refused| Error::output(&path, refused.error))?;
        Ok(path)
    }

    /// Moves everything in `stage` to its place and deletes what it replaces; gives the paths.
    ///
    /// # Errors
    /// [`Error::Output`] when something stands in a place that is not twinfire's, or when a file cannot be moved.
    pub fn publish(&self, stage: TempDir, state: State) -> Result<Vec<PathBuf>> {
        self.bring_all(stage.path(), state)
    }

    /// The same with data that took long to compute: where they cannot be moved, as on a full disk, they stay in
    /// [`UNFINISHED`], and the error says so.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn publish_data(&self, stage: TempDir, state: State) -> Result<Vec<PathBuf>> {
        self.bring_all(stage.path(), state).map_err(|error| self.keep(stage, error))
    }

    /// Leaves what is in `stage` in the folder, as nobody's: it is neither read nor cleared. Gives the error that
    /// keeps it from being published, with where it is.
    pub fn keep(&self, stage: TempDir, error: Error) -> Error {
        let place = self.folder.join(UNFINISHED);
        let is_empty = fs::read_dir(stage.path()).is_ok_and(|mut entries| entries.next().is_none());
        let Error::Output { path, source } = error else { return error };
        if is_empty || place.symlink_metadata().is_ok() || fs::rename(stage.path(), &place).is_err() {
            return Error::Output { path, source };
        }
        let path = path.strip_prefix(stage.path()).map_or(path.clone(), |name| self.folder.join(name));
        let told = format!("{source}; what was computed is in {}", place.display());
        Error::Output { path, source: IoError::new(source.kind(), told) }
    }

    fn bring_all(&self, stage: &Path, state: State) -> Result<Vec<PathBuf>> {
        let mut names = Vec::new();
        walk(stage, "", &mut names).map_err(|refused| Error::output(&self.folder, refused))?;
        names.sort_by_key(|name| (rank(name), name.clone()));
        let mut progress = self.progress();
        match progress.lists(&names) {
            true => names.iter().try_for_each(|name| self.require_free(name, &progress))?,
            false => self.begin_with(&mut progress, &names)?,
        }
        for name in &names {
            self.bring(&stage.join(name), name)?;
        }
        self.clear_replaced(&mut progress, &names.iter().cloned().collect())?;
        if !progress.in_place {
            progress.record.state = state;
        }
        self.note(&progress.record)?;
        Ok(names.iter().map(|name| self.folder.join(name)).collect())
    }

    /// Notes how the run ended, lets the folder go, and gives the outcome back.
    ///
    /// # Errors
    /// That of the run, or [`Error::Output`] when the note cannot be written.
    pub fn close<T>(self, outcome: Result<T>) -> Result<T> {
        let state = match &outcome {
            Ok(_) => State::Done,
            Err(Error::Interrupted { .. }) => State::Interrupted,
            Err(_) => State::Failed,
        };
        let noted = self.settle(state);
        outcome.map_err(|error| self.in_place_of_stage(error)).and_then(|value| noted.map(|()| value))
    }

    /// An error of a file on its way as one of the file that it was to be.
    fn in_place_of_stage(&self, error: Error) -> Error {
        let Error::Output { path, source } = error else { return error };
        let mut parts = path.strip_prefix(&self.folder).unwrap_or(&path).components();
        let is_stage = parts.next().is_some_and(|first| first.as_os_str().to_string_lossy().starts_with(PREFIX));
        let path = if is_stage { self.folder.join(parts.as_path()) } else { path };
        Error::Output { path, source }
    }

    fn settle(&self, state: State) -> Result<()> {
        let mut progress = self.progress();
        if !progress.begun || progress.in_place {
            return Ok(());
        }
        progress.record.state = state;
        let is_there = |name: &String| self.folder.join(name).symlink_metadata().is_ok();
        progress.record.files.iter_mut().for_each(|files| files.retain(is_there));
        self.note(&progress.record)
    }

    /// Lists files before they are there.
    fn begin_with(&self, progress: &mut Progress, names: &[String]) -> Result<()> {
        names.iter().try_for_each(|name| self.require_free(name, progress))?;
        let files = progress.record.files.get_or_insert_default();
        files.extend(names.iter().chain(&progress.replaced).cloned());
        self.note(&progress.record)?;
        progress.begun = true;
        Ok(())
    }

    /// Deletes files of an earlier run, but those that are now this one's.
    fn clear_replaced(&self, progress: &mut Progress, kept: &BTreeSet<String>) -> Result<()> {
        for name in std::mem::take(&mut progress.replaced) {
            if !kept.contains(&name) {
                self.delete(&name)?;
                progress.record.files.get_or_insert_default().remove(&name);
            }
        }
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<()> {
        let path = self.folder.join(name);
        if self.link_on_the_way(name).is_some() || !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return Ok(());
        }
        fs::remove_file(&path).map_err(|refused| Error::output(&path, refused))?;
        if let Some(folder) = path.parent().filter(|parent| *parent != self.folder) {
            let _ = fs::remove_dir(folder); // only where it is empty
        }
        Ok(())
    }

    fn bring(&self, from: &Path, name: &str) -> Result<()> {
        let to = self.folder.join(name);
        let folder = to.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(|refused| Error::output(folder, refused))?;
        fs::rename(from, &to).map_err(|refused| Error::output(&to, refused))
    }

    /// Refuses to write over anything but a file of twinfire's own.
    fn require_free(&self, name: &str, progress: &Progress) -> Result<()> {
        let path = self.folder.join(name);
        if let Some(link) = self.link_on_the_way(name) {
            return Err(occupied(&link, "is a link or no folder, and files behind it are not replaced"));
        }
        let Ok(found) = path.symlink_metadata() else { return Ok(()) };
        let listed = progress.record.files.as_ref().is_some_and(|files| files.contains(name));
        if !found.is_file() || !(listed || progress.replaced.contains(name)) {
            return Err(occupied(&path, "is there, and twinfire did not write it"));
        }
        match self.inputs.iter().any(|input| are_same(input, &path)) {
            true => Err(occupied(&path, "is read by this run")),
            false => Ok(()),
        }
    }

    /// A folder on the way to a file that is none.
    fn link_on_the_way(&self, name: &str) -> Option<PathBuf> {
        let above = Path::new(name).ancestors().skip(1).filter(|part| !part.as_os_str().is_empty());
        let is_no_folder = |path: &PathBuf| path.symlink_metadata().is_ok_and(|found| !found.is_dir());
        above.map(|part| self.folder.join(part)).find(is_no_folder)
    }

    fn note(&self, record: &Record) -> Result<()> {
        note(&self.folder, record)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        drop(self.lock.take());
        place::let_go(&self.folder);
    }
}

fn occupied(path: &Path, what: &str) -> Error {
    let help = "move it away, or give another folder with -o";
    Error::output(path, IoError::new(ErrorKind::AlreadyExists, format!("it {what}; {help}")))
}

/// Summaries come last: where they are, everything is.
fn rank(name: &str) -> u8 {
    ["report.html", "layers.csv", "summary.json"].iter().position(|last| *last == name).map_or(0, |at| at as u8 + 1)
}

/// The files below `folder`, as paths with `/`.
fn walk(folder: &Path, above: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => walk(&entry.path(), &format!("{name}/"), names)?,
            false => names.push(name),
        }
    }
    Ok(())
}

/// Writes `run.json`.
fn note(folder: &Path, record: &Record) -> Result<()> {
    write(&folder.join(record::NAME), &serde_json::to_vec_pretty(record).unwrap_or_default())
}

/// Writes a file beside its place and moves it there.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    draft(path, bytes)?.persist(path).map(drop).map_err(|refused| Error::output(path, refused.error))
}

/// Writes a file beside its place.
fn draft(path: &Path, bytes: &[u8]) -> Result<NamedTempFile> {
    let save = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
        file.as_file_mut().write_all(bytes)?;
        Ok(file)
    };
    save().map_err(|refused| Error::output(path, refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_cannot_be_listed_stay_in_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        let of = Of::new(Path::new("m.toml"), "x");
        let request = Request {
            kind: Kind::Simulation,
            way: Way::New,
            folder: Some(&folder),
            default: &folder,
            force: false,
            of,
            origin: Origin::default(),
            inputs: Vec::new(),
        };
        let output = open(&request).unwrap();
        let stage = output.stage().unwrap();
        fs::write(stage.path().join("spikes.npz"), "data").unwrap();
        fs::create_dir(folder.join(record::NAME)).unwrap(); // cannot be written any more
        let refused = output.publish_data(stage, State::Running).unwrap_err().to_string();
        assert!(refused.contains("what was computed is in") && refused.contains(UNFINISHED), "{refused}");
        assert_eq!(fs::read(folder.join(UNFINISHED).join("spikes.npz")).unwrap(), b"data");
    }
}
