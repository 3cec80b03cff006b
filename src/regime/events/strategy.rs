//! Lazy or swept: which is cheaper for a population, from what its model lets expect.
//!
//! ```text
//! arrivals per neuron and tick   (rates of its inputs + sum over projections of in-degree * rate of the source) h
//! rate of the source             that of its inputs; for neurons, which are not known, 5 Hz
//! lazy                           where a neuron is reached at fewer than one tick in CROSSOVER
//! ```
//! A visit costs about as much as CROSSOVER updates of a swept neuron (see docs/benchmarks.md).
//! Neurons that carry a current of their own may spike at any time and are swept.

use crate::id::PopulationId;
use crate::model::Model;
use crate::parameter::Value;

/// Updates of swept neurons that a visit costs.
const CROSSOVER: f64 = 25.0;
/// What neurons are taken to fire at, in Hz.
const USUAL_RATE: f64 = 5.0;

/// Whether it is cheaper to visit the neurons of `population` than to sweep them; `synapses` is
/// about how many each projection has.
pub fn is_lazy_cheaper(model: &Model, population: usize, synapses: &[u64]) -> bool {
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
    -(-arrivals).exp_m1() < 1.0 / CROSSOVER
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
