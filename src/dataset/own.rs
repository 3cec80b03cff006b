//! From samples as a user's own files have them to a data set: split, classes, scale.

use std::path::Path;
use std::rc::Rc;

use super::labels::{CLASSES, Labels};
use super::samples::pick;
use super::scaling::{ADVICE, Raw, Scaling};
use super::split::{Split, stratified};
use super::{Data, SampleValues, Samples};
use crate::error::{Error, Result};
use crate::parameter::{Field, Form, Range, Values};

/// Shared by all files of a user's own.
pub(super) const CHECKSUM: Field = Field {
    name: "checksum",
    aliases: &[],
    form: Form::Text,
    default: Some(""),
    range: Range::Any,
    doc: "CRC-32 of what the files hold, in hexadecimal digits: others are refused. Saved experiments have it",
};

/// A file of a user's own that has to be named.
pub(super) const fn needed(name: &'static str, aliases: &'static [&'static str], doc: &'static str) -> Field {
    Field { name, aliases, form: Form::Path, default: None, range: Range::Any, doc }
}

/// One that need not.
pub(super) const fn file(name: &'static str, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Path, default: Some(""), range: Range::Any, doc }
}

/// A name that stands in a file.
pub(super) const fn name(name: &'static str, default: &'static str, doc: &'static str) -> Field {
    Field { name, aliases: &[], form: Form::Text, default: Some(default), range: Range::Any, doc }
}

/// What is done with the samples of any file.
#[derive(Debug)]
pub(super) struct Treatment {
    pub split: Split,
    pub scaling: Scaling,
    pub classes: Vec<String>,
    pub checksum: String,
}

/// Samples as they stand in a file.
pub(super) struct Part<'a> {
    values: Raw,
    /// The numbers of their labels; empty where they have none.
    labels: Vec<u16>,
    path: &'a Path,
    place: Rc<Place<'a>>,
    /// Which samples of the file these are; `None` for all.
    samples: Option<Vec<usize>>,
}

/// Where a sample of a file stands, and one of its values where that is meant: `line 7, column 2`.
type Place<'a> = dyn Fn(usize, Option<usize>) -> String + 'a;

impl<'a> Part<'a> {
    /// All samples of the file at `path`.
    pub fn new(
        values: Raw,
        labels: Vec<u16>,
        path: &'a Path,
        place: impl Fn(usize, Option<usize>) -> String + 'a,
    ) -> Self {
        Self { values, labels, path, place: Rc::new(place), samples: None }
    }

    /// Some of them.
    fn pick(&self, width: usize, samples: Vec<usize>) -> Self {
        let labels = if self.labels.is_empty() { Vec::new() } else { pick(&self.labels, 1, &samples) };
        let (values, place) = (self.values.pick(width, &samples), Rc::clone(&self.place));
        Self { values, labels, path: self.path, place, samples: Some(samples) }
    }

    /// What is wrong with a sample, or with a value of it.
    fn error(&self, sample: usize, value: Option<usize>, what: &str) -> Error {
        let sample = self.samples.as_ref().map_or(sample, |samples| samples[sample]);
        Error::data(self.path, format!("{}: {what}", (self.place)(sample, value)))
    }
}

impl Treatment {
    /// From the fields that all files share; `given` is the field that names test samples, where it does.
    ///
    /// # Errors
    /// A sentence when they contradict each other.
    pub fn from_values(values: &Values, given: Option<&str>) -> std::result::Result<Self, String> {
        Ok(Self {
            split: Split::from_values(values, given)?,
            scaling: Scaling::from_values(values)?,
            classes: values.texts(CLASSES.name).to_vec(),
            checksum: values.text(CHECKSUM.name).to_lowercase(),
        })
    }

    /// The number of classes where it is known without labels being read.
    pub fn outlined_classes(&self, labelled: bool) -> Option<usize> {
        match labelled {
            false => Some(0),
            true => Some(self.classes.len()).filter(|&classes| classes > 0),
        }
    }

