//! Choice of an action and the reward-prediction error that follows.
//!
//! ```text
//! with probability 1 - epsilon   s = argmax Q                 (the first of several)
//! with probability epsilon       s ~ exp(Q_s) / sum_k exp(Q_k)
//! delta = r - Q_s,  r = 1 if s is the class, else 0
//! ```
//! Max-Boltzmann controller: Wiering & Schmidhuber 1997, Adaptive Behavior 6:219.

use crate::decode::best;
use crate::matrix::Matrix;
use crate::random::Stream;

/// A choice and how much better it turned out than predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub class: u16,
    pub prediction_error: f32,
}

/// A choice for every presentation of a batch, from its scores (classes x B). `stream` gives
/// the random numbers of a presentation.
pub fn select(scores: &Matrix, labels: &[u16], exploration: f64, stream: impl Fn(usize) -> Stream) -> Vec<Choice> {
    let choose = |(column, &label): (usize, &u16)| {
        let scores = scores.column(column);
        let mut stream = stream(column);
        let explore = exploration > 0.0 && stream.chance(exploration);
        let class = if explore { boltzmann(scores.as_slice(), &mut stream) } else { best(scores.as_slice()) };
        let reward = if class == label { 1.0 } else { 0.0 };
        Choice { class, prediction_error: reward - scores[class as usize] }
    };
    labels.iter().enumerate().map(choose).collect()
}

/// One column per choice, 1 at the chosen class (classes x B).
pub fn one_hot(choices: &[Choice], classes: usize) -> Matrix {
    let mut signal = Matrix::zeros(classes, choices.len());
    for (column, choice) in choices.iter().enumerate() {
        signal[(choice.class as usize, column)] = 1.0;
    }
    signal
}

fn boltzmann(scores: &[f32], stream: &mut Stream) -> u16 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let odds: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let mut left = stream.uniform() * odds.iter().sum::<f32>();
    for (class, odd) in odds.iter().enumerate() {
        if left < *odd {
            return class as u16;
        }
        left -= odd;
    }
    best(scores)
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
