//! Whether what is asked for fits this machine: refused before anything is built, so that the
//! system does not end the program, or another one, half-way.

use twinfire::error::{Error, Result};
use twinfire::model::{Model, ProjectionSpec, WeightSpec};
use twinfire::network::synapses;
use twinfire::report::synapse_files;

/// Copies of the weights that a training keeps: weights, velocities, the best so far, the
/// changes, and the kernel's packed copy.
const COPIES: u64 = 5;

/// Bytes of a synapse in a simulation: its target, its weight unless all have the same, and what
/// a rule keeps of it.
const TARGET: u64 = 2;
const WEIGHT: u64 = 4;
const RULED: u64 = 12;
/// Weights with rules are kept from before and after the run, too.
const REPORTED: u64 = 16;
/// What a list keeps of it: source, target, weight and delay, as read and sorted by source.
const LISTED: u64 = 44;

/// Bytes of the synapses of a projection in a simulation.
pub fn simulated(projection: &ProjectionSpec, synapses: u64) -> u64 {
    let same = matches!(projection.weight, WeightSpec::Constant(_)) && !projection.topology.1.gives_weights();
    let each = match projection.rules.is_empty() {
        true if same => TARGET,
        true => TARGET + WEIGHT,
        false => TARGET + WEIGHT + RULED + REPORTED,
    };
    let listed = if projection.topology.0.kind == "list" { LISTED } else { 0 };
    synapses.saturating_mul(each + listed)
}

/// Bytes that so many synapses take in `synapses.npz`.
pub fn written(synapses: u64) -> u64 {
    synapses.saturating_mul(synapse_files::BYTES)
}

/// Bytes of the weights of a projection in a training, once.
pub fn trained(synapses: u64) -> u64 {
    synapses.saturating_mul(size_of::<f32>() as u64)
}

/// Refuses a model whose simulation needs more memory than is free.
///
/// # Errors
/// [`Error::Run`] with both figures; and as [`synapses`].
pub fn require_simulation(model: &Model) -> Result<()> {
    let counts = synapses::expected(model)?;
    let bytes = model.projections.iter().zip(counts).map(|(projection, count)| simulated(projection, count));
    require(model, bytes.fold(0, u64::saturating_add))
}

/// Refuses a model whose training needs more memory than is free.
///
/// # Errors
/// As [`require_simulation`].
pub fn require_training(model: &Model) -> Result<()> {
    let bytes = synapses::expected(model)?.into_iter().map(trained).fold(0, u64::saturating_add);
    require(model, bytes.saturating_mul(COPIES))
}

/// Where the system does not say how much is free, everything is allowed.
fn require(model: &Model, needed: u64) -> Result<()> {
    match available() {
        Some(free) if needed > free => {
            let gigabytes = |bytes: u64| bytes as f64 / 1e9;
            let (needed, free) = (gigabytes(needed), gigabytes(free));
            Err(Error::Run(format!("the synapses of `{}` need {needed:.1} GB, and {free:.1} GB are free", model.title)))
        }
        _ => Ok(()),
    }
}

/// Bytes that can be taken without swapping (Linux).
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_beyond_all_memory_is_refused_and_a_small_one_is_not() {
        let model = |hidden: &str| {
            let text = format!("[[layers]]\nsize = 10000\n[[layers]]\ndense = {hidden}\n");
            Model::from_text("m.toml", &text, &[]).unwrap()
        };
        assert!(require_simulation(&model("3")).is_ok());
        // 8 G weights of 4 bytes, five times: 160 GB.
        let refused = require_training(&model("800000"));
        if available().is_some_and(|free| free < 160_000_000_000) {
            assert!(refused.unwrap_err().to_string().contains("GB are free"));
        }
    }

    #[test]
    fn a_synapse_takes_as_much_as_it_keeps() {
        let bytes = |weight: &str| {
            let text = format!(
                "[populations.a]\nsize = 10\nneuron = \"lif\"\n\
                 [projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight{weight}\n"
            );
            let model = Model::from_text("m.toml", &text, &[]).unwrap();
            simulated(&model.projections[0], synapses::expected(&model).unwrap()[0])
        };
        assert_eq!(bytes(" = 1"), 200);
        assert_eq!(bytes(".normal = { std = 1 }"), 600);
        assert_eq!(bytes(" = 1\nplasticity = \"stdp\""), 3400);
    }
}
