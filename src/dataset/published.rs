//! Sets that were published as four IDX files: training images and labels, test images and labels.

use std::path::{Path, PathBuf};

use super::idx_file::{Array, read, shape};
use super::{Data, DataSet, SampleValues, Samples, Unpacked};
use crate::error::{Error, Result};

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
    let array = read(path, rank..=rank, known.bytes).map_err(|error| error.with_help(advice()))?;
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
