//! One network, set up and run in a process of its own, so that its memory is its own.

use std::io::Write;
use std::process::{Command, Stdio};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use twinfire::error;
use twinfire::model::Model;
use twinfire::record::Silent;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Float, Simulation, Strategy};
use twinfire::time::Tick;

/// The first argument of a process that measures.
pub const CHILD: &str = "--measure-one";

/// Ticks that pass before the clock starts, and between two looks at it.
const SETTLE: u64 = 1000;
const STRETCH: u64 = 1000;
/// A run goes on until it took so many seconds of the processor or so many ticks.
const ENOUGH_S: f64 = 0.3;
const ENOUGH_TICKS: u64 = 1_000_000;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// A model file.
    pub model: String,
    /// In f64 rather than f32.
    pub double: bool,
    pub strategy: How,
}

/// Which neurons are advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    Auto,
    Lazy,
    Swept,
}

/// What it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Processor seconds.
    pub build_s: f64,
    /// Processor seconds per second of simulated time.
    pub run_s: f64,
    /// The most memory that the process held.
    pub peak_bytes: u64,
    /// Seconds of simulated time that were measured.
    pub simulated_s: f64,
    /// Per second of simulated time.
    pub spikes: f64,
    pub synaptic_events: f64,
    pub neuron_updates: f64,
}

/// Measures `task` in a new process.
pub fn measure(task: &Task) -> Result<Cost, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new(program).arg(CHILD).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| error.to_string())?;
    let text = serde_json::to_vec(task).map_err(|error| error.to_string())?;
    // Dropped at the end of the statement: the child reads to the end.
    child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(&text)).map_err(|error| error.to_string())?;
    let done = child.wait_with_output().map_err(|error| error.to_string())?;
    if !done.status.success() {
        return Err(format!("a run ended with {}", done.status));
    }
    serde_json::from_slice(&done.stdout).map_err(|error| error.to_string())
}

/// What that process does.
pub fn child() -> Result<(), String> {
    let task: Task = serde_json::from_reader(std::io::stdin()).map_err(|error| error.to_string())?;
    let model = Model::from_text("scaling.toml", &task.model, &[]).map_err(|error| error.to_string())?;
    let cost = if task.double { run::<f64>(&model, task.strategy) } else { run::<f32>(&model, task.strategy) };
    let cost = cost.map_err(|error| error.to_string())?;
    serde_json::to_writer(std::io::stdout(), &cost).map_err(|error| error.to_string())
}

fn run<R: Float>(model: &Model, how: How) -> error::Result<Cost> {
    let strategy = match how {
        How::Auto => Strategy::Auto,
        How::Lazy => Strategy::Lazy,
        How::Swept => Strategy::Swept,
    };
    let setting = Setting { seed: 1, threads: 1, strategy, stored: &[] };
    let begun = processor_seconds();
    let mut simulation = Simulation::<R>::new(model, &setting, &[])?;
    let build_s = processor_seconds() - begun;
    simulation.run_until(Tick(SETTLE), &mut Silent)?;
    let (before, start) = (simulation.work(), processor_seconds());
    let mut ticks = 0;
    while ticks < ENOUGH_TICKS && processor_seconds() - start < ENOUGH_S {
        ticks += STRETCH;
        simulation.run_until(Tick(SETTLE + ticks), &mut Silent)?;
    }
    let (seconds, after) = (processor_seconds() - start, simulation.work());
    let simulated_s = ticks as f64 * model.simulation.resolution.seconds();
    let per_second = |before: u64, after: u64| (after - before) as f64 / simulated_s;
    Ok(Cost {
        build_s,
        run_s: seconds / simulated_s,
        peak_bytes: peak_bytes(),
        simulated_s,
        spikes: per_second(before.spikes, after.spikes),
        synaptic_events: per_second(before.synaptic_events, after.synaptic_events),
        neuron_updates: per_second(before.neuron_updates, after.neuron_updates),
    })
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// 0 where the system does not say.
fn peak_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
