//! A partition: a slice of every population, the synapses onto it, and all that it needs to
//! go on alone until the shortest delay has passed. At tick 0 neurons have their initial state, and
//! currents begin to flow; nothing arrives. Any other tick:
//!
//! ```text
//! 1. deliver    the spikes that are due: synapses that stay as they are, in the order of
//!               (delay, longest first; population; source), then projections with rules;
//!               then the spikes of inputs, by input
//! 2. advance    the neurons of every population, with the currents set at the tick before
//! 3. after      rules hear who spiked; currents that inputs set flow from here on; probes
//! ```

use std::ops::Range;
use std::sync::Arc;

use super::Work;
use super::delivery::{Sums, deliver, no_sums};
use super::due::Calendar;
use super::fault::{Fault, FaultSite, LOOK};
use super::float::Float;
use super::layout::Layout;
use super::members::Members;
use super::outbox::Outbox;
use super::ruled::Ruled;
use super::table::Table;
use super::timed::Timed;
use super::touched::Touched;
use crate::neuron::precise::PreciseFault;

/// The part of a network that one thread runs.
#[derive(Clone)]
pub struct Partition<R: Float> {
    pub members: Vec<Members<R>>,
    fixed: Arc<Table<R>>,
    due: Calendar,
    pub ruled: Vec<Ruled<R>>,
    sums: [Sums<R>; 2],
    /// Present when some neurons are visited.
    touched: Option<Touched>,
    /// Present when spike times are precise.
    timed: Option<Timed>,
    pub probes: Vec<Probed>,
    pub work: Work,
    pub outbox: Outbox,
    spikes: Vec<u32>,
    /// Spikes of all partitions: tick, source counted over all populations, offset.
    arrived: Vec<(u64, u32, Option<f64>)>,
}

/// How many sources ahead the memory of their delays is asked for.
const SOURCES_AHEAD: usize = 4;

/// A state variable that is sampled.
#[derive(Debug, Clone, Copy)]
pub struct Probed {
    pub probe: u32,
    /// Ticks from sample to sample.
    pub every: u64,
    pub population: usize,
    pub variable: usize,
    /// Counted within the slice.
    pub neuron: usize,
}

impl<R: Float> Partition<R> {
    /// A partition at tick 0; `precise`: spikes are timed within ticks.
    pub fn new(members: Vec<Members<R>>, fixed: Table<R>, ruled: Vec<Ruled<R>>, precise: bool) -> Self {
        let longest = fixed.delays.iter().copied().max().unwrap_or(1);
        let touched = members.iter().any(Members::is_lazy).then(Touched::default);
        Self {
            members,
            fixed: Arc::new(fixed),
            due: Calendar::new(longest),
            ruled,
            sums: [no_sums(), no_sums()],
            touched,
            timed: precise.then(|| Timed::new(longest)),
            probes: Vec::new(),
            work: Work::default(),
            outbox: Outbox::default(),
            spikes: Vec::new(),
            arrived: Vec::new(),
        }
    }

    /// The shortest delay of its synapses in ticks.
    pub fn shortest_delay(&self) -> Option<u32> {
        self.ruled.iter().flat_map(|ruled| &ruled.table.delays).chain(&self.fixed.delays).copied().min()
    }

    /// Runs the ticks of `window`, which is no longer than the shortest delay.
    pub fn run(&mut self, window: Range<u64>) {
        self.outbox.clear();
        for tick in window {
            match tick {
                0 => self.begin(),
                _ if self.timed.is_some() => self.step_timed(tick),
                _ => self.step(tick),
            }
            for probe in self.probes.iter().filter(|probe| tick.is_multiple_of(probe.every)) {
                let members = &self.members[probe.population];
                let value = members.value(probe.variable, probe.neuron, tick);
                if value.is_some_and(|value| !value.is_finite()) {
                    let neuron = members.neurons.start + probe.neuron;
                    let own = members.fault().filter(|fault| fault.neuron == neuron);
                    let fault = own.unwrap_or(PreciseFault { neuron, is_endless: false });
                    self.outbox.note(Fault { tick, site: FaultSite::neuron(probe.population, fault) });
                }
                self.outbox.samples.extend(value.map(|value| (probe.probe, tick, value)));
            }
            if (tick + 1).is_multiple_of(LOOK)
                && let Some(fault) = self.fault(tick)
            {
                self.outbox.note(fault);
            }
        }
    }

    /// Tick 0.
    fn begin(&mut self) {
        for members in &mut self.members {
            if members.ask_currents(0) {
                members.set_currents();
            }
        }
        // Nobody spiked, in any population.
        (0..self.members.len()).for_each(|_| self.outbox.push(std::iter::empty()));
    }

    /// What is not finite after `tick`.
    pub fn fault(&self, tick: u64) -> Option<Fault> {
        let site = |(population, members): (usize, &Members<R>)| {
            members.fault().map(|fault| FaultSite::neuron(population, fault))
        };
        self.members.iter().enumerate().find_map(site).map(|site| Fault { tick, site })
    }

