//! What reaches a network from outside, as one list in time order. The arrivals of inputs
//! are drawn a span of ticks at a time, each neuron from a stream of its own, so they do
//! not depend on how far a run goes or how it is cut.

use std::sync::Arc;

use crate::encode::Stimulus;
use crate::error::{Error, Result};
use crate::id::PopulationId;
use crate::input::{Arrival, Input};
use crate::network::{Cell, Network};
use crate::random::{Purpose, Stream};
use crate::time::{Resolution, Tick};

/// Ticks drawn at a time.
const SPAN: u64 = 256;

/// An input and the populations that it drives.
#[derive(Debug, Clone)]
pub struct Drive {
    pub targets: Vec<PopulationId>,
    pub input: Arc<dyn Input>,
}

impl Drive {
    /// Refuses what the targets cannot take: a current into sources of spikes, a neuron
    /// that does not exist.
    ///
    /// # Errors
    /// [`Error::Run`] that names the population.
    pub fn check(&self, network: &Network) -> Result<()> {
        for population in self.targets.iter().map(|target| &network.populations[target.0]) {
            let name = &population.name;
            if self.input.sends_currents() && matches!(population.cell, Cell::Source) {
                return Err(Error::Run(format!("population `{name}` is made of spike sources, which take no current")));
            }
            if let Some(neuron) = self.input.neurons().iter().find(|&&neuron| neuron >= population.size()) {
                let size = population.size();
                return Err(Error::Run(format!(
                    "an input names neuron {neuron}, but `{name}` has {size} neurons, from 0"
                )));
            }
        }
        Ok(())
    }
}

/// Something that reaches one neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Event {
    /// Index of its input.
    pub drive: usize,
    pub population: usize,
    pub neuron: u32,
    pub arrival: Arrival,
}

/// Arrivals still to come.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    drives: Arc<[Drive]>,
    sizes: Vec<usize>,
    resolution: Resolution,
    seed: u64,
    /// Drawn and not yet taken, by (tick, input, population, neuron).
    events: Vec<Event>,
    taken: usize,
    /// Everything before this tick is drawn.
    drawn: u64,
}

impl Feed {
    /// The arrivals of `drives`, drawn with `seed`.
    pub fn of_inputs(network: &Network, drives: &[Drive], seed: u64) -> Self {
        Self {
            drives: drives.into(),
            sizes: network.populations.iter().map(|p| p.size()).collect(),
            resolution: network.resolution,
            seed,
            events: Vec::new(),
            taken: 0,
            drawn: 0,
        }
    }

    /// The spikes of `stimulus` in `population`, from tick 0 on.
    pub fn of_stimulus(network: &Network, population: PopulationId, stimulus: &Stimulus) -> Self {
        let mut feed = Self::of_inputs(network, &[], 0);
        for tick in 0..stimulus.window() {
            let arrival = Arrival::Spike(Tick(tick as u64));
            let event = |&neuron: &u32| Event { drive: 0, population: population.0, neuron, arrival };
            feed.events.extend(stimulus.at(tick).iter().map(event));
        }
        feed
    }

    /// The tick of the next arrival, if it lies before `end`.
    pub fn next(&mut self, end: u64) -> Option<u64> {
        while self.taken == self.events.len() && self.drawn < end && !self.drives.is_empty() {
            self.draw();
        }
        self.events.get(self.taken).map(|event| event.arrival.tick().0).filter(|&tick| tick < end)
    }

    /// Takes what arrives at `tick`, by (input, population, neuron).
    pub fn take(&mut self, tick: u64) -> &[Event] {
        let left = &self.events[self.taken..];
        let first = self.taken;
        self.taken += left.iter().take_while(|event| event.arrival.tick().0 == tick).count();
        &self.events[first..self.taken]
    }

    /// Draws the arrivals of the next span.
    fn draw(&mut self) {
        let span = Tick(self.drawn)..Tick(self.drawn + SPAN);
        self.events.clear();
        self.taken = 0;
        for (drive, Drive { targets, input }) in self.drives.iter().enumerate() {
            let step = ((drive as u64) << 40) | (self.drawn / SPAN);
            for &PopulationId(population) in targets {
                let first: usize = self.sizes[..population].iter().sum();
                for neuron in 0..self.sizes[population] {
                    let mut stream = Stream::new(self.seed, Purpose::Input, (first + neuron) as u32, step);
                    let arrivals = input.arrivals(neuron, span.clone(), self.resolution, &mut stream);
                    let event = |arrival| Event { drive, population, neuron: neuron as u32, arrival };
                    self.events.extend(arrivals.into_iter().map(event));
                }
            }
        }
        self.events.sort_by_key(|event| event.arrival.tick());
        self.drawn += SPAN;
    }
}
