//! The split of a set that comes without one: fixed for ever, the same part of every class.

use crate::random::{Purpose, Stream};

/// Seed of all fixed splits. Changing it would change what every published figure means.
const SEED: u64 = 2018;

/// Indices of the training and of the test samples, each in random order. Of each class,
/// `test_share` (rounded) goes to the test part.
pub(super) fn stratified(labels: &[u16], classes: usize, test_share: f64) -> (Vec<usize>, Vec<usize>) {
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for class in 0..classes {
        let mut members: Vec<usize> = (0..labels.len()).filter(|&i| usize::from(labels[i]) == class).collect();
        Stream::new(SEED, Purpose::Split, class as u32, 0).shuffle(&mut members);
        let held_out = (members.len() as f64 * test_share).round() as usize;
        test.extend_from_slice(&members[..held_out]);
        train.extend_from_slice(&members[held_out..]);
    }
    let mut stream = Stream::new(SEED, Purpose::Split, classes as u32, 0);
    stream.shuffle(&mut train);
    stream.shuffle(&mut test);
    (train, test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_in_one_part_and_every_class_in_both() {
        let labels: Vec<u16> = (0..100).map(|i| u16::from(i >= 60)).collect();
        let (train, test) = stratified(&labels, 2, 0.3);
        assert_eq!(test.iter().filter(|&&i| i < 60).count(), 18);
        assert_eq!(test.len(), 30);
        let mut all = [train, test].concat();
        assert!(!all.is_sorted());
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
