//! From a model to the network that runs. Random numbers are keyed by (seed, projection)
//! for the wiring and by (seed, projection, source) for the weights, so a network depends
//! on its model and seed alone.

use std::sync::Arc;

use super::weight_file;
use super::{Cell, Network, Population, Projection};
use crate::distribution::Distribution;
use crate::error::{Error, Result};
use crate::model::{DelaySpec, Model, PopulationSpec, ProjectionSpec, WeightSpec};
use crate::random::{Purpose, Stream, Words};
use crate::topology::{Ends, Wiring};

/// Builds the network of `model`: wires every projection and draws its initial weights.
///
/// # Errors
/// [`Error::Run`] when a topology does not fit its populations or the weights do not fit
/// into memory; [`Error::Data`] when a weight file is missing or wrong.
pub fn build(model: &Model, seed: u64) -> Result<Network> {
    let populations: Vec<Population> = model.populations.iter().map(population).collect();
    for population in &populations {
        let size = population.shape.iter().try_fold(1usize, |size, &side| size.checked_mul(side));
        if size.is_none_or(|size| size > u32::MAX as usize) {
            return Err(Error::Run(format!("population `{}` has more than {} neurons", population.name, u32::MAX)));
        }
    }
    let project = |(index, spec)| projection(index, spec, &populations, seed);
    let projections = model.projections.iter().enumerate().map(project).collect::<Result<_>>()?;
    Ok(Network { resolution: model.simulation.resolution, populations, projections })
}

fn population(spec: &PopulationSpec) -> Population {
    Population {
        name: spec.name.clone(),
        shape: spec.shape.clone(),
        cell: spec.neuron.as_ref().map_or(Cell::Source, |(_, neuron)| Cell::Neuron(Arc::clone(neuron))),
    }
}

fn projection(index: usize, spec: &ProjectionSpec, populations: &[Population], seed: u64) -> Result<Projection> {
    let refuse = |what: &str| Error::Run(format!("projection `{}`: {what}", spec.name));
    let (source, target) = (&populations[spec.source.0], &populations[spec.target.0]);
    let mut stream = Stream::new(seed, Purpose::Wiring, index as u32, 0);
    let ends = Ends { source: &source.shape, target: &target.shape, same: spec.source == spec.target };
    let plan = spec.topology.1.plan(&ends, &mut stream).map_err(|what| refuse(&what))?;
    let words = |row| Words::new(&Stream::new(seed, Purpose::Wiring, index as u32, row as u64 + 1));
    let wiring =
        plan.wiring(&ends, words).ok_or_else(|| refuse("chains are not connected by target, nor by a list"))?;
    let mut weights = Vec::new();
    weights
        .try_reserve_exact(wiring.synapses())
        .map_err(|_| refuse(&format!("{} synapses do not fit into memory", wiring.synapses())))?;
    match &spec.weight {
        WeightSpec::Constant(weight) => weights.resize(wiring.synapses(), *weight as f32),
        WeightSpec::Distribution(_, distribution) => {
            let key = (seed, index as u32);
            draw(&**distribution, &wiring, target.size(), key, &mut weights);
        }
        WeightSpec::File(path) => {
            let table = weight_file::read(path, source.size(), target.size())?;
            let synapses = (0..source.size()).flat_map(|i| wiring.row(i).map(move |position| (i, position)));
            weights.extend(synapses.map(|(i, position)| table[i * target.size() + wiring.target(position)] as f32));
        }
    }
    if weights.iter().any(|weight| !weight.is_finite()) {
        return Err(refuse("a weight is beyond the largest number of single precision, 3.4e38"));
    }
    let DelaySpec::Constant(delay) = spec.delay else {
        return Err(refuse("presentations need one delay for all synapses of a projection"));
    };
    let &ProjectionSpec { source, target, plastic, .. } = spec;
    Ok(Projection { name: spec.name.clone(), source, target, wiring: Arc::new(wiring), weights, delay, plastic })
}

