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
use super::calendar::Calendar;
use super::delivery::{Sums, deliver, no_sums};
use super::fault::{Fault, FaultSite, LOOK};
use super::float::Float;
use super::layout::Layout;
use super::outbox::Outbox;
use super::plastic_projection::PlasticProjection;
use super::population_slice::PopulationSlice;
use super::precise_arrivals::PreciseArrivals;
use super::table::Table;
use super::worklist::Worklist;
use crate::neuron::precise::PreciseFault;

/// The part of a network that one thread runs.
#[derive(Clone)]
pub struct Partition<R: Float> {
    pub members: Vec<PopulationSlice<R>>,
    fixed: Arc<Table<R>>,
    due: Calendar,
    pub plastic: Vec<PlasticProjection<R>>,
    sums: [Sums<R>; 2],
    /// Present when some neurons are visited.
    worklist: Option<Worklist>,
    /// Present when spike times are precise.
    timed: Option<PreciseArrivals>,
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
    pub fn new(
        members: Vec<PopulationSlice<R>>,
        fixed: Table<R>,
        plastic: Vec<PlasticProjection<R>>,
        precise: bool,
    ) -> Self {
        let longest = fixed.delays.iter().copied().max().unwrap_or(1);
        let worklist = members.iter().any(PopulationSlice::is_lazy).then(Worklist::default);
        Self {
            members,
            fixed: Arc::new(fixed),
            due: Calendar::new(longest),
            plastic,
            sums: [no_sums(), no_sums()],
            worklist,
            timed: precise.then(|| PreciseArrivals::new(longest)),
            probes: Vec::new(),
            work: Work::default(),
            outbox: Outbox::default(),
            spikes: Vec::new(),
            arrived: Vec::new(),
        }
    }

    /// The shortest delay of its synapses in ticks.
    pub fn shortest_delay(&self) -> Option<u32> {
        self.plastic.iter().flat_map(|plastic| &plastic.table.delays).chain(&self.fixed.delays).copied().min()
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
        let site = |(population, members): (usize, &PopulationSlice<R>)| {
            members.fault().map(|fault| FaultSite::neuron(population, fault))
        };
        self.members.iter().enumerate().find_map(site).map(|site| Fault { tick, site })
    }

    /// What is not finite after `tick`, weights included.
    pub fn any_fault(&self, tick: u64) -> Option<Fault> {
        let is_faulty =
            |plastic: &&PlasticProjection<R>| plastic.table.weights.iter().any(|weight| !weight.is_finite());
        let site = |plastic: &PlasticProjection<R>| FaultSite::Weight { projection: plastic.projection };
        let fault = || self.plastic.iter().find(is_faulty).map(|plastic| Fault { tick, site: site(plastic) });
        self.fault(tick).or_else(fault)
    }

    fn step(&mut self, tick: u64) {
        let due = self.due.take(tick);
        self.work.synaptic_events += deliver(&self.fixed, &due, &mut self.sums, self.worklist.as_mut());
        self.due.restore(tick, due);
        for plastic in &mut self.plastic {
            self.work.synaptic_events += plastic.deliver(tick, &mut self.sums, self.worklist.as_mut());
            if plastic.faulty {
                self.outbox.note(Fault { tick, site: FaultSite::Weight { projection: plastic.projection } });
            }
        }
        for population in 0..self.members.len() {
            self.advance(population, tick);
        }
        if let Some(worklist) = &mut self.worklist {
            worklist.clear();
        }
    }

    /// Advances the neurons of a population to `tick`.
    fn advance(&mut self, population: usize, tick: u64) {
        let members = &mut self.members[population];
        let visited = if members.is_lazy() { self.worklist.as_mut() } else { None };
        self.spikes.clear();
        members.receive(tick, &mut self.sums, &mut self.spikes, visited);
        let changes = members.ask_currents(tick);
        if tick < members.start {
            members.drop_arrivals(&mut self.sums);
        }
        if tick > members.start {
            if let Some(worklist) = self.worklist.as_mut().filter(|_| members.is_lazy()) {
                members.wake(changes, worklist);
                worklist.sort();
            }
            let worklist = self.worklist.as_ref();
            self.work.neuron_updates += members.advance(tick, &mut self.sums, worklist, &mut self.spikes);
        }
        if changes {
            members.set_currents();
        }
        for plastic in self.plastic.iter_mut().filter(|plastic| plastic.target == population) {
            plastic.after(tick, &self.spikes);
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
                self.plastic.iter_mut().for_each(|plastic| plastic.modulate(population, tick, spikes));
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
        self.plastic.iter_mut().for_each(|plastic| plastic.close(start + ticks as u64));
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
        for plastic in &mut self.plastic {
            let segments = plastic.table.segments(source);
            for (&delay, segment) in plastic.table.delays[segments.clone()].iter().zip(segments) {
                plastic.due.enter(tick + u64::from(delay), segment as u32);
            }
        }
    }
}
