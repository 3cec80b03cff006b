//! Which samples are presented when: the split into training and validation, the random
//! order of every epoch, and random shifts of images. All of it is keyed by the seed.

use crate::dataset::Samples;
use crate::matrix::Matrix;
use crate::network::signal::Batch;
use crate::random::{Purpose, Stream};
use crate::task::{Targets, Task};

/// Indices of the training and of the validation samples, drawn at random.
///
/// The split depends on the sizes and the seed only, so both regimes and all rules of an
/// experiment see the same one.
pub fn split(samples: usize, validation: f64, limit: usize, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let mut order: Vec<u32> = (0..samples as u32).collect();
    Stream::new(seed, Purpose::Split, 0, 0).shuffle(&mut order);
    let held_out = order.split_off(samples - (samples as f64 * validation).round() as usize);
    if limit > 0 {
        order.truncate(limit);
    }
    (order, held_out)
}

/// The order in which an epoch (from 1) presents the samples `indices`.
pub fn shuffled(indices: &[u32], epoch: u32, seed: u64) -> Vec<u32> {
    let mut order = indices.to_vec();
    Stream::new(seed, Purpose::Shuffle, 0, u64::from(epoch)).shuffle(&mut order);
    order
}

/// How samples become the columns of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Preparation {
    pub seed: u64,
    /// Epoch from 1; 0 for evaluation.
    pub step: u64,
    /// Largest random shift in pixels.
    pub shift: u32,
}

impl Preparation {
    /// That of samples that are only answered.
    pub fn answer(seed: u64) -> Self {
        Self { seed, step: 0, shift: 0 }
    }

    /// The batch of the samples `indices`, with what they should be answered with.
    pub fn batch(&self, task: &dyn Task, samples: &Samples, indices: &[u32]) -> (Batch, Targets) {
        let mut values = Matrix::zeros(samples.width(), indices.len());
        for (mut column, &index) in values.column_iter_mut().zip(indices) {
            samples.read(index as usize, column.as_mut_slice());
        }
        let mut batch = Batch { values, samples: indices.to_vec(), seed: self.seed, step: self.step };
        if self.shift > 0 && samples.shape.len() >= 2 {
            self.shift_images(&mut batch, &samples.shape);
        }
        let targets = task.targets(samples, indices, &batch.values);
        (batch, targets)
    }

    fn shift_images(&self, batch: &mut Batch, shape: &[usize]) {
        let mut shifted = vec![0.0; shape.iter().product()];
        for column in 0..batch.samples.len() {
            let mut stream = batch.stream(column, Purpose::Augmentation, 0);
            let mut offset = || stream.below(2 * self.shift + 1) as isize - self.shift as isize;
            let (down, right) = (offset(), offset());
            let mut image = batch.values.column_mut(column);
            shift(image.as_slice(), shape, (down, right), &mut shifted);
            image.as_mut_slice().copy_from_slice(&shifted);
        }
    }
}

/// `image` (rows x columns x channels) moved down and right, with 0 where nothing comes from.
fn shift(image: &[f32], shape: &[usize], (down, right): (isize, isize), out: &mut [f32]) {
    let (rows, columns) = (shape[0] as isize, shape[1] as isize);
    let channels = shape.get(2).copied().unwrap_or(1);
    out.fill(0.0);
    let (first, last) = (right.max(0), (columns + right).min(columns));
    if first >= last {
        return;
    }
    for row in down.max(0)..(rows + down).min(rows) {
        let to = (row * columns + first) as usize * channels;
        let from = ((row - down) * columns + first - right) as usize * channels;
        let length = (last - first) as usize * channels;
        out[to..to + length].copy_from_slice(&image[from..from + length]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_a_partition_and_the_same_for_the_same_seed() {
        let (train, held_out) = split(100, 0.1, 0, 3);
        assert_eq!((train.len(), held_out.len()), (90, 10));
        let mut all = [train.clone(), held_out].concat();
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        assert_eq!(split(100, 0.1, 0, 3).0, train);
        assert_ne!(split(100, 0.1, 0, 4).0, train);
    }

    #[test]
    fn shifts_move_an_image_and_fill_with_black() {
        let image = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut out = [9.0; 6];
        shift(&image, &[2, 3], (1, 0), &mut out);
        assert_eq!(out, [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]);
        shift(&image, &[2, 3], (0, -1), &mut out);
        assert_eq!(out, [2.0, 3.0, 0.0, 5.0, 6.0, 0.0]);
        shift(&image, &[2, 3], (0, 3), &mut out);
        assert_eq!(out, [0.0; 6]);
    }
}
