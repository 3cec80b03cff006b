//! Samples in memory: what every data set comes to, and a data set by itself.

use std::path::PathBuf;

use super::{Outline, Source};
use crate::error::Result;

/// Samples, all of one shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Shape of one sample: [rows, columns], [rows, columns, channels] or [features].
    pub shape: Vec<usize>,
    pub values: SampleValues,
    /// The class of each sample; empty where none is known.
    pub labels: Vec<u16>,
}

/// The values of all samples, sample after sample, channels last.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleValues {
    /// Pixels, 0..=`white`.
    Bytes { bytes: Vec<u8>, white: u8 },
    /// Features, already scaled to [0, 1].
    Features(Vec<f32>),
}

impl SampleValues {
    /// How many there are.
    fn len(&self) -> usize {
        match self {
            Self::Bytes { bytes, .. } => bytes.len(),
            Self::Features(features) => features.len(),
        }
    }

    /// Whether all lie in [0, 1].
    fn are_scaled(&self) -> bool {
        match self {
            Self::Bytes { bytes, white } => *white > 0 && bytes.iter().all(|byte| byte <= white),
            Self::Features(features) => features.iter().all(|value| (0.0..=1.0).contains(value)),
        }
    }
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width()).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values per sample.
    pub fn width(&self) -> usize {
        self.shape.iter().product()
    }

    /// Writes the values of sample `index`, each in [0, 1], to `out`.
    ///
    /// # Panics
    /// When `out` is not [`width`](Self::width) long or there is no such sample.
    pub fn read(&self, index: usize, out: &mut [f32]) {
        let range = index * self.width()..(index + 1) * self.width();
        match &self.values {
            SampleValues::Bytes { bytes, white } => {
                let scale = 1.0 / f32::from(*white);
                for (value, byte) in out.iter_mut().zip(&bytes[range]) {
                    *value = f32::from(*byte) * scale;
                }
            }
            SampleValues::Features(features) => out.copy_from_slice(&features[range]),
        }
    }

    /// The samples at `indices`, in that order.
    pub(super) fn pick(&self, indices: &[usize]) -> Self {
        let values = match &self.values {
            SampleValues::Bytes { bytes, white } => {
                SampleValues::Bytes { bytes: pick(bytes, self.width(), indices), white: *white }
            }
            SampleValues::Features(features) => SampleValues::Features(pick(features, self.width(), indices)),
        };
        let labels = if self.labels.is_empty() { Vec::new() } else { pick(&self.labels, 1, indices) };
        Self { shape: self.shape.clone(), values, labels }
    }

    /// Refuses what no network could be trained on.
    fn check(&self, shape: &[usize], classes: usize) -> std::result::Result<(), String> {
        let width: usize = shape.iter().product();
        if self.shape != shape || width == 0 || self.is_empty() || !self.values.len().is_multiple_of(width) {
            let values = self.values.len();
            return Err(format!(
                "{values} values are no whole samples of the shape {shape:?}, of which at least one is needed"
            ));
        }
        if self.labels.len() != if classes == 0 { 0 } else { self.len() } {
            let (labels, samples) = (self.labels.len(), self.len());
            return Err(format!("{labels} labels for {samples} samples of {classes} classes"));
        }
        if let Some(label) = self.labels.iter().find(|&&label| usize::from(label) >= classes) {
            return Err(format!("label {label} is none of {classes} classes"));
        }
        if self.values.are_scaled() { Ok(()) } else { Err("values are not all in [0, 1]".into()) }
    }
}

/// The runs of `width` values at `indices`.
pub(super) fn pick<T: Copy>(values: &[T], width: usize, indices: &[usize]) -> Vec<T> {
    indices.iter().flat_map(|&index| &values[index * width..(index + 1) * width]).copied().collect()
}

