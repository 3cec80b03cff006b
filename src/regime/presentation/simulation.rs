//! A run of a network, from event to event. At each tick at which something is due:
//!
//! ```text
//! 1. deliver    the spikes that arrive, by (projection, source); then what inputs send, by input
//! 2. advance    every neuron that something reached, to this tick; new spikes go to the queue
//! 3. currents   that change at this tick flow from the next tick on
//! ```
//! A spike at tick t over a projection with delay d arrives at tick t + d. Ticks at which
//! nothing is due are not looked at.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::delivery::sum_dense_rows;
use super::feed::{Drive, Feed};
use super::membranes::Membranes;
use super::queue::Queue;
use super::{Strategy, Work};
use crate::error::Result;
use crate::id::{PopulationId, ProjectionId};
use crate::input::Arrival;
use crate::network::{Cell, Network};
use crate::neuron::Neuron;
use crate::neuron::delta_membrane::{DeltaDynamics, DeltaMembrane};
use crate::neuron::real::Real;
use crate::record::SpikeObserver;
use crate::time::Tick;
use crate::topology::Wiring;

/// A network on its way through time, with membranes in `R`.
#[derive(Debug, Clone)]
pub struct Simulation<'n, R> {
    network: &'n Network,
    /// Constants of each population; `None` for sources.
    dynamics: Vec<Option<Dynamics<R>>>,
    /// What neurons get from a spike of each input.
    weights: Vec<R>,
    state: State<R>,
}

/// The constants of a population of neurons.
#[derive(Debug, Clone)]
struct Dynamics<R> {
    membrane: DeltaDynamics<R>,
    rest: f64,
    current_gain: f64,
    /// The ticks at which the population lives.
    life: Range<u64>,
}

/// All that changes during a run: set it back to go on from there.
#[derive(Debug, Clone)]
pub struct State<R> {
    /// Every tick before this one is done.
    now: u64,
    /// One per population; none for sources.
    membranes: Vec<Option<Membranes<R>>>,
    queue: Queue,
    feed: Feed,
    graded: Option<Graded<R>>,
    /// (tick, population, neuron) that could spike without input.
    wakeups: BinaryHeap<Reverse<(u64, usize, u32)>>,
    work: Work,
    /// Who spikes at the present tick, by population; empty between ticks.
    spikes: Vec<Vec<u32>>,
}

/// A constant current through a projection.
#[derive(Debug, Clone)]
struct Graded<R> {
    projection: usize,
    ticks: Range<u64>,
    /// What it adds to each target at each of these ticks.
    sums: Vec<R>,
}

impl<'n, R: Real> Simulation<'n, R> {
    /// `network` at tick 0, driven by `drives` whose random numbers come from `seed`.
    ///
    /// # Errors
    /// As [`Drive::check`].
    pub fn new(network: &'n Network, drives: &[Drive], seed: u64, strategy: Strategy) -> Result<Self> {
        drives.iter().try_for_each(|drive| drive.check(network))?;
        let feed = Feed::of_inputs(network, drives, seed);
        let weights = drives.iter().map(|drive| R::rounded(drive.input.weight())).collect();
        Ok(Self::fed(network, feed, weights, strategy))
    }

    pub(super) fn fed(network: &'n Network, feed: Feed, weights: Vec<R>, strategy: Strategy) -> Self {
        let dynamics = network.populations.iter().map(|p| Dynamics::of(&p.cell, network)).collect();
        let membranes = network.populations.iter().map(|population| match &population.cell {
            Cell::Source => None,
            Cell::Neuron(neuron) => {
                let initial = membrane_of(&**neuron, network).initial;
                Some(Membranes::new(population.size(), initial, strategy))
            }
        });
        let state = State {
            now: 0,
            membranes: membranes.collect(),
            queue: Queue::new(network),
            feed,
            graded: None,
            wakeups: BinaryHeap::new(),
            work: Work::default(),
            spikes: vec![Vec::new(); network.populations.len()],
        };
        Self { network, dynamics, weights, state }
    }

    /// Runs every tick before `end`, telling `observer` of the spikes.
    ///
    /// # Errors
    /// That of the observer: the run stops within the tick at which it came.
    pub fn run_until(&mut self, end: Tick, observer: &mut dyn SpikeObserver) -> Result<()> {
        if self.state.now == 0 {
            self.wake_ready();
        }
        while let Some(tick) = self.next_due(end.0) {
            self.step(tick, observer)?;
            self.state.now = tick + 1;
        }
        self.state.now = self.state.now.max(end.0);
        Ok(())
    }

