//! Original files: which are there, whether they are intact, and how to get those that are not.
//!
//! A file is fetched to `NAME.part`, from where a later attempt goes on, compared with the
//! SHA-256 of the original, and only then given its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use ureq::http::{StatusCode, header};

use super::DataFile;
use crate::error::{Error, Result};
use crate::regular_file;

/// What stands in the place of an original file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A file of the right size; and of the right contents, where that was verified.
    Present,
    Missing,
    WrongSize {
        bytes: u64,
        original: u64,
    },
    /// The contents differ from the original.
    Changed,
    Unreadable(String),
}

/// Looks for `file` below `folders` and compares its size with the original, and with
/// `verify` its contents too: by SHA-256, or by CRC-32 when it has been unpacked.
pub fn inspect(file: &DataFile, folders: &[PathBuf], verify: bool) -> (Option<PathBuf>, Condition) {
    let Some(path) = file.find(folders) else {
        return (None, Condition::Missing);
    };
    let condition = compare(file, &path, verify).unwrap_or_else(|error| Condition::Unreadable(error.to_string()));
    (Some(path), condition)
}

fn compare(file: &DataFile, path: &Path, verify: bool) -> io::Result<Condition> {
    let unpacked = path.file_name() != Path::new(file.path).file_name();
    let original = if unpacked { file.unpacked.bytes } else { file.bytes };
    let bytes = open(path)?.metadata()?.len();
    if bytes != original {
        return Ok(Condition::WrongSize { bytes, original });
    }
    let same = match (verify, unpacked) {
        (false, _) => true,
        (true, false) => sha256(open(path)?)? == file.sha256,
        (true, true) => crc32fast::hash(&read(path, original)?) == file.unpacked.crc32,
    };
    Ok(if same { Condition::Present } else { Condition::Changed })
}

fn open(path: &Path) -> io::Result<File> {
    regular_file::open(path).map_err(io::Error::other)
}

fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    regular_file::read(path, most).map_err(io::Error::other)
}

