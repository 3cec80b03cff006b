//! A trained network as plain data: layers, weights, and what else gives the same decisions.

use super::Experiment;
use super::session::Session;
use crate::decode;
use crate::document::writing::values;
use crate::encode;
use crate::model::PopulationSpec;
use crate::network::stack::{Layer, Link};
use crate::neuron;
use crate::parameter::{Kind, Spec, find};
use crate::result::{TrainedLayer, TrainedNetwork, TrainedProjection};
use crate::time::Tick;

/// The network of `session` with the weights as they are.
pub fn network(session: &Session) -> TrainedNetwork {
    let (arm, stack) = (&session.arm, session.learner().main());
    let alone = Experiment { arms: vec![arm.clone()], seeds: vec![session.seed], ..(*session.experiment).clone() };
    TrainedNetwork {
        arm: arm.label(),
        seed: session.seed,
        epoch: session.position().best_epoch,
        tick_ms: stack.resolution.ms(),
        layers: stack.layers.iter().map(|layer| layer_of(session, layer)).collect(),
        encoder: described(&arm.encoder, encode::KINDS),
        decoder: described(&arm.decoder, decode::KINDS),
        offset: session.learner().offset().map_or_else(Vec::new, |offset| offset.as_slice().to_vec()),
        readout: session.readout().cloned(),
        experiment: alone.resolved(),
    }
}

fn layer_of(session: &Session, layer: &Layer) -> TrainedLayer {
    let model = &session.experiment.model;
    let (neuron, parameters) = neurons(model.populations.get(layer.population.0));
    TrainedLayer {
        name: layer.name.clone(),
        shape: layer.shape.clone(),
        neuron,
        parameters,
        fires: layer.fires,
        projection: layer.link.as_ref().map(|link| projection_of(session, link)),
    }
}

/// Kind and parameters.
fn neurons(population: Option<&PopulationSpec>) -> (String, String) {
    match population.and_then(|population| population.neuron.as_ref()) {
        Some((spec, _)) => (spec.kind.into(), parameters(spec, neuron::KINDS)),
        None => ("source".into(), String::new()),
    }
}

fn projection_of(session: &Session, link: &Link) -> TrainedProjection {
    let learner = session.learner();
    TrainedProjection {
        name: session.experiment.model.projections[link.projection.0].name.clone(),
        delay_ms: learner.main().resolution.to_ms(Tick(link.delay.into())),
        weights: learner.parameters.values(link.weights).clone(),
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
