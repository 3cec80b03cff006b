//! Neurons whose spikes are timed within ticks: input acts when it arrives, a spike happens
//! when the membrane crosses the threshold, a refractory period ends where it ends. Ticks only
//! say how often currents may change and spikes are exchanged (Morrison et al. 2007; Hanuschkin
//! et al. 2010), so that results do not depend on the resolution.
//!
//! ```text
//! offset    ms from a time to the end of its tick: h > offset >= 0
//! in order  what arrives at one time is summed, then added, then the threshold is looked at;
//!           a refractory period that ends when something arrives has ended before
//! ```

use super::block::Slice;
use crate::parameter::Values;
use crate::time::Resolution;

/// A spike that arrives within a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreciseEvent {
    /// Counted within the block.
    pub neuron: u32,
    /// ms from the arrival to the end of the tick.
    pub offset: f64,
    /// In the unit of the model.
    pub weight: f64,
}

/// Neurons of one kind with precise spike times, in f64.
pub trait PreciseBlock: Send {
    /// Advances every neuron by the tick that ends at `tick`. `events` are what arrives within
    /// it, by neuron, earliest (largest offset) first; `current[i]` is the current in pA that
    /// flows into neuron i during the tick (empty: none). Spikes are appended as (neuron within
    /// the block, offset), by neuron, earliest first; a neuron may spike more than once.
    fn advance(&mut self, tick: u64, events: &[PreciseEvent], current: &[f64], spikes: &mut Vec<(u32, f64)>);

    /// The state variable with this index (in [`Neuron::variables`](super::Neuron::variables))
    /// of a neuron of the block at the end of the tick, in the unit of the model.
    fn value(&self, variable: usize, neuron: usize) -> f64;

    /// The first neuron of the block with a state that is not finite, or that spiked without end.
    fn fault(&self) -> Option<PreciseFault>;

    /// A copy, with its state.
    fn duplicate(&self) -> Box<dyn PreciseBlock>;
}

/// What ends a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreciseFault {
    /// Counted within the block.
    pub neuron: usize,
    /// Whether it spiked without end within a tick.
    pub is_endless: bool,
}

/// What one neuron does between the moments at which something happens to it. `S` is the number
/// of its state variables.
pub(super) trait Flow<const S: usize>: Clone + Send + Sync + 'static {
    /// Moves the state by `ms`, in which `current` (pA) flows and no threshold is crossed.
    fn pass(&self, state: &mut [f64; S], ms: f64, current: f64);

    /// The same while the membrane is held.
    fn hold(&self, state: &mut [f64; S], ms: f64);

    /// How long it takes to the first time, within `ms`, at which the membrane is at the
    /// threshold; it is below now.
    fn crossing(&self, state: &[f64; S], ms: f64, current: f64) -> Option<f64>;

    /// Adds an arriving weight; `held` says whether the membrane is.
    fn receive(&self, state: &mut [f64; S], weight: f64, held: bool);

    /// Whether the membrane is at the threshold or above.
    fn is_above(&self, state: &[f64; S]) -> bool;

    /// What a spike does.
    fn reset(&self, state: &mut [f64; S]);

    /// The refractory period in ms.
    fn refractory_ms(&self) -> f64;

    /// A state variable in the unit of the model.
    fn value(&self, state: &[f64; S], variable: usize) -> f64;
}

/// The neurons of `slice` with precise spike times; as [`swept`](super::swept::swept).
pub(super) fn precise<F: Flow<S>, N, const S: usize>(
    slice: &Slice<'_>,
    uniform: &N,
    checked: impl Fn(&Values) -> Result<N, String>,
    start: impl Fn(&N) -> (F, [f64; S]),
) -> Box<dyn PreciseBlock> {
    let neurons = slice.each_of(uniform, checked, |neuron| {
        let (flow, state) = start(neuron);
        PreciseNeuron {
            refractory: Refractory::new(flow.refractory_ms(), slice.resolution),
            flow,
            state,
            free: (0, 0.0),
            spikes: 0,
            is_endless: false,
        }
    });
    Box::new(PreciseNeurons { h: slice.resolution.ms(), neurons })
}

/// A refractory period: whole ticks and the rest in ms.
#[derive(Debug, Clone, Copy)]
struct Refractory {
    ticks: u64,
    rest: f64,
}

impl Refractory {
    fn new(ms: f64, resolution: Resolution) -> Self {
        match resolution.ticks(ms) {
            Ok(ticks) => Self { ticks, rest: 0.0 },
            Err(_) => {
                let ticks = (ms / resolution.ms()).floor();
                Self { ticks: ticks as u64, rest: ms - ticks * resolution.ms() }
            }
        }
    }
}

/// Spikes of a neuron within a tick of `h` ms after which it is taken to spike without end.
fn most_spikes(h: f64) -> f64 {
    1000.0 + 100.0 * h
}

/// What such a neuron does, and the remedy.
pub fn endless(resolution: Resolution) -> String {
    let most = most_spikes(resolution.ms()).floor();
    format!("spikes more than {most} times within a tick; give it a refractory period (`tau_refrac`)")
}

