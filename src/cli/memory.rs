//! Whether what is asked for fits this machine: refused before anything is built, so that the
//! system does not end the program, or another one, half-way.

use synfire::error::{Error, Result};
use synfire::model::Model;
use synfire::random::{Purpose, Stream};
use synfire::topology::{Ends, Plan};

/// Copies of the weights that a simulation keeps, and a training (weights, velocities, the
/// best so far, the changes, and the kernel's packed copy).
pub const SIMULATION: u64 = 1;
pub const TRAINING: u64 = 5;

/// Refuses a model whose weights, `copies` times, are more than the memory that is free.
/// Where the system does not say how much that is, everything is allowed.
pub fn require(model: &Model, copies: u64) -> Result<()> {
    let needed = synapses(model).saturating_mul(size_of::<f32>() as u64).saturating_mul(copies);
    match available() {
        Some(free) if needed > free => {
            let gigabytes = |bytes: u64| bytes as f64 / 1e9;
            let (needed, free) = (gigabytes(needed), gigabytes(free));
            Err(Error::Run(format!("the weights of `{}` need {needed:.1} GB, and {free:.1} GB are free", model.title)))
        }
        _ => Ok(()),
    }
}

/// Synapses of a model, about; every pair of neurons where the topology does not fit.
fn synapses(model: &Model) -> u64 {
    let of = |p: &synfire::model::ProjectionSpec| {
        let [source, target] = [p.source, p.target].map(|id| &model.populations[id.0].shape[..]);
        let ends = Ends { source, target, same: p.source == p.target };
        let plan = p.topology.1.plan(&ends, &mut Stream::new(0, Purpose::Wiring, 0, 0));
        plan.unwrap_or(Plan::AllToAll).expected(&ends)
    };
    model.projections.iter().map(of).fold(0, u64::saturating_add)
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
        assert!(require(&model("3"), SIMULATION).is_ok());
        // 8 G weights of 4 bytes, five times: 160 GB.
        let refused = require(&model("800000"), TRAINING);
        if available().is_some_and(|free| free < 160_000_000_000) {
            assert!(refused.unwrap_err().to_string().contains("GB are free"));
        }
    }
}
