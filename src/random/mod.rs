//! Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011,
//! "Parallel random numbers: as easy as 1, 2, 3", SC'11).
//!
//! A number is a pure function of (seed, purpose, entity, step, draw), so results
//! do not depend on threads, on batch order or on what else was drawn.

mod words;

pub use words::Words;

use std::convert::Infallible;

use rand::TryRng;

/// What a stream of random numbers is used for. Two purposes never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Initial weights.
    Weights = 1,
    /// Who connects to whom.
    Wiring = 2,
    /// Initial membrane values and heterogeneous parameters.
    Initial = 3,
    /// Spikes of an encoder.
    Encoding = 4,
    /// Spikes of Poisson inputs.
    Input = 5,
    /// Choice of actions.
    Exploration = 6,
    /// Order of presentations.
    Shuffle = 7,
    /// Training and validation split.
    Split = 8,
    /// Random shifts of images.
    Augmentation = 9,
    /// Which neurons are silenced by dropout.
    Dropout = 10,
    /// Initial feedback weights.
    Feedback = 11,
    /// Noise injected into neurons.
    Perturbation = 12,
    /// Delays of synapses.
    Delays = 13,
    /// Noise currents.
    Noise = 14,
    /// Which neurons an analysis looks at.
    Analysis = 15,
}

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = u32::MAX as u64;

/// One block of four 32-bit words: ten rounds of Philox4x32.
#[inline]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    philox_lanes(counter.map(|word| [word]), key).map(|[word]| word)
}

/// Blocks side by side: `counter[j][i]` is word j of the counter of block i, and word j of
/// that block stands at the same place in the answer.
///
/// Words stay in the low halves of 64 bits, round after round, so that the loops over blocks
/// become vectors.
#[inline(always)]
pub fn philox_lanes<const N: usize>(counter: [[u32; N]; 4], key: [u32; 2]) -> [[u32; N]; 4] {
    // Loops, not maps over arrays: the compiler makes calls of those.
    let [mut a, mut b, mut c, mut d] = [[0u64; N]; 4];
    for lane in 0..N {
        (a[lane], b[lane]) = (u64::from(counter[0][lane]), u64::from(counter[1][lane]));
        (c[lane], d[lane]) = (u64::from(counter[2][lane]), u64::from(counter[3][lane]));
    }
    let mut key = key;
    for _ in 0..10 {
        for lane in 0..N {
            let first = u64::from(MULTIPLIER[0]) * (a[lane] & LOW);
            let second = u64::from(MULTIPLIER[1]) * (c[lane] & LOW);
            a[lane] = (second >> 32) ^ b[lane] ^ u64::from(key[0]);
            b[lane] = second;
            c[lane] = (first >> 32) ^ d[lane] ^ u64::from(key[1]);
            d[lane] = first;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    let mut words = [[0; N]; 4];
    for lane in 0..N {
        (words[0][lane], words[1][lane]) = (a[lane] as u32, b[lane] as u32);
        (words[2][lane], words[3][lane]) = (c[lane] as u32, d[lane] as u32);
    }
    words
}

/// A stream of random numbers, at its first draw when made.
///
/// `Stream` is a [`rand::Rng`], so every `rand_distr` distribution samples from it.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of `(seed, purpose, entity, step)`.
    ///
    /// `entity` is a neuron, a projection, a sample ...; `step` a tick, an epoch ...
    /// (up to 2^56). Every stream has 2^34 words.
    #[inline]
    pub fn new(seed: u64, purpose: Purpose, entity: u32, step: u64) -> Self {
        let high = ((step >> 32) as u32) << 8 | purpose as u32;
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            counter: [0, step as u32, entity, high],
            block: [0; 4],
            used: 4,
        }
    }

    /// The next 32 random bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// Leaves out so many words.
    pub fn skip(&mut self, words: u64) {
        let left = (4 - self.used) as u64;
        if words <= left {
            self.used += words as usize;
            return;
        }
        let beyond = words - left;
        self.counter[0] = self.counter[0].wrapping_add((beyond / 4) as u32);
        self.used = 4;
        (0..beyond % 4).for_each(|_| {
            self.word();
        });
    }

    /// Uniform in [0, 1), with 24 random bits.
    #[inline]
    pub fn uniform(&mut self) -> f32 {
        (self.word() >> 8) as f32 / (1u32 << 24) as f32
    }

    /// True with probability `p` (to 2^-32).
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        f64::from(self.word()) < p * 4_294_967_296.0
    }

    /// Uniform in `0..n`, by Lemire's multiplication with rejection (no bias).
    ///
    /// # Panics
    /// When `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        assert!(n > 0, "an empty range has no random element");
        loop {
            let wide = u64::from(self.word()) * u64::from(n);
            if wide as u32 >= n.wrapping_neg() % n {
                return (wide >> 32) as u32;
            }
        }
    }

    /// Shuffles `items` (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_the_published_known_answers() {
        let known = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, answer) in known {
            assert_eq!(philox(counter, key), answer);
        }
    }

    #[test]
    fn blocks_side_by_side_are_the_same_blocks() {
        let key = [7, 9];
        let counter = |lane: usize| [lane as u32 * 77, 1, u32::MAX - lane as u32, 3];
        let lanes =
            philox_lanes(std::array::from_fn(|j| std::array::from_fn::<u32, 9, _>(|lane| counter(lane)[j])), key);
        for lane in 0..9 {
            assert_eq!(lanes.map(|words| words[lane]), philox(counter(lane), key));
        }
    }

    #[test]
    fn words_left_out_are_those_that_would_have_come() {
        for (before, skipped) in [(0, 0), (0, 1), (1, 2), (3, 1), (2, 9), (4, 8), (5, 1000)] {
            let mut whole = Stream::new(7, Purpose::Dropout, 3, 2);
            let words: Vec<u32> = (0..before + skipped + 3).map(|_| whole.word()).collect();
            let mut stream = Stream::new(7, Purpose::Dropout, 3, 2);
            (0..before).for_each(|_| {
                stream.word();
            });
            stream.skip(skipped as u64);
            assert_eq!([stream.word(), stream.word(), stream.word()], words[before + skipped..], "{before} {skipped}");
        }
    }

    #[test]
    fn streams_of_different_purposes_entities_and_steps_differ() {
        let first = |p, e, s| Stream::new(7, p, e, s).word();
        let base = first(Purpose::Weights, 0, 0);
        assert_ne!(base, first(Purpose::Wiring, 0, 0));
        assert_ne!(base, first(Purpose::Weights, 1, 0));
        assert_ne!(base, first(Purpose::Weights, 0, 1));
        assert_ne!(base, first(Purpose::Weights, 0, 1 << 32));
        assert_eq!(base, first(Purpose::Weights, 0, 0));
    }

    #[test]
    fn below_is_uniform_and_shuffle_is_a_permutation() {
        let mut stream = Stream::new(1, Purpose::Shuffle, 0, 0);
        let mut seen = [0u32; 7];
        for _ in 0..7_000 {
            seen[stream.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}");
        let mut items: Vec<u32> = (0..100).collect();
        stream.shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
