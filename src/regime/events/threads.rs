//! How many threads shorten a simulation: they meet once in a window, and a window must be long enough for that.
//!
//! ```text
//! work of a window   = ticks * (neurons * NEURON + sum over projections of synapses * rate of the source * h * SYNAPSE)
//! threads            = at most one for each SHARE of it
//! ```
//! Rates are those that strategy.rs takes populations to have. The spikes are the same for any number
//! of threads, so a wrong guess costs time only.

use super::simulation::LONGEST_WINDOW;
use super::strategy::rate;
use crate::error::Result;
use crate::model::{DelaySpec, Model, ProjectionSpec};
use crate::network::synapses::expected;

/// ns that a neuron takes in a tick, its input included.
const NEURON: f64 = 0.7;
/// ns that a spike takes at a synapse.
const SYNAPSE: f64 = 1.2;
/// The same where rules change the synapse when either neuron spikes.
const PLASTIC: f64 = 10.0;
/// ns of work that are worth a thread: some times what a meeting costs.
const SHARE: f64 = 8_000.0;

/// How many threads, at most `most`, are worth starting for `model`.
///
/// # Errors
/// [`Error::Run`](crate::error::Error::Run) when a topology does not fit its populations.
pub fn worthwhile(model: &Model, most: usize) -> Result<usize> {
    let neurons: usize = model.populations.iter().map(|population| population.shape.iter().product::<usize>()).sum();
    let tick = model.simulation.resolution.seconds();
    let events = |(spec, synapses): (&ProjectionSpec, u64)| {
        let cost = if spec.rules.is_empty() { SYNAPSE } else { PLASTIC };
        synapses as f64 * rate(model, spec.source.0) * tick * cost
    };
    let events: f64 = model.projections.iter().zip(expected(model)?).map(events).sum();
    let work = window(model) as f64 * (neurons as f64 * NEURON + events);
    Ok(most.min((work / SHARE) as usize).max(1))
}

/// Ticks of a window, as far as it is known before delays are drawn.
fn window(model: &Model) -> u64 {
    let shortest = model.projections.iter().map(|projection| match projection.delay {
        DelaySpec::Constant(delay) => u64::from(delay),
        DelaySpec::Distribution(..) => 1,
    });
    shortest.min().unwrap_or(LONGEST_WINDOW).clamp(1, LONGEST_WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(neurons: usize, delay: &str) -> usize {
        let text = format!(
            "[populations.all]\nsize = {neurons}\nneuron = \"lif_exp\"\n[projections.all]\nsource = \"all\"\n\
             target = \"all\"\nconnect.fixed_in_degree = {{ n = 100 }}\nweight = \"1 pA\"\ndelay = \"{delay}\"\n"
        );
        worthwhile(&Model::from_text("m.toml", &text, &[]).unwrap(), 4).unwrap()
    }

    #[test]
    fn small_networks_have_one_thread_unless_their_windows_are_long() {
        assert_eq!([threads(1000, "0.1 ms"), threads(1000, "5 ms"), threads(100_000, "0.1 ms")], [1, 4, 4]);
    }
}
