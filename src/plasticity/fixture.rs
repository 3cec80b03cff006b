//! Drives rules on spikes in tests, in the order of the engine: at each tick arrivals, then
//! postsynaptic spikes, then settling.

use std::ops::Range;

use super::on_spikes::{Factors, Segment, SpikePlasticity, SynapseSlice};
use crate::parameter::{Form, Kind, Value, Values};
use crate::random::{Purpose, Stream};
use crate::real::Real;
use crate::time::Resolution;

/// The synapses of one source with one delay.
#[derive(Debug, Clone)]
pub(super) struct Wires {
    pub source: usize,
    pub delay: u32,
    pub targets: Vec<u16>,
}

/// A small network whose spikes are all given.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixture {
    pub targets: usize,
    pub wires: Vec<Wires>,
    /// For each tick the sources that spike.
    pub pre: Vec<Vec<usize>>,
    /// For each tick the targets that spike, ascending.
    pub post: Vec<Vec<u32>>,
    /// For each tick the number of modulating spikes.
    pub modulators: Vec<usize>,
    pub weight: f64,
}

impl Fixture {
    /// Random wiring (every other segment to consecutive targets) with delays of 1 to 9 ticks,
    /// and random spikes: every neuron at about `rate` per tick.
    pub fn random(seed: u64, ticks: usize, rate: f64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Wiring, 0, 0);
        let targets = 40;
        let segment = |index: usize| Wires {
            source: index / 2,
            delay: 1 + stream.below(5) + 4 * (index % 2) as u32,
            targets: if index.is_multiple_of(2) {
                (3..37).collect()
            } else {
                (0..targets as u16).filter(|_| stream.chance(0.4)).collect()
            },
        };
        let wires: Vec<Wires> = (0..12).map(segment).collect();
        let mut spikes = |count: usize| (0..count).filter(|_| stream.chance(rate)).collect::<Vec<usize>>();
        let pre = (0..ticks).map(|_| spikes(6)).collect();
        let post = (0..ticks).map(|_| spikes(targets).into_iter().map(|neuron| neuron as u32).collect()).collect();
        let modulators = (0..ticks).map(|_| spikes(2).len()).collect();
        Self { targets, wires, pre, post, modulators, weight: 0.5 }
    }

    /// What a rule at work on the targets of `slice` is made for.
    pub fn scope(&self, slice: &Range<u16>) -> SynapseSlice {
        SynapseSlice {
            resolution: Resolution::from_ms(0.1).unwrap(),
            targets: slice.len(),
            segments: self.wires.len(),
            synapses: self.slice(slice).iter().map(|wires| wires.targets.len()).sum(),
            longest_delay: self.wires.iter().map(|wires| wires.delay).max().unwrap_or(1),
        }
    }

    /// The wires onto a slice, targets counted within it.
    fn slice(&self, slice: &Range<u16>) -> Vec<Wires> {
        let cut = |wires: &Wires| {
            let targets = wires.targets.iter().filter(|target| slice.contains(target));
            Wires { targets: targets.map(|target| target - slice.start).collect(), ..*wires }
        };
        self.wires.iter().map(cut).collect()
    }

    /// Runs a rule on a slice, settling after the ticks that `settle` names, and once at the
    /// end. Gives what was transmitted at each visit, and the last weights by segment.
    pub fn run<R: Real>(
        &self,
        mut rule: Box<dyn SpikePlasticity<R>>,
        slice: Range<u16>,
        settle: impl Fn(u64) -> bool,
    ) -> Run {
        let wires = self.slice(&slice);
        let mut weights: Vec<Vec<R>> =
            wires.iter().map(|wires| vec![R::rounded(self.weight); wires.targets.len()]).collect();
        let mut transmitted = Vec::new();
        for tick in 0..self.pre.len() as u64 {
            let modulators = self.modulators.get(tick as usize).copied().unwrap_or(0);
            if modulators > 0 {
                rule.on_modulator(tick, modulators);
            }
            for segment in segments(&wires, &mut weights) {
                let Segment { index, first, delay, targets, weights } = segment;
                let Some(pre) = tick.checked_sub(u64::from(delay)) else { continue };
                if self.pre[pre as usize].contains(&wires[index].source) {
                    let factor = rule.on_pre(pre, Segment { index, first, delay, targets, weights: &mut *weights });
                    transmitted.extend(weights.iter().map(|&weight| -> f64 { (factor * weight).into() }));
                }
            }
            let local = self.post[tick as usize].iter().filter(|&&neuron| slice.contains(&(neuron as u16)));
            let local: Vec<u32> = local.map(|&neuron| neuron - u32::from(slice.start)).collect();
            rule.on_post(tick, &local);
            for _ in 0..if settle(tick) { 2 } else { 0 } {
                settle_all(&mut *rule, tick, &wires, &mut weights);
            }
            if rule.wants_to_settle(tick) || tick + 1 == self.pre.len() as u64 {
                settle_all(&mut *rule, tick, &wires, &mut weights);
            }
            if rule.is_due(tick) {
                scale_all(&mut *rule, tick, (slice.len(), &wires), &mut weights);
            }
        }
        let weights = weights.iter().map(|own| own.iter().map(|&weight| weight.into()).collect()).collect();
        Run { transmitted, weights }
    }
}

