//! Spike trains of one layer over a batch of presentations.

/// Neurons that one mask describes.
pub const LANES: usize = 64;

/// Who spikes when: `sources[offsets[b T + t] .. offsets[b T + t + 1]]` are the neurons that
/// spike at tick t of presentation b, ascending, T ticks long.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trains {
    pub window: usize,
    pub offsets: Vec<u32>,
    pub sources: Vec<u32>,
}

impl Trains {
    /// The spikes that masks describe: bit k of `masks[block][b T + t]` is neuron 64 block + k.
    pub fn of_masks(window: usize, ticks: usize, masks: &[Vec<u64>]) -> Self {
        Self::of_blocks(window, ticks, masks, |block| block * LANES)
    }

    /// The same where bit 0 of a block is neuron `first(block)`; blocks ascend.
    pub fn of_blocks(window: usize, ticks: usize, masks: &[Vec<u64>], first: impl Fn(usize) -> usize) -> Self {
        let spikes: u32 = masks.iter().flatten().map(|mask| mask.count_ones()).sum();
        let mut trains =
            Self { window, offsets: Vec::with_capacity(ticks + 1), sources: Vec::with_capacity(spikes as usize) };
        trains.offsets.push(0);
        for tick in 0..ticks {
            for (block, masks) in masks.iter().enumerate() {
                let mut mask = masks[tick];
                while mask != 0 {
                    trains.sources.push(first(block) as u32 + mask.trailing_zeros());
                    mask &= mask - 1;
                }
            }
            trains.offsets.push(trains.sources.len() as u32);
        }
        trains
    }

    /// The neurons that spike at `tick` of the batch: tick t of presentation b is b T + t.
    #[inline]
    pub fn at(&self, tick: usize) -> &[u32] {
        &self.sources[self.offsets[tick] as usize..self.offsets[tick + 1] as usize]
    }

    /// Number of presentations.
    pub fn batch(&self) -> usize {
        (self.offsets.len() - 1) / self.window.max(1)
    }

    /// `(tick, neuron)` of every spike of a presentation.
    pub fn of_presentation(&self, presentation: usize) -> Vec<(u32, u32)> {
        let first = presentation * self.window;
        (0..self.window).flat_map(|t| self.at(first + t).iter().map(move |&n| (t as u32, n))).collect()
    }
}
