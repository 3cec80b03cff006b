//! Presentations: samples through a chain of layers, with spikes, for training and to look at.
//!
//! ```text
//! simulation.rs   a run of any network: recurrent, with delays, driven by inputs
//! playback.rs     one stimulus through a network, spike by spike
//!   feed.rs         what arrives from outside        queue.rs      spikes on their way
//!   delivery.rs     rows of weights                  membranes.rs  the neurons of a population
//!   current.rs      constant currents
//! presenter.rs    batches of presentations of a chain, for training
//!   trains.rs       spike trains of a batch          block.rs      64 neurons in registers
//!   feedback.rs     signals on their way back
//! ```

pub mod block;
mod current;
pub mod delivery;
pub mod feed;
pub mod feedback;
mod membranes;
pub mod playback;
pub mod presenter;
mod queue;
pub mod simulation;
pub mod trains;

/// How the neurons that an event reached are found. The spikes are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// Swept while neurons of the population carry a current, otherwise lazy.
    #[default]
    Auto,
    /// By a list of the neurons that something reached.
    Lazy,
    /// By a look at every neuron, at every tick at which something is due.
    Swept,
}

/// What a run did, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Spikes of neurons and sources.
    pub spikes: u64,
    /// Spikes times synapses they went through.
    pub synaptic_events: u64,
    /// Updates of membranes.
    pub neuron_updates: u64,
}
