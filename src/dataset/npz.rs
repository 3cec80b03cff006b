//! Arrays of a user's own in a NumPy archive: samples along the first axis.

use std::path::{Path, PathBuf};

use super::labels::{CLASSES, Labels};
use super::own::{self, CHECKSUM, Checksum, Part, Treatment};
use super::scaling::{MIN_MAX, RANGE, Raw, SCALE, STANDARDISE};
use super::split::{SPLIT_SEED, TEST};
use super::{Data, Outline, Source};
use crate::error::{Error, Result};
use crate::numpy::{Archive, Array};
use crate::parameter::Kind;

pub(super) const KIND: Kind<dyn Source> = Kind {
    name: "npz",
    aliases: &["numpy"],
    summary: "Arrays of your own in a NumPy archive (`numpy.savez`): samples along the first axis",
    fields: &[
        own::needed("file", &["path"], "The archive"),
        own::name(
            "x",
            "x",
            "Name of the array of values: samples x rows x columns, x channels where there are some; or samples x values",
        ),
        own::name("y", "", "Name of the array of labels, whole numbers or texts; without it samples have none"),
        own::name("x_test", "", "Name of the array of values of the test samples"),
        own::name("y_test", "", "Name of the array of their labels"),
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
        let names = |values, labels| Names { values: v.text(values).into(), labels: v.text(labels).into() };
        let (train, test) = (names("x", "y"), names("x_test", "y_test"));
        if train.values.is_empty() {
            return Err("`x` is empty".into());
        }
        let has_test = !test.values.is_empty();
        if has_test && test.labels.is_empty() != train.labels.is_empty() {
            return Err("training and test samples both have labels, or neither has: give `y` and `y_test`".into());
        }
        if !has_test && !test.labels.is_empty() {
            return Err("`y_test` is given without `x_test`".into());
        }
        Ok(Box::new(Npz {
            file: v.path("file").ok_or("`file` is empty")?.to_path_buf(),
            treatment: Treatment::from_values(v, has_test.then_some("x_test"))?,
            train,
            test: has_test.then_some(test),
        }))
    },
};

/// Bytes in memory for a value that is no byte: as read, of the parts, and scaled.
const NUMBER: u64 = 24;

#[derive(Debug)]
struct Npz {
    file: PathBuf,
    train: Names,
    test: Option<Names>,
    treatment: Treatment,
}

/// What arrays are called.
#[derive(Debug)]
struct Names {
    values: String,
    /// Empty for samples without labels.
    labels: String,
}

type Outcome<T> = std::result::Result<T, String>;

/// The array called `name`, as `get` reads it from the archive.
fn existing<T>(
    archive: &mut Archive,
    name: &str,
    get: impl Fn(&mut Archive, &str) -> Outcome<Option<T>>,
) -> Outcome<T> {
    get(archive, name)?.ok_or_else(|| format!("has no array `{name}`; its arrays are {}", archive.names().join(", ")))
}

impl Names {
    /// Shape of the values, and whether they are bytes, as headers tell.
    fn outline(&self, archive: &mut Archive) -> Outcome<(Vec<usize>, bool)> {
        let (sizes, kind) = existing(archive, &self.values, Archive::header)?;
        self.check_values(&sizes)?;
        if !self.labels.is_empty() {
            let (labels, _) = existing(archive, &self.labels, Archive::header)?;
            self.check_labels(&labels, sizes[0])?;
        }
        Ok((sizes, kind == "u1"))
    }

    fn check_values(&self, sizes: &[usize]) -> Outcome<()> {
        let wrong = match sizes.len() {
            _ if sizes.contains(&0) => "holds no values",
            1..=4 => return Ok(()),
            _ => "is no array of samples: their axis, and up to three of their own, are wanted",
        };
        Err(format!("`{}` has the shape {sizes:?}, so it {wrong}", self.values))
    }

    fn check_labels(&self, sizes: &[usize], samples: usize) -> Outcome<()> {
        match sizes {
            [count] | [count, 1] if *count == samples => Ok(()),
            [count] | [count, 1] => {
                Err(format!("`{}` holds {count} labels for the {samples} samples of `{}`", self.labels, self.values))
            }
            _ => Err(format!("`{}` has the shape {sizes:?}; one label for each sample is wanted", self.labels)),
        }
    }

