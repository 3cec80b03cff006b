//! The split of samples that come without one into a training and a test part: the same part of every
//! class, drawn with a key of its own, so that it is the same for every seed of an experiment.

use crate::parameter::{Field, Form, Range, Values};
use crate::random::{Purpose, Stream};
use crate::unit::Dimension;

/// Seed of all fixed splits. Changing it would change what every published figure means.
pub(super) const SEED: u64 = 2018;

/// The part that is held out where nothing is said.
const SHARE: f64 = 0.2;

/// Shared by all files without a test part of their own.
pub(super) const TEST: Field = Field {
    name: "test",
    aliases: &["test_fraction"],
    form: Form::Optional(Dimension::None),
    default: Some("[]"),
    range: Range::Within(0.0, 0.9),
    doc: "Part of every class that is held out as test samples, drawn at random; 0.2 where there are no test samples of their own",
};

pub(super) const SPLIT_SEED: Field = Field {
    name: "split_seed",
    aliases: &[],
    form: Form::Count,
    default: Some("2018"),
    range: Range::NotNegative,
    doc: "Key of that draw, which the seeds of the experiment do not change",
};

/// How test samples are found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Split {
    /// They have a file, or arrays, of their own.
    Given,
    /// This part of every class, drawn with this seed.
    Drawn { share: f64, seed: u64 },
}

impl Split {
    /// From the fields above; `given` is the field that names test samples, where it does.
    pub fn from_values(values: &Values, given: Option<&str>) -> Result<Self, String> {
        match (given, values.optional("test")) {
            (Some(field), Some(_)) => Err(format!("test samples come from `{field}`, so `test` has no meaning")),
            (Some(_), None) => Ok(Self::Given),
            (None, share) => Ok(Self::Drawn { share: share.unwrap_or(SHARE), seed: values.count("split_seed") }),
        }
    }
}

/// Indices of the training and of the test samples, each in random order. Of each class,
/// `test_share` (rounded) goes to the test part, but never all of it.
pub(super) fn stratified(labels: &[u16], classes: usize, test_share: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (class, mut members) in (0..).zip(members(labels, classes)) {
        Stream::new(seed, Purpose::Split, class, 0).shuffle(&mut members);
        let held_out = (members.len() as f64 * test_share).round() as usize;
        let held_out = held_out.min(members.len().saturating_sub(1));
        test.extend_from_slice(&members[..held_out]);
        train.extend_from_slice(&members[held_out..]);
    }
    let mut stream = Stream::new(seed, Purpose::Split, classes as u32, 0);
    stream.shuffle(&mut train);
    stream.shuffle(&mut test);
    (train, test)
}

/// The samples of each class.
fn members(labels: &[u16], classes: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); classes];
    for (sample, &label) in labels.iter().enumerate() {
        members[usize::from(label)].push(sample);
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_part_and_every_class_in_both() {
        let labels: Vec<u16> = (0..100).map(|i| u16::from(i >= 60)).collect();
        let (train, test) = stratified(&labels, 2, 0.3, SEED);
        assert_eq!(test.iter().filter(|&&i| i < 60).count(), 18);
        assert_eq!(test.len(), 30);
        let mut all = [train.clone(), test].concat();
        assert!(!all.is_sorted());
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(stratified(&labels, 2, 0.3, SEED).0, train);
        assert_ne!(stratified(&labels, 2, 0.3, 1).0, train);
    }

    #[test]
    fn a_class_never_leaves_the_training_part() {
        assert_eq!(stratified(&[0, 1, 1], 2, 0.9, SEED).1.len(), 1);
        assert_eq!(stratified(&[], 0, 0.5, SEED), (Vec::new(), Vec::new()));
    }
}
