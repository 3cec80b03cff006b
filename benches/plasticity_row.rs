//! Visits of plastic synapses, in synapses per second: `cargo bench --bench plasticity_row`.
//!
//! Motivation: this loop is what a plastic network consists of. Spikes come at random: 10,000
//! neurons with rows of 1,000 synapses at 37 Hz, as in Brunel's network with STDP, and 784
//! sources onto all of 6,400 neurons. One step is 1 ms of the network's time.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinfire::parameter::{self, Form, Value, Values};
use twinfire::plasticity::KINDS;
use twinfire::plasticity::on_spikes::{Segment, SpikePlasticity, SynapseSlice};
use twinfire::random::{Purpose, Stream};
use twinfire::time::Resolution;

const DELAY: u32 = 15;
/// Ticks per step.
const STEP: u64 = 10;

/// A rule with defaults, but for `words` and weights up to 1.
fn at_work(name: &str, words: &[(&'static str, &str)], scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f32>> {
    let kind = parameter::find(KINDS, name).expect("a rule");
    let mut values = Values::default();
    for field in kind.fields {
        let text = field.default.unwrap_or("0");
        let number = || text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
        values.set(
            field.name,
            match field.form {
                Form::Choice(_) => Value::Text(text.into()),
                _ => Value::Number(number()),
            },
        );
    }
    words.iter().for_each(|&(name, word)| values.set(name, Value::Text(word.into())));
    values.set("w_max", Value::Number(1.0));
    (kind.build)(&values).expect("possible values").single(scope)
}

struct Slice {
    sources: usize,
    row: usize,
    targets: usize,
    /// Spikes per tick, of a source and of a target.
    rates: (f64, f64),
    wiring: Vec<u16>,
    weights: Vec<f32>,
}

impl Slice {
    fn new(sources: usize, row: usize, targets: usize, (pre, post): (f64, f64)) -> Self {
        let mut stream = Stream::new(1, Purpose::Wiring, 0, 0);
        let mut wiring = Vec::with_capacity(sources * row);
        for _ in 0..sources {
            let start = wiring.len();
            let random = |index| if row == targets { index as u16 } else { stream.below(targets as u32) as u16 };
            wiring.extend((0..row).map(random));
            wiring[start..].sort_unstable();
        }
        Self { sources, row, targets, rates: (pre * 1e-4, post * 1e-4), wiring, weights: vec![0.5; sources * row] }
    }

    fn scope(&self) -> SynapseSlice {
        SynapseSlice {
            resolution: Resolution::from_ms(0.1).expect("on the grid"),
            targets: self.targets,
            segments: self.sources,
            synapses: self.weights.len(),
            longest_delay: DELAY,
        }
    }

    /// Which of `count` neurons spike at a tick.
    fn spikes(count: usize, rate: f64, entity: u32, tick: u64) -> Vec<u32> {
        let mut stream = Stream::new(2, Purpose::Input, entity, tick);
        let mut neuron = 0.0;
        let next = || {
            neuron += (1.0 - f64::from(stream.uniform())).ln() / (1.0 - rate).ln();
            let spiking = neuron as u32;
            neuron = f64::from(spiking) + 1.0;
            (spiking < count as u32).then_some(spiking)
        };
        std::iter::from_fn(next).collect()
    }

    /// One tick, as the engine does it.
    fn tick(&mut self, rule: &mut dyn SpikePlasticity<f32>, tick: u64, (pre, post): (&[u32], &[u32])) {
        for &source in pre {
            rule.on_pre(tick - u64::from(DELAY), self.segment(source as usize));
        }
        rule.on_post(tick, post);
        if rule.wants_to_settle(tick) {
            (0..self.sources).for_each(|source| rule.settle(self.segment(source)));
            rule.settled(tick);
        }
    }

    fn segment(&mut self, source: usize) -> Segment<'_, f32> {
        let range = source * self.row..(source + 1) * self.row;
        Segment {
            index: source,
            first: range.start,
            delay: DELAY,
            targets: &self.wiring[range.clone()],
            weights: &mut self.weights[range],
        }
    }
}

/// Name of a case, rule, and the fields that are set.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

fn bench(criterion: &mut Criterion, name: &str, mut slice: Slice, rules: &[Case]) {
    let mut group = criterion.benchmark_group(name);
    let visits = slice.rates.0 * STEP as f64 * slice.weights.len() as f64;
    group.throughput(Throughput::Elements(visits as u64)).sample_size(20);
    for (label, rule, words) in rules {
        let mut rule = at_work(rule, words, &slice.scope());
        (0..u64::from(DELAY)).for_each(|tick| rule.on_post(tick, &[]));
        let mut now = u64::from(DELAY);
        group.bench_function(BenchmarkId::from_parameter(label), |bench| {
            let spikes = |slice: &Slice, tick: u64| {
                let pre = Slice::spikes(slice.sources, slice.rates.0, 0, tick);
                (pre, Slice::spikes(slice.targets, slice.rates.1, 1, tick))
            };
            let draw = |slice: &Slice, now: u64| (now..now + STEP).map(|tick| spikes(slice, tick)).collect::<Vec<_>>();
            bench.iter_custom(|steps| {
                let mut time = std::time::Duration::ZERO;
                for _ in 0..steps {
                    let drawn = draw(&slice, now);
                    let start = std::time::Instant::now();
                    for (tick, (pre, post)) in (now..).zip(&drawn) {
                        slice.tick(&mut *rule, tick, (pre, post));
                    }
                    time += start.elapsed();
                    now += STEP;
                }
                time
            });
        });
    }
    group.finish();
}

fn rows(criterion: &mut Criterion) {
    let pair: &[Case] = &[
        ("stdp additive", "stdp", &[("dependence", "additive")]),
        ("stdp multiplicative", "stdp", &[("dependence", "multiplicative")]),
        ("triplet", "triplet_stdp", &[]),
    ];
    let more: &[Case] = &[
        ("stdp power law", "stdp", &[("dependence", "power_law")]),
        ("stdp nearest reduced", "stdp", &[("pairing", "nearest_reduced")]),
        ("dopamine", "dopamine_stdp", &[]),
    ];
    let all = [pair, more].concat();
    bench(criterion, "rows of 1000 onto 10000 at 37 Hz", Slice::new(10_000, 1000, 10_000, (37.0, 37.0)), &all);
    bench(criterion, "784 at 20 Hz onto all of 6400 at 10 Hz", Slice::new(784, 6400, 6400, (20.0, 10.0)), pair);
}

criterion_group!(benches, rows);
criterion_main!(benches);
