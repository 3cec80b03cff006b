//! Numbers of Poisson spikes per neuron and tick, drawn side by side.
//!
//! ```text
//! P(n <= k) = F(k) = sum_{i <= k} m^i exp(-m) / i!          m: mean per tick
//! n = base + #{k >= base : word > T_k},   T_k = round(2^32 F(k)) - 1       exact to 2^-32
//! word of (neuron, tick): two halves; each is half neuron % 2 of word tick % 4 of Philox block
//!     (tick / 4, input, neuron / 2): the high one of the input itself, the low one of its double
//! ```
//! `base` is the first k that is possible to 2^-32. The low half decides only where the high one is
//! that of a threshold, which is seldom: else it is not drawn. A word belongs to its neuron and
//! tick, so how a population is cut makes no difference.

use std::ops::Range;

use super::generator::{Generator, InputSlice, Pulses};
use crate::random::{Purpose, philox_lanes};
use crate::time::Tick;
use crate::widest::widest;

/// Ticks of one block of Philox.
const TICKS: usize = 4;
/// Blocks of Philox drawn side by side, and the neurons that share them.
const BLOCKS: usize = 16;
const LANES: usize = 2 * BLOCKS;
/// What numbers the double of an input.
const DOUBLE: u32 = 1 << 31;
/// Mean per tick below which spikes are listed one by one.
const SELDOM: f64 = 0.02;
/// Thresholds up to which all are compared; more are looked up.
const COMPARED: usize = 40;
/// Thresholds that are compared at a time.
const GROUP: usize = 4;

/// The distribution of the number of spikes in a tick.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    base: u16,
    /// `T_k` for k = base, base + 1 ...; ascending, then out of reach up to a whole group.
    thresholds: Vec<u32>,
    /// Their high halves.
    high: Vec<u16>,
    /// How many of them are below every word that starts with these eight bits.
    guide: Vec<u16>,
}

impl Table {
    fn new(mean: f64) -> Self {
        // Terms before the start sum to less than 2^-32.
        let start = (mean - 8.0 * mean.sqrt() - 20.0).max(0.0).floor();
        let mut term = (start * mean.max(f64::MIN_POSITIVE).ln() - mean - ln_factorial(start)).exp();
        let (mut base, mut thresholds, mut below) = (start as u16, Vec::new(), 0.0);
        for k in start as u64..u64::from(u16::MAX) {
            below += term;
            term *= mean / (k + 1) as f64;
            match (4_294_967_296.0_f64 * below).round() {
                0.0 => base = k as u16 + 1,
                threshold if threshold < 4_294_967_296.0 => thresholds.push((threshold - 1.0) as u32),
                _ => break,
            }
        }
        thresholds.resize(thresholds.len().next_multiple_of(GROUP), u32::MAX);
        let below = |bits: u32| thresholds.partition_point(|&threshold| threshold < bits << 24) as u16;
        let high = thresholds.iter().map(|threshold| (threshold >> 16) as u16).collect();
        Self { base, guide: (0..256).map(below).collect(), high, thresholds }
    }

    /// Whether there is never a spike.
    fn is_silent(&self) -> bool {
        self.base == 0 && self.thresholds.is_empty()
    }

    /// The number of spikes that a word stands for, whose low half is asked for where it decides.
    #[inline]
    fn count(&self, high: u16, low: impl Fn() -> u32) -> u16 {
        let sure = usize::from(self.guide[usize::from(high >> 8)]);
        let more = self.high[sure..].iter().take_while(|&&threshold| high > threshold).count();
        let mut count = sure + more;
        if self.high.get(count) == Some(&high) {
            let word = u32::from(high) << 16 | low();
            count += self.thresholds[count..].iter().take_while(|&&threshold| word > threshold).count();
        }
        self.base + count as u16
    }

    /// The numbers of spikes that words stand for by their high halves; whether low ones decide.
    #[inline(always)]
    fn counts(&self, high: &[u16; LANES], counts: &mut [u16; LANES]) -> bool {
        let (mut above, mut undecided) = ([self.base; LANES], false);
        for group in self.high.as_chunks::<GROUP>().0 {
            let (mut equal, mut beyond) = (false, false);
            for lane in 0..LANES {
                for threshold in group {
                    above[lane] += u16::from(high[lane] > *threshold);
                    equal |= high[lane] == *threshold;
                }
                beyond |= high[lane] > group[GROUP - 1];
            }
            undecided |= equal;
            // The thresholds ascend: seldom does a word need all of them.
            if !beyond {
                break;
            }
        }
        *counts = above;
        undecided
    }
}

