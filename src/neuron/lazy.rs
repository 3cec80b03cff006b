//! A block of neurons that are visited only when something happens to them: something
//! arrives, or they may spike. Between visits the exact solution carries them over any number
//! of ticks, so a visit costs the same however long ago the last one was.
//!
//! ```text
//! visit at t:   jump over the ticks since the last visit, up to t - h;   step to t, as a swept neuron does
//! awake         a neuron that could reach the threshold without further input is visited at
//!               every tick; the bound is max(V, V of the currents) + the peaks of what
//!               excitatory currents still bring
//! ```
//! The jump is the same map as that many steps, rounded differently: in f64 the spikes are
//! those of a swept block, and membranes agree to 1e-12; in f32 a spike may now and then
//! move by a tick.

use super::block::Slice;
use super::swept::Step;
use crate::parameter::Values;
use crate::real::Real;

/// Neurons of one kind that are visited when something happens to them.
pub trait LazyBlock<R>: Send {
    /// Visits `neurons` (ascending, within the block) at `tick`. `arrivals` as in
    /// [`Block::advance`](super::block::Block::advance), for all neurons of the block; those of the
    /// visited ones are set to 0. `current` has flown since the last visits. Neurons that are to be
    /// visited at the next tick, whatever arrives, are appended to `awake`.
    fn visit(&mut self, tick: u64, visit: Visit<'_, R>);

    /// A state variable of a neuron at `tick`, in the unit of the model; nothing is changed.
    fn value(&self, variable: usize, neuron: usize, tick: u64, current: R) -> f64;

    /// The least of the neurons that were left by a visit with a state that is not finite.
    fn fault(&self) -> Option<usize>;

    /// A copy, with its state.
    fn duplicate(&self) -> Box<dyn LazyBlock<R>>;
}

/// What goes into and comes out of a visit.
pub struct Visit<'a, R> {
    pub neurons: &'a [u32],
    pub arrivals: [&'a mut [R]; 2],
    pub current: &'a [R],
    pub spikes: &'a mut Vec<u32>,
    pub awake: &'a mut Vec<u32>,
}

/// The exact solution over many ticks.
pub(super) trait Jump<R, const S: usize>: Send + Sync + Clone + 'static {
    /// Moves the state over `ticks` ticks, in which nothing arrives and no threshold is crossed.
    fn jump(&self, state: &mut [R; S], ticks: u64, current: R);

    /// Whether the neuron may spike though nothing arrives any more: never false if it will.
    fn may_spike(&self, state: &[R; S], current: R) -> bool;
}

/// The neurons of `slice`, visited; as [`swept`](super::swept::swept), where `start` derives the
/// constants of the jump too.
pub(super) fn lazy<R, C, J, N, const S: usize>(
    slice: &Slice<'_>,
    uniform: &N,
    checked: impl Fn(&Values) -> Result<N, String>,
    start: impl Fn(&N) -> (C, J, [R; S]),
) -> Box<dyn LazyBlock<R>>
where
    R: Real,
    C: Step<R, S>,
    J: Jump<R, S>,
{
    let mut block = Lazy { constants: Vec::new(), state: Vec::new(), last: vec![0; slice.neurons.len()], fault: None };
    if slice.each.is_some() {
        for (step, jump, state) in slice.each_of(uniform, checked, &start) {
            block.constants.push((step, jump));
            block.state.push(state);
        }
    } else {
        let (step, jump, state) = start(uniform);
        block.constants.push((step, jump));
        block.state = vec![state; slice.neurons.len()];
    }
    Box::new(block)
}

/// The neurons of a slice.
#[derive(Debug, Clone)]
struct Lazy<R, C, J, const S: usize> {
    /// One for all, or one for each.
    constants: Vec<(C, J)>,
    state: Vec<[R; S]>,
    /// The tick up to which each neuron is.
    last: Vec<u64>,
    fault: Option<usize>,
}

impl<R, C, J, const S: usize> Lazy<R, C, J, S> {
    fn constants(&self, neuron: usize) -> &(C, J) {
        self.constants.get(neuron).unwrap_or(&self.constants[0])
    }
}

impl<R: Real, C: Step<R, S>, J: Jump<R, S>, const S: usize> LazyBlock<R> for Lazy<R, C, J, S> {
    fn visit(&mut self, tick: u64, visit: Visit<'_, R>) {
        let Visit { neurons, arrivals: [first, second], current, spikes, awake } = visit;
        for &index in neurons {
            let neuron = index as usize;
            let mut arrived = [std::mem::take(&mut first[neuron]), R::default()];
            if let Some(sum) = second.get_mut(neuron) {
                let sum = std::mem::take(sum);
                if C::RECEPTORS == 2 { arrived[1] = sum } else { arrived[0] += sum }
            }
            let flowing = current.get(neuron).copied().unwrap_or_default();
            let mut state = self.state[neuron];
            let (step, jump) = self.constants(neuron);
            let behind = tick - self.last[neuron];
            if behind > 1 {
                jump.jump(&mut state, behind - 1, flowing);
            }
            if step.step(&mut state, arrived, flowing) {
                spikes.push(index);
            }
            if jump.may_spike(&state, flowing) {
                awake.push(index);
            }
            if !state.iter().fold(true, |finite, value| finite & value.is_finite()) {
                self.fault = Some(self.fault.map_or(neuron, |least| least.min(neuron)));
            }
            self.state[neuron] = state;
            self.last[neuron] = tick;
        }
    }

