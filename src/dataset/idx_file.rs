//! IDX, the format of MNIST and of sets made like it, plain or gzip-compressed.
//!
//! ```text
//! 0  0  type  rank            type 0x08: unsigned bytes
//! size of each dimension      rank times 4 bytes, most significant first
//! values                      last dimension fastest
//! ```

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::ops::RangeInclusive;
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::regular_file;

/// The values of an IDX file.
#[derive(Debug, PartialEq)]
pub(super) struct Array {
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
    /// Checksum of the whole file, unpacked.
    pub crc32: u32,
}

/// How many dimensions an array may have.
type Ranks = RangeInclusive<usize>;

/// Reads an IDX file of so many dimensions and bytes, plain or compressed, whatever its name; of one that has
/// more, not many more are read.
pub(super) fn read(path: &Path, ranks: Ranks, length: u64) -> Result<Array> {
    let array = open(path).and_then(|file| parse(file, &ranks, length));
    array.map_err(|what| Error::data(path, what))
}

/// The shape of the array in an IDX file, of which only the header is read.
pub(super) fn shape_in(path: &Path, ranks: Ranks) -> Result<Vec<usize>> {
    let header = open(path).and_then(|mut file| header(&mut file, &ranks));
    header.map(|(_, sizes)| sizes).map_err(|what| Error::data(path, what))
}

/// The contents of a file, unpacked.
fn open(path: &Path) -> std::result::Result<Box<dyn Read>, String> {
    let mut file = BufReader::new(regular_file::open(path)?);
    let begins = file.fill_buf().map_err(|error| format!("cannot be read: {error}"))?;
    Ok(if begins.starts_with(&[0x1f, 0x8b]) { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// The header of an array, and the sizes that it tells.
fn header(reader: &mut impl Read, ranks: &Ranks) -> std::result::Result<(Vec<u8>, Vec<usize>), String> {
    let mut header = vec![0; 4];
    reader.read_exact(&mut header).map_err(damage)?;
    let rank = rank(&header, ranks)?;
    header.resize(4 + 4 * rank, 0);
    reader.read_exact(&mut header[4..]).map_err(damage)?;
    let sizes = header[4..].as_chunks().0.iter().map(|&size| u32::from_be_bytes(size) as usize).collect();
    Ok((header, sizes))
}

fn parse(mut reader: impl Read, ranks: &Ranks, length: u64) -> std::result::Result<Array, String> {
    let (header, sizes) = header(&mut reader, ranks)?;
    let wanted = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let wanted = wanted.filter(|&bytes| bytes < 1 << 40).ok_or("its header promises more values than there can be")?;
    let promise = format!("its header promises {} values", shape(&sizes));
    if wanted as u64 > length {
        return Err(format!("holds more than it should: {promise}, more than the {length} bytes that it can have"));
    }
    regular_file::require_room(wanted as u64)?;
    let mut bytes = Vec::new();
    reader.take(wanted as u64 + 1).read_to_end(&mut bytes).map_err(damage)?;
    if bytes.len() < wanted {
        return Err(format!("is truncated: {promise}, there are {}", bytes.len()));
    }
    if bytes.len() > wanted {
        return Err(format!("holds more than it should: {promise}, and more bytes follow"));
    }
    let mut sum = crc32fast::Hasher::new();
    sum.update(&header);
    sum.update(&bytes);
    Ok(Array { shape: sizes, bytes, crc32: sum.finalize() })
}

/// The number of dimensions that the first four bytes tell.
fn rank(magic: &[u8], ranks: &Ranks) -> std::result::Result<usize, String> {
    if magic[..2] != [0, 0] {
        return Err(format!("is not an IDX file: it starts with the bytes {magic:02x?}"));
    }
    if magic[2] != 8 {
        return Err(format!("holds values of IDX type 0x{:02x}; images and labels are bytes (0x08)", magic[2]));
    }
    let rank = usize::from(magic[3]);
    if !ranks.contains(&rank) {
        let (least, most) = (*ranks.start(), *ranks.end());
        let role = if most == 1 { "labels" } else { "images" };
        let have = if least == most { least.to_string() } else { format!("{least} to {most}") };
        return Err(format!("has {rank} dimensions where {role} have {have}: the wrong file?"));
    }
    Ok(rank)
}

/// What a failed read of file contents means.
fn damage(error: std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "is truncated: the file ends too early".into(),
        _ => format!("is corrupt: {error}"),
    }
}

/// `60000 x 28 x 28`
pub(super) fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
        let mut file = vec![0, 0, 8, shape.len() as u8];
        shape.iter().for_each(|size| file.extend(size.to_be_bytes()));
        [file, bytes.to_vec()].concat()
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// What `contents` reads as, or why not.
    fn read_back(contents: &[u8], rank: usize) -> std::result::Result<Array, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, contents).unwrap();
        read(&path, rank..=rank, 1 << 30)
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn plain_and_compressed_files_read_the_same() {
        let file = idx(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        let array = read_back(&file, 3).unwrap();
        assert_eq!((array.shape.as_slice(), array.bytes.as_slice()), (&[2, 1, 3][..], &[1, 2, 3, 4, 5, 6][..]));
        assert_eq!(array.crc32, crc32fast::hash(&file));
        assert_eq!(read_back(&packed(&file), 3).unwrap(), array);
    }

    #[test]
    fn damaged_files_say_what_is_wrong() {
        let good = idx(&[5], &[0, 1, 2, 3, 4]);
        let zip = packed(&idx(&[100], &[7; 100]));
        let mut flipped = zip.clone();
        let middle = zip.len() - 6;
        flipped[middle] ^= 1;
        for (contents, known) in [
            (b"<html>".to_vec(), "FILE: is not an IDX file: it starts with the bytes [3c, 68, 74, 6d]"),
            (vec![], "FILE: is truncated: the file ends too early"),
            (good[..6].to_vec(), "FILE: is truncated: the file ends too early"),
            (good[..10].to_vec(), "FILE: is truncated: its header promises 5 values, there are 2"),
            (
                [&good[..], &[9]].concat(),
                "FILE: holds more than it should: its header promises 5 values, and more bytes follow",
            ),
            (idx(&[1, 1, 1], &[0]), "FILE: has 3 dimensions where labels have 1: the wrong file?"),
            (vec![0, 0, 0x0d, 1], "FILE: holds values of IDX type 0x0d; images and labels are bytes (0x08)"),
            (zip[..zip.len() - 9].to_vec(), "FILE: is truncated: the file ends too early"),
            (flipped, "FILE: is corrupt: corrupt gzip stream does not have a matching checksum"),
            ([&zip[..], b"tail of something else"].concat(), "FILE: is corrupt: invalid gzip header"),
        ] {
            assert_eq!(read_back(&contents, 1).unwrap_err(), known);
        }
        let huge = idx(&[u32::MAX, u32::MAX, u32::MAX], &[]);
        assert_eq!(read_back(&huge, 3).unwrap_err(), "FILE: its header promises more values than there can be");
    }
}
