//! Checkpoint files: a header of any serde type and named matrices, in one file that is
//! written whole or not at all, and read only when every byte is as it was written.
//!
//! ```text
//! offset  bytes
//!      0  8   "TWINFIRE"
//!      8  4   format version, 2
//!     12  4   codec of the header: 1 = bincode 2, standard configuration
//!     16  8   length of the whole file
//!     24  8   length H of the header
//!     32  4   CRC-32 of bytes 8..32 and of the header
//!     36  H   header: what the caller gave, then name, rows, columns, CRC-32 of each matrix
//!   36+H  ..  the matrices, one after the other: f32, column by column
//! ```
//!
//! All numbers are little-endian. This file is the only user of bincode.

use std::io::Write as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::matrix::Matrix;
use crate::regular_file;

const MAGIC: &[u8; 8] = b"TWINFIRE";
/// What files began with before the program had its name.
const FORMER: &[u8; 8] = b"SYNFIRE\0";
const VERSION: u32 = 2;
const BINCODE: u32 = 1;
const PREFIX: usize = 36;

/// No header is longer: a length beyond it is damage, and is never allocated.
const HEADER_LIMIT: usize = 64 << 20;

/// What a checkpoint file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot<H> {
    pub header: H,
    pub matrices: Vec<(String, Matrix)>,
}

/// Why bytes are no checkpoint that this program can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    NotACheckpoint,
    /// Made before the program was called twinfire.
    Former,
    /// Format version 1, which numbered its matrices.
    Earlier,
    /// Format version of a later twinfire.
    Newer(u32),
    /// A version or codec that no twinfire ever wrote.
    UnknownFormat,
    /// Cut short: so many bytes of so many.
    Truncated {
        found: u64,
        expected: u64,
    },
    /// So many bytes follow the end.
    TooLong(u64),
    /// A checksum does not fit; the part that is damaged.
    Damaged(String),
    /// The checksums fit, but the header is not what this program expects.
    OtherHeader(String),
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotACheckpoint => write!(f, "is not a checkpoint of twinfire"),
            Self::Former => write!(f, "was made by synfire, as this program was called; twinfire does not read it"),
            Self::Earlier => write!(f, "was made by an earlier twinfire, whose parameters had no names"),
            Self::Newer(version) => {
                write!(f, "was made by a newer twinfire: format {version}, this one reads up to {VERSION}")
            }
            Self::UnknownFormat => write!(f, "is damaged: its format version or codec does not exist"),
            Self::Truncated { found, expected } => write!(f, "is truncated: {found} bytes of {expected}"),
            Self::TooLong(extra) => write!(f, "is damaged: {extra} bytes follow its end"),
            Self::Damaged(part) => write!(f, "is damaged: the checksum of {part} does not fit"),
            Self::OtherHeader(why) => write!(f, "holds a header that this twinfire does not understand: {why}"),
        }
    }
}

impl Damage {
    fn help(&self) -> &'static str {
        match self {
            Self::NotACheckpoint => "checkpoints are the .twinfire files that `twinfire train` writes",
            Self::Newer(_) => "use the twinfire that made it, or train again",
            Self::OtherHeader(_) => "it was made by another version of twinfire; train again with this one",
            Self::Former | Self::Earlier => "train again with this version",
            _ => "restore the file from a copy, or train again",
        }
    }
}

/// One matrix as the header announces it.
#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    rows: u64,
    columns: u64,
    checksum: u32,
}

