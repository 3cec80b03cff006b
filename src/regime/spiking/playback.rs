//! One stimulus through a trained stack of layers, run by the simulator (`regime/events`): what a
//! presentation does, in the words of a model.
//!
//! ```text
//! spikes of the encoder      spikes of the first population, from tick 1 on
//! constant currents, biases  those of one more source each, which fires at every tick of the window;
//!                            its weights are what is added at each target
//! windows                    each layer lives for as many ticks as the stimulus has, from the tick
//!                            at which the first spike of the layer below can arrive
//! outputs that do not fire   have a threshold out of reach and start at rest
//! ```
//! The spikes are those of the presenter, bit for bit (tests/presentations_agree.rs).

use std::ops::Range;
use std::sync::Arc;

use super::presenter::through;
use crate::encode::Stimulus;
use crate::error::Result;
use crate::id::PopulationId;
use crate::input::spike_times;
use crate::learned::Parameters;
use crate::matrix::Matrix;
use crate::model::{InputSpec, Model, PopulationSpec, ProjectionSpec, SpikeTimes};
use crate::network::stack::{Layer, Stack};
use crate::neuron;
use crate::parameter::{Spec, Value, Values, find};
use crate::record::{Probe, SpikeObserver};
use crate::regime::events::simulation::Setting;
use crate::regime::events::{Simulation, Strategy};
use crate::time::{Resolution, Tick};

/// The tick of the simulation that is the first of the stimulus.
const FIRST: u64 = 1;

/// What a stimulus left behind, by layer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Playback {
    /// The ticks at which each layer lives.
    pub windows: Vec<Range<u64>>,
    /// (tick, neuron) of the spikes in each window.
    pub spikes: Vec<Vec<(u64, u32)>>,
    /// Membranes of output neurons that do not fire, `[neuron][tick of the window]`, relative to rest.
    pub membranes: Vec<Vec<f64>>,
}

/// Plays `stimulus` through `stack`, trained layers of `model`. Neurons of layers that do not fire integrate.
///
/// # Errors
/// As [`Simulation::new`].
pub fn play(model: &Model, stack: &Stack, parameters: &Parameters, stimulus: &Stimulus) -> Result<Playback> {
    let mut model = model.clone();
    model.simulation.spike_times = SpikeTimes::Grid;
    let layers: Vec<PopulationId> = stack.layers.iter().map(|layer| layer.population).collect();
    let mut stored: Vec<Option<Vec<f32>>> = vec![None; model.projections.len()];
    for layer in &stack.layers[1..] {
        stored[layer.link().projection.0] = Some(table(layer, parameters));
    }
    let mut recorder = Recorder::new(stack, &layers, stimulus.window() as u64);
    model.inputs = vec![listed(layers[0], spikes_of(stimulus, stack.resolution))];
    stored.extend(
        add_constants(&mut model, stack, parameters, stimulus, &recorder.playback.windows).into_iter().map(Some),
    );
    let (output, last) = (layers[layers.len() - 1], stack.output());
    let mut probes = Vec::new();
    if !last.fires {
        recorder.rest = integrate_only(&mut model.populations[output.0])?;
        probes.extend((0..last.size()).map(|neuron| Probe::membrane(output, neuron, 1)));
        recorder.playback.membranes.resize(last.size(), Vec::new());
    }
    for (_, neuron) in model.populations.iter_mut().filter_map(|population| population.neuron.as_mut()) {
        if let Some(presented) = neuron.as_presented() {
            *neuron = presented;
        }
    }
    let stored: Vec<Option<&[f32]>> = stored.iter().map(|table| table.as_deref()).collect();
    let setting = Setting { seed: 0, threads: 1, strategy: Strategy::Swept, stored: &stored };
    let mut simulation = Simulation::<f32>::new(&model, &setting, &probes)?;
    let windows = &recorder.playback.windows;
    for (&layer, window) in layers.iter().zip(windows).skip(1) {
        simulation.start_at(layer, Tick(window.start - 1));
    }
    let end = windows[windows.len() - 1].end;
    simulation.run_until(Tick(end), &mut recorder)?;
    Ok(recorder.playback)
}

/// The weights of a layer as a table of sources x targets.
fn table(layer: &Layer, parameters: &Parameters) -> Vec<f32> {
    let link = layer.link();
    let values = parameters.values(link.weights).as_slice();
    if link.fields.is_dense() {
        return values.to_vec();
    }
    let mut table = vec![0.0; link.fields.sources() * link.fields.targets()];
    for (source, target, place) in link.fields.pairs() {
        table[source as usize * link.fields.targets() + target as usize] = values[place];
    }
    table
}

/// An input of listed spikes onto `target`.
fn listed(target: PopulationId, spikes: Vec<(f64, u32)>) -> InputSpec {
    let spec = Spec { kind: "spike_times", values: Values::default() };
    InputSpec { name: "stimulus".into(), targets: vec![target], input: (spec, spike_times::listed(spikes)) }
}

