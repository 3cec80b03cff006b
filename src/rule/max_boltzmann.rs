//! Choice of an action and the reward-prediction error that follows.
//!
//! ```text
//! with probability 1 - epsilon   s = argmax Q                 (the first of several)
//! with probability epsilon       s ~ exp(Q_s) / sum_k exp(Q_k)
//! delta = r - Q_s,  r = 1 if s is the class, else 0
//! ```
//! Max-Boltzmann controller: Wiering & Schmidhuber 1997, Adaptive Behavior 6:219.

use crate::matrix::{Matrix, largest};
use crate::random::Stream;

/// A choice for every presentation of a batch, from its scores (choices x B). `stream` gives
/// the random numbers of a presentation.
pub fn select(scores: &Matrix, exploration: f64, stream: impl Fn(usize) -> Stream) -> Vec<u16> {
    let choose = |(column, scores): (usize, nalgebra::DVectorView<'_, f32>)| {
        let mut stream = stream(column);
        let explore = exploration > 0.0 && stream.chance(exploration);
        if explore { boltzmann(scores.as_slice(), &mut stream) } else { largest(scores.as_slice()) as u16 }
    };
    scores.column_iter().enumerate().map(choose).collect()
}

/// Fills `signal` (choices x B) with 1 at each choice and 0 elsewhere.
pub fn one_hot(choices: &[u16], signal: &mut Matrix) {
    signal.fill(0.0);
    for (column, &choice) in choices.iter().enumerate() {
        signal[(choice as usize, column)] = 1.0;
    }
}

fn boltzmann(scores: &[f32], stream: &mut Stream) -> u16 {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let odds: Vec<f32> = scores.iter().map(|score| (score - highest).exp()).collect();
    let mut left = stream.uniform() * odds.iter().sum::<f32>();
    for (class, odd) in odds.iter().enumerate() {
        if left < *odd {
            return class as u16;
        }
        left -= odd;
    }
    largest(scores) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn boltzmann_follows_its_distribution() {
        let mut seen = [0u32; 3];
        for draw in 0..30_000 {
            seen[boltzmann(&[0.0, 1.0, -1.0], &mut Stream::new(1, Purpose::Exploration, draw, 0)) as usize] += 1;
        }
        let expected = [0.2447, 0.6652, 0.0900];
        for (n, p) in seen.iter().zip(expected) {
            assert!((f64::from(*n) / 30_000.0 - p).abs() < 0.01, "{seen:?}");
        }
    }
}