/// Writes a checkpoint. The file at `path` is replaced in one step, when everything is on disk and `ready` has
/// made room.
///
/// The header must be of a plain serde type: bincode writes no field names, so attributes
/// such as `untagged`, `flatten` and `skip_serializing_if` do not work in it.
///
/// # Errors
/// [`Error::Output`] when the folder or the file cannot be written; that of `ready`.
pub fn write<H: Serialize>(
    path: &Path,
    header: &H,
    matrices: &[(&str, &Matrix)],
    ready: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = || {
        let bytes = to_bytes(header, matrices)?;
        let mut file = temporary(folder)?;
        file.as_file_mut().write_all(&bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let refused = |error| Error::output(path, error);
    let file = draft().map_err(refused)?;
    ready()?;
    file.persist(path).map(drop).map_err(|wrong| refused(wrong.error))
}

/// A file beside the final one, with the permissions that a new file usually gets.
fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".twinfire-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Bytes in memory for a byte of a checkpoint, together with what is read from it.
const COPIES: u64 = 2;

/// Reads a checkpoint.
///
/// # Errors
/// [`Error::Data`] when the file is missing, is no checkpoint, was made by a newer twinfire,
/// is truncated or damaged anywhere.
pub fn read<H: DeserializeOwned>(path: &Path) -> Result<Snapshot<H>> {
    let bytes = regular_file::read_data(path, COPIES).map_err(|what| Error::data(path, what))?;
    from_bytes(&bytes).map_err(|damage| Error::data(path, damage.to_string()).with_help(damage.help()))
}

/// Whether the file begins as a checkpoint does.
pub fn is_checkpoint(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let read = regular_file::open(path).map(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    read.is_ok_and(|read| read.is_ok()) && [MAGIC, FORMER].contains(&&start)
}

/// The bytes of a checkpoint file.
///
/// # Errors
/// When the header does not serialize or is over 64 MiB.
pub fn to_bytes<H: Serialize>(header: &H, matrices: &[(&str, &Matrix)]) -> std::io::Result<Vec<u8>> {
    let values: Vec<Vec<u8>> = matrices.iter().map(|(_, matrix)| little_endian(matrix)).collect();
    let entry = |((name, matrix), bytes): (&(&str, &Matrix), &Vec<u8>)| Entry {
        name: (*name).to_string(),
        rows: matrix.nrows() as u64,
        columns: matrix.ncols() as u64,
        checksum: crc32fast::hash(bytes),
    };
    let entries: Vec<Entry> = matrices.iter().zip(&values).map(entry).collect();
    let header =
        bincode::serde::encode_to_vec((header, entries), bincode::config::standard()).map_err(std::io::Error::other)?;
    if header.len() > HEADER_LIMIT {
        return Err(std::io::Error::other("the header is over 64 MiB"));
    }
    let length = PREFIX + header.len() + values.iter().map(Vec::len).sum::<usize>();
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(BINCODE.to_le_bytes());
    bytes.extend((length as u64).to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header_checksum(&bytes[8..32], &header).to_le_bytes());
    bytes.extend(header);
    values.iter().for_each(|matrix| bytes.extend(matrix));
    Ok(bytes)
}

/// What a checkpoint file with these bytes holds.
///
/// # Errors
/// [`Damage`] when the bytes are not exactly what [`to_bytes`] gave.
pub fn from_bytes<H: DeserializeOwned>(bytes: &[u8]) -> std::result::Result<Snapshot<H>, Damage> {
    let (header, mut rest) = split(bytes)?;
    let limited = bincode::config::standard().with_limit::<HEADER_LIMIT>();
    let ((header, entries), used): ((H, Vec<Entry>), usize) =
        bincode::serde::decode_from_slice(header, limited).map_err(|error| Damage::OtherHeader(error.to_string()))?;
    if PREFIX + used + rest.len() != bytes.len() {
        return Err(Damage::OtherHeader("it is longer than expected".into()));
    }
    let mut matrices = Vec::with_capacity(entries.len());
    for entry in entries {
        let (matrix, after) = read_matrix(&entry, rest)?;
        matrices.push((entry.name, matrix));
        rest = after;
    }
    if !rest.is_empty() {
        return Err(Damage::TooLong(rest.len() as u64));
    }
    Ok(Snapshot { header, matrices })
}

/// The header and what follows it, after every check that the prefix allows.
fn split(bytes: &[u8]) -> std::result::Result<(&[u8], &[u8]), Damage> {
    let found = bytes.len() as u64;
    if bytes.starts_with(FORMER) {
        return Err(Damage::Former);
    }
    if !bytes.starts_with(MAGIC) {
        return Err(Damage::NotACheckpoint);
    }
    if bytes.len() < PREFIX {
        return Err(Damage::Truncated { found, expected: PREFIX as u64 });
    }
    match (number(bytes, 8), number(bytes, 12)) {
        (VERSION, BINCODE) => {}
        (1, BINCODE) => return Err(Damage::Earlier),
        (version, _) if (VERSION + 1..1000).contains(&version) => return Err(Damage::Newer(version)),
        _ => return Err(Damage::UnknownFormat),
    }
    let (expected, header_length) = (long_number(bytes, 16), long_number(bytes, 24));
    if found < expected {
        return Err(Damage::Truncated { found, expected });
    }
    if found > expected {
        return Err(Damage::TooLong(found - expected));
    }
    if header_length > found - PREFIX as u64 || header_length > HEADER_LIMIT as u64 {
        return Err(Damage::Damaged("the header".into()));
    }
    let (header, rest) = bytes[PREFIX..].split_at(header_length as usize);
    if header_checksum(&bytes[8..32], header) != number(bytes, 32) {
        return Err(Damage::Damaged("the header".into()));
    }
    Ok((header, rest))
}

/// The matrix at the start of `bytes`, and what follows it.
fn read_matrix<'b>(entry: &Entry, bytes: &'b [u8]) -> std::result::Result<(Matrix, &'b [u8]), Damage> {
    let size = entry.rows.checked_mul(entry.columns).and_then(|values| values.checked_mul(4));
    let Some(size) = size.filter(|&size| size <= bytes.len() as u64) else {
        return Err(Damage::OtherHeader(format!("`{}` does not fit into the file", entry.name)));
    };
    let (own, rest) = bytes.split_at(size as usize);
    if crc32fast::hash(own) != entry.checksum {
        return Err(Damage::Damaged(format!("`{}`", entry.name)));
    }
    let (groups, _) = own.as_chunks::<4>();
    let values = groups.iter().map(|&group| f32::from_le_bytes(group));
    Ok((Matrix::from_iterator(entry.rows as usize, entry.columns as usize, values), rest))
}

fn little_endian(matrix: &Matrix) -> Vec<u8> {
    matrix.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn header_checksum(prefix: &[u8], header: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(prefix);
    hasher.update(header);
    hasher.finalize()
}

/// The u32 at `offset` of a whole prefix.
fn number(bytes: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes([bytes[offset], bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]])
}

/// The u64 at `offset` of a whole prefix.
fn long_number(bytes: &[u8], offset: usize) -> u64 {
    u64::from(number(bytes, offset)) | u64::from(number(bytes, offset + 4)) << 32
}
