//! One run at a time in a folder: a lock that ends with the process that holds it, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::identity::is_same;

/// The file that is locked; it is there as long as a run is.
pub(super) const NAME: &str = ".twinfire.lock";

/// A folder held against other runs. Dropped, it is free again.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the lock of `folder`, which exists; `None` where another process has it.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(NAME);
        loop {
            refuse_link(&path)?;
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
            if !locked(&file)? {
                return Ok(None);
            }
            // Whoever held it before may have deleted the file between opening and locking.
            if is_same(&file, &path) {
                return Ok(Some(Self { path, _file: file }));
            }
        }
    }
}

impl Lock {
    /// Deletes the file of the lock that this process has of `folder`.
    pub fn drop_of(folder: &Path) {
        let _ = std::fs::remove_file(folder.join(NAME));
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Locks the file, where the file system can; whether no other process has done so.
fn locked(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(wrong)) if wrong.kind() == ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(wrong)) => Err(wrong),
    }
}

fn refuse_link(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(found) if !found.is_file() => Err(io::Error::other(format!("{} is no file", path.display()))),
        _ => Ok(()),
    }
}