/// ln n!, by Stirling's series where n is large.
fn ln_factorial(n: f64) -> f64 {
    if n < 20.0 {
        return (1..=n as u64).map(|i| (i as f64).ln()).sum();
    }
    n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3))
}

/// The tables of a slice, and which of them each neuron has.
#[derive(Debug, Clone)]
struct Tables {
    all: Vec<Table>,
    /// Empty when all neurons have the first.
    which: Vec<u32>,
}

impl Tables {
    /// The table of the neuron of a lane; `None` for lanes beside the slice.
    #[inline]
    fn of(&self, lane: usize, skipped: usize) -> Option<&Table> {
        if self.which.is_empty() {
            return self.all.first();
        }
        let which = lane.checked_sub(skipped).and_then(|neuron| self.which.get(neuron));
        which.map(|&which| &self.all[which as usize])
    }
}

/// Poisson spikes onto a slice.
#[derive(Debug, Clone)]
pub(super) struct PoissonCounts {
    on: Range<Tick>,
    scope: InputSlice,
    tables: Tables,
    seldom: bool,
    /// The block of ticks that was drawn last, counted from 0.
    drawn: Option<u64>,
    /// Spikes at each of its ticks, tick after tick, in whole groups of lanes; empty when there are never any.
    counts: Vec<u16>,
    few: Vec<(u32, u16)>,
}

impl PoissonCounts {
    /// Spikes at `rates_hz` (one for all, or one for each neuron of the population) while it is `on`.
    pub fn new(rates_hz: &[f64], on: Range<Tick>, scope: InputSlice) -> Self {
        let rate = |neuron| rates_hz[if rates_hz.len() == 1 { 0 } else { neuron }];
        let mut rates: Vec<f64> = scope.neurons.clone().map(rate).collect();
        rates.sort_by(f64::total_cmp);
        rates.dedup();
        let place = |neuron| rates.partition_point(|&other| other < rate(neuron)) as u32;
        let which = if rates.len() > 1 { scope.neurons.clone().map(place).collect() } else { Vec::new() };
        let means: Vec<f64> = rates.iter().map(|rate| rate * scope.resolution.seconds()).collect();
        let tables = Tables { all: means.iter().map(|&mean| Table::new(mean)).collect(), which };
        let silent = tables.all.iter().all(Table::is_silent);
        let width = if silent { 0 } else { (skipped(&scope) + scope.neurons.len()).next_multiple_of(LANES) };
        let seldom = means.iter().all(|&mean| mean < SELDOM);
        Self { on, scope, tables, seldom, drawn: None, counts: vec![0; TICKS * width], few: Vec::new() }
    }

    fn draw(&mut self, block: u64) {
        self.drawn = Some(block);
        let pair = self.scope.first_entity + self.scope.neurons.start as u32 / 2;
        let high = ((block >> 32) as u32) << 8 | Purpose::Input as u32;
        let halves = Halves {
            counter: [block as u32, self.scope.input as u32, pair, high],
            key: [self.scope.seed as u32, (self.scope.seed >> 32) as u32],
        };
        match &self.tables.all[..] {
            [table] if table.thresholds.len() <= COMPARED => compare(&halves, table, &mut self.counts),
            _ => look_up(&halves, skipped(&self.scope), &self.tables, &mut self.counts),
        }
    }
}

/// Lanes before the first neuron of a slice that begins within a pair.
fn skipped(scope: &InputSlice) -> usize {
    scope.neurons.start % 2
}

/// The halves of words, from the pair of neurons with which a slice begins.
#[derive(Debug, Clone, Copy)]
struct Halves {
    counter: [u32; 4],
    key: [u32; 2],
}

