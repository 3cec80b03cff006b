//! twinfire: spiking neural networks, simulated spike by spike, or trained in the spiking and
//! in the rate regime.
//!
//! # Simulate a network
//!
//! ```
//! use twinfire::prelude::*;
//!
//! let text = r#"
//!     [simulation]
//!     duration = "200 ms"
//!
//!     [populations.noise]
//!     size = 50
//!     neuron = "source"
//!
//!     [populations.neurons]
//!     size = 20
//!     neuron.lif_delta = { tau_m = "20 ms", v_thresh = "-50 mV", v_reset = "-65 mV" }
//!
//!     [projections.drive]
//!     source = "noise"
//!     target = "neurons"
//!     weight.normal = { mean = "1 mV", std = "0.2 mV" }
//!
//!     [inputs.spikes]
//!     target = "noise"
//!     poisson = { rate = "20 Hz" }
//!
//!     [record.neurons]
//!     spikes = true
//! "#;
//! let model = Model::from_text("noise.toml", text, &[])?;
//! let recording = simulate(&model, 1)?;
//! for (ms, neuron, _) in recording.spikes().iter().take(5) {
//!     println!("neuron {neuron} at {ms} ms");
//! }
//! let firing = &recording.populations[1].firing;
//! println!("{} spikes, {:.1} Hz", firing.spikes, firing.rate_hz);
//! # assert_eq!(recording.spikes().len() as u64, firing.spikes);
//! # assert!((10.0..100.0).contains(&firing.rate_hz), "{}", firing.rate_hz);
//! # Ok::<(), Error>(())
//! ```
//! Model files are described in `docs/model-format.md`; the kinds that they can name, `twinfire list` shows.
//!
//! # Train a network
//!
//! ```
//! use std::sync::Arc;
//! use twinfire::prelude::*;
//!
//! let text = r#"
//!     model_text = '''
//!     [[layers]]
//!     shape = [8, 8]
//!     [[layers]]
//!     dense = 100
//!     [[layers]]
//!     dense = 10
//!     '''
//!     dataset = "digits"
//!     encoder.regular = { window = "8 ms", max_rate = "1 kHz" }
//!     decoder.membrane = {}
//!     rule.q_agrel = { learning_rate = [0.3, 0.03] }
//!
//!     [training]
//!     epochs = 2
//!     batch = 16
//!     initial_drive = 0.3
//! "#;
//! let experiment = Arc::new(Experiment::from_text("digits.toml", text, &[])?);
//! let data = Arc::new(experiment.load(&[])?);
//! let arm = experiment.arms.iter().find(|arm| arm.regime == Regime::Spiking).expect("both regimes are trained");
//! let mut session = Session::new(&experiment, arm, 1, &data)?;
//! session.train(&Silent, &mut |_| Ok(()))?; // the closure is called after every epoch, to save it
//! let accuracy = session.test().metrics[0];
//! println!("{}: {accuracy:.1} % of the test samples", arm.label());
//! # assert!(accuracy > 60.0, "{accuracy} %");
//! # Ok::<(), Error>(())
//! ```
//! An experiment has an arm for each regime and rule: the same network and the same samples, to compare.
//! [`experiment::compare`] trains all of them with all seeds, [`report`] draws what came out. More in `examples/`:
//! a network from the literature, a training with its progress, and a rule of one's own.
//!
//! # Which rule should I use?
//!
//! | to | use |
//! |---|---|
//! | learn choices from reward, by changes that each synapse can make by itself | `q_agrel` |
//! | have a reference for it, or learn values (`task.reconstruction`) | `backpropagation` |
//! | know what random weights reach below a readout that is fitted | `fixed`, with `decoder.linear` |
//! | let spike times change weights | `stdp`, `triplet_stdp`; with reward that comes late `dopamine_stdp` |
//! | balance excitation, hold rates or weights | `inhibitory_stdp`; `homeostatic_scaling`, `weight_normalisation` |
//! | have synapses tire and recover | `tsodyks_markram` |
//!
//! The first three train layers batch by batch ([`rule`]), the others are at work in any simulation ([`plasticity`]).
//!
//! # Without the program
//!
//! The package is a library and a program. `default-features = false` leaves the program out, and with it what
//! only the command line needs.
//!
//! # The parts
//!
//! ```text
//! models/m.toml       --document--> Model        checked: every error at once, with line and column
//! experiments/x.toml  --document--> Experiment   model + data set + task, encoder, readout; regimes x rules = arms; seeds
//!
//! simulate   Model, seed --topology--> synapses, cut by target -> regime::events::Simulation
//!   for each window of the shortest delay:
//!     inputs, arriving spikes -> neurons -> spikes                 rules on spikes (plasticity) change synapses
//!     exchange spikes, tell observers
//!
//! train      Stack::all(&Model, seed) -> stacks of layers, parameters by name (network, learned)
//!   for each batch of a Session:
//!     samples            -> Batch, Targets       what the task asks for
//!     rule.learn(&Bench) -> Lesson               the rule runs the passes that it wants:
//!       bench.run          -> Pass                 encoder -> layer by layer, by the regime -> readout
//!       task.error, reward -> a signal             descends the layers, through every gate
//!       three_factor       -> Changes              f(pre, gate, factor)
//!     optimiser: parameters move
//!
//! observers -> record, result -> report (npz, csv, dat, json, svg, png, pdf, html)
//! ```
//! [`network::bench`] is what a rule sees; `docs/contributing.md` says how to add one, and anything else.

/// What most users of the library need.
pub mod prelude {
    pub use crate::dataset::{Data, Samples};
    pub use crate::error::Error;
    pub use crate::experiment::session::Session;
    pub use crate::experiment::{Arm, Experiment};
    pub use crate::model::Model;
    pub use crate::record::recording::Recording;
    pub use crate::record::{Progress, Silent, TrainingObserver};
    pub use crate::regime::Regime;
    pub use crate::regime::events::run::simulate;
    pub use crate::result::Epoch;
}

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
