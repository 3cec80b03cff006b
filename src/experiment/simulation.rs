//! A simulation: a model, built and run for its duration, with what it asks to record.

use std::sync::Arc;

use crate::error::{Error, Problem, Result};
use crate::model::{InputSpec, Model, Precision};
use crate::network::{self, Network};
use crate::neuron::real::Real;
use crate::record::recorder::Recorder;
use crate::record::recording::{Outcome, Recording};
use crate::record::setup::Setup;
use crate::record::{Probe, Site, SpikeObserver};
use crate::regime::presentation::Strategy;
use crate::regime::presentation::feed::Drive;
use crate::regime::presentation::simulation::Simulation;
use crate::time::Tick;

/// Ticks between two looks at whether to go on.
const STRETCH: u64 = 1000;

/// Builds the network of `model` and runs it for the duration that the model sets, keeping
/// what it asks to record in memory.
///
/// # Errors
/// As [`network::build`] and [`run`].
pub fn simulate(model: &Model, seed: u64) -> Result<Recording> {
    let setup = Setup::of(model, seed);
    let mut recorder = Recorder::new(&setup).in_memory();
    let outcome = run(model, &network::build(model, seed)?, &setup, &mut recorder, &mut |_| true)?;
    Ok(recorder.finish(outcome))
}

/// Runs `network`, built from `model` and perhaps trained, at the ticks from 0 to the
/// model's duration, both included, telling `observer` of spikes and of the probes of `setup`.
/// `go_on` is told now and then which ticks are done; when it says no, the run ends there.
///
/// # Errors
/// [`Error::Invalid`] when the model sets no duration, [`Error::Run`] when an input does not
/// fit its target; else that of the observer.
pub fn run(
    model: &Model,
    network: &Network,
    setup: &Setup,
    observer: &mut dyn SpikeObserver,
    go_on: &mut dyn FnMut(Tick) -> bool,
) -> Result<Outcome> {
    if model.simulation.duration == 0 {
        return Err(Error::Invalid(vec![Problem {
            message: format!("model `{}` does not say how long to simulate", model.title),
            place: None,
            help: Some("add `duration = \"1 s\"` under [simulation]".into()),
        }]));
    }
    let drive = |i: &InputSpec| Drive { targets: i.targets.clone(), input: Arc::clone(&i.input.1) };
    let drives: Vec<Drive> = model.inputs.iter().map(drive).collect();
    match model.simulation.precision {
        Precision::Single => {
            observe(Simulation::<f32>::new(network, &drives, setup.seed, Strategy::Auto)?, setup, observer, go_on)
        }
        Precision::Double => {
            observe(Simulation::<f64>::new(network, &drives, setup.seed, Strategy::Auto)?, setup, observer, go_on)
        }
    }
}

fn observe<R: Real>(
    mut simulation: Simulation<R>,
    setup: &Setup,
    observer: &mut dyn SpikeObserver,
    go_on: &mut dyn FnMut(Tick) -> bool,
) -> Result<Outcome> {
    let mut duration = setup.duration.0;
    let mut told = 0;
    while simulation.now().0 <= duration {
        let now = simulation.now().0;
        let sampled = setup.probes.iter().map(|probe| now.next_multiple_of(probe.every.max(1)));
        let last = sampled.min().unwrap_or(u64::MAX).min(now + STRETCH).min(duration);
        simulation.run_until(Tick(last + 1), observer)?;
        sample(&simulation, &setup.probes, Tick(last), observer)?;
        if last >= told + STRETCH {
            told = last;
            if !go_on(Tick(last)) {
                duration = last;
            }
        }
    }
    let work = simulation.work();
    Ok(Outcome {
        last: Tick(duration),
        synaptic_events: work.synaptic_events,
        neuron_updates: work.neuron_updates,
        weights: Vec::new(),
    })
}

/// Tells of the membranes that are due at `tick`, the last one that is done.
fn sample<R: Real>(
    simulation: &Simulation<R>,
    probes: &[Probe],
    tick: Tick,
    observer: &mut dyn SpikeObserver,
) -> Result<()> {
    for (index, probe) in probes.iter().enumerate().filter(|(_, probe)| probe.is_due(tick.0)) {
        if let Site::Neuron { population, neuron } = probe.site
            && let Some(v) = simulation.membrane(population, neuron)
        {
            observer.sample(index, tick, v)?;
        }
    }
    Ok(())
}
