//! What the figures of a report show of one trained network: a few presentations, its
//! first-layer weights, its firing rates against the rate twin's, and what it costs.

use super::evaluation::Evaluation;
use super::session::Session;
use crate::dataset::{Data, Samples};
use crate::decode::best;
use crate::encode::Stimulus;
use crate::error::Result;
use crate::network::chain::Chain;
use crate::random::{Purpose, Stream};
use crate::regime::spiking::playback::{self, Playback};
use crate::regime::{Code, Regime};
use crate::result::statistics::correlation;
use crate::result::{Cost, Example, Scatter, WeightMaps};
use crate::time::Tick;

/// First-layer neurons whose weights are shown.
const MAPS: usize = 36;
/// Test samples and points of the scatter.
const SCATTER_SAMPLES: usize = 50;
const SCATTER_POINTS: usize = 2000;

/// See [`ArmResult`](crate::result::ArmResult) for the parts.
#[derive(Debug, Clone, Default)]
pub struct Portrait {
    pub cost: Cost,
    pub examples: Vec<Example>,
    pub weight_maps: Option<WeightMaps>,
    pub scatter: Option<Scatter>,
}

/// The portrait of a trained and tested session.
///
/// # Errors
/// As [`example`].
pub fn portray(session: &mut Session<'_>, data: &Data, test: &Evaluation, examples: usize) -> Result<Portrait> {
    let samples = one_per_class(&data.test, examples).into_iter();
    Ok(Portrait {
        cost: cost(session, data, test),
        examples: samples.map(|sample| example(session, data, sample)).collect::<Result<_>>()?,
        weight_maps: weight_maps(session.chain(), &data.test.shape),
        scatter: (session.arm.regime == Regime::Spiking).then(|| scatter(session, data)),
    })
}

fn cost(session: &Session<'_>, data: &Data, test: &Evaluation) -> Cost {
    let each = |count: u64| count as f64 / test.presentations.max(1) as f64;
    let chain = session.chain();
    let (analog_operations, current_additions) = match session.arm.regime {
        Regime::Spiking => current_operations(session.code(), chain, &data.test),
        Regime::Rate => (0.0, 0.0),
    };
    Cost {
        analog_operations,
        current_additions,
        input_spikes: each(test.work.input_spikes),
        hidden_spikes: each(test.work.hidden_spikes),
        synaptic_operations: each(test.work.synaptic_events),
        multiply_accumulates: chain.multiply_accumulates() as f64,
    }
}

/// Multiply-accumulates and additions that constant currents cost per presentation. What
/// centring drives is the same for all presentations, so only its additions count.
fn current_operations(code: &Code, chain: &Chain, samples: &Samples) -> (f64, f64) {
    let mut values = vec![0.0; samples.width()];
    samples.read(0, &mut values);
    let mut stimulus = Stimulus::default();
    code.encoder.encode(&values, chain.resolution, &mut Stream::new(0, Purpose::Encoding, 0, 0), &mut stimulus);
    let sent = !stimulus.currents.is_empty();
    let multiplied = if sent { chain.weights[0].len() } else { 0 };
    let flows = sent || !code.offset.is_empty();
    let added = if flows { chain.sizes[1] * stimulus.window() } else { 0 };
    (multiplied as f64, added as f64)
}

/// The first samples of so many different classes.
fn one_per_class(samples: &Samples, wanted: usize) -> Vec<u32> {
    let mut classes = Vec::new();
    let mut chosen = Vec::new();
    for (index, label) in samples.labels.iter().enumerate() {
        if chosen.len() < wanted && !classes.contains(label) {
            classes.push(*label);
            chosen.push(index as u32);
        }
    }
    chosen
}

/// One test presentation through all layers; with spikes, as the simulator plays it.
///
/// # Errors
/// As [`playback::play`].
pub fn example(session: &mut Session<'_>, data: &Data, sample: u32) -> Result<Example> {
    let mut found = None;
    session.evaluator().each(&data.test, &[sample], &mut |response, scores, _| {
        found = Some((response.activity.clone(), scores.as_slice().to_vec()));
    });
    let (activity, scores) = found.expect("one sample is one batch");
    let (batch, labels) = session.evaluator().batch(&data.test, &[sample]);
    let (code, chain) = (session.code(), session.chain());
    let (played, activities) = match session.arm.regime {
        Regime::Spiking => {
            let stimulus = code.stimulus(&batch, 0, chain.resolution);
            let model = &session.experiment.model;
            (playback::play(model, chain, &stimulus, code.decoder.fires())?, Vec::new())
        }
        Regime::Rate => (Playback::default(), activity.iter().map(|layer| layer.as_slice().to_vec()).collect()),
    };
    let ms = |tick: u64| chain.resolution.to_ms(Tick(tick));
    let times = |layer: &Vec<(u64, u32)>| layer.iter().map(|&(tick, neuron)| (ms(tick), neuron)).collect();
    let window = played.windows.last().cloned().unwrap_or(0..0);
    let share = 1.0 / (window.end - window.start).max(1) as f64;
    let scaled = |membrane: &Vec<f64>| membrane.iter().map(|v| (v * share) as f32).collect();
    Ok(Example {
        membrane_ms: if played.membranes.is_empty() { Vec::new() } else { window.clone().map(ms).collect() },
        membranes: played.membranes.iter().map(scaled).collect(),
        centred: !code.offset.is_empty(),
        sample: sample as usize,
        label: labels[0],
        decision: best(&scores),
        values: batch.values.as_slice().to_vec(),
        scores,
        spikes: played.spikes.iter().map(times).collect(),
        activities,
        duration_ms: ms(window.end.saturating_sub(1).max(chain.delays.iter().map(|&delay| u64::from(delay)).sum())),
    })
}

fn weight_maps(chain: &Chain, shape: &[usize]) -> Option<WeightMaps> {
    let &[rows, columns] = shape else { return None };
    let weights = chain.weights.first()?;
    let step = weights.nrows().div_ceil(MAPS);
    let maps = (0..weights.nrows()).step_by(step).map(|neuron| weights.row(neuron).iter().copied().collect()).collect();
    Some(WeightMaps { rows, columns, maps })
}

/// Firing rates of hidden neurons against their rate twins, with the same weights.
fn scatter(session: &mut Session<'_>, data: &Data) -> Scatter {
    let indices: Vec<u32> = (0..data.test.len().min(SCATTER_SAMPLES) as u32).collect();
    let spiking = hidden_activity(session, data, &indices);
    let rate = session.in_regime(Regime::Rate, |session| hidden_activity(session, data, &indices));
    let pairs: Vec<(f32, f32)> = rate.into_iter().zip(spiking).collect();
    let step = pairs.len().div_ceil(SCATTER_POINTS).max(1);
    // A step prime to the layer sizes spreads the points over neurons and presentations.
    let step = (step..).find(|step| session.chain().sizes.iter().all(|size| size % step != 0)).unwrap_or(1);
    Scatter { correlation: correlation(&pairs), points: pairs.into_iter().step_by(step).collect() }
}

fn hidden_activity(session: &mut Session<'_>, data: &Data, indices: &[u32]) -> Vec<f32> {
    let mut values = Vec::new();
    session.evaluator().each(&data.test, indices, &mut |response, _, _| {
        for layer in &response.activity[1..response.activity.len() - 1] {
            values.extend_from_slice(layer.as_slice());
        }
    });
    values
}
