//! Files that are read: regular ones only (a pipe or a device may never end), and never more bytes of
//! them than what they are for can need.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::memory;

/// The most bytes that a text a user writes has: a model, an experiment, a summary.
pub const TEXT: u64 = 64 << 20;

/// Opens the regular file at `path`.
///
/// # Errors
/// What is wrong with it: "is no regular file", "cannot be read: ...".
pub fn open(path: &Path) -> Result<File, String> {
    let refused = |wrong: std::io::Error| format!("cannot be read: {wrong}");
    if !std::fs::metadata(path).map_err(refused)?.is_file() {
        return Err(NOT_REGULAR.into());
    }
    let file = open_at_once(path).map_err(refused)?;
    // What calls itself a file of no bytes and has some is made by the system while it is read, as in /proc.
    let is_empty = || (&file).read(&mut [0]).is_ok_and(|bytes| bytes == 0);
    match file.metadata().map_err(refused)?.len() {
        0 if !is_empty() => Err(NOT_REGULAR.into()),
        _ => Ok(file),
    }
}

const NOT_REGULAR: &str = "is no regular file";

/// Opens a file so that reading never waits for somebody who writes it.
#[cfg(unix)]
fn open_at_once(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(flags.cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// The bytes of the regular file at `path`, which are `most` at most.
///
/// # Errors
/// As [`open`], and when it is larger.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    let reading = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
    reading.map_err(|wrong| format!("cannot be read: {wrong}"))?;
    if bytes.len() as u64 > most {
        return Err(format!("is larger than the {} that it can have", size(most)));
    }
    Ok(bytes)
}

/// The bytes of the regular file at `path`, where `times` as many fit into memory.
///
/// # Errors
/// As [`read`].
pub fn read_data(path: &Path, times: u64) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(path).map_err(|wrong| format!("cannot be read: {wrong}"))?.len();
    require_room(length.saturating_mul(times))?;
    let free = memory::free().map_or(u64::MAX, |free| free.bytes);
    read(path, free / times.max(1))
}

/// Refuses contents of so many bytes where they do not fit into memory.
///
/// # Errors
/// A sentence with both figures.
pub fn require_room(bytes: u64) -> Result<(), String> {
    match memory::free() {
        Some(free) if bytes > free.bytes => Err(format!("takes {} to read, and {free}", size(bytes))),
        _ => Ok(()),
    }
}

/// Bytes in words.
pub fn size(bytes: u64) -> String {
    match bytes as f64 {
        bytes if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.0} MB", bytes / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read_and_no_more_of_them_than_allowed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), 10).unwrap_err(), "is no regular file");
        assert_eq!(read(Path::new("/dev/zero"), 10).unwrap_err(), "is no regular file");
        assert!(read(Path::new("no/such.csv"), 10).unwrap_err().starts_with("cannot be read: "));
        let path = folder.path().join("x");
        std::fs::write(&path, b"0123456789").unwrap();
        assert_eq!(read(&path, 10).unwrap().len(), 10);
        assert_eq!(read(&path, 9).unwrap_err(), "is larger than the 0 MB that it can have");
        assert_eq!(read_data(&path, 4).unwrap().len(), 10);
        assert!(require_room(u64::MAX / 2).is_err_and(|what| what.contains("are")) || memory::free().is_none());
    }
}
