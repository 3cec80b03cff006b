//! Networks in memory: layers as batches run through them, with all that they learn (`stack.rs`,
//! `signal.rs`, `presenter.rs`, `bench.rs`, `linear.rs`), and synapses as simulations draw them
//! (`synapses.rs`).

pub mod bench;
pub mod chain;
pub mod connectivity;
pub mod linear;
pub mod presenter;
pub mod signal;
pub mod snapshot;
pub mod stack;
pub mod synapses;
mod weight_file;