impl Halves {
    /// The high halves of four ticks, for the neurons of the lanes from `first` on, which is even.
    #[inline(always)]
    fn high(&self, first: usize) -> [[u16; LANES]; TICKS] {
        // No maps over arrays: the compiler makes calls of them.
        let [block, input, pair, high] = self.counter;
        let mut counters = [[block; BLOCKS], [input; BLOCKS], [pair; BLOCKS], [high; BLOCKS]];
        for (lane, pair) in counters[2].iter_mut().enumerate() {
            *pair = pair.wrapping_add((first / 2 + lane) as u32);
        }
        let words = philox_lanes(counters, self.key);
        let mut halves = [[0; LANES]; TICKS];
        for tick in 0..TICKS {
            for block in 0..BLOCKS {
                halves[tick][2 * block] = words[tick][block] as u16;
                halves[tick][2 * block + 1] = (words[tick][block] >> 16) as u16;
            }
        }
        halves
    }

    /// The low half of the neuron of one lane.
    #[cold]
    fn low(&self, lane: usize, tick: usize) -> u32 {
        let [block, input, pair, high] = self.counter;
        let counter = [block, input | DOUBLE, pair.wrapping_add(lane as u32 / 2), high];
        let word = philox_lanes(counter.map(|word| [word]), self.key)[tick][0];
        (word >> (16 * (lane % 2))) & 0xffff
    }
}

impl Generator for PoissonCounts {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        if self.counts.is_empty() || !self.on.contains(&Tick(tick)) {
            return Pulses::None;
        }
        let block = tick / TICKS as u64;
        if self.drawn != Some(block) {
            self.draw(block);
        }
        let width = self.counts.len() / TICKS;
        let first = (tick % TICKS as u64) as usize * width + skipped(&self.scope);
        let counts = &self.counts[first..first + self.scope.neurons.len()];
        if !self.seldom {
            return Pulses::Counts(counts);
        }
        list(counts, &mut self.few);
        if self.few.is_empty() { Pulses::None } else { Pulses::Few(&self.few) }
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}

/// Lists those that are not 0.
fn list(counts: &[u16], few: &mut Vec<(u32, u16)>) {
    few.clear();
    for (group, counts) in counts.chunks(LANES).enumerate() {
        if counts.iter().fold(0, |any, count| any | count) > 0 {
            let some = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            few.extend(some.map(|(lane, &count)| ((group * LANES + lane) as u32, count)));
        }
    }
}

widest!(compare, compare_in_lanes, (halves: &Halves, table: &Table, counts: &mut [u16]));
widest!(look_up, look_up_in_lanes, (halves: &Halves, skipped: usize, tables: &Tables, counts: &mut [u16]));

/// Four ticks of neurons that have the same table.
#[inline(always)]
fn compare_in_lanes(halves: &Halves, table: &Table, counts: &mut [u16]) {
    let groups = counts.len() / TICKS / LANES;
    let counts = counts.as_chunks_mut::<LANES>().0;
    for group in 0..groups {
        let high = halves.high(group * LANES);
        for tick in 0..TICKS {
            let counts = &mut counts[tick * groups + group];
            if table.counts(&high[tick], counts) {
                for lane in 0..LANES {
                    counts[lane] = table.count(high[tick][lane], || halves.low(group * LANES + lane, tick));
                }
            }
        }
    }
}