/// A loaded data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    pub name: String,
    /// One name per class; none for samples without labels.
    pub classes: Vec<String>,
    /// For training and validation.
    pub train: Samples,
    /// Held out: never used to choose anything.
    pub test: Samples,
    /// CRC-32 of a user's own files, in hexadecimal digits; empty where contents are fixed.
    pub checksum: String,
}

impl Data {
    /// A data set made in memory.
    ///
    /// # Errors
    /// A sentence when samples are of several shapes, values outside of [0, 1], or labels are not one per
    /// sample and of the classes (of no classes: none).
    pub fn new(name: &str, classes: Vec<String>, train: Samples, test: Samples) -> std::result::Result<Self, String> {
        if classes.len() > usize::from(u16::MAX) + 1 {
            return Err(format!("{} classes are more than 65,536", classes.len()));
        }
        for (part, samples) in [("training", &train), ("test", &test)] {
            samples.check(&train.shape, classes.len()).map_err(|what| format!("{part} samples: {what}"))?;
        }
        Ok(Self { name: name.into(), classes, train, test, checksum: String::new() })
    }
}

/// What is in memory already.
impl Source for Data {
    fn outline(&self) -> Result<Outline> {
        let bytes = |samples: &Samples| match &samples.values {
            SampleValues::Bytes { bytes, .. } => bytes.len(),
            SampleValues::Features(features) => 4 * features.len(),
        };
        Ok(Outline {
            name: self.name.clone(),
            shape: self.train.shape.clone(),
            classes: Some(self.classes.len()),
            samples: Some(self.train.len() + self.test.len()),
            bytes: (bytes(&self.train) + bytes(&self.test)) as u64,
        })
    }

    fn load(&self, _: &[PathBuf]) -> Result<Data> {
        Ok(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f32], labels: &[u16]) -> Samples {
        Samples { shape: vec![2], values: SampleValues::Features(values.to_vec()), labels: labels.to_vec() }
    }

    fn two() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    #[test]
    fn a_data_set_can_be_made_in_memory() {
        let (train, test) = (samples(&[0.0, 0.5, 1.0, 0.1], &[1, 0]), samples(&[0.2, 0.3], &[1]));
        let data = Data::new("mine", two(), train, test).unwrap();
        let outline = data.outline().unwrap();
        assert_eq!((outline.shape, outline.classes, outline.samples, outline.bytes), (vec![2], Some(2), Some(3), 24));
        assert_eq!(data.load(&[]).unwrap(), data);
        let bytes = |labels: &[u16]| Samples {
            values: SampleValues::Bytes { bytes: vec![0, 16], white: 16 },
            ..samples(&[], labels)
        };
        let unlabelled = Data::new("mine", Vec::new(), bytes(&[]), bytes(&[])).unwrap();
        assert_eq!((unlabelled.train.len(), unlabelled.outline().unwrap().classes), (1, Some(0)));
    }

    #[test]
    fn what_cannot_be_trained_on_is_refused() {
        let good = || samples(&[0.0, 0.5], &[1]);
        for (train, test, classes, known) in [
            (samples(&[0.0, 0.5, 1.0], &[1]), good(), two(), "training samples: 3 values are no whole samples"),
            (good(), samples(&[], &[]), two(), "test samples: 0 values are no whole samples"),
            (good(), samples(&[0.0, 0.5], &[]), two(), "test samples: 0 labels for 1 samples of 2 classes"),
            (good(), good(), Vec::new(), "training samples: 1 labels for 1 samples of 0 classes"),
            (good(), samples(&[0.0, 0.5], &[2]), two(), "test samples: label 2 is none of 2 classes"),
            (samples(&[0.0, 1.5], &[0]), good(), two(), "training samples: values are not all in [0, 1]"),
            (good(), samples(&[0.0, f32::NAN], &[0]), two(), "test samples: values are not all in [0, 1]"),
        ] {
            let message = Data::new("mine", classes, train, test).unwrap_err();
            assert!(message.starts_with(known), "{message}");
        }
    }
}
