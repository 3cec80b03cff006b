//! twinfire: spiking neural networks, simulated spike by spike, or trained in the spiking and
//! in the rate regime.
//!
//! ```text
//! models/m.toml       --parse--> file --validate--> Model        every error at once, with line and column
//! experiments/x.toml  --parse--> file --validate--> Experiment   model + data + encoder + readout + rule x regimes x seeds
//!
//! simulate   Model, seed --topology--> synapses, cut by target    regime::events::Simulation
//!   for each window of the shortest delay:
//!     inputs, arriving spikes -> neurons -> spikes                 rules on spikes change synapses
//!     exchange spikes, tell observers
//!
//! train      Model, seed -> network::stack::Stack of layers, parameters by name
//!   for each batch:
//!     encode(sample)               -> timed spikes, or rates
//!     rule on a bench              -> passes through the layers: activities, gates, scores
//!     change = f(pre, gate, factor), added to the parameters by the optimizer
//!
//! observers -> record, result -> report (npz, csv, dat, json, svg, png, html)
//! ```

pub mod color;
pub mod delimited;
pub mod error;
pub mod exhibit;
pub mod id;
pub mod learned;
pub mod matrix;
pub mod memory;
pub mod metric;
pub mod numpy;
pub mod parameter;
pub mod pool;
pub mod random;
pub mod real;
pub mod regular_file;
mod sync;
pub mod time;
pub mod trains;
pub mod unit;
pub mod visible;
mod widest;

pub mod distribution;
pub mod document;

pub mod dataset;
pub mod decode;
pub mod encode;
pub mod gain;
pub mod input;
pub mod neuron;
pub mod task;
pub mod topology;

pub mod plasticity;

pub mod model;
pub mod network;

pub mod record;
pub mod regime;
pub mod result;
pub mod rule;

pub mod learner;

pub mod experiment;

pub mod report;