/// Four ticks of neurons that have tables of their own, or a large one.
#[inline(always)]
fn look_up_in_lanes(halves: &Halves, skipped: usize, tables: &Tables, counts: &mut [u16]) {
    let width = counts.len() / TICKS;
    for first in (0..width).step_by(LANES) {
        let high = halves.high(first);
        for lane in 0..LANES {
            let Some(table) = tables.of(first + lane, skipped) else { continue };
            for tick in 0..TICKS {
                counts[tick * width + first + lane] = table.count(high[tick][lane], || halves.low(first + lane, tick));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Resolution;

    const ALWAYS: Range<Tick> = Tick(0)..Tick(u64::MAX);

    fn generator(rates: &[f64], neurons: Range<usize>) -> PoissonCounts {
        let resolution = Resolution::from_ms(0.1).unwrap();
        PoissonCounts::new(
            rates,
            ALWAYS,
            InputSlice { neurons, first_entity: 1000, input: 3, resolution, precise: false, seed: 11 },
        )
    }

    /// Spikes of every neuron at `tick`.
    fn at(generator: &mut dyn Generator, neurons: usize, tick: u64) -> Vec<u16> {
        let mut all = vec![0; neurons];
        match generator.pulses(tick) {
            Pulses::None => {}
            Pulses::Counts(counts) => all.copy_from_slice(counts),
            Pulses::Few(few) => few.iter().for_each(|&(neuron, count)| all[neuron as usize] = count),
            Pulses::Weighted(_) => unreachable!("Poisson spikes have one weight"),
        }
        all
    }

    #[test]
    fn counts_have_the_probabilities_of_poisson_whatever_the_mean() {
        for mean in [0.003f64, 0.1, 1.6, 9.0, 30.0, 400.0, 5000.0] {
            let mut generator = generator(&[mean * 1e4], 0..200);
            let drawn = (0..500).flat_map(|tick| at(&mut generator, 200, tick));
            let drawn: Vec<f64> = drawn.map(f64::from).collect();
            let (n, sum) = (drawn.len() as f64, drawn.iter().sum::<f64>());
            assert!((sum - n * mean).abs() < 4.5 * (n * mean).sqrt(), "mean {mean}: {}", sum / n);
            let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            // The variance of a sample variance: (m + 2 m^2) / n.
            let error = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!((variance - mean).abs() < 4.5 * error, "mean {mean}: variance {variance}");
            let none = drawn.iter().filter(|&&x| x == 0.0).count() as f64 / n;
            let expected = (-mean).exp();
            assert!((none - expected).abs() < 4.5 * (expected / n).sqrt() + 1e-9, "mean {mean}: {none} {expected}");
        }
    }

    #[test]
    fn thresholds_are_the_cumulated_probabilities() {
        let table = Table::new(1.6);
        let mut term = (-1.6f64).exp();
        let mut below = 0.0;
        for (k, &threshold) in table.thresholds[..15].iter().enumerate() {
            below += term;
            term *= 1.6 / (k + 1) as f64;
            assert!((f64::from(threshold) + 1.0 - below * 4_294_967_296.0).abs() <= 0.6, "{k}");
        }
        assert_eq!((table.base, &table.thresholds[15..]), (0, &[u32::MAX][..]));
        assert!(Table::new(0.0).is_silent());
        let huge = Table::new(1e6);
        assert_eq!((huge.base, huge.thresholds.len()), (u16::MAX, 0));
    }

    #[test]
    fn low_halves_decide_where_high_ones_are_those_of_a_threshold() {
        let table = Table::new(1.6);
        for (k, &threshold) in table.thresholds[..15].iter().enumerate() {
            let high = (threshold >> 16) as u16;
            let count = |low: u32| usize::from(table.count(high, || low & 0xffff));
            let same = table.thresholds[k + 1..].iter().take_while(|&&other| other >> 16 == threshold >> 16).count();
            assert!(
                count(threshold) <= k && (same > 0 || threshold as u16 == u16::MAX || count(threshold + 1) == k + 1)
            );
            let mut counts = [0; LANES];
            assert!(table.counts(&[high; LANES], &mut counts));
            if high < u16::MAX {
                assert_eq!(table.count(high + 1, || panic!("it decides")), (k + 1 + same) as u16);
            }
        }
    }

    #[test]
    fn looking_up_gives_what_comparing_gives() {
        let halves = Halves { counter: [5, 1, 2, 3], key: [7, 8] };
        for mean in [0.01, 1.6, 12.0] {
            let table = Table::new(mean);
            let mut one = vec![0; 4 * 96];
            compare(&halves, &table, &mut one);
            let mut other = vec![0; 4 * 96];
            look_up(&halves, 0, &Tables { all: vec![table], which: Vec::new() }, &mut other);
            assert_eq!(one, other);
        }
    }

    #[test]
    fn slices_and_late_starts_change_nothing() {
        let each: Vec<f64> = (0..150).map(|i| f64::from(i % 7) * 900.0).collect();
        for rates in [&[16_000.0][..], &[50.0], &each] {
            let mut whole = generator(rates, 0..150);
            let mut parts = [generator(rates, 0..37), generator(rates, 37..150)];
            (0..9).for_each(|tick| _ = at(&mut whole, 150, tick));
            for tick in 9..30 {
                let cut = [at(&mut parts[0], 37, tick), at(&mut parts[1], 113, tick)].concat();
                assert_eq!(cut, at(&mut whole, 150, tick));
            }
        }
        let mut mixed = generator(&each, 0..150);
        assert!((0..200).all(|tick| at(&mut mixed, 150, tick).iter().step_by(7).all(|&count| count == 0)));
    }
}
