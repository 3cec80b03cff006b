//! Images of a user's own in IDX files, the format of MNIST, plain or gzip-compressed.

use std::path::{Path, PathBuf};

use super::idx_file::{Array, read, shape, shape_in};
use super::labels::{CLASSES, Labels};
use super::own::{self, CHECKSUM, Checksum, Part, Treatment};
use super::scaling::{MIN_MAX, RANGE, Raw, SCALE, STANDARDISE};
use super::split::{SPLIT_SEED, TEST};
use super::{Data, Outline, Source};
use crate::error::{Error, Result};
use crate::parameter::{Field, Kind};

pub(super) const KIND: Kind<dyn Source> = Kind {
    name: "idx",
    aliases: &[],
    summary: "Images of your own in IDX files of bytes, as MNIST has them, plain or gzip-compressed",
    fields: &[
        own::needed(
            "train_images",
            &["images"],
            "The images: samples x rows x columns, x channels where there are some; or samples x values",
        ),
        Field { aliases: &["labels"], ..own::file("train_labels", "Their labels; without them samples have none") },
        own::file("test_images", "Images of the test samples"),
        own::file("test_labels", "Their labels"),
        TEST,
        SPLIT_SEED,
        SCALE,
        RANGE,
        MIN_MAX,
        STANDARDISE,
        CLASSES,
        CHECKSUM,
    ],
    build: |v| {
        let path = |name| v.path(name).map(Path::to_path_buf);
        let [images, labels, test_images, test_labels] =
            ["train_images", "train_labels", "test_images", "test_labels"].map(path);
        if test_images.is_some() && test_labels.is_some() != labels.is_some() {
            return Err("training and test samples both have labels, or neither has".into());
        }
        if test_images.is_none() && test_labels.is_some() {
            return Err("`test_labels` are given without `test_images`".into());
        }
        Ok(Box::new(Idx {
            treatment: Treatment::from_values(v, test_images.as_ref().map(|_| "test_images"))?,
            train: Files { images: images.ok_or("`train_images` is empty")?, labels },
            test: test_images.map(|images| Files { images, labels: test_labels }),
        }))
    },
};

/// Bytes in memory for a value, where parts are drawn: the file's, and those of the parts.
const COPIES: u64 = 2;

#[derive(Debug)]
struct Idx {
    train: Files,
    test: Option<Files>,
    treatment: Treatment,
}

#[derive(Debug)]
struct Files {
    images: PathBuf,
    labels: Option<PathBuf>,
}

impl Files {
    /// Shape of the images, as headers tell it.
    fn shape(&self) -> Result<Vec<usize>> {
        let images = shape_in(&self.images, 2..=4)?;
        if let Some(path) = &self.labels {
            check_count(path, shape_in(path, 1..=1)?[0], &self.images, images[0])?;
        }
        Ok(images)
    }

    fn part(&self, labels: &mut Labels, sum: &mut Checksum) -> Result<(Vec<usize>, Part<'_>)> {
        let images = read(&self.images, 2..=4, u64::MAX)?;
        let mut add = |array: &Array| sum.add(&array.crc32.to_le_bytes());
        add(&images);
        let mut numbers = Vec::new();
        if let Some(path) = &self.labels {
            let given = read(path, 1..=1, u64::MAX)?;
            add(&given);
            check_count(path, given.bytes.len(), &self.images, images.shape[0])?;
            let number = |label: &u8| labels.number(&label.to_string());
            numbers = given
                .bytes
                .iter()
                .map(number)
                .collect::<std::result::Result<_, _>>()
                .map_err(|what| Error::data(path, what))?;
        }
        let place = |sample: usize, value: Option<usize>| match value {
            None => format!("sample {sample} (from 0)"),
            Some(value) => format!("value {value} of sample {sample} (both from 0)"),
        };
        Ok((images.shape, Part::new(Raw::Bytes(images.bytes), numbers, &self.images, place)))
    }
}

fn check_count(labels: &Path, count: usize, images: &Path, samples: usize) -> Result<()> {
    if count == samples {
        return Ok(());
    }
    Err(Error::data(labels, format!("holds {count} labels for the {samples} images of {}", images.display())))
}

impl Idx {
    fn check_shape(&self, train: &[usize], test: &[usize]) -> Result<()> {
        let files = [&self.train].into_iter().chain(&self.test).zip([train, test]);
        for (files, sizes) in files {
            if sizes.contains(&0) {
                return Err(Error::data(&files.images, format!("holds no values: its shape is {}", shape(sizes))));
            }
            if sizes[1..] != train[1..] {
                let what = format!(
                    "holds images of {}, where those for training are {}",
                    shape(&sizes[1..]),
                    shape(&train[1..])
                );
                return Err(Error::data(&files.images, what));
            }
        }
        Ok(())
    }
}

impl Source for Idx {
    fn outline(&self) -> Result<Outline> {
        let train = self.train.shape()?;
        let test = self.test.as_ref().map(Files::shape).transpose()?;
        self.check_shape(&train, test.as_deref().unwrap_or(&train))?;
        let samples = train[0] + test.map_or(0, |test| test[0]);
        let values = train[1..].iter().fold(samples as u64, |product, &side| product.saturating_mul(side as u64));
        Ok(Outline {
            name: self.train.images.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            shape: train[1..].to_vec(),
            classes: self.treatment.outlined_classes(self.train.labels.is_some()),
            samples: Some(samples),
            bytes: values.saturating_mul(COPIES * self.treatment.scaling.bytes_per_byte()),
        })
    }

    fn load(&self, _: &[PathBuf]) -> Result<Data> {
        let (mut labels, mut sum) = (Labels::default(), Checksum::default());
        let (sizes, all) = self.train.part(&mut labels, &mut sum)?;
        let test = self.test.as_ref().map(|test| test.part(&mut labels, &mut sum)).transpose()?;
        self.check_shape(&sizes, test.as_ref().map_or(&sizes, |(sizes, _)| sizes))?;
        let sum = sum.text();
        self.treatment.verify(&self.train.images, &sum)?;
        self.treatment.data(sizes[1..].to_vec(), &labels, all, test.map(|(_, part)| part), sum)
    }
}
