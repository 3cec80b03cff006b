//! A simulation: a model, set up and run for its duration, with what it asks to record.

use super::simulation::{Setting, Simulation};
use super::threads::worthwhile;
use super::{Float, Strategy};
use crate::error::{Error, Problem, Result};
use crate::id::ProjectionId;
use crate::model::{Model, Precision, SpikeTimes};
use crate::record::recorder::Recorder;
use crate::record::recording::{Outcome, Recording};
use crate::record::setup::Setup;
use crate::record::weights::PlasticWeights;
use crate::record::{Probe, Site, SpikeObserver};
use crate::time::Tick;

/// The most ticks between two looks at whether to go on.
const STRETCH: u64 = 1000;

/// The most neurons times ticks between two looks, so that Ctrl-C does not wait long in a large network.
const WORK: u64 = 100_000_000;

/// Sets `model` up and runs it for the duration that it sets, keeping what it asks to record in
/// memory.
///
/// # Errors
/// As [`Prepared::new`] and [`Prepared::run`].
pub fn simulate(model: &Model, seed: u64) -> Result<Recording> {
    let setup = Setup::of(model, seed)?;
    let mut recorder = Recorder::new(&setup).in_memory();
    let outcome = Prepared::new(model, &setup, 1)?.run(&setup, &mut recorder, &mut |_| true)?;
    Ok(recorder.finish(outcome))
}

/// A model that is set up: its synapses are drawn, its neurons at their initial state.
pub enum Prepared {
    Single(Simulation<f32>),
    Double(Simulation<f64>),
}

impl Prepared {
    /// Draws the synapses of `model`, for a run on at most so many threads: fewer where the
    /// network is too small for them. The spikes are the same for any number.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the model sets no duration; else as [`Simulation::new`].
    pub fn new(model: &Model, setup: &Setup, threads: usize) -> Result<Self> {
        if model.simulation.duration == 0 {
            return Err(Error::Invalid(vec![Problem {
                message: format!("model `{}` does not say how long to simulate", model.title),
                place: None,
                help: Some("add `duration = \"1 s\"` under [simulation]".into()),
            }]));
        }
        let precise = model.simulation.spike_times == SpikeTimes::Precise;
        let threads = worthwhile(model, threads)?;
        let setting = Setting { seed: setup.seed, threads, strategy: Strategy::Auto, stored: &[] };
        Ok(match model.simulation.precision {
            Precision::Single if !precise => Self::Single(Simulation::new(model, &setting, &setup.probes)?),
            Precision::Single | Precision::Double => Self::Double(Simulation::new(model, &setting, &setup.probes)?),
        })
    }

    /// Runs the ticks from 0 to the duration of `setup`, both included, telling `observer` of
    /// spikes and of the probes. `go_on` is told now and then which ticks are done; when it says
    /// no, the run ends there.
    ///
    /// # Errors
    /// That of the observer; [`Error::Run`] when a membrane, a current or a weight is no finite number any more.
    pub fn run(
        self,
        setup: &Setup,
        observer: &mut dyn SpikeObserver,
        go_on: &mut dyn FnMut(Tick) -> bool,
    ) -> Result<Outcome> {
        match self {
            Self::Single(simulation) => run(simulation, setup, observer, go_on),
            Self::Double(simulation) => run(simulation, setup, observer, go_on),
        }
    }
}

fn is_synapse(probe: &Probe) -> bool {
    matches!(probe.site, Site::Synapse { .. })
}

/// Tells of the weights and the rules' variables that are due at the last tick that is done.
fn sample<R: Float>(
    simulation: &mut Simulation<R>,
    probes: &[(usize, &Probe)],
    observer: &mut dyn SpikeObserver,
) -> Result<()> {
    let tick = simulation.now().0 - 1;
    let mut read: Option<(ProjectionId, &str, Vec<f64>)> = None;
    for (index, probe) in probes.iter().filter(|(_, probe)| probe.is_due(tick)) {
        let Site::Synapse { projection, synapse } = probe.site else { continue };
        let values = match read.take() {
            Some((known, variable, values)) if known == projection && variable == probe.variable => values,
            _ => {
                let values = simulation.synapses(projection, &probe.variable);
                simulation.verify_weights(projection, &values)?;
                values
            }
        };
        if let Some(&value) = values.get(synapse) {
            observer.sample(*index, Tick(tick), value)?;
        }
        read = Some((projection, &probe.variable, values));
    }
    Ok(())
}

fn run<R: Float>(
    mut simulation: Simulation<R>,
    setup: &Setup,
    observer: &mut dyn SpikeObserver,
    go_on: &mut dyn FnMut(Tick) -> bool,
) -> Result<Outcome> {
    let names = setup.projections.iter().enumerate();
    let before: Vec<Vec<f64>> = names.map(|(index, _)| simulation.weights(ProjectionId(index))).collect();
    let mut last = setup.duration.0;
    let neurons: usize = setup.populations.iter().map(|population| population.size).sum();
    let stretch = (WORK / neurons.max(1) as u64).clamp(1, STRETCH);
    let synapses: Vec<(usize, &Probe)> = setup.probes.iter().enumerate().filter(|(_, p)| is_synapse(p)).collect();
    while simulation.now().0 <= last {
        let now = simulation.now().0;
        let sampled = synapses.iter().map(|(_, probe)| now.next_multiple_of(probe.every.max(1)) + 1).min();
        let end = (now + stretch).min(setup.duration.0 + 1).min(sampled.unwrap_or(u64::MAX));
        simulation.run_until(Tick(end), observer)?;
        sample(&mut simulation, &synapses, observer)?;
        if !go_on(Tick(end - 1)) {
            last = end - 1;
        }
    }
    simulation.verify()?;
    let weights = before.into_iter().enumerate().filter(|(_, before)| !before.is_empty());
    let weights = weights.map(|(index, before)| {
        let after = simulation.weights(ProjectionId(index));
        simulation.verify_weights(ProjectionId(index), &after)?;
        Ok(PlasticWeights { name: setup.projections[index].clone(), before, after })
    });
    let weights = weights.collect::<Result<_>>()?;
    let work = simulation.work();
    Ok(Outcome {
        last: Tick(last),
        synaptic_events: work.synaptic_events,
        neuron_updates: work.neuron_updates,
        weights,
    })
}