/// Draws one weight per synapse, each source from its own stream.
fn draw(
    distribution: &dyn Distribution,
    wiring: &Wiring,
    targets: usize,
    (seed, projection): (u64, u32),
    weights: &mut Vec<f32>,
) {
    let fan_in = wiring.fan_in(targets);
    for source in 0..wiring.sources() {
        let mut stream = Stream::new(seed, Purpose::Weights, projection, source as u64);
        let row = wiring.row(source);
        weights.extend(row.map(|position| distribution.sample(fan_in[wiring.target(position)], &mut stream) as f32));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution;
    use crate::id::PopulationId;
    use crate::model::{Precision, Simulation, SpikeTimes};
    use crate::parameter::{Spec, Value, Values, find};
    use crate::time::Resolution;
    use crate::topology;

    fn model(kind: &str, weight: WeightSpec, sizes: (usize, usize)) -> Model {
        let topology = find(topology::KINDS, kind).unwrap();
        let mut values = Values::default();
        values.set("self_connections", Value::Flag(true));
        let population = |name: &str, size| PopulationSpec {
            color: None,
            name: name.into(),
            shape: vec![size],
            neuron: None,
            varied: Vec::new(),
        };
        let projection = |name: &str| ProjectionSpec {
            name: name.into(),
            source: PopulationId(0),
            target: PopulationId(1),
            topology: (Spec { kind: topology.name, values: values.clone() }, (topology.build)(&values).unwrap().into()),
            weight: weight.clone(),
            delay: DelaySpec::Constant(3),
            plastic: false,
            repeated: true,
            rules: Vec::new(),
        };
        Model {
            title: "test".into(),
            simulation: Simulation {
                resolution: Resolution::from_ms(0.1).unwrap(),
                duration: 0,
                seed: 0,
                precision: Precision::Double,
                spike_times: SpikeTimes::Grid,
            },
            populations: vec![population("a", sizes.0), population("b", sizes.1)],
            projections: vec![projection("first"), projection("second")],
            inputs: vec![],
            recordings: vec![],
            synapse_recordings: vec![],
            readout: None,
            resolved: String::new(),
        }
    }

    fn he_normal() -> WeightSpec {
        let kind = find(distribution::KINDS, "he_normal").unwrap();
        let mut values = Values::default();
        values.set("gain", Value::Number(1.0));
        let built = (kind.build)(&values).unwrap();
        WeightSpec::Distribution(Spec { kind: kind.name, values }, built.into())
    }

    fn weights(model: &Model, seed: u64) -> Vec<Vec<f32>> {
        build(model, seed).unwrap().projections.into_iter().map(|p| p.weights).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_weights_and_another_seed_others() {
        let model = model("all_to_all", he_normal(), (50, 40));
        assert_eq!(weights(&model, 1), weights(&model, 1));
        assert_ne!(weights(&model, 1), weights(&model, 2));
        let [first, second] = &weights(&model, 1)[..] else { panic!("two projections") };
        assert_ne!(first, second);
    }

    #[test]
    fn weights_follow_their_distribution_with_the_fan_in_of_the_target() {
        let variance = |w: &[f32]| w.iter().map(|w| f64::from(w * w)).sum::<f64>() / w.len() as f64;
        let dense = &weights(&model("all_to_all", he_normal(), (100, 100)), 5)[0];
        assert!((variance(dense) - 2.0 / 100.0).abs() < 2e-3);
        let paired = &weights(&model("one_to_one", he_normal(), (5000, 5000)), 5)[0];
        assert!((variance(paired) - 2.0).abs() < 0.2);
    }

    #[test]
    fn the_row_of_a_source_does_not_depend_on_the_other_sources() {
        let wide = &weights(&model("all_to_all", WeightSpec::Constant(0.5), (3, 2)), 1)[0];
        assert_eq!(wide, &[0.5; 6]);
        let short = weights(&model("one_to_one", he_normal(), (4, 4)), 9);
        let long = weights(&model("one_to_one", he_normal(), (9, 9)), 9);
        assert_eq!(short[0][..], long[0][..4]);
    }

    #[test]
    fn populations_that_do_not_fit_are_named() {
        let message = build(&model("one_to_one", he_normal(), (4, 5)), 1).unwrap_err().to_string();
        assert_eq!(message, "projection `first`: one_to_one needs populations of the same size, not 4 and 5");
        let huge = model("all_to_all", WeightSpec::Constant(1.0), (4_000_000_000, 4_000_000_000));
        let message = build(&huge, 1).unwrap_err().to_string();
        assert_eq!(message, "projection `first`: 16000000000000000000 synapses do not fit into memory");
    }

    #[test]
    fn drawn_weights_beyond_single_precision_are_refused() {
        let kind = find(distribution::KINDS, "normal").unwrap();
        let mut values = Values::default();
        values.set("mean", Value::Number(0.0));
        values.set("std", Value::Number(1e38));
        for bound in ["low", "high"] {
            values.set(bound, Value::Numbers(Vec::new()));
        }
        let built = (kind.build)(&values).unwrap();
        let weight = WeightSpec::Distribution(Spec { kind: kind.name, values }, built.into());
        let message = build(&model("all_to_all", weight, (50, 50)), 1).unwrap_err().to_string();
        assert!(message.starts_with("projection `first`: a weight is beyond"), "{message}");
    }

    #[test]
    fn weights_of_a_file_go_to_the_synapses_they_stand_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.csv");
        std::fs::write(&path, "1,2\n3,4\n").unwrap();
        let dense = weights(&model("all_to_all", WeightSpec::File(path.clone()), (2, 2)), 1);
        assert_eq!(dense[0], [1.0, 2.0, 3.0, 4.0]);
        let paired = weights(&model("one_to_one", WeightSpec::File(path), (2, 2)), 1);
        assert_eq!(paired[0], [1.0, 4.0]);
    }
}
