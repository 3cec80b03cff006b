//! The spiking engine: any network of a model, recurrent or not, from tick to tick.
//!
//! ```text
//! run.rs          a model, set up and run for its duration
//! simulation.rs   setting up, windows of ticks, threads, the observer
//!   layout.rs       which neuron is in which partition
//!   strategy.rs     lazy or swept                        threads.rs  how many pay
//!   wiring.rs       draws the synapses into tables        table.rs   segments of synapses
//!   partition.rs    a tick of the neurons of one thread   outbox.rs  spikes for the other threads
//!     population_slice.rs    neurons of a population, and their inputs
//!     calendar.rs            segments on their way            delivery.rs  segments that arrive
//!     plastic_projection.rs  synapses with rules on spikes    worklist.rs  neurons that are updated
//!     precise_arrivals.rs    spikes between ticks             prefetch.rs  memory that is read soon
//!   fault.rs        what ends a run: numbers that are not finite
//!   barrier.rs      where threads wait                    float.rs   f32 or f64
//! ```
//!
//! A network is cut by target. Every neuron sums what arrives in an order that does not
//! depend on the cut, and every random number has a key, so the spikes are the same bytes
//! for any number of threads.

mod barrier;
#[cfg(test)]
mod barrier_tests;
mod calendar;
mod delivery;
mod fault;
mod float;
mod layout;
pub mod memory;
mod outbox;
mod parameters;
mod partition;
mod plastic_projection;
mod population_slice;
mod precise_arrivals;
mod prefetch;
pub mod run;
pub mod simulation;
mod strategy;
mod table;
pub mod threads;
mod wiring;
mod worklist;

pub use float::Float;
pub use simulation::Simulation;

/// Which neurons are advanced at a tick. The spikes are the same (see `neuron/lazy.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Lazy or swept, by what the model lets expect (see `strategy.rs`).
    #[default]
    Auto,
    /// Those to which something happens, where the kind has a closed solution.
    Lazy,
    /// All of them, sixteen at a time.
    Swept,
}

/// What a run did, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Spikes of neurons and sources.
    pub spikes: u64,
    /// Spikes times synapses they went through.
    pub synaptic_events: u64,
    /// Updates of neurons.
    pub neuron_updates: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.spikes += other.spikes;
        self.synaptic_events += other.synaptic_events;
        self.neuron_updates += other.neuron_updates;
    }
}
