//! How much memory statistics and samples take, before anything is recorded.
//!
//! ```text
//! neuron        50: what is known of its train (see interval.rs), whether it is compared (correlation.rs)
//! population    8 for each pair of at most 200 neurons, for each bin of its rate, and what a spectrum takes
//! probe         400, and what of its samples is not on disk yet: 32 MB of all together, but 1 KiB of each at most
//! sample        24 until a window is over, three times: as taken, sorted and told
//! ```

use crate::model::{DelaySpec, Model};

/// Bytes of a neuron, and of a population of any size.
const NEURON: f64 = 50.0;
const POPULATION: f64 = 40_000.0;
/// Neurons of a population that are compared.
const COMPARED: f64 = 200.0;
/// Bytes of a probe, with its names.
const PROBE: f64 = 400.0;
/// Bytes of samples that are kept before they go to disk: of all, and at most of one probe.
const KEPT: f64 = 33_554_432.0;
const KEPT_OF_ONE: f64 = 1024.0;
/// Bytes of a sample on its way, and on disk.
const SAMPLE: f64 = 72.0;
const WRITTEN: f64 = 16.0;
/// Ticks of the longest window.
const WINDOW: f64 = 64.0;

/// Bytes of the statistics of `model` and of what it samples.
pub fn bytes(model: &Model) -> f64 {
    statistics(model) + samples(model)
}

fn statistics(model: &Model) -> f64 {
    let sizes = model.populations.iter().map(|spec| spec.shape.iter().map(|&side| side as f64).product::<f64>());
    let of = |size: f64| size * NEURON + POPULATION + 4.0 * size.min(COMPARED).powi(2);
    sizes.map(of).sum()
}

fn samples(model: &Model) -> f64 {
    let neurons = model.recordings.iter().flat_map(|recording| &recording.samples);
    let neurons = neurons.map(|sample| (sample.neurons.number() as f64, sample.every as f64));
    let synapses = model.synapse_recordings.iter().map(|sample| (sample.synapses as f64, sample.every as f64));
    let (mut probes, mut written, mut waiting) = (0.0, 0.0, 0.0);
    let window = window(model);
    for (number, every) in neurons.chain(synapses) {
        probes += number;
        written += number * (model.simulation.duration as f64 / every).ceil() * WRITTEN;
        waiting += number * (window / every).max(1.0) * SAMPLE;
    }
    probes * PROBE + written.min(KEPT.max(KEPT_OF_ONE * probes)) + waiting
}

/// Ticks of a window.
pub fn window(model: &Model) -> f64 {
    let delays = model.projections.iter().map(|projection| match projection.delay {
        DelaySpec::Constant(ticks) => f64::from(ticks),
        DelaySpec::Distribution(..) => 1.0,
    });
    delays.fold(WINDOW, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rest: &str) -> f64 {
        let text =
            format!("[simulation]\nduration = \"1 s\"\n[populations.a]\nsize = 1000000\nneuron = \"lif_exp\"\n{rest}");
        bytes(&Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn statistics_grow_with_neurons_and_samples_with_probes() {
        assert!((50e6..51e6).contains(&of("")));
        let few = of("[record.a]\nv = { neurons = [1, 2, 3], every = \"100 ms\" }");
        assert!(few - of("") < 2000.0);
        let all = of("[record.a]\nv = { every = \"1 ms\" }");
        assert!((1.4e9..2.2e9).contains(&(all - of(""))), "{all}");
    }
}
