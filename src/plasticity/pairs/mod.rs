//! What rules that pair presynaptic and postsynaptic spikes (STDP) have in common.
//!
//! ```text
//! spike_pairs.rs    the synapses of one slice: brings weights up to each presynaptic spike
//!   presynaptic.rs    traces of sources            postsynaptic.rs  spikes and traces of targets
//!   potentiate.rs     post after pre: LTP          depress.rs       pre after post: LTD
//!   dependence.rs     f(w), and the bounds of w    decay.rs         exponential decay of traces
//! ```

pub mod decay;
pub mod dependence;
mod depress;
pub mod postsynaptic;
pub mod potentiate;
pub mod presynaptic;
pub mod spike_pairs;