    /// The first tick that is not done.
    pub fn now(&self) -> Tick {
        Tick(self.state.now)
    }

    /// The membrane of `neuron` after the last tick that is done, in the unit of the model;
    /// `None` for a source.
    pub fn membrane(&self, population: PopulationId, neuron: usize) -> Option<f64> {
        let (dynamics, membranes) = self.neurons(population)?;
        let v: f64 = membranes.membrane(&dynamics.membrane, neuron, self.state.now.saturating_sub(1)).into();
        Some(dynamics.rest + v)
    }

    /// Sets the membrane of `neuron`, in the unit of the model; for use before a run.
    pub fn set_membrane(&mut self, PopulationId(population): PopulationId, neuron: usize, v: f64) {
        if let (Some(dynamics), Some(membranes)) = (&self.dynamics[population], &mut self.state.membranes[population]) {
            membranes.set_membrane(neuron, R::rounded(v - dynamics.rest));
        }
    }

    /// Lets the neurons of `population` integrate and never fire.
    pub fn hold_fire(&mut self, PopulationId(population): PopulationId) {
        if let Some(dynamics) = &mut self.dynamics[population] {
            dynamics.membrane.threshold = R::from(f32::INFINITY);
        }
    }

    /// What was done so far.
    pub fn work(&self) -> Work {
        self.state.work
    }

    /// Where the run stands.
    pub fn state(&self) -> &State<R> {
        &self.state
    }

    /// Goes back (or ahead) to `state`, of a run of the same network.
    pub fn set_state(&mut self, state: State<R>) {
        self.state = state;
    }

    /// Lets `population` live at the ticks of `life` (after tick 0) only: its membranes have
    /// their initial values at the tick before.
    pub(super) fn confine(&mut self, PopulationId(population): PopulationId, life: Range<u64>) {
        if let (Some(dynamics), Some(membranes)) =
            (&mut self.dynamics[population], &mut self.state.membranes[population])
        {
            membranes.start_at(life.start - 1);
            dynamics.life = life;
        }
    }

    /// Sends constant `currents`, one per source, through `projection` for the first `window` ticks.
    pub(super) fn send_currents(&mut self, ProjectionId(index): ProjectionId, currents: &[f32], window: u64) {
        let projection = &self.network.projections[index];
        let mut sums = vec![R::default(); self.network.populations[projection.target.0].size()];
        match &*projection.wiring {
            Wiring::Dense { .. } => sum_dense_rows(&mut sums, &projection.weights, currents),
            wiring @ Wiring::Sparse { .. } => {
                for (source, &current) in currents.iter().enumerate() {
                    for position in wiring.row(source) {
                        sums[wiring.target(position)] += R::from(projection.weights[position]) * R::from(current);
                    }
                }
            }
        }
        let first = u64::from(projection.delay);
        self.state.graded = Some(Graded { projection: index, ticks: first..first + window, sums });
    }

    fn neurons(&self, PopulationId(population): PopulationId) -> Option<(&Dynamics<R>, &Membranes<R>)> {
        Some((self.dynamics[population].as_ref()?, self.state.membranes[population].as_ref()?))
    }

    /// Neurons at or above threshold from the start spike without input.
    fn wake_ready(&mut self) {
        let state = &mut self.state;
        for (population, (dynamics, membranes)) in self.dynamics.iter().zip(&state.membranes).enumerate() {
            if let (Some(dynamics), Some(membranes)) = (dynamics, membranes) {
                let ready = membranes.ready(&dynamics.membrane);
                state.wakeups.extend(ready.map(|neuron| Reverse((dynamics.life.start, population, neuron))));
            }
        }
    }

    /// The next tick before `end` at which something happens.
    fn next_due(&mut self, end: u64) -> Option<u64> {
        let state = &mut self.state;
        let now = state.now;
        let flowing = state.membranes.iter().flatten().any(|membranes| membranes.currents.flow());
        let graded = state.graded.as_ref().map(|graded| graded.ticks.clone()).filter(|ticks| ticks.end > now);
        let wakeup = state.wakeups.peek().map(|Reverse((tick, ..))| *tick);
        let due = [flowing.then_some(now), state.queue.next(now), wakeup, graded.map(|ticks| ticks.start.max(now))];
        let due = due.into_iter().flatten().chain(state.feed.next(end)).min();
        due.filter(|&tick| tick < end)
    }

