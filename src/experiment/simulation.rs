//! A simulation: a model, built and run for its duration, with what it asks to record.

use std::sync::Arc;

use crate::error::{Error, Problem, Result};
use crate::id::PopulationId;
use crate::model::{InputSpec, Model, Precision, RecordingSpec};
use crate::network::{self, Network};
use crate::neuron::real::Real;
use crate::record::recording::{PopulationRecord, Recording, SpikeRecorder, Trace};
use crate::record::statistics::Statistics;
use crate::regime::presentation::Strategy;
use crate::regime::presentation::feed::Drive;
use crate::regime::presentation::simulation::Simulation;
use crate::time::Tick;

/// Ticks between two looks at whether to go on.
const STRETCH: u64 = 1000;

/// Builds the network of `model` and runs it for the duration that the model sets.
///
/// # Errors
/// As [`network::build`] and [`run`].
pub fn simulate(model: &Model, seed: u64) -> Result<Recording> {
    run(model, &network::build(model, seed)?, seed, &mut |_| true)
}

/// Runs `network`, built from `model` and perhaps trained, at the ticks from 0 to the
/// model's duration, both included. `go_on` is told now and then which ticks are done; when it
/// says no, the run ends there, and so does the recording.
///
/// # Errors
/// [`Error::Invalid`] when the model sets no duration, [`Error::Run`] when an input does not fit its target.
pub fn run(model: &Model, network: &Network, seed: u64, go_on: &mut dyn FnMut(Tick) -> bool) -> Result<Recording> {
    if model.simulation.duration == 0 {
        return Err(Error::Invalid(vec![Problem {
            message: format!("model `{}` does not say how long to simulate", model.title),
            place: None,
            help: Some("add `duration = \"1 s\"` under [simulation]".into()),
        }]));
    }
    match model.simulation.precision {
        Precision::Single => record::<f32>(model, network, seed, go_on),
        Precision::Double => record::<f64>(model, network, seed, go_on),
    }
}

fn record<R: Real>(
    model: &Model,
    network: &Network,
    seed: u64,
    go_on: &mut dyn FnMut(Tick) -> bool,
) -> Result<Recording> {
    let drive = |i: &InputSpec| Drive { targets: i.targets.clone(), input: Arc::clone(&i.input.1) };
    let drives: Vec<Drive> = model.inputs.iter().map(drive).collect();
    let mut simulation = Simulation::<R>::new(network, &drives, seed, Strategy::Auto)?;
    let mut observer = (Statistics::new(network), SpikeRecorder::new(network, &model.recordings));
    let mut traces = traces_of(network, &model.recordings);
    let mut duration = model.simulation.duration;
    let mut told = 0;
    while simulation.now().0 <= duration {
        let now = simulation.now().0;
        let sampled = model.recordings.iter().filter_map(|r| Some(now.next_multiple_of(r.membrane.as_ref()?.1.max(1))));
        let last = sampled.min().unwrap_or(u64::MAX).min(now + STRETCH).min(duration);
        simulation.run_until(Tick(last + 1), &mut observer)?;
        sample(&simulation, &model.recordings, Tick(last), &mut traces);
        if last >= told + STRETCH {
            told = last;
            if !go_on(Tick(last)) {
                duration = last;
            }
        }
    }
    let (statistics, spikes) = observer;
    let seconds = duration as f64 * network.resolution.seconds();
    let populations = network.populations.iter().zip(traces).zip(spikes.into_spikes()).enumerate();
    let populations = populations.map(|(index, ((population, traces), spikes))| PopulationRecord {
        name: population.name.clone(),
        size: population.size(),
        spikes,
        traces,
        firing: statistics.firing(PopulationId(index), seconds),
    });
    Ok(Recording {
        title: model.title.clone(),
        seed,
        resolution: network.resolution,
        duration: Tick(duration),
        populations: populations.collect(),
        synaptic_events: simulation.work().synaptic_events,
        neuron_updates: simulation.work().neuron_updates,
    })
}

/// An empty trace for each neuron whose membrane is recorded, by population and in the
/// order of the recordings.
fn traces_of(network: &Network, recordings: &[RecordingSpec]) -> Vec<Vec<Trace>> {
    let mut traces = vec![Vec::new(); network.populations.len()];
    for (recording, (neurons, _)) in membranes(recordings) {
        traces[recording.population.0].extend(neurons.iter().map(|&neuron| Trace { neuron, values: Vec::new() }));
    }
    traces
}

fn membranes(recordings: &[RecordingSpec]) -> impl Iterator<Item = (&RecordingSpec, &(Vec<usize>, u64))> {
    recordings.iter().filter_map(|recording| Some((recording, recording.membrane.as_ref()?)))
}

/// Adds the membranes that are due at `tick`, the last one that is done.
fn sample<R: Real>(simulation: &Simulation<R>, recordings: &[RecordingSpec], tick: Tick, traces: &mut [Vec<Trace>]) {
    let mut places = vec![0; traces.len()];
    for (recording, (neurons, every)) in membranes(recordings) {
        let PopulationId(population) = recording.population;
        let first = places[population];
        places[population] += neurons.len();
        if !tick.0.is_multiple_of((*every).max(1)) {
            continue;
        }
        for (trace, &neuron) in traces[population][first..].iter_mut().zip(neurons) {
            trace.values.extend(simulation.membrane(recording.population, neuron).map(|v| (tick, v)));
        }
    }
}
