//! How much memory a simulation or a training takes, and whether so much is there: foreseen before anything
//! in proportion to a network is built, so that the system does not end the program, or another one, half-way.
//!
//! ```text
//! simulation     the program, then the largest of
//!                  building: neurons, synapses, statistics and samples, what is needed to build
//!                  the end of the run: the same without the latter, weights before and after, a look at them
//!                  figures: weights before and after, the largest figure
//! training       the program, the data, and for each training at the same time: weights (now, their velocities,
//!                  the best, the changes, the kernel's copy), what neurons of a batch did, spikes of its windows;
//!                  figures where there are any
//! ```
//! docs/memory.md compares this with what the shipped models take.

use super::compare::Comparison;
use super::{Arm, Experiment};
use crate::encode::{self, Encoder, Stimulus};
use crate::error::{Error, Result};
use crate::memory;
use crate::model::{Model, Precision};
use crate::network::synapses;
use crate::parameter::find;
use crate::random::{Purpose, Stream};
use crate::record;
use crate::regime::events;
use crate::regime::events::threads::worthwhile;
use crate::result::Regime;
use crate::time::Resolution;

/// Bytes of the program itself.
const PROGRAM: f64 = 11e6;

/// Bytes for each byte of a model's text while it is read.
const READ: f64 = 20.0;

/// Copies of the weights that a training keeps: weights, velocities, the best so far, the changes, and the
/// kernel's packed copy.
const COPIES: f64 = 5.0;
/// More while a checkpoint is written: weights, velocities and the best as bytes, and all of them in one file.
const SAVED: f64 = 6.0;

/// Bytes that a run takes, by what they are for.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// What each takes where most is taken, the largest first.
    pub shares: Vec<(&'static str, f64)>,
}