/// Fetches `file` to its place below `folder` and gives its path. With a `mirror`, from
/// `MIRROR/PATH` and nowhere else. `progress` is told the bytes that are there and all bytes.
///
/// # Errors
/// [`Error::Data`] when no source gives the original; what has arrived is kept for the next
/// attempt, unless it was wrong. [`Error::Output`] when the folder cannot be written.
pub fn fetch(
    file: &DataFile,
    folder: &Path,
    mirror: Option<&str>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<PathBuf> {
    let target = folder.join(file.path);
    let mut part = Part::open(file, &target)?;
    let mut refusals = Vec::new();
    for url in urls(file, mirror) {
        match part.fill(&url, progress) {
            Ok(()) => return part.accept(&target),
            Err(Trouble::Source(reason)) => refusals.push(format!("{url} {reason}")),
            Err(Trouble::Disk(error)) => return Err(Error::output(&part.path, error)),
        }
    }
    let help = part.give_up(&target)?;
    Err(Error::data(file.path, format!("could not be fetched: {}", refusals.join("; "))).with_help(help))
}

fn urls(file: &DataFile, mirror: Option<&str>) -> Vec<String> {
    match mirror {
        Some(base) => vec![format!("{}/{}", base.trim_end_matches('/'), file.path)],
        None => file.urls.iter().map(|url| url.to_string()).collect(),
    }
}

/// Why an attempt failed.
enum Trouble {
    /// The other side's fault: what it did, as the rest of a sentence. The next source may do better.
    Source(String),
    Disk(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

fn refused<T>(reason: impl Into<String>) -> std::result::Result<T, Trouble> {
    Err(Trouble::Source(reason.into()))
}

/// A file on its way, locked against a second program that fetches it too.
struct Part<'f> {
    file: &'f DataFile,
    path: PathBuf,
    handle: File,
}

impl<'f> Part<'f> {
    fn open(file: &'f DataFile, target: &Path) -> Result<Self> {
        let path = target.with_added_extension("part");
        let open = || {
            fs::create_dir_all(target.parent().unwrap_or(Path::new(".")))?;
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)
        };
        let handle = open().map_err(|error| Error::output(&path, error))?;
        match handle.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Err(Error::data(&path, "another program is fetching this file")),
            // A file system without locks is no reason to refuse.
            _ => Ok(Self { file, path, handle }),
        }
    }

    /// Fetches what is missing from `url` and compares the whole with the original.
    fn fill(&mut self, url: &str, progress: &mut dyn FnMut(u64, u64)) -> std::result::Result<(), Trouble> {
        if self.handle.metadata()?.len() > self.file.bytes {
            self.handle.set_len(0)?;
        }
        if self.handle.metadata()?.len() < self.file.bytes {
            let mut body = self.request(url)?;
            self.receive(&mut body, progress)?;
        }
        self.handle.rewind()?;
        let sum = sha256(&self.handle)?;
        if sum != self.file.sha256 {
            self.handle.set_len(0)?;
            return refused(format!("gave a file with the SHA-256 {sum}, not {}; it was deleted", self.file.sha256));
        }
        Ok(())
    }

    /// Asks for the rest of the file, and places the handle where the answer goes.
    fn request(&mut self, url: &str) -> std::result::Result<impl Read + use<>, Trouble> {
        let have = self.handle.seek(SeekFrom::End(0))?;
        let ask = |first| get(url, first).or_else(|error| refused(format!("cannot be reached: {error}")));
        let mut answer = ask(have)?;
        if have > 0 && !continues(&answer, have) {
            // 200 is the whole file, from a server that knows no ranges; 206 and 416 are of no use.
            let of_no_use = [StatusCode::PARTIAL_CONTENT, StatusCode::RANGE_NOT_SATISFIABLE].contains(&answer.status());
            if of_no_use || answer.status() == StatusCode::OK {
                self.handle.set_len(0)?;
                self.handle.rewind()?;
            }
            if of_no_use {
                answer = ask(0)?;
            }
        }
        match answer.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(answer.into_body().into_reader()),
            status => refused(format!("answers {status}")),
        }
    }

    fn receive(
        &mut self,
        body: &mut impl Read,
        progress: &mut dyn FnMut(u64, u64),
    ) -> std::result::Result<(), Trouble> {
        let mut buffer = vec![0; 1 << 16];
        let mut have = self.handle.stream_position()?;
        let all = self.file.bytes;
        loop {
            progress(have, all);
            let count = match body.read(&mut buffer) {
                Ok(0) if have == all => return Ok(()),
                Ok(0) => return refused(format!("stopped after {have} of {all} bytes")),
                Ok(count) => count,
                Err(error) => return refused(format!("broke off after {have} of {all} bytes: {error}")),
            };
            have += count as u64;
            if have > all {
                self.handle.set_len(0)?;
                return refused(format!("gave more than the {all} bytes of the original; they were deleted"));
            }
            self.handle.write_all(&buffer[..count])?;
        }
    }

    /// Gives the complete file its name.
    fn accept(self, target: &Path) -> Result<PathBuf> {
        let finish = || {
            self.handle.sync_all()?;
            fs::rename(&self.path, target)
        };
        finish().map_err(|error| Error::output(target, error))?;
        Ok(target.to_path_buf())
    }

    /// What the user can do now. An empty part is removed.
    fn give_up(self, target: &Path) -> Result<String> {
        let kept = self.handle.metadata().map_err(|error| Error::output(&self.path, error))?.len();
        if kept > 0 {
            let all = self.file.bytes;
            return Ok(format!("{kept} of {all} bytes are kept; the same command goes on from there"));
        }
        fs::remove_file(&self.path).map_err(|error| Error::output(&self.path, error))?;
        Ok(format!("or put the file at {} yourself", target.display()))
    }
}

type Answer = ureq::http::Response<ureq::Body>;

/// Asks for a file from byte `first` on. Any status is an answer.
fn get(url: &str, first: u64) -> std::result::Result<Answer, ureq::Error> {
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_per_read(Some(Duration::from_secs(60)));
    if ["http://127.0.0.1", "http://localhost"].iter().any(|host| url.starts_with(host)) {
        // A proxy of the environment does not lead back to this machine.
        config = config.proxy(None);
    }
    let request = ureq::Agent::new_with_config(config.build()).get(url);
    if first > 0 { request.header(header::RANGE, format!("bytes={first}-")).call() } else { request.call() }
}

/// Whether an answer holds the file from byte `first` on.
fn continues(answer: &Answer, first: u64) -> bool {
    let range = answer.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let start = range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok());
    answer.status() == StatusCode::PARTIAL_CONTENT && start == Some(first)
}

fn sha256(mut reader: impl Read) -> io::Result<String> {
    let mut sum = Sha256::new();
    io::copy(&mut reader, &mut sum)?;
    Ok(format!("{:x}", sum.finalize()))
}
