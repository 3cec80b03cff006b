//! Dropout: while a network learns, units are silenced at random, anew in every presentation
//! (Srivastava et al. 2014, JMLR 15:1929).
//!
//! ```text
//! keep = 0 with probability p, else 1 / (1 - p);   1 when an answer is asked for
//! ```

use super::{Affine, Asked, Gain, Keep, Mode};

/// Silences units with this probability, which is below 1.
#[derive(Debug, Clone, Copy)]
pub struct Dropout(pub f64);

impl Gain for Dropout {
    fn affine(&self, asked: &Asked<'_>) -> Affine {
        if asked.mode == Mode::Answer || self.0 == 0.0 {
            return Affine::default();
        }
        let scale = (1.0 / (1.0 - self.0)) as f32;
        let (units, batch) = asked.activity.shape();
        let mut factors = asked.pool.matrix(units, batch);
        for (column, factors) in factors.as_mut_slice().chunks_exact_mut(units.max(1)).enumerate() {
            let mut stream = (asked.stream)(column);
            factors.iter_mut().for_each(|factor| *factor = if stream.chance(self.0) { 0.0 } else { scale });
        }
        Affine { offset: None, keep: Some(Keep { factors, scale }) }
    }
}
