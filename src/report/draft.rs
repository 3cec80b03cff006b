//! A file that grows out of sight and is there, whole, when it is done.

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::output::{PREFIX, SUFFIX};
use crate::error::{Error, Result};

/// A file on its way to `path`. Dropped before it is finished, it leaves nothing behind.
pub(super) struct Draft {
    path: PathBuf,
    file: BufWriter<File>,
    place: TempPath,
}

impl Draft {
    /// Begins a file beside `path`, whose folder exists.
    ///
    /// # Errors
    /// [`Error::Output`] when no file can be made there.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let folder = path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder);
        let (file, place) = file.map_err(|source| Error::output(&path, source))?.into_parts();
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), path, place })
    }

    /// An error of writing as that of this file.
    pub fn refused(&self, source: io::Error) -> Error {
        Error::output(&self.path, source)
    }

    /// Moves the file to where it belongs, in place of what was there.
    ///
    /// # Errors
    /// [`Error::Output`] when the rest cannot be written or the file cannot be moved.
    pub fn finish(self) -> Result<PathBuf> {
        let Self { path, file, place } = self;
        let kept = file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
            file.set_permissions(readable(&file)?)?;
            place.persist(&path).map_err(|refused| refused.error)
        });
        match kept {
            Ok(_) => Ok(path),
            Err(source) => Err(Error::output(&path, source)),
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Temporary files are private; results are as readable as any other file.
#[cfg(unix)]
pub(super) fn readable(_: &File) -> io::Result<Permissions> {
    Ok(std::os::unix::fs::PermissionsExt::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn readable(file: &File) -> io::Result<Permissions> {
    Ok(file.metadata()?.permissions())
}

/// The folder that holds `path`, made if need be.
pub(super) fn parent_of(path: &Path) -> Result<PathBuf> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(|source| Error::output(&parent, source))?;
    Ok(parent)
}

/// Writes beside `path` first, so that there is never half a file.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    parent_of(path)?;
    let mut draft = Draft::new(path)?;
    draft.write_all(bytes).map_err(|source| draft.refused(source))?;
    draft.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.txt");
        let mut draft = Draft::new(&path).unwrap();
        draft.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(draft);
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        let mut draft = Draft::new(&path).unwrap();
        draft.write_all(b"whole").unwrap();
        assert_eq!(std::fs::read(draft.finish().unwrap()).unwrap(), b"whole");
        assert!(matches!(Draft::new(place.path().join("no/a.txt")), Err(Error::Output { .. })));
    }
}
