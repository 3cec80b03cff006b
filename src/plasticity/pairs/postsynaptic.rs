//! Postsynaptic spike histories and traces, for the synapses onto a slice of neurons.
//!
//! All spikes stand in one log, in order of time, and the latest of each neuron in a short list.
//! A spike at s acts at the synapse at s + d, and a presynaptic spike t that arrives at t + d
//! pairs with those with s + d <= t, that is s <= arrival - 2 d. So for each delay d of the
//! projection the traces of neurons are kept in a [`View`] that lags 2 d behind.

use super::super::on_spikes::SynapseSlice;
use super::decay::Decay;
use crate::real::Real;

/// Spikes of a neuron in one [`Recent`].
pub const DEPTH: usize = 4;

/// "No spike": long before any.
pub const NEVER: i64 = -(1 << 30);

/// Epochs of potentiations last so many time constants: long, since rows that cross one are slower.
pub const PLUS_SPAN: f64 = 96.0;

/// Epochs of traces last so many time constants: short, since old traces should not get subnormal.
pub const MINUS_SPAN: f64 = 32.0;

/// A trace relative to the centre of its epoch that is nothing: exp(-36) at its beginning.
const FAINT: f32 = 2.6e-23;

/// Spikes per neuron that the log may hold before it wants to be shortened.
const LOG_PER_NEURON: usize = 64;

/// Ticks that may pass before the log wants to be shortened (ticks are compared in 32 bits).
const LONGEST_LOG: u64 = 1 << 29;

/// One spike in the log.
#[derive(Debug, Clone, Copy)]
pub struct Spike<R> {
    pub tick: i64,
    /// When the neuron fired before, or [`NEVER`].
    pub before: i64,
    /// How far back in the log that was.
    back: u32,
    pub neuron: u32,
    /// What it adds to a potentiation, times its decay since the centre of its epoch.
    pub kick: R,
}

/// Some of the latest spikes of a neuron, latest first.
#[derive(Debug, Clone, Copy)]
pub struct Recent<R> {
    /// The low 32 bits of their ticks.
    pub ticks: [u32; DEPTH],
    pub kicks: [R; DEPTH],
}

/// Two lists of a neuron in one cache line (of f32): the latest spikes, and those before.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Line<R>(pub [Recent<R>; 2]);

impl<R: Real> Recent<R> {
    fn empty() -> Self {
        Self { ticks: [NEVER as u32; DEPTH], kicks: [R::default(); DEPTH] }
    }

    /// Puts a spike first and gives the one that falls out.
    fn push(&mut self, (tick, kick): (u32, R)) -> (u32, R) {
        let out = (self.ticks[DEPTH - 1], self.kicks[DEPTH - 1]);
        self.ticks.copy_within(..DEPTH - 1, 1);
        self.kicks.copy_within(..DEPTH - 1, 1);
        (self.ticks[0], self.kicks[0]) = (tick, kick);
        out
    }

    /// Brings ticks that are too long ago to be compared in 32 bits nearer to `tick`.
    fn refresh(&mut self, tick: i64) {
        let oldest = (tick + NEVER) as u32;
        for own in &mut self.ticks {
            if (own.wrapping_sub(oldest) as i32) < 0 {
                *own = oldest;
            }
        }
    }
}

/// The traces of neurons as synapses with one delay see them when spikes of their sources
/// arrive at the coming tick.
#[derive(Debug, Clone)]
pub struct View<R> {
    delay: i64,
    /// The trace of each neuron, relative to the centre of `epoch`, spikes before `cut`.
    pub traces: Vec<R>,
    pub epoch: i64,
    /// The last tick whose spikes have reached the synapses.
    pub cut: i64,
    /// How much of the log, from its very beginning, is in `traces`.
    traced: u64,
}

/// How the trace of a neuron grows with its spikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pairing {
    /// By 1 with each.
    All,
    /// To 1.
    Nearest,
}

/// The log of a slice and its views.
#[derive(Debug, Clone)]
pub struct Postsynaptic<R> {
    plus: Decay,
    minus: Decay,
    pairing: Pairing,
    log: Vec<Spike<R>>,
    /// Spikes that were forgotten from its beginning.
    forgotten: u64,
    /// For each neuron where in the log its last spike is, counted from the very beginning, and when.
    newest: Vec<(u64, i64)>,
    /// The latest spikes of each neuron, and those before.
    pub recent: Vec<Line<R>>,
    pub older: Vec<Line<R>>,
    /// The one with the longest delay first; others as they are met.
    views: Vec<View<R>>,
    shortened: u64,
}

impl<R: Real> Postsynaptic<R> {
    /// An empty log. `plus` is how potentiation decays with time, `minus` the trace of neurons.
    pub fn new(scope: &SynapseSlice, plus: Decay, minus: Decay, pairing: Pairing) -> Self {
        let delay = i64::from(scope.longest_delay);
        let view = View {
            delay,
            traces: vec![R::default(); scope.targets],
            epoch: minus.epoch(-2 * delay),
            cut: -2 * delay,
            traced: 0,
        };
        Self {
            plus,
            minus,
            pairing,
            log: Vec::new(),
            forgotten: 0,
            newest: vec![(0, NEVER); scope.targets],
            recent: vec![Line([Recent::empty(); 2]); scope.targets],
            older: vec![Line([Recent::empty(); 2]); scope.targets],
            views: vec![view],
            shortened: 0,
        }
    }

