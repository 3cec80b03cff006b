//! Which folder a run fills.

use std::fs;
use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::holding::{self, Taken};
use super::lock::Lock;
use super::record::{Record, State};
use super::{Output, Progress, Request, Way, leftovers};
use crate::error::{Error, Result};

/// Folders that this process fills.
static HELD: Mutex<Vec<Held>> = Mutex::new(Vec::new());

/// A folder that this process fills, or is about to.
struct Held {
    folder: PathBuf,
    /// Folders that were made for it, outermost first.
    made: Vec<PathBuf>,
    /// Whether no other process may fill it.
    locked: bool,
}

/// As many folders of one name as are looked at.
const MOST: u32 = 10_000;

/// Takes the folder that `request` names for its results, or else the first that is free.
///
/// # Errors
/// [`Error::Output`] when it cannot be made, is in use, or holds what this run may not replace.
pub fn open(request: &Request) -> Result<Output> {
    if let Some(folder) = request.folder.or(request.force.then_some(request.default)) {
        return take(folder, request)?.map_err(|why| refused(folder, why));
    }
    let mut first = None;
    for number in 1..MOST {
        let folder = numbered(request.default, number);
        match take(&folder, request)? {
            Ok(mut output) => {
                output.note = first.map(|why| note(request.default, why, &folder));
                return Ok(output);
            }
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(refused(request.default, "so are all folders with a number after this name: give one with -o".into()))
}

/// Clears what this process has on its way in folders that it holds, for a program that ends at once.
pub fn abandon() {
    let held = std::mem::take(&mut *HELD.lock().unwrap_or_else(PoisonError::into_inner));
    for Held { folder, made, .. } in held.into_iter().filter(|held| held.locked) {
        if let Some(record) = Record::read(&folder).filter(|record| record.state == State::Running) {
            let _ = super::note(&folder, &Record { state: State::Interrupted, ..record });
        }
        let _ = leftovers::clear(&folder);
        Lock::drop_of(&folder);
        made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder))); // only where they are empty
    }
}

/// Deletes folders that were made for `folder`, where they are empty.
pub(super) fn let_go(folder: &Path) {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(position) = held.iter().position(|held| held.folder == folder) else { return };
    held.swap_remove(position).made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
}

/// The trainings in `default` and the folders with a number after its name, the latest first.
pub fn trainings(default: &Path) -> Vec<(PathBuf, Record)> {
    let folders = (1..MOST).map(|number| numbered(default, number)).take_while(|folder| folder.exists());
    let read = |folder: PathBuf| Record::read(&folder).map(|record| (folder, record));
    let mut found: Vec<(PathBuf, Record)> =
        folders.filter_map(read).filter(|(_, record)| record.is_training()).collect();
    found.retain(|(folder, record)| record.has_results(folder));
    found.reverse();
    found
}

/// `runs/digits`, `runs/digits-2`, ...
fn numbered(folder: &Path, number: u32) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name.into()
}

fn note(default: &Path, why: String, folder: &Path) -> String {
    let held = why.split(';').next().unwrap_or_default().to_owned();
    let held = held.strip_prefix("it ").unwrap_or(&held);
    format!("{} {held}: this run goes to {}", default.display(), folder.display())
}

fn refused(folder: &Path, why: String) -> Error {
    Error::output(folder, IoError::new(ErrorKind::AlreadyExists, why))
}

/// Takes `folder`, or says why not.
fn take(folder: &Path, request: &Request) -> Result<std::result::Result<Output, String>> {
    if request.folder.is_none() && folder.symlink_metadata().is_ok() && !folder.is_dir() {
        return Ok(Err("it is no folder".into()));
    }
    let made = make(folder).map_err(|refused| Error::output(folder, refused))?;
    let held = || HELD.lock().unwrap_or_else(PoisonError::into_inner);
    held().push(Held { folder: folder.to_path_buf(), made, locked: false });
    let taken = take_made(folder, request);
    match taken {
        Ok(Ok(_)) => held().iter_mut().filter(|held| held.folder == folder).for_each(|held| held.locked = true),
        _ => let_go(folder),
    }
    taken
}

/// The same for a folder that is there.
fn take_made(folder: &Path, request: &Request) -> Result<std::result::Result<Output, String>> {
    let output = |lock: Lock, taken: Taken| Output {
        folder: folder.to_path_buf(),
        note: None,
        inputs: request.inputs.clone(),
        state: Mutex::new(progress(request, taken)),
        lock: Some(lock),
    };
    let lock = match Lock::take(folder) {
        Ok(Some(lock)) => lock,
        Ok(None) => return Ok(Err("it is in use by another twinfire; wait, or give another folder with -o".into())),
        Err(wrong) => {
            // A folder that may not be written into may hold results too, which is the better reason.
            let held = holding::judge(folder, request).ok().and_then(std::result::Result::err);
            return held.map_or(Err(Error::output(folder, wrong)), |why| Ok(Err(why)));
        }
    };
    match holding::judge(folder, request)? {
        Ok(taken) => {
            let output = output(lock, taken);
            leftovers::clear(folder).map_err(|refused| Error::output(folder, refused))?;
            Ok(Ok(output))
        }
        Err(why) => Ok(Err(why)),
    }
}

fn progress(request: &Request, taken: Taken) -> Progress {
    let in_place = request.way == Way::InPlace && taken.goes_on.is_some();
    let fresh = Record::new(request.kind, request.of.clone(), &request.origin);
    let record = match taken.goes_on {
        None => fresh,
        Some(record) if in_place => record,
        Some(record) => Record { files: record.files, parent: record.parent, ..fresh },
    };
    Progress { record, in_place, begun: false, replaced: taken.replaced }
}

/// Makes a folder and those above it; gives those that were not there, outermost first.
fn make(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let there = folder.ancestors().find(|path| path.symlink_metadata().is_ok());
    if let Some(no_folder) = there.filter(|path| !path.is_dir()) {
        let name = if no_folder == folder { "it".into() } else { no_folder.display().to_string() };
        return Err(IoError::new(ErrorKind::NotADirectory, format!("{name} is no folder")));
    }
    let missing = |path: &&Path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err();
    let mut made: Vec<PathBuf> = folder.ancestors().take_while(missing).map(Path::to_path_buf).collect();
    made.reverse();
    fs::create_dir_all(folder)?;
    Ok(made)
}
