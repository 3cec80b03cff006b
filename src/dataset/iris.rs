//! Iris: 150 flowers of three species, lengths and widths of sepal and petal in cm.
//! Fisher 1936, Ann. Eugenics 7:179; UCI Machine Learning Repository, doi:10.24432/C56C76,
//! licence CC BY 4.0. The file of the repository, its two known typing errors (rows 35 and 38)
//! included.
//!
//! Each feature is scaled to [0, 1] by its least and largest value over all flowers. A fixed
//! three tenths of every species (45 flowers) are the test part.

use std::path::{Path, PathBuf};

use super::labels::Labels;
use super::table::Wanted;
use super::{Data, DataSet, SampleValues, Samples, Source, split, table};
use crate::error::Result;
use crate::parameter::Kind;

pub(super) const KIND: Kind<dyn Source> = SET.kind(|_| Ok(Box::new(SET)));

pub(super) const SET: DataSet = DataSet {
    name: "iris",
    summary: "105 + 45 flowers of three species, 4 lengths each, part of the program (Fisher 1936)",
    shape: &[4],
    classes: 3,
    files: &[],
    load,
};

const TEXT: &str = include_str!("embedded/iris.csv");

/// What the columns of the file hold; it does not say so itself.
const COLUMNS: &str = "sepal length,sepal width,petal length,petal width,species";

fn load(_: &[PathBuf]) -> Result<Data> {
    let (mut labels, text) = (Labels::default(), format!("{COLUMNS}\n{TEXT}"));
    let table = table::parse(&text, Path::new("iris.csv"), Wanted { label: "species", leave_out: &[] }, &mut labels)?;
    let mut values: Vec<f32> = table.values.iter().map(|&value| value as f32).collect();
    scale(&mut values);
    let all = Samples { shape: SET.shape.to_vec(), values: SampleValues::Features(values), labels: table.labels };
    let (train, test) = split::stratified(&all.labels, SET.classes, 0.3, split::SEED);
    let class = |number: u16| labels.name(number).trim_start_matches("Iris-").to_string();
    Ok(Data {
        name: SET.name.into(),
        classes: (0..SET.classes as u16).map(class).collect(),
        train: all.pick(&train),
        test: all.pick(&test),
        checksum: String::new(),
    })
}

/// Scales each feature to [0, 1] by its least and its largest value.
fn scale(values: &mut [f32]) {
    let features = SET.shape[0];
    for feature in 0..features {
        let column = || values[feature..].iter().step_by(features).copied();
        let low = column().fold(f32::INFINITY, f32::min);
        let range = column().fold(f32::NEG_INFINITY, f32::max) - low;
        values[feature..].iter_mut().step_by(features).for_each(|value| *value = (*value - low) / range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_embedded_copy_is_the_original_to_the_byte() {
        let sum = Sha256::digest(TEXT.as_bytes());
        assert_eq!(format!("{sum:x}"), "6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0");
    }

    #[test]
    fn all_flowers_are_there_and_scaled() {
        let data = load(&[]).unwrap();
        assert_eq!((data.train.len(), data.test.len()), (105, 45));
        assert_eq!(data.classes, ["setosa", "versicolor", "virginica"]);
        for class in 0..3 {
            assert_eq!(data.test.labels.iter().filter(|&&label| label == class).count(), 15);
        }
        let SampleValues::Features(values) = &data.train.values else { panic!("features") };
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        assert!((0.4..0.5).contains(&mean), "{mean}");
    }
}
