//! Encoders: what a sample becomes before it enters the network, spikes in the spiking
//! regime and rates in the rate regime. One per file.
//!
//! To add one: write `my_encoder.rs` with a `KIND`, add its `mod` line and its row.

mod bernoulli;
mod burst;
mod constant_current;
mod latency;
mod poisson;
mod regular;

use crate::parameter::{Field, Form, Kind, Range};
use crate::random::Stream;
use crate::time::Resolution;
use crate::unit::Dimension;

/// Every encoder, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Encoder>] =
    &[regular::KIND, poisson::KIND, bernoulli::KIND, latency::KIND, burst::KIND, constant_current::KIND];

/// What one presentation sends into the input population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stimulus {
    /// `sources[offsets[t] .. offsets[t + 1]]` are the inputs that spike at tick t of the
    /// window, ascending. `offsets` has one entry more than the window has ticks.
    pub offsets: Vec<u32>,
    pub sources: Vec<u32>,
    /// A constant current into every input's synapses: input i acts at every tick as
    /// `currents[i]` spikes would. Empty when the encoder sends spikes.
    pub currents: Vec<f32>,
}

impl Stimulus {
    /// Empties the stimulus, keeping its memory.
    pub fn clear(&mut self) {
        self.offsets.clear();
        self.offsets.push(0);
        self.sources.clear();
        self.currents.clear();
    }

    /// Ends a tick: what was pushed to `sources` since the last call spikes at it.
    pub fn end_tick(&mut self) {
        self.offsets.push(self.sources.len() as u32);
    }

    /// Number of ticks.
    pub fn window(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The inputs that spike at `tick`.
    pub fn at(&self, tick: usize) -> &[u32] {
        &self.sources[self.offsets[tick] as usize..self.offsets[tick + 1] as usize]
    }

    /// Fills the stimulus with at most one spike per input and tick. `level` turns a value
    /// into the number that `spikes(level, tick)` decides by; an input of level `None`, and
    /// any input whose value is not above 0, is silent and costs nothing more.
    ///
    /// `spikes` is asked tick after tick, and within a tick in the order of the inputs.
    fn fill(
        &mut self,
        values: &[f32],
        window: usize,
        level: impl Fn(f32) -> Option<u32>,
        mut spikes: impl FnMut(u32, usize) -> bool,
    ) {
        self.clear();
        // Pairs of (input, level) stand in front of the spikes while these are found.
        for (input, &value) in (0..).zip(values) {
            if value > 0.0
                && let Some(level) = level(value.min(1.0))
            {
                self.sources.extend([input, level]);
            }
        }
        let front = self.sources.len();
        let mut end = 0;
        for tick in 0..window {
            self.sources.resize(front + end + front / 2, 0);
            let (pairs, found) = self.sources.split_at_mut(front);
            for pair in pairs.chunks_exact(2) {
                found[end] = pair[0];
                end += usize::from(spikes(pair[1], tick));
            }
            self.offsets.push(end as u32);
        }
        self.sources.truncate(front + end);
        self.sources.drain(..front);
    }
}

/// Turns the values of a sample, each in [0, 1], into a stimulus.
pub trait Encoder: Send + Sync + std::fmt::Debug {
    /// How long a presentation lasts, in ms.
    fn window_ms(&self) -> f64;

    /// Fills `stimulus` for a presentation of `values`, drawing from `stream` only.
    fn encode(&self, values: &[f32], resolution: Resolution, stream: &mut Stream, stimulus: &mut Stimulus);