/// What a rule did.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub transmitted: Vec<f64>,
    pub weights: Vec<Vec<f64>>,
}

fn settle_all<R: Real>(rule: &mut dyn SpikePlasticity<R>, tick: u64, wires: &[Wires], weights: &mut [Vec<R>]) {
    segments(wires, weights).for_each(|segment| rule.settle(segment));
    rule.settled(tick);
}

/// Scales all weights at once, as the engine does where no spike is on its way.
fn scale_all<R: Real>(
    rule: &mut dyn SpikePlasticity<R>,
    tick: u64,
    (targets, wires): (usize, &[Wires]),
    weights: &mut [Vec<R>],
) {
    let factors = match rule.factors(tick) {
        Factors::Known(factors) => factors,
        Factors::TotalOverSum(total) => {
            let mut sums = vec![0.0; targets];
            for (wires, weights) in wires.iter().zip(&*weights) {
                wires.targets.iter().zip(weights).for_each(|(&target, &w)| sums[usize::from(target)] += w.into());
            }
            sums.into_iter().map(|sum: f64| total / sum).collect()
        }
    };
    segments(wires, weights).for_each(|segment| rule.scale(&factors, segment));
}

fn segments<'a, R>(wires: &'a [Wires], weights: &'a mut [Vec<R>]) -> impl Iterator<Item = Segment<'a, R>> {
    let mut first = 0;
    wires.iter().zip(weights).enumerate().map(move |(index, (wires, weights))| {
        let segment = Segment { index, first, delay: wires.delay, targets: &wires.targets, weights };
        first += wires.targets.len();
        segment
    })
}

/// The values of a kind: its defaults, but for `set`.
pub(super) fn values<T: ?Sized>(kind: &Kind<T>, set: &[(&'static str, Value)]) -> Values {
    let mut values = Values::default();
    for field in kind.fields {
        let text = field.default.unwrap_or("0");
        let number = || text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
        let default = match field.form {
            Form::Choice(_) | Form::Text => Value::Text(text.into()),
            Form::Count => Value::Count(number().unwrap_or(0.0) as u64),
            Form::Flag => Value::Flag(text == "true"),
            _ => number().map_or_else(|| values.get(text).cloned().unwrap(), Value::Number),
        };
        values.set(field.name, default);
    }
    set.iter().for_each(|(name, value)| values.set(name, value.clone()));
    values
}

/// Whatever the schedule of settling, and however targets are split over slices, weights have
/// the same bits; and f32 stays within 1e-4 of f64.
pub(super) fn agrees_with_itself(build: impl Fn() -> Box<dyn super::on_spikes::SpikeRule>) {
    for (seed, rate) in [(1, 0.05), (2, 0.005), (3, 0.3)] {
        let fixture = Fixture::random(seed, 1200, rate);
        let all = 0..fixture.targets as u16;
        let rule = build();
        let single = |slice: Range<u16>, settle: &dyn Fn(u64) -> bool| {
            fixture.run(rule.single(&fixture.scope(&slice)), slice, settle)
        };
        let lazy = single(all.clone(), &|_| false);
        for odds in [0.01, 0.2, 1.0] {
            let random = |tick| Stream::new(seed, Purpose::Shuffle, 0, tick).chance(odds);
            assert_eq!(
                single(all.clone(), &random),
                lazy,
                "settling at random with probability {odds} changes weights"
            );
        }
        let (low, high) = (single(0..17, &|_| false), single(17..40, &|_| false));
        for (whole, parts) in lazy.weights.iter().zip(low.weights.iter().zip(&high.weights)) {
            assert_eq!(*whole, [&parts.0[..], parts.1].concat(), "slices change weights");
        }
        let double = fixture.run(rule.double(&fixture.scope(&all)), all, |_| false);
        let scale = double.transmitted.iter().fold(0.0f64, |most, weight| most.max(weight.abs()));
        for (single, double) in lazy.transmitted.iter().zip(&double.transmitted) {
            assert!((single - double).abs() < 1e-4 * scale, "f32 gives {single}, f64 {double}");
        }
    }
}
