//! Rules on spikes: how synapses change as presynaptic and postsynaptic spikes pass.
//!
//! A projection onto one slice of neurons keeps its synapses in segments: the synapses of
//! one source that share a delay. A segment is visited when a spike of its source arrives;
//! what happened since the last visit is caught up with then, exactly, so that memory is
//! walked in order. Rules own their traces and the postsynaptic history they need.
//!
//! Times are ticks. With a delay d a presynaptic spike at t is visited at t + d. The delay is
//! taken as dendritic, as in NEST: a postsynaptic spike at s counts at the synapse at s + d,
//! a presynaptic one at t.

use std::sync::Arc;

use crate::parameter::Spec;
use crate::time::Resolution;
use crate::unit::Dimension;

/// A rule on spikes with its parameters: what a model file names. `single` and `double` put it
/// to work on the synapses of one slice.
pub trait SpikeRule: Send + Sync + std::fmt::Debug {
    /// The rule at work, with weights in f32.
    fn single(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f32>>;

    /// The rule at work, with weights in f64.
    fn double(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f64>>;

    /// Whether it listens to the spikes of a modulating population (dopamine).
    fn is_modulated(&self) -> bool {
        false
    }

    /// Whether it changes the weights; a rule that only scales what is transmitted does not.
    fn changes_weights(&self) -> bool {
        true
    }

    /// Its parameters that have to be whole numbers of ticks.
    fn whole_ticks(&self) -> &'static [&'static str] {
        &[]
    }

    /// Bytes that it keeps of each synapse, where a number takes so many.
    fn synapse_bytes(&self, real: usize) -> usize {
        let _ = real;
        0
    }

    /// What can be recorded of it beside weights, with dimensions: one value for each synapse.
    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        &[]
    }

    /// The weights that it works on, from the one nearest to 0: all of one sign, or 0. `None` when it
    /// changes none.
    fn bounds(&self) -> Option<(f64, f64)>;

    /// The largest number that one pair of spikes brings in; has to leave room for sums of many.
    fn largest_change(&self) -> f64 {
        0.0
    }
}

/// Why a rule cannot work on a weight, and how to mend it; `unit` is that of weights.
pub fn unfit(rule: &(Spec, Arc<dyn SpikeRule>), weight: f64, unit: &str) -> Option<(String, String)> {
    let (low, high) = rule.1.bounds()?;
    let along = weight * high.signum();
    // Asked for every weight that is drawn: nothing else is looked up for those that fit.
    if along >= low.abs() * (1.0 - ROUNDING) && along <= high.abs() * (1.0 + ROUNDING) {
        return None;
    }
    let number = |name| (name, rule.0.values.get(name).map_or(0.0, |_| rule.0.values.number(name)));
    let sum = rule.0.values.get("total").is_some();
    let far = if sum { "total" } else { "w_max" };
    let (how, (name, bound), help) = if along < 0.0 && high.is_infinite() && !sum {
        let help = "give the projection weights above 0, or choose another `dependence`";
        ("on the other side of 0 than", number("w_0"), help.into())
    } else if along < 0.0 {
        let help = format!("give `{far}` the sign of the weights; weights never cross 0");
        ("on the other side of 0 than", number(far), help)
    } else if along > high.abs() * (1.0 + ROUNDING) {
        ("beyond", number("w_max"), "make `w_max` stronger, or draw weights within `low` and `high`".into())
    } else if along < low.abs() * (1.0 - ROUNDING) {
        ("nearer to 0 than", number("w_min"), "bring `w_min` nearer to 0, or draw weights within bounds".into())
    } else {
        return None;
    };
    let shown = |number: f64| format!("{number} {unit}").trim_end().to_owned();
    let rule = rule.0.kind;
    Some((format!("a weight is {}, {how} `{name}` of rule `{rule}`, {}", shown(weight), shown(bound)), help))
}

/// By how much a weight may be beyond a bound, relatively: less than numbers are rounded by.
const ROUNDING: f64 = 1e-6;

/// What a rule at work is made for.
#[derive(Debug, Clone, Copy)]
pub struct SynapseSlice {
    pub resolution: Resolution,
    /// Number of neurons in the slice of targets.
    pub targets: usize,
    pub segments: usize,
    pub synapses: usize,
    /// The longest delay of the projection in ticks.
    pub longest_delay: u32,
}

/// What a rule multiplies the weights of each target by.
#[derive(Debug, Clone, PartialEq)]
pub enum Factors {
    Known(Vec<f64>),
    /// This over the sum of the weights onto the target; 1 where that sum is 0 or of the other sign.
    TotalOverSum(f64),
}

/// The synapses of one source that share a delay.
pub struct Segment<'a, R> {
    /// Which one, from 0; rules keep what belongs to a source here.
    pub index: usize,
    /// Position of its first synapse among all of the slice; rules keep what belongs to a
    /// synapse at these positions.
    pub first: usize,
    /// Ticks from a presynaptic spike to its arrival.
    pub delay: u32,
    /// Targets, counted within the slice.
    pub targets: &'a [u16],
    /// One weight per target, in the unit of the model.
    pub weights: &'a mut [R],
}

/// A rule at work on the synapses onto one slice of neurons.
pub trait SpikePlasticity<R>: Send {
    /// A spike that the source of `segment` fired at tick `pre` arrives now, at
    /// `pre + segment.delay`. Postsynaptic spikes were told up to the tick before. Brings the
    /// weights up to `pre`, and gives the factor by which they are transmitted (1 for most rules).
    fn on_pre(&mut self, pre: u64, segment: Segment<'_, R>) -> R;

    /// These neurons of the slice spiked at `tick`, ascending. Called at every tick, in order,
    /// after all arrivals of that tick; also with none.
    fn on_post(&mut self, tick: u64, neurons: &[u32]);

    /// The modulating population fired so many spikes at `tick`. Told before any later arrival.
    fn on_modulator(&mut self, tick: u64, spikes: usize) {
        let _ = (tick, spikes);
    }

    /// Whether every segment is to be [settled](Self::settle) after `tick`, to forget a long history.
    fn wants_to_settle(&self, tick: u64) -> bool {
        let _ = tick;
        false
    }

    /// Takes in what an arrival at the tick after the last one that was told would find at the
    /// synapses, with the same arithmetic in the same order, whenever it is done.
    fn settle(&mut self, segment: Segment<'_, R>) {
        let _ = segment;
    }

    /// All segments were settled after `tick`: forgets what is no longer needed.
    fn settled(&mut self, tick: u64) {
        let _ = tick;
    }

    /// As [`settle`](Self::settle), for somebody who looks at the weights then: also what changes
    /// between spikes (weights under dopamine).
    fn update(&mut self, segment: Segment<'_, R>) {
        self.settle(segment);
    }

    /// Its variable with this index at each synapse of `segment` at the end of `tick`, when all that
    /// acts there until then is worked in.
    fn read(&self, variable: usize, tick: u64, segment: &Segment<'_, R>, values: &mut [f64]) {
        let _ = (variable, tick, segment, values);
    }

    /// Whether it multiplies the weights of each target by a factor at the end of `tick`.
    fn is_due(&self, tick: u64) -> bool {
        let _ = tick;
        false
    }

    /// That factor for each target. Asked for at the end of `tick`, after the spikes of that tick.
    fn factors(&self, tick: u64) -> Factors {
        let _ = tick;
        Factors::Known(Vec::new())
    }

    /// Multiplies weights by the factors of their targets.
    fn scale(&self, factors: &[f64], segment: Segment<'_, R>) {
        let _ = (factors, segment);
    }

    /// A copy, with its traces.
    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>>;
}