/// The spikes of the stimulus, in ms.
fn spikes_of(stimulus: &Stimulus, resolution: Resolution) -> Vec<(f64, u32)> {
    let at = |tick: usize| {
        let ms = resolution.to_ms(Tick(FIRST + tick as u64));
        stimulus.at(tick).iter().map(move |&neuron| (ms, neuron))
    };
    (0..stimulus.window()).flat_map(at).collect()
}

/// Adds the sources that stand for constant currents and biases, and gives their weights. They are the last
/// ones, so their spikes are added behind those of layers.
fn add_constants(
    model: &mut Model,
    stack: &Stack,
    parameters: &Parameters,
    stimulus: &Stimulus,
    windows: &[Range<u64>],
) -> Vec<Vec<f32>> {
    let mut constants: Vec<(usize, Matrix)> = Vec::new();
    if !stimulus.currents.is_empty() {
        let currents = Matrix::from_column_slice(stimulus.currents.len(), 1, &stimulus.currents);
        let first = &stack.layers[1];
        constants.push((1, through(first, parameters.values(first.link().weights), &currents)));
    }
    let bias = |(index, layer): (usize, &Layer)| Some((index, parameters.values(layer.link.as_ref()?.bias?).clone()));
    constants.extend(stack.layers.iter().enumerate().filter_map(bias));
    for (layer, _) in &constants {
        let link = stack.layers[*layer].link();
        let window = windows[*layer].start - u64::from(link.delay)..windows[*layer].end - u64::from(link.delay);
        let ticks = window.map(|tick| (stack.resolution.to_ms(Tick(tick)), 0)).collect();
        add_source(model, &model.projections[link.projection.0].clone(), ticks);
    }
    constants.into_iter().map(|(_, weights)| weights.as_slice().to_vec()).collect()
}

/// Adds one source onto the target of `like`, which fires at these times.
fn add_source(model: &mut Model, like: &ProjectionSpec, times: Vec<(f64, u32)>) {
    let source = PopulationId(model.populations.len());
    let name = format!("currents {}", source.0);
    let (neuron, varied, color) = (None, Vec::new(), None);
    model.populations.push(PopulationSpec { name: name.clone(), shape: vec![1], neuron, varied, color });
    let kind = find(crate::topology::KINDS, "all_to_all").expect("the list has all_to_all");
    let mut values = Values::default();
    values.set("self_connections", Value::Flag(true));
    let topology = (kind.build)(&values).expect("all_to_all fits everything");
    let topology = (Spec { kind: kind.name, values }, topology.into());
    model.projections.push(ProjectionSpec { name, source, topology, ..like.clone() });
    model.inputs.push(listed(source, times));
}

/// Puts the threshold of `population` out of reach and its membranes at rest; gives the rest.
fn integrate_only(population: &mut PopulationSpec) -> Result<f64> {
    let Some((spec, neuron)) = &mut population.neuron else {
        return Ok(0.0);
    };
    let rest = spec.values.get("v_rest").map_or(0.0, |_| spec.values.number("v_rest"));
    spec.values.set("v_thresh", Value::Number(f64::MAX));
    spec.values.set("v_init", Value::Number(rest));
    let kind = find(neuron::KINDS, spec.kind).expect("the kinds of a model are in the list");
    *neuron = Arc::from((kind.build)(&spec.values).map_err(crate::error::Error::Run)?);
    Ok(rest)
}

/// Keeps what happens in the windows.
struct Recorder<'l> {
    layers: &'l [PopulationId],
    rest: f64,
    playback: Playback,
}

impl<'l> Recorder<'l> {
    fn new(stack: &Stack, layers: &'l [PopulationId], ticks: u64) -> Self {
        let mut start = FIRST;
        let next = |layer: &Layer| {
            start += layer.link.as_ref().map_or(0, |link| u64::from(link.delay));
            start..start + ticks
        };
        let windows: Vec<Range<u64>> = stack.layers.iter().map(next).collect();
        let spikes = vec![Vec::new(); windows.len()];
        Self { layers, rest: 0.0, playback: Playback { windows, spikes, membranes: Vec::new() } }
    }
}

impl SpikeObserver for Recorder<'_> {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        if let Some(layer) = self.layers.iter().position(|&layer| layer == population)
            && self.playback.windows[layer].contains(&tick.0)
        {
            self.playback.spikes[layer].extend(neurons.iter().map(|&neuron| (tick.0, neuron)));
        }
        Ok(())
    }

    fn sample(&mut self, probe: usize, tick: Tick, value: f64) -> Result<()> {
        if self.playback.windows.last().is_some_and(|window| window.contains(&tick.0)) {
            self.playback.membranes[probe].push(value - self.rest);
        }
        Ok(())
    }
}