impl Need {
    /// That of these shares, of which those without bytes are left out.
    fn of(shares: &[(&'static str, f64)]) -> Self {
        let mut shares: Vec<_> = shares.iter().copied().filter(|(_, bytes)| *bytes > 0.0).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { shares }
    }

    /// Bytes in all.
    pub fn bytes(&self) -> u64 {
        self.shares.iter().map(|(_, bytes)| bytes).sum::<f64>() as u64
    }

    /// Refuses a run of what is called `title` that needs more than can be taken; `advice` says what would
    /// need less.
    ///
    /// # Errors
    /// [`Error::Run`] with what is needed, what for, what is free, and the advice. Where nothing says how much is
    /// free, everything is allowed.
    pub fn require(&self, title: &str, advice: impl FnOnce() -> String) -> Result<()> {
        match memory::free() {
            Some(free) if self.bytes() > free.bytes => {
                let gigabytes = |bytes: f64| format!("{:.1} GB", bytes / 1e9);
                let shown = self.shares.iter().take(3).filter(|(_, bytes)| *bytes >= 1e8);
                let parts: Vec<String> =
                    shown.map(|(what, bytes)| format!("{} for {what}", gigabytes(*bytes))).collect();
                let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
                let needed = gigabytes(self.bytes() as f64);
                Err(Error::Run(format!("`{title}` needs {needed} of memory{parts}, and {free}; {}", advice())))
            }
            _ => Ok(()),
        }
    }
}

/// What a simulation of `model` needs on at most so many threads, with figures of which the largest takes
/// `drawing` bytes.
///
/// # Errors
/// [`Error::Run`] when a topology does not fit its populations.
pub fn simulation(model: &Model, threads: usize, drawing: f64) -> Result<Need> {
    let network = events::memory::bytes(model, worthwhile(model, threads)?)?;
    let records = record::memory::bytes(model);
    let run = network.neurons + network.synapses + records;
    let reading = READ * model.resolved().len() as f64;
    if reading > drawing.max(run + network.building) {
        return Ok(Need::of(&[("the program", PROGRAM), ("reading the model", reading)]));
    }
    let (building, ending) = (network.building, network.reported + network.ending);
    // Some of what was drawn and counted stays.
    let left = records * 0.2 + (network.building * 0.5).min(10e6);
    let after = network.reported + drawing + left;
    let always = ("the program", PROGRAM);
    if after > run + building.max(ending) {
        return Ok(Need::of(&[always, ("weights", network.reported), ("figures", drawing + left)]));
    }
    let last = if building > ending { ("building it", building) } else { ("weights before and after", ending) };
    Ok(Need::of(&[
        always,
        ("neurons", network.neurons),
        ("synapses", network.synapses),
        ("statistics and samples", records),
        last,
    ]))
}

/// What would need less than a simulation of `model`.
pub fn advice_on_simulation(model: &Model, scale: Option<&str>, need: &Need) -> String {
    let largest = need.shares.first().map_or("", |(what, _)| what);
    let mut advice = Vec::new();
    if largest == "statistics and samples" && model.recordings.iter().any(|recording| !recording.samples.is_empty()) {
        advice
            .push("sample fewer neurons in `[record]`, as with `neurons = [0, 1, 2]`, or less often (`every`)".into());
    }
    if let Some(scale) = scale {
        advice.push(format!("try `--set {scale}=0.1`"));
    } else if advice.is_empty() {
        advice.push("make populations smaller (`size`) or connect them less".into());
    }
    if model.simulation.precision == Precision::Double
        && matches!(largest, "synapses" | "neurons" | "weights before and after")
    {
        advice.push("`--set simulation.precision=single` halves weights and membranes".into());
    }
    if largest == "building it" {
        advice.push("`fixed_out_degree` needs less to build than `fixed_in_degree` and lists".into());
    }
    advice.join("; ")
}

/// What the trainings of `experiment` need on at most so many threads, with figures of which the largest takes
/// `drawing` bytes.
///
/// # Errors
/// [`Error::Run`] when a topology does not fit its populations.
pub fn training(experiment: &Experiment, threads: usize, drawing: f64) -> Result<Need> {
    let model = &experiment.model;
    let weights: f64 = synapses::expected(model)?.into_iter().map(|number| number as f64).sum();
    let neurons: f64 =
        model.populations.iter().map(|spec| spec.shape.iter().map(|&side| side as f64).product::<f64>()).sum();
    let trainings = experiment.arms.len() * experiment.seeds.len();
    let at_once = if Comparison::side_by_side(experiment) { trainings.min(threads).max(1) } else { 1 };
    let samples = experiment.outline.samples.unwrap_or(SAMPLES);
    let batch = experiment.arms.iter().map(|arm| arm.training.batch as usize).max().unwrap_or(1).min(samples) as f64;
    let data = experiment.outline.bytes;
    let at_once = at_once as f64;
    let windows = experiment.arms.iter().map(|arm| windows(arm, model, batch)).fold(0.0, f64::max);
    let activities = at_once * (neurons * (BATCHED * batch + TESTED) + windows);
    let copies = (at_once * COPIES + SAVED) * 4.0 * weights;
    let run = copies + activities;
    if drawing > run {
        return Ok(Need::of(&[("the program", PROGRAM), ("the data", data as f64), ("figures", drawing)]));
    }
    Ok(Need::of(&[
        ("the program", PROGRAM),
        ("the data", data as f64),
        ("weights", copies),
        ("what neurons of a batch do", activities),
    ]))
}

/// What it takes to keep who spikes at which tick of the windows of a batch.
fn windows(arm: &Arm, model: &Model, batch: f64) -> f64 {
    let encoder = find(encode::KINDS, arm.encoder.kind).and_then(|kind| (kind.build)(&arm.encoder.values).ok());
    let Some(encoder) = encoder.filter(|_| arm.regime == Regime::Spiking) else { return 0.0 };
    let resolution = model.simulation.resolution;
    let ticks = (encoder.window_ms() / resolution.ms()).round().max(1.0);
    let mut sizes = model.populations.iter().map(|spec| spec.shape.iter().map(|&side| side as f64).product::<f64>());
    let inputs = sizes.next().unwrap_or_default();
    let neurons: f64 = sizes.sum();
    let layers = model.populations.len() as f64;
    let sent = 2.0 * SPIKE * inputs * spikes(&*encoder, ticks, resolution);
    batch.max(PRESENTED) * (sent + ticks * (SPIKE * (layers + 1.0) + neurons * (MASK + SPIKE * FIRING)))
}

/// About how many spikes an input gets in a window.
fn spikes(encoder: &dyn Encoder, ticks: f64, resolution: Resolution) -> f64 {
    if ticks <= TRIED {
        let (mut stimulus, mut stream) = (Stimulus::default(), Stream::new(0, Purpose::Encoding, 0, 0));
        encoder.encode(&[TYPICAL], resolution, &mut stream, &mut stimulus);
        return stimulus.sources.len() as f64;
    }
    let mut rates = [TYPICAL];
    encoder.rates(&mut rates, resolution);
    f64::from(rates[0].min(1.0)) * ticks
}

/// A value of a sample by which an encoder is tried, and ticks of the longest window that is.
const TYPICAL: f32 = 0.5;
const TRIED: f64 = 1e5;
/// Presentations that are tested together.
const PRESENTED: f64 = 256.0;
/// Bytes of a spike, and of a neuron at a tick; spikes of a neuron at a tick.
const SPIKE: f64 = 4.0;
const MASK: f64 = 1.0 / 8.0;
const FIRING: f64 = 0.1;

/// The most samples of a batch, where headers do not tell how many there are.
const SAMPLES: usize = 65_536;
/// Bytes of a neuron in each presentation of a batch.
const BATCHED: f64 = 40.0;
/// Bytes of a neuron in the presentations that are tested together.
const TESTED: f64 = 4000.0;

/// What would need less than the trainings.
pub fn advice_on_training() -> String {
    "make layers or `training.batch` smaller, or train fewer side by side with `--threads`".into()
}