    /// Refuses files of other contents than those that the experiment is about.
    ///
    /// # Errors
    /// [`Error::Data`] with both checksums.
    pub fn verify(&self, path: &Path, found: &str) -> Result<()> {
        if self.checksum.is_empty() || self.checksum == found {
            return Ok(());
        }
        let what = format!(
            "holds other data than those of the experiment: their checksum (CRC-32) is {found}, not {}",
            self.checksum
        );
        Err(Error::data(path, what).with_help("bring the old file back; or leave `checksum` away to take this one"))
    }

    /// The data set of samples of this shape; `test` are those with a file or arrays of their own.
    ///
    /// # Errors
    /// [`Error::Data`] with the file and the place in it of what is wrong.
    pub fn data(
        &self,
        shape: Vec<usize>,
        labels: &Labels,
        all: Part<'_>,
        test: Option<Part<'_>>,
        checksum: String,
    ) -> Result<Data> {
        let (width, path) = (shape.iter().product::<usize>(), all.path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (train, test) = self.parts(width, all, test);
        if train.values.len() == 0 || test.values.len() == 0 {
            let what = "has too few samples to hold some out as test samples";
            return Err(Error::data(path, what).with_help("make `test` larger, or give test samples of their own"));
        }
        let classes = labels.classes(&train.labels, &self.classes).map_err(|what| Error::data(path, what))?;
        let of = |part: &Part<'_>| classes.of(&part.labels).map_err(|sample| strange(part, labels, sample));
        let (train_labels, test_labels) = (of(&train)?, of(&test)?);
        let (train_values, test_values) = self.scaled(width, train, test)?;
        let samples = |values, labels| Samples { shape: shape.clone(), values, labels };
        let (train, test) = (samples(train_values, train_labels), samples(test_values, test_labels));
        Ok(Data { name, classes: classes.names, train, test, checksum })
    }

    /// Training and test samples: as they are given, or drawn.
    fn parts<'a>(&self, width: usize, all: Part<'a>, test: Option<Part<'a>>) -> (Part<'a>, Part<'a>) {
        match (test, self.split) {
            (Some(test), _) => (all, test),
            (None, Split::Given) => unreachable!("test samples are given"),
            (None, Split::Drawn { share, seed }) => {
                let alike = vec![0; all.values.len() / width];
                let labels = if all.labels.is_empty() { &alike } else { &all.labels };
                let classes = labels.iter().max().map_or(0, |&largest| usize::from(largest) + 1);
                let (train, test) = stratified(labels, classes, share, seed);
                (all.pick(width, train), all.pick(width, test))
            }
        }
    }

    fn scaled<'a>(
        &self,
        width: usize,
        mut train: Part<'a>,
        mut test: Part<'a>,
    ) -> Result<(SampleValues, SampleValues)> {
        let [train_values, test_values] = [&mut train, &mut test].map(|part| std::mem::take(&mut part.values));
        self.scaling.apply(width, train_values, test_values).map_err(|outside| {
            let part = if outside.is_test { test } else { train };
            part.error(outside.index / width, Some(outside.index % width), &outside.what).with_help(ADVICE)
        })
    }
}

/// That no training sample has the label of this one.
fn strange(part: &Part<'_>, labels: &Labels, sample: usize) -> Error {
    let what = format!("the label `{}` is that of no training sample", labels.name(part.labels[sample]));
    let help = "take such test samples out, or give training samples with this label";
    part.error(sample, None, &what).with_help(help)
}

/// CRC-32 of a user's files, told by what they hold.
#[derive(Debug, Default)]
pub(super) struct Checksum(crc32fast::Hasher);

impl Checksum {
    /// Adds contents.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In hexadecimal digits.
    pub fn text(self) -> String {
        format!("{:08x}", self.0.finalize())
    }
}
