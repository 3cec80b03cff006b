//! One stimulus through a trained chain, run by the simulator (`regime/events`): what a
//! presentation does, in the words of a model.
//!
//! ```text
//! spikes of the encoder      spikes of the first population, from tick 1 on
//! constant currents          those of one more source, which fires at every tick of the window;
//!                            its weights are what the currents add at each target
//! windows                    each layer lives for as many ticks as the stimulus has, from the tick
//!                            at which the first spike of the layer below can arrive
//! outputs that do not fire   have a threshold out of reach and start at rest
//! ```
//! The spikes are those of the presenter, bit for bit (tests/presentations_agree.rs).

use std::ops::Range;
use std::sync::Arc;

use super::presenter::constant_input;
use crate::encode::Stimulus;
use crate::error::Result;
use crate::id::PopulationId;
use crate::input::spike_times;
use crate::matrix::Matrix;
use crate::model::{InputSpec, Model, PopulationSpec, ProjectionSpec, SpikeTimes};
use crate::network::chain::Chain;
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

/// Plays `stimulus` through `chain`, the trained network of `model`. With `output_fires` false, the
/// neurons of the last layer integrate and never fire.
///
/// # Errors
/// As [`Simulation::new`].
pub fn play(model: &Model, chain: &Chain, stimulus: &Stimulus, output_fires: bool) -> Result<Playback> {
    let mut model = model.clone();
    model.simulation.spike_times = SpikeTimes::Grid;
    let layers = layers(&model, chain);
    let (source, output) = (layers[0], layers[layers.len() - 1]);
    let mut stored: Vec<Option<&[f32]>> = vec![None; model.projections.len()];
    for (projection, weights) in chain.projections.iter().zip(&chain.weights) {
        stored[projection.0] = Some(weights.as_slice());
    }
    model.inputs = vec![spikes_of(stimulus, source, chain.resolution)];
    let sums = add_currents(&mut model, chain, stimulus);
    stored.extend(sums.as_ref().map(|sums| Some(sums.as_slice())));
    let mut recorder = Recorder::new(chain, &layers, stimulus.window() as u64);
    let mut probes = Vec::new();
    if !output_fires {
        recorder.rest = integrate_only(&mut model.populations[output.0])?;
        let size = chain.sizes[chain.layers() - 1];
        probes.extend((0..size).map(|neuron| Probe::membrane(output, neuron, 1)));
        recorder.playback.membranes.resize(size, Vec::new());
    }
    for (_, neuron) in model.populations.iter_mut().filter_map(|population| population.neuron.as_mut()) {
        if let Some(presented) = neuron.as_presented() {
            *neuron = presented;
        }
    }
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

/// The populations of the chain, from input to output.
fn layers(model: &Model, chain: &Chain) -> Vec<PopulationId> {
    let projections = || chain.projections.iter().map(|id| &model.projections[id.0]);
    projections().take(1).map(|first| first.source).chain(projections().map(|spec| spec.target)).collect()
}

/// An input of listed spikes onto `target`.
fn listed(target: PopulationId, spikes: Vec<(f64, u32)>) -> InputSpec {
    let spec = Spec { kind: "spike_times", values: Values::default() };
    InputSpec { name: "stimulus".into(), targets: vec![target], input: (spec, spike_times::listed(spikes)) }
}

/// The spikes of the stimulus.
fn spikes_of(stimulus: &Stimulus, source: PopulationId, resolution: Resolution) -> InputSpec {
    let at = |tick: usize| {
        let ms = resolution.to_ms(Tick(FIRST + tick as u64));
        stimulus.at(tick).iter().map(move |&neuron| (ms, neuron))
    };
    listed(source, (0..stimulus.window()).flat_map(at).collect())
}

/// Adds the source that stands for constant currents, and gives its weights; `None` where nothing flows.
/// It is the last one, so its spikes are added behind those of the first layer.
fn add_currents(model: &mut Model, chain: &Chain, stimulus: &Stimulus) -> Option<Matrix> {
    if stimulus.currents.is_empty() {
        return None;
    }
    let source = PopulationId(model.populations.len());
    let name = String::from("currents");
    model.populations.push(PopulationSpec {
        name: name.clone(),
        shape: vec![1],
        neuron: None,
        varied: Vec::new(),
        color: None,
    });
    model.projections.push(ProjectionSpec { name, source, ..model.projections[chain.projections[0].0].clone() });
    let ticks = (FIRST..).take(stimulus.window()).map(|tick| (chain.resolution.to_ms(Tick(tick)), 0));
    model.inputs.push(listed(source, ticks.collect()));
    let currents = Matrix::from_column_slice(stimulus.currents.len(), 1, &stimulus.currents);
    Some(constant_input(&chain.weights[0], &currents))
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
    fn new(chain: &Chain, layers: &'l [PopulationId], ticks: u64) -> Self {
        let mut start = FIRST;
        let next = |&delay: &u32| {
            start += u64::from(delay);
            start..start + ticks
        };
        let windows: Vec<Range<u64>> =
            std::iter::once(FIRST..FIRST + ticks).chain(chain.delays.iter().map(next)).collect();
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
