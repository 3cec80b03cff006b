//! How much memory the events of a model take, before anything of it is built. Bytes follow from what
//! is kept of each thing (table.rs, layout.rs, population_slice.rs, plastic_projection.rs, synapses.rs); R is the size of a number.
//!
//! ```text
//! synapse, fixed       2 (target) + R where some projection of the table has weights of its own
//! synapse, with rules  2 + R (weight) + what its rules keep + R (a look ahead) + 8 + 8 (weights before and after)
//! segment              16, and 64 with rules: one per source, partition, sort and delay (expected number)
//! neuron               12 + R (4 + variables); 245 with precise times; 150 with currents from inputs; 12 R where
//!                      parameters differ
//! spike                31 until the window is over (64 ticks, or the shortest delay)
//! spike in a list      24 and 8 as the input has it, 64 at work: 32 in a list that grows, for each partition where
//!                      it goes to all neurons
//! partition            2^16 sums for each of two receptors
//! while building       4 for each synapse that is drawn by target, 24 more of a list, 8 of a table of weights;
//!                      the rows of 2,048 sources
//! ```

use std::collections::{BTreeMap, HashSet};

use super::layout::LARGEST;
use super::wiring::{PIECE, PIECES};
use crate::error::Result;
use crate::model::{DelaySpec, InputSpec, Model, Precision, ProjectionSpec, SpikeTimes, VariedValues, WeightSpec};
use crate::network::synapses::{Drawn, Planned, planned};
use crate::random::{Purpose, Stream};
use crate::record::memory::window;

/// Bytes that a network takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NetworkBytes {
    pub neurons: f64,
    pub synapses: f64,
    /// More while it is built.
    pub building: f64,
    /// Weights of projections with rules from before and after the run, which stay until they are written.
    pub reported: f64,
    /// More when the run ends.
    pub ending: f64,
}

/// Bytes of a spike until its window is over, and how often neurons are taken to spike, in Hz.
const SPIKE: f64 = 31.0;
const RATE: f64 = 50.0;
/// Draws from a distribution of delays that are looked at.
const TRIED: usize = 500;
/// Bytes of a neuron with its place, its statistics left out; those with precise times, and those of its currents.
const NEURON: f64 = 12.0;
const PRECISE: f64 = 245.0;
const DRIVEN: f64 = 150.0;
/// Bytes of a spike in a list: as the input has it, and at work.
const GIVEN: f64 = 32.0;
const DUE: f64 = 64.0;
/// Bytes of a segment, and of one with what rules keep of it.
const SEGMENT: f64 = 16.0;
const RULED_SEGMENT: f64 = 64.0;
/// Bytes of a target neuron of a projection with rules.
const RULED_NEURON: f64 = 300.0;
/// Bytes of a place in a queue, one for each tick of the longest delay.
const DAY: f64 = 24.0;
/// Bytes of a synapse in a list that was read: as the model keeps it, and as it is sorted.
const LISTED: f64 = 28.0;
const SORTED: f64 = 28.0;

