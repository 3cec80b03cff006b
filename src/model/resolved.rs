//! A model as a model file again: defaults written out, parameters worked out.

use super::keys::SIMULATION;
use super::{DelaySpec, Model, Precision, WeightSpec};
use crate::distribution;
use crate::document::writing::{array, key, quantity, spec, string};
use crate::input;
use crate::neuron;
use crate::parameter::{Field, Kind, find};
use crate::time::Tick;
use crate::topology;
use crate::unit::Dimension;

/// The canonical text of `model`.
pub fn write(model: &Model) -> String {
    let mut lines = vec![format!("title = {}", string(&model.title))];
    if let Some(readout) = model.readout {
        lines.push(format!("readout = {}", string(&model.populations[readout.0].name)));
    }
    simulation(model, &mut lines);
    populations(model, &mut lines);
    projections(model, &mut lines);
    inputs(model, &mut lines);
    recordings(model, &mut lines);
    lines.join("\n") + "\n"
}

fn fields<T: ?Sized>(kinds: &'static [Kind<T>], name: &str) -> &'static [Field] {
    find(kinds, name).map_or(&[], |kind| kind.fields)
}

fn simulation(model: &Model, lines: &mut Vec<String>) {
    let simulation = &model.simulation;
    let time = |ticks| quantity(simulation.resolution.to_ms(Tick(ticks)), Dimension::Time);
    let precision = if simulation.precision == Precision::Single { "single" } else { "double" };
    let values = [time(1), time(simulation.duration), simulation.seed.to_string(), string(precision)];
    lines.push("\n[simulation]".into());
    lines.extend(SIMULATION.iter().zip(values).map(|(field, value)| format!("{} = {value}", field.name)));
}

fn populations(model: &Model, lines: &mut Vec<String>) {
    for population in &model.populations {
        lines.push(format!("\n[populations.{}]", key(&population.name)));
        lines.push(format!("shape = {}", array(population.shape.iter().map(usize::to_string))));
        lines.push(match &population.neuron {
            None => "neuron = \"source\"".into(),
            Some((neuron, _)) => spec("neuron", neuron, fields(neuron::KINDS, neuron.kind)),
        });
    }
}

fn projections(model: &Model, lines: &mut Vec<String>) {
    for projection in &model.projections {
        let name = |id: crate::id::PopulationId| string(&model.populations[id.0].name);
        let connect = &projection.topology.0;
        lines.extend([
            format!("\n[projections.{}]", key(&projection.name)),
            format!("source = {}", name(projection.source)),
            format!("target = {}", name(projection.target)),
            spec("connect", connect, fields(topology::KINDS, connect.kind)),
            weight(&projection.weight),
            delay(&projection.delay, model),
            format!("plastic = {}", projection.plastic),
        ]);
    }
}

fn delay(delay: &DelaySpec, model: &Model) -> String {
    match delay {
        DelaySpec::Constant(ticks) => {
            let ms = model.simulation.resolution.to_ms(Tick(u64::from(*ticks)));
            format!("delay = {}", quantity(ms, Dimension::Time))
        }
        DelaySpec::Distribution(kind, _) => spec("delay", kind, fields(distribution::KINDS, kind.kind)),
    }
}

fn weight(weight: &WeightSpec) -> String {
    match weight {
        WeightSpec::Constant(value) => format!("weight = {}", quantity(*value, Dimension::None)),
        WeightSpec::Distribution(kind, _) => spec("weight", kind, fields(distribution::KINDS, kind.kind)),
        WeightSpec::File(path) => format!("weight.file = {}", string(&path.display().to_string())),
    }
}

fn inputs(model: &Model, lines: &mut Vec<String>) {
    for input in &model.inputs {
        let targets = input.targets.iter().map(|id| string(&model.populations[id.0].name));
        let kind = &input.input.0;
        lines.push(format!("\n[inputs.{}]", key(&input.name)));
        lines.push(format!("target = {}", array(targets)));
        lines.push(spec("", kind, fields(input::KINDS, kind.kind)).trim_start_matches('.').to_owned());
    }
}

fn recordings(model: &Model, lines: &mut Vec<String>) {
    for recording in &model.recordings {
        lines.push(format!("\n[record.{}]", key(&model.populations[recording.population.0].name)));
        lines.push(format!("spikes = {}", recording.spikes));
        if let Some((neurons, every)) = &recording.membrane {
            let neurons = array(neurons.iter().map(usize::to_string));
            let every = quantity(model.simulation.resolution.to_ms(Tick(*every)), Dimension::Time);
            lines.push(format!("v = {{ neurons = {neurons}, every = {every} }}"));
        }
    }
}
