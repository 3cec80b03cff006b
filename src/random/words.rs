//! Random words in bulk: sixteen blocks of Philox side by side.

use std::convert::Infallible;

use rand::TryRng;

use super::{Stream, philox_lanes};
use crate::widest::widest;

/// Blocks drawn at a time.
const BLOCKS: usize = 16;

/// A [`Stream`] that is read ahead: the same words in the same order, at a fraction of the
/// cost where many are drawn.
#[derive(Debug, Clone)]
pub struct Words {
    key: [u32; 2],
    /// Of the next block.
    counter: [u32; 4],
    words: [u32; 4 * BLOCKS],
    used: usize,
}

impl Words {
    /// The words of `stream` from its next one on.
    pub fn new(stream: &Stream) -> Self {
        let mut words = [0; 4 * BLOCKS];
        words[4 * (BLOCKS - 1)..].copy_from_slice(&stream.block);
        Self { key: stream.key, counter: stream.counter, words, used: 4 * (BLOCKS - 1) + stream.used }
    }

    /// The next 32 random bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.used == self.words.len() {
            self.refill();
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Uniform in `0..n`, as [`Stream::below`] draws it.
    ///
    /// # Panics
    /// When `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "an empty range has no random element");
        loop {
            let wide = u64::from(self.word()) * u64::from(n);
            // The remainder, a slow division, is needed only where a bias is possible.
            if wide as u32 >= n || wide as u32 >= n.wrapping_neg() % n {
                return (wide >> 32) as u32;
            }
        }
    }

    #[inline(never)]
    fn refill(&mut self) {
        blocks(self.counter, self.key, &mut self.words);
        self.counter[0] = self.counter[0].wrapping_add(BLOCKS as u32);
        self.used = 0;
    }
}

impl TryRng for Words {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

widest!(blocks, blocks_in_lanes, (counter: [u32; 4], key: [u32; 2], words: &mut [u32; 4 * BLOCKS]));

/// The blocks from `counter` on, one after the other.
#[inline(always)]
fn blocks_in_lanes(counter: [u32; 4], key: [u32; 2], words: &mut [u32; 4 * BLOCKS]) {
    let mut counters = [[counter[0]; BLOCKS], [counter[1]; BLOCKS], [counter[2]; BLOCKS], [counter[3]; BLOCKS]];
    for (lane, draw) in counters[0].iter_mut().enumerate() {
        *draw = draw.wrapping_add(lane as u32);
    }
    let lanes = philox_lanes(counters, key);
    for (lane, block) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *block = [lanes[0][lane], lanes[1][lane], lanes[2][lane], lanes[3][lane]];
    }
}

#[cfg(test)]
mod tests {
    use super::super::Purpose;
    use super::*;

    #[test]
    fn words_in_bulk_are_those_of_the_stream() {
        for skipped in [0, 1, 4, 6] {
            let mut stream = Stream::new(7, Purpose::Wiring, 3, 5);
            (0..skipped).for_each(|_| _ = stream.word());
            let mut words = Words::new(&stream);
            assert!((0..300).all(|_| words.word() == stream.word()), "after {skipped}");
            assert!((1..300).all(|n| words.below(n) == stream.below(n)), "after {skipped}");
        }
    }
}