    fn part<'a>(
        &'a self,
        archive: &mut Archive,
        path: &'a Path,
        labels: &mut Labels,
        sum: &mut Checksum,
    ) -> Outcome<(Vec<usize>, Part<'a>)> {
        let array = existing(archive, &self.values, Archive::array)?;
        sum.add(array.bytes());
        self.check_values(&array.shape)?;
        let sizes = array.shape.clone();
        let mut numbers = Vec::new();
        if !self.labels.is_empty() {
            let given = existing(archive, &self.labels, Archive::array)?;
            sum.add(given.bytes());
            self.check_labels(&given.shape, sizes[0])?;
            let wrong = |what| format!("`{}` {what}", self.labels);
            numbers = label_texts(&given)
                .map_err(wrong)?
                .iter()
                .map(|label| labels.number(label))
                .collect::<Outcome<_>>()
                .map_err(wrong)?;
        }
        let width: usize = sizes[1..].iter().product();
        let values = raw(array).map_err(|what| format!("`{}` {what}", self.values))?;
        if let Raw::Numbers(values) = &values
            && let Some(index) = values.iter().position(|value| !value.is_finite())
        {
            return Err(format!(
                "{}: {} is no finite number",
                self.place(index / width, Some(index % width)),
                values[index]
            ));
        }
        Ok((sizes, Part::new(values, numbers, path, |sample, value| self.place(sample, value))))
    }

    fn place(&self, sample: usize, value: Option<usize>) -> String {
        match value {
            None => format!("sample {sample} of `{}` (from 0)", self.labels),
            Some(value) => format!("value {value} of sample {sample} of `{}` (both from 0)", self.values),
        }
    }
}

/// Values of an array: bytes where it holds them.
fn raw(array: Array) -> Outcome<Raw> {
    match array.into_bytes() {
        Ok(bytes) => Ok(Raw::Bytes(bytes)),
        Err(array) => Ok(Raw::Numbers(array.numbers()?)),
    }
}

/// Labels as texts.
fn label_texts(array: &Array) -> Outcome<Vec<String>> {
    if let Ok(texts) = array.texts() {
        return match texts.iter().position(String::is_empty) {
            None => Ok(texts),
            Some(sample) => Err(format!("has no label for sample {sample} (from 0)")),
        };
    }
    let text = |(sample, value): (usize, f64)| {
        let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
        is_whole
            .then(|| format!("{value:.0}"))
            .ok_or_else(|| format!("holds {value} for sample {sample} (from 0), which is no label"))
    };
    array.numbers()?.into_iter().enumerate().map(text).collect()
}

impl Npz {
    fn check_shapes(&self, train: &[usize], test: &[usize]) -> Outcome<()> {
        match &self.test {
            Some(names) if test[1..] != train[1..] => Err(format!(
                "`{}` holds samples of the shape {:?}, where those of `{}` have {:?}",
                names.values,
                &test[1..],
                self.train.values,
                &train[1..]
            )),
            _ => Ok(()),
        }
    }

    fn outlined(&self) -> Outcome<(Vec<usize>, usize, u64)> {
        let mut archive = Archive::open(&self.file)?;
        let (train, is_bytes) = self.train.outline(&mut archive)?;
        let test = self.test.as_ref().map(|names| names.outline(&mut archive)).transpose()?;
        let test = test.map(|(sizes, _)| sizes);
        self.check_shapes(&train, test.as_ref().unwrap_or(&train))?;
        let samples = train[0] + test.map_or(0, |test| test[0]);
        let each = if is_bytes { 2 * self.treatment.scaling.bytes_per_byte() } else { NUMBER };
        let values = train[1..].iter().fold(samples as u64, |product, &side| product.saturating_mul(side as u64));
        Ok((shape(&train), samples, values.saturating_mul(each)))
    }

    fn loaded(&self, labels: &mut Labels, sum: &mut Checksum) -> Outcome<(Vec<usize>, Part<'_>, Option<Part<'_>>)> {
        let mut archive = Archive::open(&self.file)?;
        let (sizes, all) = self.train.part(&mut archive, &self.file, labels, sum)?;
        let test = self.test.as_ref().map(|names| names.part(&mut archive, &self.file, labels, sum)).transpose()?;
        self.check_shapes(&sizes, test.as_ref().map_or(&sizes, |(sizes, _)| sizes))?;
        Ok((shape(&sizes), all, test.map(|(_, part)| part)))
    }
}

/// The shape of one sample.
fn shape(sizes: &[usize]) -> Vec<usize> {
    if sizes.len() == 1 { vec![1] } else { sizes[1..].to_vec() }
}

impl Source for Npz {
    fn outline(&self) -> Result<Outline> {
        let (shape, samples, bytes) = self.outlined().map_err(|what| Error::data(&self.file, what))?;
        Ok(Outline {
            name: self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            shape,
            classes: self.treatment.outlined_classes(!self.train.labels.is_empty()),
            samples: Some(samples),
            bytes,
        })
    }

    fn load(&self, _: &[PathBuf]) -> Result<Data> {
        let (mut labels, mut sum) = (Labels::default(), Checksum::default());
        let loaded = self.loaded(&mut labels, &mut sum).map_err(|what| Error::data(&self.file, what));
        let (shape, all, test) = loaded?;
        let sum = sum.text();
        self.treatment.verify(&self.file, &sum)?;
        self.treatment.data(shape, &labels, all, test, sum)
    }
}