/// The bytes of `model`, built by so many threads.
///
/// # Errors
/// [`Error::Run`](crate::error::Error::Run) when a topology does not fit its populations.
pub fn bytes(model: &Model, threads: usize) -> Result<NetworkBytes> {
    let plans = planned(model)?;
    let partitions = partitions(model, threads);
    let real = real(model);
    let mut all = NetworkBytes { neurons: neurons(model, partitions, real), ..NetworkBytes::default() };
    let (fixed, plastic): (Vec<_>, Vec<_>) =
        model.projections.iter().zip(&plans).partition(|(projection, _)| projection.rules.is_empty());
    let weighted = fixed.iter().any(|(projection, _)| has_own_weights(projection));
    let each = 2.0 + if weighted { real } else { 0.0 };
    let total: f64 = fixed.iter().map(|(_, plan)| plan.expected as f64).sum();
    all.synapses += total * each + segments(model, &fixed, partitions) * SEGMENT;
    all.neurons += heads(model, &fixed, partitions) + listed_spikes(model, partitions);
    all.building += rows(model, &fixed) * each;
    for (projection, plan) in &plastic {
        let (number, one) = (plan.expected as f64, [(*projection, *plan)]);
        all.synapses += number * (2.0 + real + kept_by_rules(projection, real));
        all.synapses += segments(model, &one, partitions) * RULED_SEGMENT;
        all.synapses += size(model, projection.target.0) * RULED_NEURON;
        // What threads drew stays with them.
        all.synapses += 3.0 * rows(model, &one) * (2.0 + real);
        all.reported += 16.0 * number;
        all.ending = all.ending.max(number * (real + kept_by_rules(projection, real)));
    }
    for (projection, plan) in model.projections.iter().zip(&plans) {
        let (number, ends) = (plan.expected as f64, [projection.source.0, projection.target.0]);
        let [sources, targets] = ends.map(|id| size(model, id));
        all.building += match plan.drawn {
            Drawn::BySource => 4.0 * sources,
            Drawn::ByTarget => 4.0 * number + 16.0 * sources,
            Drawn::Listed => SORTED * number + 16.0 * sources,
        };
        all.synapses += if plan.drawn == Drawn::Listed { LISTED * number } else { 0.0 };
        all.building += if matches!(projection.weight, WeightSpec::File(_)) { 16.0 * sources * targets } else { 0.0 };
        all.synapses += longest(&projection.delay) * DAY * partitions;
    }
    Ok(all)
}

/// Bytes of a number in the precision of the run.
fn real(model: &Model) -> f64 {
    let simulation = &model.simulation;
    if simulation.precision == Precision::Single && simulation.spike_times == SpikeTimes::Grid { 4.0 } else { 8.0 }
}

fn size(model: &Model, population: usize) -> f64 {
    model.populations[population].shape.iter().map(|&side| side as f64).product()
}

/// How many partitions the network is cut into, about.
fn partitions(model: &Model, threads: usize) -> f64 {
    let neurons: f64 = (0..model.populations.len())
        .filter(|&index| model.populations[index].neuron.is_some())
        .map(|index| size(model, index))
        .sum();
    (threads as f64).max((neurons / LARGEST as f64).ceil()).max(1.0)
}

/// Neurons with their inputs, and what arrives at them.
fn neurons(model: &Model, partitions: f64, real: f64) -> f64 {
    let precise = model.simulation.spike_times == SpikeTimes::Precise;
    let currents = model.inputs.iter().filter(|input| input.input.1.sends_currents());
    let driven: HashSet<usize> = currents.flat_map(|input| &input.targets).map(|target| target.0).collect();
    let spikes = SPIKE * RATE * window(model) * model.simulation.resolution.seconds();
    let of = |index: usize| {
        let spec = &model.populations[index];
        let variables = spec.neuron.as_ref().map_or(0, |(_, neuron)| neuron.variables().len());
        let listed = spec.varied.iter().filter(|varied| matches!(varied.values, VariedValues::Each(_))).count();
        let each = if precise { PRECISE } else { NEURON + real * (4.0 + variables as f64) };
        let differ = spec.varied.iter().any(|varied| !varied.field.ends_with("_init"));
        let constants = if differ { 12.0 * real } else { 0.0 } + 16.0 * listed as f64;
        size(model, index) * (each + constants + spikes + if driven.contains(&index) { DRIVEN } else { 0.0 })
    };
    let sums = partitions * 2.0 * LARGEST as f64 * real;
    (0..model.populations.len()).map(of).sum::<f64>() + sums
}

/// Lists of spikes, which every partition of their targets keeps, of those for one neuron each its own.
fn listed_spikes(model: &Model, partitions: f64) -> f64 {
    let of = |input: &InputSpec| {
        let (all, shared) = input.input.1.listed();
        let due = (all - shared) as f64 + shared as f64 * partitions;
        all as f64 * GIVEN + due * DUE * input.targets.len() as f64
    };
    model.inputs.iter().map(of).sum()
}