    /// These neurons spiked at `tick`; `strength` says what each adds to a potentiation.
    pub fn tell(&mut self, tick: u64, neurons: &[u32], mut strength: impl FnMut(u32) -> f64) {
        let now = tick as i64;
        let decay = if neurons.is_empty() { 0.0 } else { self.plus.over(now - self.plus.centre(self.plus.epoch(now))) };
        for &neuron in neurons {
            let index = self.forgotten + self.log.len() as u64;
            let newest = &mut self.newest[neuron as usize];
            let back = u32::try_from(index - newest.0).unwrap_or(u32::MAX);
            let kick = R::rounded(decay * strength(neuron));
            self.log.push(Spike { tick: now, before: newest.1, back, neuron, kick });
            *newest = (index, now);
            let lists = self.recent[neuron as usize].0.iter_mut().chain(&mut self.older[neuron as usize].0);
            lists.fold((tick as u32, kick), |spike, list| list.push(spike));
        }
        for index in 0..self.views.len() {
            self.advance(index, now + 1);
        }
    }

    /// Makes a view ready for arrivals at `arrival`.
    fn advance(&mut self, index: usize, arrival: i64) {
        let view = &mut self.views[index];
        view.cut = arrival - 2 * view.delay;
        view.trace(&self.log[(view.traced - self.forgotten) as usize..], self.minus, self.pairing);
    }

    /// The view of synapses with a delay.
    pub fn view(&mut self, delay: u32) -> usize {
        let delay = i64::from(delay);
        if let Some(index) = self.views.iter().position(|view| view.delay == delay) {
            return index;
        }
        let longest = &self.views[0];
        let arrival = longest.cut + 2 * longest.delay;
        self.views.push(View { delay, ..longest.clone() });
        self.advance(self.views.len() - 1, arrival);
        self.views.len() - 1
    }

    /// A view by its number.
    pub fn at(&self, view: usize) -> &View<R> {
        &self.views[view]
    }

    /// All spikes after `through` up to `cut`, in order.
    pub fn between(&self, through: i64, cut: i64) -> &[Spike<R>] {
        let start = self.log.partition_point(|spike| spike.tick <= through);
        let end = start + self.log[start..].partition_point(|spike| spike.tick <= cut);
        &self.log[start..end]
    }

    /// The spikes of one neuron after `through` up to `cut`, in order, into `found`.
    pub fn of_neuron(&self, neuron: usize, through: i64, cut: i64, found: &mut Vec<Spike<R>>) {
        found.clear();
        let (mut index, tick) = self.newest[neuron];
        let mut later = tick > through;
        while later {
            let spike = self.log[(index - self.forgotten) as usize];
            if spike.tick <= cut {
                found.push(spike);
            }
            later = spike.before > through;
            index -= u64::from(spike.back);
        }
        found.reverse();
    }

    /// When a neuron last fired, up to `cut`; [`NEVER`] if it did not.
    pub fn last_until(&self, neuron: usize, cut: i64) -> i64 {
        let (mut index, mut tick) = self.newest[neuron];
        while tick > cut {
            let spike = self.log[(index - self.forgotten) as usize];
            tick = spike.before;
            index -= u64::from(spike.back);
        }
        tick
    }

    /// Whether the log is long after `tick`.
    pub fn is_long(&self, tick: u64) -> bool {
        self.log.len() > (LOG_PER_NEURON * self.newest.len()).max(1 << 12) || tick - self.shortened > LONGEST_LOG
    }

    /// Forgets all that every view has passed. Nobody may ask for it again.
    pub fn shorten(&mut self, tick: u64) {
        let passed = self.views.iter().map(|view| view.traced).min().unwrap_or(self.forgotten);
        self.log.drain(..(passed - self.forgotten) as usize);
        self.forgotten = passed;
        self.shortened = tick;
        let lines = self.recent.iter_mut().chain(&mut self.older);
        lines.flat_map(|line| &mut line.0).for_each(|list| list.refresh(tick as i64));
    }
}

impl<R: Real> View<R> {
    /// Takes what is before `cut` to the traces.
    fn trace(&mut self, log: &[Spike<R>], minus: Decay, pairing: Pairing) {
        let (mut last, mut height) = (i64::MIN, R::default());
        let due = log.partition_point(|spike| spike.tick < self.cut);
        for spike in &log[..due] {
            if spike.tick != last {
                self.enter(minus.epoch(spike.tick), minus);
                last = spike.tick;
                height = R::rounded(minus.over(minus.centre(self.epoch) - last));
            }
            let trace = &mut self.traces[spike.neuron as usize];
            *trace = if pairing == Pairing::All { *trace + height } else { height };
            self.traced += 1;
        }
        self.enter(minus.epoch(self.cut), minus);
    }

    /// Makes traces relative to the centre of a later epoch.
    fn enter(&mut self, epoch: i64, minus: Decay) {
        if epoch == self.epoch {
            return;
        }
        let decay = R::rounded(minus.over_epoch());
        while self.epoch < epoch {
            for trace in &mut self.traces {
                let decayed = *trace * decay;
                *trace = if decayed > R::from(FAINT) { decayed } else { R::default() };
            }
            self.epoch += 1;
        }
    }
}
