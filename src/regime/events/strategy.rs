//! Lazy or swept: which is cheaper for a population, from what its model lets expect.
//!
//! ```text
//! arrivals per neuron and tick   (rates of its inputs + sum over projections of in-degree * rate of the source) h
//! rate of the source             that of its inputs; for neurons, which are not known, 5 Hz
//! visit                          what a visit costs, in updates of a swept neuron:
//!                                V (N / 1,000)^p, for N neurons
//! V, p                           single precision: 111, 0.24, with synaptic currents 500, 0.11
//!                                double precision: 56, 0.24, with synaptic currents 200, 0.24
//! lazy                           where a neuron is reached at fewer than one tick in `visit`
//! ```
//! V and p are fits to `cargo bench --bench scaling -- lazy` (see docs/benchmarks.md): a
//! visit reads what is not in the cache, so it costs more in larger populations, and with currents
//! it takes exponentials. Neurons that carry a current of their own may spike at any time and are swept.

use super::Float;
use crate::id::PopulationId;
use crate::model::{Model, PopulationSpec};
use crate::parameter::Value;
use crate::unit::Dimension;

/// What neurons are taken to fire at, in Hz.
const USUAL_RATE: f64 = 5.0;

/// Whether it is cheaper to visit the neurons of `population` than to sweep them; `synapses` is
/// about how many each projection has.
pub fn is_lazy_cheaper<R: Float>(model: &Model, population: usize, synapses: &[u64]) -> bool {
    let spec = &model.populations[population];
    let carries = spec
        .neuron
        .as_ref()
        .is_some_and(|(spec, _)| spec.values.get("i_offset").is_some_and(|value| *value != Value::Number(0.0)));
    let varies = spec.varied.iter().any(|varied| varied.field == "i_offset");
    let driven = inputs_of(model, population).any(|input| input.sends_currents());
    if carries || varies || driven {
        return false;
    }
    let size = spec.shape.iter().product::<usize>() as f64;
    let projections = model.projections.iter().zip(synapses).filter(|(spec, _)| spec.target.0 == population);
    let over_synapses = projections.map(|(spec, &synapses)| synapses as f64 / size * rate(model, spec.source.0));
    let hertz = rate_of_inputs(model, population) + over_synapses.sum::<f64>();
    let arrivals = hertz * model.simulation.resolution.seconds();
    -(-arrivals).exp_m1() * visit::<R>(spec, size) < 1.0
}

/// What a visit costs, in updates of a swept neuron.
fn visit<R: Float>(spec: &PopulationSpec, size: f64) -> f64 {
    let currents = spec.neuron.as_ref().is_some_and(|(_, neuron)| neuron.weight_dimension() == Dimension::Current);
    let (of_a_thousand, growth) = match (size_of::<R>() == size_of::<f32>(), currents) {
        (true, false) => (111.0, 0.24),
        (true, true) => (500.0, 0.11),
        (false, false) => (56.0, 0.24),
        (false, true) => (200.0, 0.24),
    };
    of_a_thousand * (size / 1000.0).powf(growth)
}

/// What a population is taken to fire at.
pub(super) fn rate(model: &Model, population: usize) -> f64 {
    match model.populations[population].neuron {
        None => rate_of_inputs(model, population),
        Some(_) => USUAL_RATE,
    }
}

fn inputs_of(model: &Model, population: usize) -> impl Iterator<Item = &dyn crate::input::Input> {
    let inputs = model.inputs.iter().filter(move |input| input.targets.contains(&PopulationId(population)));
    inputs.map(|input| &*input.input.1)
}

fn rate_of_inputs(model: &Model, population: usize) -> f64 {
    inputs_of(model, population).map(|input| input.mean_rate()).sum()
}
