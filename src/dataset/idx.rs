//! IDX, the format of MNIST and of sets made like it, plain or gzip-compressed.
//!
//! ```text
//! 0  0  type  rank            type 0x08: unsigned bytes
//! size of each dimension      rank times 4 bytes, most significant first
//! values                      last dimension fastest
//! ```

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::{Data, DataSet, SampleValues, Samples, Unpacked};
use crate::error::{Error, Result};
use crate::regular_file;

/// The values of an IDX file.
#[derive(Debug, PartialEq)]
struct Array {
    shape: Vec<usize>,
    bytes: Vec<u8>,
    /// Checksum of the whole file, unpacked.
    crc32: u32,
}

/// Loads a set whose files are, in this order, training images and labels, test images and
/// labels. Every file is checked to be the original.
pub(super) fn load(set: &'static DataSet, classes: &[&str], folders: &[PathBuf]) -> Result<Data> {
    let paths = set.locate(folders)?;
    let part = |first: usize| {
        let images = original(&paths[first], 3, set, first)?;
        let labels = original(&paths[first + 1], 1, set, first + 1)?;
        join((&paths[first], images), (&paths[first + 1], labels), set)
    };
    let classes = classes.iter().map(|name| name.to_string()).collect();
    Ok(Data { name: set.name.into(), classes, train: part(0)?, test: part(2)?, checksum: String::new() })
}

/// Reads file `index` of a set and compares it with the original.
fn original(path: &Path, rank: usize, set: &DataSet, index: usize) -> Result<Array> {
    let advice = || format!("move it away, then `twinfire data --fetch {}` fetches the original", set.name);
    let known = set.files[index].unpacked;
    let array = read(path, rank, known.bytes).map_err(|error| error.with_help(advice()))?;
    let unpacked = Unpacked { bytes: (4 + 4 * rank + array.bytes.len()) as u64, crc32: array.crc32 };
    let differs = match unpacked.bytes == known.bytes {
        false => format!("it holds {} bytes, not {}", unpacked.bytes, known.bytes),
        true => format!("its checksum (CRC-32) is {:08x}, not {:08x}", unpacked.crc32, known.crc32),
    };
    if unpacked != known {
        let what = format!("is not the original file of {}: {differs}", set.name);
        return Err(Error::data(path, what).with_help(advice()));
    }
    Ok(array)
}

/// Images and labels as samples, if they belong together.
fn join(images: (&Path, Array), labels: (&Path, Array), set: &DataSet) -> Result<Samples> {
    let (count, labels_path) = (images.1.shape[0], labels.0);
    if images.1.shape[1..] != *set.shape {
        let what = format!("holds images of {}, not {}", shape(&images.1.shape[1..]), shape(set.shape));
        return Err(Error::data(images.0, what));
    }
    if labels.1.bytes.len() != count {
        let what = format!("holds {} labels for the {count} images of {}", labels.1.bytes.len(), images.0.display());
        return Err(Error::data(labels_path, what));
    }
    if let Some(sample) = labels.1.bytes.iter().position(|&label| usize::from(label) >= set.classes) {
        let (label, last) = (labels.1.bytes[sample], set.classes - 1);
        return Err(Error::data(labels_path, format!("sample {sample} has the label {label}, above {last}")));
    }
    Ok(Samples {
        shape: set.shape.to_vec(),
        values: SampleValues::Bytes { bytes: images.1.bytes, white: 255 },
        labels: labels.1.bytes.iter().map(|&label| u16::from(label)).collect(),
    })
}

/// Reads an IDX file of so many dimensions and bytes, plain or compressed, whatever its name; of one that has
/// more, not many more are read.
fn read(path: &Path, rank: usize, length: u64) -> Result<Array> {
    let unreadable = |error: std::io::Error| Error::data(path, format!("cannot be read: {error}"));
    let mut file = BufReader::new(regular_file::open(path).map_err(|what| Error::data(path, what))?);
    let packed = file.fill_buf().map_err(unreadable)?.starts_with(&[0x1f, 0x8b]);
    let array = if packed { parse(MultiGzDecoder::new(file), rank, length) } else { parse(file, rank, length) };
    array.map_err(|what| Error::data(path, what))
}

