//! Delivery: the weights of the sources that spike, added to the input of their targets.
//! Sources come in ascending order, so each target sums its input in that order, whatever
//! is done at once. No multiplication, no contraction: every instruction set gives the
//! same bits.

use crate::neuron::real::Real;

/// Adds the rows of `sources` in the dense matrix `weights` (source after source) to
/// `input`, which has one entry per target.
///
/// # Panics
/// When a source has no row.
pub fn add_dense_rows<R: Real>(input: &mut [R], weights: &[f32], sources: &[u32]) {
    let targets = input.len();
    let row = |source: u32| &weights[source as usize * targets..][..targets];
    let (fours, rest) = sources.as_chunks::<4>();
    for &[a, b, c, d] in fours {
        let rows = row(a).iter().zip(row(b)).zip(row(c)).zip(row(d));
        for (sum, (((&a, &b), &c), &d)) in input.iter_mut().zip(rows) {
            *sum = *sum + a.into() + b.into() + c.into() + d.into();
        }
    }
    for &source in rest {
        for (sum, &weight) in input.iter_mut().zip(row(source)) {
            *sum += weight.into();
        }
    }
}

/// Adds one sparse row to `input`, and calls `touch` with every target.
///
/// # Panics
/// When a target is not in `input`.
pub fn add_sparse_row<R: Real>(input: &mut [R], weights: &[f32], targets: &[u32], mut touch: impl FnMut(u32)) {
    for (&target, &weight) in targets.iter().zip(weights) {
        input[target as usize] += weight.into();
        touch(target);
    }
}

/// Sets `sums` to what `currents`, one per source, send through the dense matrix `weights`.
pub fn sum_dense_rows<R: Real>(sums: &mut [R], weights: &[f32], currents: &[f32]) {
    sums.fill(R::default());
    for (row, &current) in weights.chunks_exact(sums.len().max(1)).zip(currents) {
        for (sum, &weight) in sums.iter_mut().zip(row) {
            *sum += R::from(weight) * R::from(current);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_one_after_the_other() {
        let weights: Vec<f32> =
            (0..9 * 5).map(|i| 1.0 / (1 + i) as f32 * if i % 3 == 0 { -1.0 } else { 1.0 }).collect();
        let sources = [0, 1, 3, 4, 6, 8];
        let mut expected = [0.25f32; 5];
        for &source in &sources {
            for target in 0..5 {
                expected[target] += weights[source as usize * 5 + target];
            }
        }
        let mut input = [0.25f32; 5];
        add_dense_rows(&mut input, &weights, &sources);
        assert_eq!(input, expected);
    }
}