    /// What the rate regime sees: replaces each value by the expected number of spikes per
    /// tick, averaged over the window (for currents: the current).
    fn rates(&self, values: &mut [f32], resolution: Resolution);
}

/// How long a presentation lasts; shared by all encoders.
const WINDOW: Field = Field {
    name: "window",
    aliases: &["duration"],
    form: Form::Quantity(Dimension::Time),
    default: Some("8 ms"),
    range: Range::Positive,
    doc: "How long a presentation lasts",
};

/// The rate of the largest value; shared by the encoders that send rates.
const MAX_RATE: Field = Field {
    name: "max_rate",
    aliases: &[],
    form: Form::Quantity(Dimension::Frequency),
    default: Some("1 kHz"),
    range: Range::Positive,
    doc: "Rate of an input of value 1; no input spikes more than once per tick",
};

/// A window of `ms` in ticks, rounded to the grid, at least 1.
fn window_ticks(ms: f64, resolution: Resolution) -> usize {
    (ms / resolution.ms()).round().max(1.0) as usize
}

/// A probability or rate per tick as a level: 1 is 2^32, less one so that it fits.
/// `None` when it is too small to matter (under 2^-33).
fn level_of(probability: f64) -> Option<u32> {
    ((probability.min(1.0) * 4_294_967_296.0).round() as u64).checked_sub(1).map(|level| level as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{Value, Values, find};
    use crate::random::Purpose;

    const VALUES: [f32; 10] = [0.0, 0.003, 0.099, 0.1, 0.25, 1.0 / 3.0, 0.5, 0.77, 0.999, 1.0];

    fn number(kind: &str, name: &str) -> f64 {
        match (kind, name) {
            (_, "window") => 8.0,
            ("constant_current", "gain") => 0.7,
            (_, "max_rate") => 800.0,
            (_, "phase") => 0.5,
            (_, "threshold") => 0.1,
            (_, "tau") => 5.0,
            (_, "min_interval") => 1.0,
            (_, "max_interval") => 4.0,
            other => panic!("no test value for {other:?}"),
        }
    }

    /// The encoder called `name`, choices at their word `choice`.
    pub(super) fn build(name: &str, choice: &str) -> Box<dyn Encoder> {
        let kind = find(KINDS, name).unwrap();
        let mut values = Values::default();
        for field in kind.fields {
            let value = match field.form {
                Form::Count => Value::Count(5),
                Form::Choice(_) => Value::Text(choice.into()),
                _ => Value::Number(number(name, field.name)),
            };
            values.set(field.name, value);
        }
        (kind.build)(&values).unwrap()
    }

    /// Mean spikes per tick of each input over `draws` presentations.
    fn mean_rates(encoder: &dyn Encoder, resolution: Resolution, draws: u32) -> Vec<f64> {
        let mut stimulus = Stimulus::default();
        let mut sums = vec![0.0; VALUES.len()];
        for draw in 0..draws {
            let mut stream = Stream::new(5, Purpose::Encoding, draw, 0);
            encoder.encode(&VALUES, resolution, &mut stream, &mut stimulus);
            stimulus.sources.iter().for_each(|&input| sums[input as usize] += 1.0);
            (0..stimulus.currents.len())
                .for_each(|i| sums[i] += f64::from(stimulus.currents[i]) * stimulus.window() as f64);
        }
        sums.iter().map(|sum| sum / f64::from(draws) / stimulus.window() as f64).collect()
    }

    #[test]
    fn the_rate_regime_sees_the_expected_spikes_per_tick() {
        for ms in [1.0, 0.5] {
            let resolution = Resolution::from_ms(ms).unwrap();
            for (kind, choice) in KINDS.iter().flat_map(|kind| ["linear", "logarithmic"].map(|choice| (kind, choice))) {
                let encoder = build(kind.name, choice);
                let mut rates = VALUES;
                encoder.rates(&mut rates, resolution);
                let random = ["poisson", "bernoulli"].contains(&kind.name);
                // Regular counts are rounded to whole spikes; of random ones the mean has an error of 4 sigma at most.
                let tolerance = match kind.name {
                    "regular" => 0.5 / 8.0 * ms + 1e-6,
                    _ if random => 4.0 * 0.5 / (20_000.0 * 8.0 / ms).sqrt(),
                    _ => 1e-6,
                };
                let seen = mean_rates(&*encoder, resolution, if random { 20_000 } else { 1 });
                for (mean, rate) in seen.iter().zip(rates) {
                    assert!((mean - f64::from(rate)).abs() <= tolerance, "{} {ms} ms: {mean} for {rate}", kind.name);
                }
            }
        }
    }

    #[test]
    fn no_input_spikes_twice_in_a_tick_and_sources_ascend() {
        let resolution = Resolution::from_ms(2.0).unwrap();
        let mut stimulus = Stimulus::default();
        for kind in KINDS {
            let mut stream = Stream::new(5, Purpose::Encoding, 0, 0);
            build(kind.name, "linear").encode(&VALUES, resolution, &mut stream, &mut stimulus);
            assert_eq!(stimulus.window(), 4, "{}", kind.name);
            assert_eq!(*stimulus.offsets.last().unwrap() as usize, stimulus.sources.len());
            for tick in 0..4 {
                assert!(stimulus.at(tick).is_sorted_by(|a, b| a < b), "{}", kind.name);
            }
            assert!(!stimulus.sources.contains(&0), "{} makes a black input spike", kind.name);
        }
    }

    #[test]
    fn what_a_stimulus_held_before_does_not_matter() {
        let resolution = Resolution::from_ms(1.0).unwrap();
        for kind in KINDS {
            let encode = |stimulus: &mut Stimulus| {
                let mut stream = Stream::new(5, Purpose::Encoding, 0, 0);
                build(kind.name, "linear").encode(&VALUES, resolution, &mut stream, stimulus);
            };
            let (mut fresh, mut used) = (Stimulus::default(), Stimulus::default());
            build("poisson", "").encode(&[1.0; 99], resolution, &mut Stream::new(1, Purpose::Input, 0, 0), &mut used);
            used.currents = vec![1.0; 99];
            encode(&mut fresh);
            encode(&mut used);
            assert_eq!(fresh, used, "{}", kind.name);
        }
    }
}