fn parse(mut reader: impl Read, rank: usize, length: u64) -> std::result::Result<Array, String> {
    let mut header = vec![0; 4 + 4 * rank];
    reader.read_exact(&mut header[..4]).map_err(damage)?;
    check_magic(&header[..4], rank)?;
    reader.read_exact(&mut header[4..]).map_err(damage)?;
    let sizes = header[4..].chunks_exact(4).map(|size| u32::from_be_bytes([size[0], size[1], size[2], size[3]]));
    let sizes: Vec<usize> = sizes.map(|size| size as usize).collect();
    let wanted = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let wanted = wanted.filter(|&bytes| bytes < 1 << 40).ok_or("its header promises more values than there can be")?;
    let promise = format!("its header promises {} values", shape(&sizes));
    if wanted as u64 > length {
        return Err(format!("holds more than it should: {promise}, more than the {length} bytes that it can have"));
    }
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

fn check_magic(magic: &[u8], rank: usize) -> std::result::Result<(), String> {
    if magic[..2] != [0, 0] {
        return Err(format!("is not an IDX file: it starts with the bytes {magic:02x?}"));
    }
    if magic[2] != 8 {
        return Err(format!("holds values of IDX type 0x{:02x}; images and labels are bytes (0x08)", magic[2]));
    }
    if usize::from(magic[3]) != rank {
        let (expected, role) = if rank == 1 { (1, "labels") } else { (rank, "images") };
        return Err(format!("has {} dimensions where {role} have {expected}: the wrong file?", magic[3]));
    }
    Ok(())
}

/// What a failed read of file contents means.
fn damage(error: std::io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "is truncated: the file ends too early".into(),
        _ => format!("is corrupt: {error}"),
    }
}

/// `60000 x 28 x 28`
fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::DataFile;
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
        read(&path, rank, 1 << 30).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
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

    /// A set of 2 + 1 images of 2 x 2 pixels in two classes, its files in `folder`.
    fn small_set(folder: &Path, contents: [Vec<u8>; 4]) -> &'static DataSet {
        const NAMES: [&str; 4] = ["s/a-images.gz", "s/a-labels.gz", "s/b-images.gz", "s/b-labels.gz"];
        std::fs::create_dir_all(folder.join("s")).unwrap();
        let file = |(path, contents): (&'static str, &Vec<u8>)| {
            std::fs::write(folder.join(path), packed(contents)).unwrap();
            let unpacked = Unpacked { bytes: contents.len() as u64, crc32: crc32fast::hash(contents) };
            DataFile { path, bytes: 0, sha256: "", unpacked, urls: &[] }
        };
        let files: Vec<DataFile> = NAMES.into_iter().zip(&contents).map(file).collect();
        let load = |_: &[PathBuf]| Err(Error::Run("not used".into()));
        Box::leak(Box::new(DataSet {
            name: "small",
            summary: "",
            shape: &[2, 2],
            classes: 2,
            files: files.leak(),
            load,
        }))
    }

    fn good_files() -> [Vec<u8>; 4] {
        [idx(&[2, 2, 2], &[0, 50, 100, 255, 1, 2, 3, 4]), idx(&[2], &[1, 0]), idx(&[1, 2, 2], &[9; 4]), idx(&[1], &[1])]
    }

    #[test]
    fn a_set_of_four_files_loads() {
        let folder = tempfile::tempdir().unwrap();
        let set = small_set(folder.path(), good_files());
        let data = load(set, &["a", "b"], &[folder.path().into()]).unwrap();
        assert_eq!((data.train.labels.as_slice(), data.test.labels.as_slice()), (&[1, 0][..], &[1][..]));
        let mut pixels = [0.0; 4];
        data.train.read(0, &mut pixels);
        assert_eq!((pixels[0], pixels[3]), (0.0, 1.0));
        assert!((pixels[1] - 50.0 / 255.0).abs() < 1e-6);
    }

    #[test]
    fn files_that_do_not_belong_together_are_refused() {
        let refused = |index: usize, file: Vec<u8>| {
            let folder = tempfile::tempdir().unwrap();
            let mut files = good_files();
            files[index] = file;
            let set = small_set(folder.path(), files);
            load(set, &["a", "b"], &[folder.path().into()]).unwrap_err().to_string()
        };
        assert!(refused(1, idx(&[2], &[1, 2])).contains("s/a-labels.gz: sample 1 has the label 2, above 1"));
        assert!(refused(1, idx(&[3], &[1, 1, 1])).contains("s/a-labels.gz: holds 3 labels for the 2 images of "));
        assert!(refused(2, idx(&[1, 3, 2], &[9; 6])).contains("s/b-images.gz: holds images of 3 x 2, not 2 x 2"));
    }

    #[test]
    fn a_file_that_is_not_the_original_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let set = small_set(folder.path(), good_files());
        let load_again = || load(set, &["a", "b"], &[folder.path().into()]).unwrap_err().to_string();
        std::fs::write(folder.path().join("s/b-labels.gz"), idx(&[1], &[0])).unwrap();
        let message = load_again();
        assert!(
            message.contains("s/b-labels.gz: is not the original file of small: its checksum (CRC-32) is"),
            "{message}"
        );
        assert!(message.contains("`twinfire data --fetch small`"), "{message}");
        std::fs::write(folder.path().join("s/b-labels.gz"), idx(&[2], &[0, 0])).unwrap();
        assert!(load_again().contains("is not the original file of small: it holds 10 bytes, not 9"));
    }
}
