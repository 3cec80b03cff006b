//! The neurons of one population during a run: their membranes, and the input that
//! arrives at the present tick. Two ways to find out whom to update, with the same result:
//!
//! ```text
//! lazy    a list of the neurons that something reached (all, for a dense row)
//! swept   a look at every neuron of the population
//! ```
//! Lists pay when few neurons are reached at a tick. Neurons that carry a current are
//! reached at every tick, so a population is swept while one of its neurons does.

use super::Strategy;
use super::current::Currents;
use super::delivery::{add_dense_rows, add_sparse_row};
use crate::network::Projection;
use crate::neuron::delta_membrane::DeltaDynamics;
use crate::neuron::real::Real;
use crate::topology::Wiring;

/// The state of the neurons of one population.
#[derive(Debug, Clone)]
pub(super) struct Membranes<R> {
    /// Membranes relative to rest, each at its own tick.
    v: Vec<R>,
    /// The tick of each membrane; ahead of the present while the neuron is refractory.
    since: Vec<u64>,
    /// What arrived at this tick.
    input: Vec<R>,
    touched: Touched,
    pub(super) currents: Currents<R>,
    strategy: Strategy,
}

/// The neurons that something reached at this tick.
#[derive(Debug, Clone, Default)]
struct Touched {
    all: bool,
    marked: Vec<bool>,
    /// The marked ones, in order of arrival; not kept while sweeping.
    list: Vec<u32>,
}

impl Touched {
    #[inline]
    fn mark(&mut self, neuron: u32, sweeping: bool) {
        let marked = &mut self.marked[neuron as usize];
        if !*marked && !sweeping {
            self.list.push(neuron);
        }
        *marked = true;
    }
}

impl<R: Real> Membranes<R> {
    /// `size` neurons at `initial`, relative to rest, at tick 0.
    pub fn new(size: usize, initial: f64, strategy: Strategy) -> Self {
        Self {
            v: vec![R::rounded(initial); size],
            since: vec![0; size],
            input: vec![R::default(); size],
            touched: Touched { all: false, marked: vec![false; size], list: Vec::new() },
            currents: Currents::default(),
            strategy,
        }
    }

    fn sweeping(&self) -> bool {
        match self.strategy {
            Strategy::Auto => self.currents.flow(),
            Strategy::Lazy => false,
            Strategy::Swept => true,
        }
    }

    /// Delivers the spikes of `sources` through `projection`; the number of synapses.
    pub fn deliver(&mut self, projection: &Projection, sources: &[u32]) -> u64 {
        if let Wiring::Sparse { offsets, targets } = &*projection.wiring {
            let sweeping = self.sweeping();
            let mut events = 0;
            for &source in sources {
                let row = offsets[source as usize] as usize..offsets[source as usize + 1] as usize;
                events += row.len() as u64;
                let touched = &mut self.touched;
                add_sparse_row(&mut self.input, &projection.weights[row.clone()], &targets[row], |target| {
                    touched.mark(target, sweeping);
                });
            }
            return events;
        }
        add_dense_rows(&mut self.input, &projection.weights, sources);
        self.touched.all |= !sources.is_empty();
        sources.len() as u64 * self.input.len() as u64
    }

    /// Adds `sums`, one per neuron.
    pub fn receive_all(&mut self, sums: &[R]) {
        self.input.iter_mut().zip(sums).for_each(|(input, &sum)| *input += sum);
        self.touched.all = true;
    }

    /// Adds `weight` to the input of `neuron`.
    pub fn receive(&mut self, neuron: u32, weight: R) {
        self.input[neuron as usize] += weight;
        self.touched.mark(neuron, self.sweeping());
    }

    /// Sets what input `drive` sends into `neuron`, in pA.
    pub fn set_current(&mut self, drive: usize, neuron: u32, level: f64) {
        self.currents.set(drive, neuron, self.v.len(), level);
    }

    /// Updates every neuron that something reached at `tick`, and fills the empty `spikes`
    /// with those that spike, ascending. Gives the number of updates.
    pub fn advance(&mut self, dynamics: &DeltaDynamics<R>, tick: u64, spikes: &mut Vec<u32>) -> u64 {
        self.add_currents();
        let mut list = std::mem::take(&mut self.touched.list);
        let mut updates = list.len() as u64;
        if self.touched.all || self.sweeping() {
            let all = std::mem::take(&mut self.touched.all);
            updates = 0;
            for neuron in 0..self.v.len() as u32 {
                if all || self.touched.marked[neuron as usize] {
                    self.update(dynamics, tick, neuron, spikes);
                    updates += 1;
                }
            }
        } else {
            list.iter().for_each(|&neuron| self.update(dynamics, tick, neuron, spikes));
            spikes.sort_unstable();
        }
        list.clear();
        self.touched.list = list;
        updates
    }

    /// Those of `spikes` that stay at or above threshold after the reset, and the tick at
    /// which they spike again.
    pub fn able_again(&self, dynamics: &DeltaDynamics<R>, spikes: &[u32]) -> impl Iterator<Item = (u64, u32)> {
        let ready = spikes.iter().copied().filter(|&neuron| self.v[neuron as usize] >= dynamics.threshold);
        ready.map(|neuron| (self.since[neuron as usize] + 1, neuron))
    }

    #[inline]
    fn update(&mut self, dynamics: &DeltaDynamics<R>, tick: u64, neuron: u32, spikes: &mut Vec<u32>) {
        let i = neuron as usize;
        if dynamics.update(&mut self.v[i], &mut self.since[i], tick, self.input[i]) {
            spikes.push(neuron);
        }
        self.input[i] = R::default();
        self.touched.marked[i] = false;
    }

    fn add_currents(&mut self) {
        let sweeping = self.sweeping();
        for &(neuron, current) in self.currents.flowing() {
            self.input[neuron as usize] += current;
            self.touched.mark(neuron, sweeping);
        }
    }

    /// The membrane of `neuron` relative to rest at `tick`, when nothing arrived since its last update.
    pub fn membrane(&self, dynamics: &DeltaDynamics<R>, neuron: usize, tick: u64) -> R {
        dynamics.membrane_at(self.v[neuron], self.since[neuron], tick)
    }

    /// Sets the membrane of `neuron`, relative to rest.
    pub fn set_membrane(&mut self, neuron: usize, v: R) {
        self.v[neuron] = v;
    }

    /// The neurons at or above threshold.
    pub fn ready(&self, dynamics: &DeltaDynamics<R>) -> impl Iterator<Item = u32> {
        let above = self.v.iter().enumerate().filter(|(_, v)| **v >= dynamics.threshold);
        above.map(|(neuron, _)| neuron as u32)
    }

    /// Moves the start from tick 0 to `tick`.
    pub fn start_at(&mut self, tick: u64) {
        self.since.fill(tick);
    }
}
