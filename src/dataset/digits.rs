//! The 1,797 handwritten digits of 8 x 8 pixels (values 0..=16) that scikit-learn ships: the test
//! part (`optdigits.tes`) of "Optical Recognition of Handwritten Digits", E. Alpaydin, C. Kaynak
//! 1998, UCI Machine Learning Repository, doi:10.24432/C50P49, licence CC BY 4.0. Repacked here
//! without a change of values: 65 bytes per sample, 64 pixels row by row and the label.
//!
//! A fixed fifth of every class (359 samples) is the test part.

use std::path::PathBuf;

use super::{Data, DataSet, SampleValues, Samples, Source, split};
use crate::error::Result;
use crate::parameter::Kind;

pub(super) const KIND: Kind<dyn Source> = SET.kind(|_| Ok(Box::new(SET)));

pub(super) const SET: DataSet = DataSet {
    name: "digits",
    summary: "1,438 + 359 handwritten digits, 8 x 8, part of the program (Alpaydin, Kaynak 1998)",
    shape: &[8, 8],
    classes: 10,
    files: &[],
    load,
};

const PIXELS: usize = 64;

const RECORDS: &[u8] = include_bytes!("embedded/digits.bin");

fn load(_: &[PathBuf]) -> Result<Data> {
    let records = RECORDS.chunks_exact(PIXELS + 1);
    let all = Samples {
        shape: SET.shape.to_vec(),
        values: SampleValues::Bytes {
            bytes: records.clone().flat_map(|record| &record[..PIXELS]).copied().collect(),
            white: 16,
        },
        labels: records.map(|record| u16::from(record[PIXELS])).collect(),
    };
    let (train, test) = split::stratified(&all.labels, SET.classes, 0.2, split::SEED);
    Ok(Data {
        name: SET.name.into(),
        classes: (0..SET.classes).map(|digit| digit.to_string()).collect(),
        train: all.pick(&train),
        test: all.pick(&test),
        checksum: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_embedded_copy_is_the_original_to_the_byte() {
        let line = |record: &[u8]| record.iter().map(u8::to_string).collect::<Vec<_>>().join(",") + "\n";
        let text: String = RECORDS.chunks_exact(PIXELS + 1).map(line).collect();
        let sum = Sha256::digest(text.as_bytes());
        assert_eq!(format!("{sum:x}"), "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8");
    }

    #[test]
    fn the_split_is_the_one_all_figures_are_about() {
        let data = load(&[]).unwrap();
        assert_eq!((data.train.len(), data.test.len()), (1438, 359));
        let of_class = |class| data.test.labels.iter().filter(|&&label| label == class).count();
        assert_eq!((0..10).map(of_class).collect::<Vec<_>>(), [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]);
        assert_eq!(data.test.labels[..12], [8, 3, 8, 6, 0, 8, 5, 1, 7, 4, 5, 1]);
    }
}