    fn value(&self, variable: usize, neuron: usize, tick: u64, current: R) -> f64 {
        let mut state = self.state[neuron];
        let (step, jump) = self.constants(neuron);
        if tick > self.last[neuron] {
            jump.jump(&mut state, tick - self.last[neuron], current);
        }
        step.value(&state, variable)
    }

    fn fault(&self) -> Option<usize> {
        self.fault
    }

    fn duplicate(&self) -> Box<dyn LazyBlock<R>> {
        Box::new(self.clone())
    }
}

/// A leaky membrane over many ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeakyJump {
    /// h / tau_m; 0 without leak.
    pub leak: f64,
    /// What 1 pA adds in one tick.
    pub current_gain: f64,
    /// What the constant current adds in one tick.
    pub constant: f64,
    pub threshold: f64,
}

impl LeakyJump {
    fn drive<R: Real>(&self, current: R) -> f64 {
        let current: f64 = current.into();
        current * self.current_gain + self.constant
    }

    /// The membrane after so many ticks without synaptic currents.
    pub fn membrane<R: Real>(&self, v: f64, ticks: u64, current: R) -> f64 {
        let drive = self.drive(current);
        if self.leak == 0.0 {
            return v + ticks as f64 * drive;
        }
        let decay = (-self.leak * ticks as f64).exp();
        v * decay + drive * (1.0 - decay) / -(-self.leak).exp_m1()
    }

    /// The membrane that the currents hold in the long run, or `v` where that is higher.
    pub fn highest<R: Real>(&self, v: f64, current: R) -> f64 {
        let drive = self.drive(current);
        let limit = match (self.leak == 0.0, drive > 0.0) {
            (true, true) => f64::INFINITY,
            (true, false) => f64::NEG_INFINITY,
            (false, _) => drive / -(-self.leak).exp_m1(),
        };
        limit.max(v)
    }
}

/// Delta synapses: nothing but the membrane moves. State as that of a swept neuron.
impl<R: Real> Jump<R, 2> for LeakyJump {
    fn jump(&self, state: &mut [R; 2], ticks: u64, current: R) {
        let free = released(&mut state[1], ticks);
        if free > 0 {
            state[0] = R::rounded(self.membrane(state[0].into(), free, current));
        }
    }

    fn may_spike(&self, state: &[R; 2], current: R) -> bool {
        self.highest(state[0].into(), current) >= self.threshold
    }
}

/// Counts the ticks of a refractory period down; gives the ticks that are left behind it.
pub(super) fn released<R: Real>(left: &mut R, ticks: u64) -> u64 {
    let waits: f64 = (*left).into();
    let held = ticks.min(waits as u64);
    *left = R::rounded(waits - held as f64);
    ticks - held
}

/// Exponential synaptic currents over many ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExpJump {
    pub membrane: LeakyJump,
    /// h / tau of each current.
    pub decays: [f64; 2],
    /// What 1 pA adds to the membrane in one tick.
    pub gains: [f64; 2],
}

impl ExpJump {
    /// What 1 pA of receptor `k` has added after `ticks` ticks: the sum over ticks of
    /// gain exp(-leak (n - 1 - j)) exp(-decay j).
    fn added(&self, k: usize, ticks: f64) -> f64 {
        let (leak, decay) = (self.membrane.leak, self.decays[k]);
        let slower = leak.min(decay);
        let x = (leak - decay).abs();
        let rest = if x == 0.0 { ticks } else { (-x * ticks).exp_m1() / (-x).exp_m1() };
        self.gains[k] * (-slower * (ticks - 1.0)).exp() * rest
    }

    /// The most that 1 pA of receptor `k` has added at any time.
    fn peak(&self, k: usize) -> f64 {
        let (leak, decay) = (self.membrane.leak, self.decays[k]);
        let x = leak - decay;
        let top = if x.abs() < 1e-9 { 1.0 / leak } else { (leak / decay).ln() / x };
        let near = [top.floor().max(1.0), top.ceil().max(1.0)];
        // A little more than the top of the smooth curve, which ticks may not meet.
        self.added(k, near[0]).max(self.added(k, near[1])) * (1.0 + 1e-9)
    }
}

impl<R: Real, const S: usize> Jump<R, S> for ExpJump {
    fn jump(&self, state: &mut [R; S], ticks: u64, current: R) {
        let free = released(&mut state[1], ticks);
        let held = ticks - free;
        let mut v: f64 = state[0].into();
        if free > 0 {
            v = self.membrane.membrane(v, free, current);
        }
        for (k, synaptic) in state[2..].iter_mut().enumerate() {
            let decay = self.decays[k];
            let flowing: f64 = (*synaptic).into();
            if free > 0 {
                v += flowing * (-decay * held as f64).exp() * self.added(k, free as f64);
            }
            *synaptic = R::rounded(flowing * (-decay * ticks as f64).exp());
        }
        state[0] = R::rounded(v);
    }

    fn may_spike(&self, state: &[R; S], current: R) -> bool {
        let mut most = self.membrane.highest(state[0].into(), current);
        for (k, &synaptic) in state[2..].iter().enumerate() {
            let flowing: f64 = synaptic.into();
            most += flowing.max(0.0) * self.peak(k);
        }
        most >= self.membrane.threshold
    }
}
