//! One stimulus through a chain of populations, spike by spike: what a presentation does,
//! seen by an observer.
//!
//! Each population lives for one window of ticks, as long as the stimulus. The source's
//! starts at tick 0; every other starts when the first spike of the window before it can
//! arrive, with its neurons at their initial values one tick earlier.

use super::feed::Feed;
use super::simulation::Simulation;
use super::{Strategy, Work};
use crate::encode::Stimulus;
use crate::error::{Error, Result};
use crate::id::PopulationId;
use crate::network::{Cell, Network};
use crate::neuron::real::Real;
use crate::record::SpikeObserver;
use crate::time::Tick;

/// What a stimulus left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Playback {
    /// The populations in the order of the chain, with the tick at which the window of each starts.
    pub windows: Vec<(PopulationId, Tick)>,
    /// Membranes of the last population at the last tick of its window, in the unit of the model.
    pub membranes: Vec<f64>,
    pub work: Work,
}

/// Plays `stimulus` through `network`, in `R`. With `output_fires` false, the neurons of the
/// last population integrate and never fire.
///
/// # Errors
/// [`Error::Run`] when the network is no chain that begins with a population of sources;
/// else that of the observer.
pub fn play<R: Real>(
    network: &Network,
    stimulus: &Stimulus,
    output_fires: bool,
    observer: &mut dyn SpikeObserver,
) -> Result<Playback> {
    let window = stimulus.window() as u64;
    let windows = windows(network)?;
    let (source, _) = windows[0];
    let feed = Feed::of_stimulus(network, source, stimulus);
    let mut simulation = Simulation::<R>::fed(network, feed, Vec::new(), Strategy::Auto);
    for &(population, start) in &windows[1..] {
        simulation.confine(population, start.0..start.0 + window);
    }
    if !stimulus.currents.is_empty()
        && let Some(&first) = network.chain().unwrap_or_default().first()
    {
        simulation.send_currents(first, &stimulus.currents, window);
    }
    let (output, start) = windows[windows.len() - 1];
    if !output_fires {
        simulation.hold_fire(output);
    }
    simulation.run_until(Tick(start.0 + window), observer)?;
    let size = network.populations[output.0].size();
    let membranes = (0..size).filter_map(|neuron| simulation.membrane(output, neuron)).collect();
    Ok(Playback { windows, membranes, work: simulation.work() })
}

/// The populations of the chain, with the tick at which the window of each starts.
fn windows(network: &Network) -> Result<Vec<(PopulationId, Tick)>> {
    let refuse = || Error::Run("a stimulus needs a chain of populations that begins with spike sources".into());
    let chain = network.chain().ok_or_else(refuse)?;
    let first = chain.first().map_or(PopulationId(0), |&projection| network.projections[projection.0].source);
    if !matches!(network.populations[first.0].cell, Cell::Source) {
        return Err(refuse());
    }
    let mut windows = vec![(first, Tick(0))];
    let mut start = 0;
    for projection in chain.iter().map(|id| &network.projections[id.0]) {
        start += u64::from(projection.delay);
        windows.push((projection.target, Tick(start)));
    }
    Ok(windows)
}
