//! A model as a model file again: defaults written out, parameters worked out.

use std::collections::HashMap;

use super::keys::SIMULATION;
use super::{
    Chosen, DelaySpec, Model, PopulationSpec, Precision, RuleSpec, SpikeTimes, Varied, VariedValues, WEIGHT, WeightSpec,
};
use crate::color;
use crate::distribution;
use crate::document::writing::{array, key, quantity, relative_values, spec, string, table, values};
use crate::input;
use crate::neuron;
use crate::parameter::{Field, Kind, Spec, Value, find};
use crate::plasticity::KINDS;
use crate::time::Tick;
use crate::topology;
use crate::unit::Dimension;

/// The canonical text of `model`.
pub(super) fn write(model: &Model) -> String {
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
    let precision = if simulation.precision == Precision::Single { "single" } else { "double" };
    let spike_times = if simulation.spike_times == SpikeTimes::Precise { "precise" } else { "grid" };
    let values = [
        time(model, 1),
        time(model, simulation.duration),
        simulation.seed.to_string(),
        string(precision),
        string(spike_times),
    ];
    lines.push("\n[simulation]".into());
    lines.extend(SIMULATION.iter().zip(values).map(|(field, value)| format!("{} = {value}", field.name)));
}

fn populations(model: &Model, lines: &mut Vec<String>) {
    for population in &model.populations {
        lines.push(format!("\n[populations.{}]", key(&population.name)));
        lines.push(format!("shape = {}", array(population.shape.iter().map(usize::to_string))));
        lines.push(match &population.neuron {
            None => "neuron = \"source\"".into(),
            Some((neuron, _)) => neurons(population, neuron),
        });
        lines.extend(population.color.map(|rgb| format!("color = {}", string(&color::write(rgb)))));
    }
}

/// `neuron.kind = { … }`. What varies stands first: the order in which it stands is that in which it is drawn.
fn neurons(population: &PopulationSpec, neuron: &Spec) -> String {
    let fields = fields(neuron::KINDS, neuron.kind);
    let varies = |name: &str| population.varied.iter().any(|varied| varied.field == name);
    let none = Value::Numbers(Vec::new());
    let leaks = varies("g_l") || neuron.values.get("g_l").is_some_and(|leak| *leak != none);
    let implied = if leaks { "tau_m" } else { "g_l" };
    let is_same = |field: &&Field| !varies(field.name) && field.name != implied;
    let same: Vec<Field> = fields.iter().filter(is_same).copied().collect();
    let mut lines: Vec<String> = population.varied.iter().map(|varied| varying(varied, fields)).collect();
    lines.extend(values(&neuron.values, &same));
    format!("neuron.{} = {}", key(neuron.kind), table(&lines))
}

/// `field = [a, b]` or `field.distribution = { … }`.
fn varying(varied: &Varied, fields: &[Field]) -> String {
    let field = fields.iter().find(|field| field.name == varied.field);
    let dimension = field.and_then(|field| field.form.dimension()).unwrap_or(Dimension::None);
    match &varied.values {
        VariedValues::Each(each) => {
            format!("{} = {}", varied.field, array(each.iter().map(|&value| quantity(value, dimension))))
        }
        VariedValues::Distribution(kind, _) => distribution(varied.field, kind, dimension),
    }
}

/// `name.kind = { … }` of a distribution whose numbers are of this dimension.
fn distribution(name: &str, kind: &Spec, dimension: Dimension) -> String {
    let lines = relative_values(&kind.values, fields(distribution::KINDS, kind.kind), dimension);
    format!("{name}.{} = {}", key(kind.kind), table(&lines))
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
        lines.extend((!projection.repeated).then(|| "receptor_type = 1".to_owned()));
        lines.extend(projection.rules.iter().map(|rule| plasticity(rule, model)));
    }
}

fn delay(delay: &DelaySpec, model: &Model) -> String {
    match delay {
        DelaySpec::Constant(ticks) => format!("delay = {}", time(model, u64::from(*ticks))),
        DelaySpec::Distribution(kind, _) => distribution("delay", kind, Dimension::Time),
    }
}

fn plasticity(rule: &RuleSpec, model: &Model) -> String {
    let kind = &rule.rule.0;
    let mut lines = values(&kind.values, fields(KINDS, kind.kind));
    lines.extend(rule.modulator.map(|id| format!("modulator = {}", string(&model.populations[id.0].name))));
    format!("plasticity.{} = {}", key(kind.kind), table(&lines))
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
        for sample in &recording.samples {
            let neurons = match &sample.neurons {
                Chosen::All(_) => String::new(),
                Chosen::These(these) => format!("neurons = {}, ", array(these.iter().map(usize::to_string))),
            };
            let every = time(model, sample.every);
            lines.push(format!("{} = {{ {neurons}every = {every} }}", sample.variable));
        }
    }
    let mut ends: HashMap<String, usize> = HashMap::new();
    let mut heading = String::new();
    for (place, line) in lines.iter().enumerate() {
        if line.starts_with('\n') {
            heading.clone_from(line);
        }
        ends.insert(heading.clone(), place);
    }
    for recording in &model.synapse_recordings {
        let (synapses, every) = (recording.synapses, time(model, recording.every));
        let name = &model.projections[recording.projection.0].name;
        let variable = if recording.variable == WEIGHT { "weights" } else { recording.variable };
        let line = format!("{variable} = {{ synapses = {synapses}, every = {every} }}");
        let heading = format!("\n[record.{}]", key(name));
        match ends.get(&heading) {
            Some(&end) => lines[end] += &format!("\n{line}"),
            None => {
                ends.insert(heading.clone(), lines.len() + 1);
                lines.extend([heading, line]);
            }
        }
    }
}

/// So many ticks.
fn time(model: &Model, ticks: u64) -> String {
    quantity(model.simulation.resolution.to_ms(Tick(ticks)), Dimension::Time)
}