/// Where the segments of each source begin, from the first population that projections start from to the last.
fn heads(model: &Model, projections: &[(&ProjectionSpec, &Planned)], partitions: f64) -> f64 {
    let populations = || projections.iter().map(|(projection, _)| projection.source.0);
    let span = populations().min().zip(populations().max()).map_or(0..0, |(first, last)| first..last + 1);
    span.map(|index| size(model, index)).sum::<f64>() * 4.0 * partitions
}

/// Whether synapses of a projection have weights of their own.
fn has_own_weights(projection: &ProjectionSpec) -> bool {
    !matches!(projection.weight, WeightSpec::Constant(_)) || projection.topology.1.gives_weights()
}

/// What rules keep of a synapse.
fn kept_by_rules(projection: &ProjectionSpec, real: f64) -> f64 {
    projection.rules.iter().map(|rule| rule.rule.1.synapse_bytes(real as usize) as f64).sum()
}

/// About how many segments projections have that share a table: a source has one at each delay that a synapse
/// of the same sort has into the same partition.
fn segments(model: &Model, projections: &[(&ProjectionSpec, &Planned)], partitions: f64) -> f64 {
    let mut found: BTreeMap<(usize, u64, bool), BTreeMap<u32, f64>> = BTreeMap::new();
    for (projection, plan) in projections {
        let (sort, inhibits) = match &projection.weight {
            WeightSpec::Constant(weight) if !projection.topology.1.gives_weights() => (weight.to_bits(), *weight < 0.0),
            WeightSpec::Distribution(_, drawn) => (u64::MAX, drawn.support().1 <= 0.0),
            _ => (u64::MAX, false),
        };
        let per_source = plan.expected as f64 / size(model, projection.source.0).max(1.0) / partitions;
        let delays = found.entry((projection.source.0, sort, inhibits)).or_default();
        for (delay, part) in delays_of(&projection.delay, model.simulation.resolution.ms()) {
            *delays.entry(delay).or_default() += per_source * part;
        }
    }
    let each = found.iter().map(|((source, ..), delays)| {
        size(model, *source) * partitions * delays.values().map(|synapses| 1.0 - (-synapses).exp()).sum::<f64>()
    });
    each.sum()
}

/// The delays of a projection in ticks, with the part of its synapses that has each.
fn delays_of(delay: &DelaySpec, tick: f64) -> BTreeMap<u32, f64> {
    let drawn = match delay {
        DelaySpec::Constant(ticks) => return BTreeMap::from([(*ticks, 1.0)]),
        DelaySpec::Distribution(_, distribution) => distribution,
    };
    let mut stream = Stream::new(0, Purpose::Delays, 0, 0);
    let mut delays = BTreeMap::new();
    for _ in 0..TRIED {
        let ticks = (drawn.sample(1, &mut stream) / tick).round().max(1.0) as u32;
        *delays.entry(ticks).or_default() += 1.0 / TRIED as f64;
    }
    delays
}

/// The longest delay, about, in ticks.
fn longest(delay: &DelaySpec) -> f64 {
    match delay {
        DelaySpec::Constant(ticks) => f64::from(*ticks),
        DelaySpec::Distribution(..) => 0.0,
    }
}

/// The most synapses of so many sources one after the other as are drawn at once.
fn rows(model: &Model, projections: &[(&ProjectionSpec, &Planned)]) -> f64 {
    let mut of: BTreeMap<usize, f64> = BTreeMap::new();
    for (projection, plan) in projections {
        *of.entry(projection.source.0).or_default() += plan.expected as f64;
    }
    let each =
        |(population, number): (usize, f64)| (number / size(model, population).max(1.0), size(model, population));
    let mut sources: Vec<(f64, f64)> = of.into_iter().map(each).collect();
    sources.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut left = (PIECE * PIECES) as f64;
    let mut taken = |(synapses, number): (f64, f64)| {
        let some = number.min(left);
        left -= some;
        synapses * some
    };
    sources.into_iter().map(&mut taken).sum()
}