    /// What is not finite after `tick`, weights included.
    pub fn any_fault(&self, tick: u64) -> Option<Fault> {
        let is_faulty = |ruled: &&Ruled<R>| ruled.table.weights.iter().any(|weight| !weight.is_finite());
        let site = |ruled: &Ruled<R>| FaultSite::Weight { projection: ruled.projection };
        let fault = || self.ruled.iter().find(is_faulty).map(|ruled| Fault { tick, site: site(ruled) });
        self.fault(tick).or_else(fault)
    }

    fn step(&mut self, tick: u64) {
        let due = self.due.take(tick);
        self.work.synaptic_events += deliver(&self.fixed, &due, &mut self.sums, self.touched.as_mut());
        self.due.restore(tick, due);
        for ruled in &mut self.ruled {
            self.work.synaptic_events += ruled.deliver(tick, &mut self.sums, self.touched.as_mut());
            if ruled.faulty {
                self.outbox.note(Fault { tick, site: FaultSite::Weight { projection: ruled.projection } });
            }
        }
        for population in 0..self.members.len() {
            self.advance(population, tick);
        }
        if let Some(touched) = &mut self.touched {
            touched.clear();
        }
    }

    /// Advances the neurons of a population to `tick`.
    fn advance(&mut self, population: usize, tick: u64) {
        let members = &mut self.members[population];
        let visited = if members.is_lazy() { self.touched.as_mut() } else { None };
        self.spikes.clear();
        members.receive(tick, &mut self.sums, &mut self.spikes, visited);
        let changes = members.ask_currents(tick);
        if tick < members.start {
            members.drop_arrivals(&mut self.sums);
        }
        if tick > members.start {
            if let Some(touched) = self.touched.as_mut().filter(|_| members.is_lazy()) {
                members.wake(changes, touched);
                touched.sort();
            }
            let touched = self.touched.as_ref();
            self.work.neuron_updates += members.advance(tick, &mut self.sums, touched, &mut self.spikes);
        }
        if changes {
            members.set_currents();
        }
        for ruled in self.ruled.iter_mut().filter(|ruled| ruled.target == population) {
            ruled.after(tick, &self.spikes);
        }
        self.work.spikes += self.spikes.len() as u64;
        let first = members.neurons.start as u32;
        self.outbox.push(self.spikes.iter().map(|&neuron| first + neuron));
    }

    /// A tick in which spikes have times.
    fn step_timed(&mut self, tick: u64) {
        let Some(timed) = &mut self.timed else {
            return;
        };
        self.work.synaptic_events += timed.deliver(&self.fixed, tick);
        let mut sources = Vec::new();
        for members in &mut self.members {
            members.receive_timed(tick, timed);
            sources.push(std::mem::take(&mut timed.fired));
        }
        timed.sort();
        for (members, sources) in self.members.iter_mut().zip(sources) {
            timed.fired = sources;
            let changes = members.ask_currents(tick);
            if tick > members.start {
                self.work.neuron_updates += members.advance_timed(tick, timed);
            }
            if changes {
                members.set_currents();
            }
            self.work.spikes += timed.fired.len() as u64;
            let first = members.neurons.start as u32;
            self.outbox.push_timed(timed.fired.drain(..).map(|(neuron, offset)| (first + neuron, offset)));
        }
        timed.clear();
    }

    /// Takes note of the spikes of all partitions in the ticks from `start` on.
    pub fn absorb(&mut self, layout: &Layout, start: u64, ticks: usize, outboxes: &[&Outbox]) {
        let populations = self.members.len();
        let mut arrived = std::mem::take(&mut self.arrived);
        for place in 0..ticks * populations {
            let (tick, population) = (start + (place / populations) as u64, place % populations);
            let known = arrived.len();
            for outbox in outboxes {
                let offsets = outbox.offsets(place).iter().copied().map(Some).chain(std::iter::repeat(None));
                let sources = outbox.list(place).iter().map(|&neuron| layout.firsts[population] + neuron);
                arrived.extend(sources.zip(offsets).map(|(source, offset)| (tick, source, offset)));
            }
            if arrived.len() > known {
                let spikes = arrived.len() - known;
                self.ruled.iter_mut().for_each(|ruled| ruled.modulate(population, tick, spikes));
            }
        }
        for (index, &(tick, source, offset)) in arrived.iter().enumerate() {
            if let Some(&(_, next, _)) = arrived.get(index + SOURCES_AHEAD) {
                self.fixed.ask_for_delays(next);
            }
            self.enter(tick, source, offset);
        }
        arrived.clear();
        self.arrived = arrived;
        self.ruled.iter_mut().for_each(|ruled| ruled.close(start + ticks as u64));
    }

    /// Enters the segments of a source that spiked at `tick` for when they are due.
    #[inline]
    fn enter(&mut self, tick: u64, source: u32, offset: Option<f64>) {
        let segments = self.fixed.segments(source);
        for (&delay, segment) in self.fixed.delays[segments.clone()].iter().zip(segments) {
            let due = tick + u64::from(delay);
            match (&mut self.timed, offset) {
                (Some(timed), Some(offset)) => timed.enter(due, segment as u32, offset),
                _ => self.due.enter(due, segment as u32),
            }
        }
        for ruled in &mut self.ruled {
            let segments = ruled.table.segments(source);
            for (&delay, segment) in ruled.table.delays[segments.clone()].iter().zip(segments) {
                ruled.due.enter(tick + u64::from(delay), segment as u32);
            }
        }
    }
}