    fn step(&mut self, tick: u64, observer: &mut dyn SpikeObserver) -> Result<()> {
        self.deliver(tick);
        let changing = self.receive(tick);
        self.wake(tick);
        for population in 0..self.dynamics.len() {
            self.advance(population, tick);
            let state = &mut self.state;
            let spikes = &mut state.spikes[population];
            if !spikes.is_empty() {
                state.work.spikes += spikes.len() as u64;
                state.queue.send(population, tick, spikes);
                observer.spikes(PopulationId(population), Tick(tick), spikes, None)?;
                spikes.clear();
            }
        }
        for population in changing {
            if let (Some(dynamics), Some(membranes)) =
                (&self.dynamics[population], &mut self.state.membranes[population])
            {
                membranes.currents.settle(dynamics.current_gain);
            }
        }
        Ok(())
    }

    /// Delivers the spikes that arrive at `tick`.
    fn deliver(&mut self, tick: u64) {
        let state = &mut self.state;
        for (index, projection) in self.network.projections.iter().enumerate() {
            let Some(membranes) = &mut state.membranes[projection.target.0] else {
                continue;
            };
            let sources = state.queue.arriving(projection.source.0, projection.delay, tick);
            state.work.synaptic_events += membranes.deliver(projection, sources);
            if let Some(graded) = state.graded.as_ref().filter(|g| g.projection == index && g.ticks.contains(&tick)) {
                membranes.receive_all(&graded.sums);
            }
        }
        state.queue.done(tick);
    }

    /// Takes what arrives from outside at `tick`: sources fire, neurons get weights. Gives the
    /// populations whose currents change.
    fn receive(&mut self, tick: u64) -> Vec<usize> {
        let state = &mut self.state;
        let mut changing = Vec::new();
        for event in state.feed.take(tick) {
            match (event.arrival, &mut state.membranes[event.population]) {
                (Arrival::Spike(_), None) => state.spikes[event.population].push(event.neuron),
                (Arrival::Spike(_), Some(membranes)) => membranes.receive(event.neuron, self.weights[event.drive]),
                (Arrival::Current(_, level), Some(membranes)) => {
                    membranes.set_current(event.drive, event.neuron, level);
                    changing.push(event.population);
                }
                (Arrival::Current(..), None) => {}
            }
        }
        for sources in &mut state.spikes {
            sources.sort_unstable();
            sources.dedup();
        }
        changing.dedup();
        changing
    }

    /// Touches the neurons that could spike at `tick` without input.
    fn wake(&mut self, tick: u64) {
        let state = &mut self.state;
        while let Some(&Reverse((due, population, neuron))) = state.wakeups.peek() {
            if due > tick {
                break;
            }
            state.wakeups.pop();
            if let Some(membranes) = &mut state.membranes[population] {
                membranes.receive(neuron, R::default());
            }
        }
    }

    /// Updates the neurons of `population` that something reached, and notes those that spike.
    fn advance(&mut self, population: usize, tick: u64) {
        let state = &mut self.state;
        if let (Some(dynamics), Some(membranes)) = (&self.dynamics[population], &mut state.membranes[population]) {
            if !dynamics.life.contains(&tick) {
                return;
            }
            let spikes = &mut state.spikes[population];
            state.work.neuron_updates += membranes.advance(&dynamics.membrane, tick, spikes);
            let again = membranes.able_again(&dynamics.membrane, spikes);
            state.wakeups.extend(again.map(|(tick, neuron)| Reverse((tick, population, neuron))));
        }
    }
}

fn membrane_of(neuron: &dyn Neuron, network: &Network) -> DeltaMembrane {
    let presented = neuron.presented().expect("a chain is made of kinds that presentations run");
    presented.membrane(network.resolution)
}

impl<R: Real> Dynamics<R> {
    fn of(cell: &Cell, network: &Network) -> Option<Self> {
        let Cell::Neuron(neuron) = cell else {
            return None;
        };
        let membrane = membrane_of(&**neuron, network);
        let (rest, current_gain) = (membrane.rest, membrane.current_gain);
        Some(Self { membrane: membrane.dynamics(), rest, current_gain, life: 0..u64::MAX })
    }
}