/// One neuron.
#[derive(Debug, Clone)]
struct PreciseNeuron<F, const S: usize> {
    flow: F,
    state: [f64; S],
    refractory: Refractory,
    /// When it is free again: the tick, and the offset within it.
    free: (u64, f64),
    /// Spikes within the tick.
    spikes: u32,
    /// Whether there ever were too many of them.
    is_endless: bool,
}

impl<F: Flow<S>, const S: usize> PreciseNeuron<F, S> {
    /// Whether it is held at `offset` within the tick that ends at `tick`.
    fn is_held(&self, tick: u64, offset: f64) -> bool {
        self.free.0 > tick || (self.free.0 == tick && self.free.1 < offset)
    }

    /// Moves from offset `from` to offset `to`, spiking on the way.
    fn go(&mut self, (from, to): (f64, f64), now: &Now, mut spike: impl FnMut(f64)) {
        let mut offset = from;
        while offset > to {
            if self.is_held(now.tick, offset) {
                let end = if self.free.0 > now.tick { to } else { self.free.1.max(to) };
                self.flow.hold(&mut self.state, offset - end);
                offset = end;
                self.spike_where_above(offset, now, &mut spike);
            } else if let Some(ms) = self.flow.crossing(&self.state, offset - to, now.current) {
                self.flow.pass(&mut self.state, ms, now.current);
                offset = (offset - ms).max(to);
                self.spike(offset, now, &mut spike);
            } else {
                self.flow.pass(&mut self.state, offset - to, now.current);
                offset = to;
            }
        }
    }

    /// Spikes as long as the membrane is above the threshold and not held.
    fn spike_where_above(&mut self, offset: f64, now: &Now, mut spike: impl FnMut(f64)) {
        while !self.is_held(now.tick, offset) && self.flow.is_above(&self.state) {
            self.spike(offset, now, &mut spike);
        }
    }

    fn spike(&mut self, offset: f64, now: &Now, mut spike: impl FnMut(f64)) {
        spike(offset.min(now.h.next_down()));
        self.flow.reset(&mut self.state);
        self.spikes += 1;
        if f64::from(self.spikes) > most_spikes(now.h) {
            self.is_endless = true;
            // Nothing is above the threshold any more, and the block has a fault.
            self.state = [f64::NAN; S];
        }
        let end = offset - self.refractory.rest;
        let later = u64::from(end < 0.0);
        let free = now.tick.saturating_add(self.refractory.ticks).saturating_add(later);
        self.free = (free, end + later as f64 * now.h);
    }
}

/// A tick, as one neuron has it.
struct Now {
    tick: u64,
    h: f64,
    current: f64,
}

#[derive(Debug, Clone)]
struct PreciseNeurons<F, const S: usize> {
    h: f64,
    neurons: Vec<PreciseNeuron<F, S>>,
}

impl<F: Flow<S>, const S: usize> PreciseBlock for PreciseNeurons<F, S> {
    fn advance(&mut self, tick: u64, events: &[PreciseEvent], current: &[f64], spikes: &mut Vec<(u32, f64)>) {
        let mut events = events;
        for (index, neuron) in self.neurons.iter_mut().enumerate() {
            let now = Now { tick, h: self.h, current: current.get(index).copied().unwrap_or_default() };
            let mut spike = |offset: f64| spikes.push((index as u32, offset));
            let count = events.iter().take_while(|event| event.neuron as usize == index).count();
            let (own, others) = events.split_at(count);
            events = others;
            let mut offset = self.h;
            neuron.spikes = 0;
            neuron.spike_where_above(offset, &now, &mut spike);
            for together in own.chunk_by(|one, other| one.offset == other.offset) {
                let arrival = together[0].offset;
                neuron.go((offset, arrival), &now, &mut spike);
                let held = neuron.is_held(tick, arrival);
                together.iter().for_each(|event| neuron.flow.receive(&mut neuron.state, event.weight, held));
                neuron.spike_where_above(arrival, &now, &mut spike);
                offset = arrival;
            }
            neuron.go((offset, 0.0), &now, &mut spike);
        }
    }

    fn value(&self, variable: usize, neuron: usize) -> f64 {
        let neuron = &self.neurons[neuron];
        neuron.flow.value(&neuron.state, variable)
    }

    fn fault(&self) -> Option<PreciseFault> {
        let neuron = self.neurons.iter().position(|neuron| neuron.state.iter().any(|value| !value.is_finite()))?;
        Some(PreciseFault { neuron, is_endless: self.neurons[neuron].is_endless })
    }

    fn duplicate(&self) -> Box<dyn PreciseBlock> {
        Box::new(self.clone())
    }
}

/// The zero of `f` between `low` and `high`, where it has different signs (a zero counts as
/// above), to the last bits; `f` gives its value and its slope. Newton's method, kept within the
/// bracket by halving it.
pub(super) fn zero(f: impl Fn(f64) -> (f64, f64), mut low: f64, mut high: f64) -> f64 {
    let rises = f(high).0 >= 0.0;
    let mut x = 0.5 * (low + high);
    for _ in 0..200 {
        let (value, slope) = f(x);
        if (value >= 0.0) == rises {
            high = x
        } else {
            low = x
        }
        let next = x - value / slope;
        let next = if next > low && next < high { next } else { 0.5 * (low + high) };
        if (next - x).abs() <= f64::EPSILON * high {
            return next;
        }
        x = next;
    }
    x
}
