//! A trained network as plain data: layers, weights, and what else gives the same decisions.

use super::Experiment;
use super::resolved;
use super::session::Session;
use crate::decode;
use crate::document::writing::values;
use crate::encode;
use crate::model::PopulationSpec;
use crate::neuron;
use crate::parameter::{Kind, Spec, find};
use crate::result::{TrainedLayer, TrainedNetwork, TrainedProjection};
use crate::time::Tick;

/// The network of `session` with the weights as they are.
pub fn network(session: &Session<'_>) -> TrainedNetwork {
    let (arm, chain) = (session.arm, session.chain());
    let alone = Experiment { arms: vec![arm.clone()], seeds: vec![session.seed], ..session.experiment.clone() };
    TrainedNetwork {
        arm: arm.label(),
        seed: session.seed,
        epoch: session.position().best_epoch,
        tick_ms: chain.resolution.ms(),
        layers: (0..chain.layers()).map(|layer| layer_of(session, layer)).collect(),
        encoder: described(&arm.encoder, encode::KINDS),
        decoder: described(&arm.decoder, decode::KINDS),
        offset: session.code().offset.clone(),
        readout: session.readout().cloned(),
        experiment: resolved::write(&alone),
    }
}

fn layer_of(session: &Session<'_>, layer: usize) -> TrainedLayer {
    let (name, shape) = session.chain().populations[layer].clone();
    let last = layer + 1 == session.chain().layers();
    let (neuron, parameters) = neurons(session.experiment.model.populations.iter().find(|spec| spec.name == name));
    TrainedLayer {
        name,
        shape,
        neuron,
        parameters,
        fires: !last || session.code().decoder.fires(),
        projection: layer.checked_sub(1).map(|projection| projection_of(session, projection)),
    }
}

/// Kind and parameters.
fn neurons(population: Option<&PopulationSpec>) -> (String, String) {
    match population.and_then(|population| population.neuron.as_ref()) {
        Some((spec, _)) => (spec.kind.into(), parameters(spec, neuron::KINDS)),
        None => ("source".into(), String::new()),
    }
}

fn projection_of(session: &Session<'_>, projection: usize) -> TrainedProjection {
    let chain = session.chain();
    TrainedProjection {
        name: session.experiment.model.projections[chain.projections[projection].0].name.clone(),
        delay_ms: chain.resolution.to_ms(Tick(chain.delays[projection].into())),
        weights: chain.weights[projection].clone(),
    }
}

/// `kind: parameter = value; ...`
fn described<T: ?Sized>(spec: &Spec, kinds: &'static [Kind<T>]) -> String {
    let parameters = parameters(spec, kinds);
    if parameters.is_empty() { spec.kind.into() } else { format!("{}: {parameters}", spec.kind) }
}

/// `parameter = value; ...`
fn parameters<T: ?Sized>(spec: &Spec, kinds: &'static [Kind<T>]) -> String {
    let fields = find(kinds, spec.kind).map_or(&[][..], |kind| kind.fields);
    values(&spec.values, fields).join("; ").replace('"', "")
}
