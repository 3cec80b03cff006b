//! What the figures of a report show of one trained network: a few presentations, its
//! first-layer weights, its firing rates against the rate twin's, and what it costs.

use super::evaluation::Evaluation;
use super::session::Session;
use crate::dataset::Samples;
use crate::encode::Stimulus;
use crate::error::Result;
use crate::learner::layered::Layered;
use crate::matrix::Matrix;
use crate::network::signal::Batch;
use crate::random::{Purpose, Stream};
use crate::regime::Regime;
use crate::regime::spiking::playback::{self, Playback};
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
pub fn portray(session: &mut Session, test: &Evaluation, examples: usize) -> Result<Portrait> {
    let samples = some_samples(&session.data.test, examples).into_iter();
    Ok(Portrait {
        cost: cost(session, test),
        examples: samples.map(|sample| example(session, sample)).collect::<Result<_>>()?,
        weight_maps: weight_maps(session.learner(), &session.data.test.shape),
        scatter: (session.arm.regime == Regime::Spiking).then(|| scatter(session)),
    })
}

fn cost(session: &Session, test: &Evaluation) -> Cost {
    let each = |count: u64| count as f64 / test.presentations.max(1) as f64;
    let (analog_operations, current_additions) = match session.arm.regime {
        Regime::Spiking => current_operations(session.learner(), &session.data.test),
        Regime::Rate => (0.0, 0.0),
    };
    Cost {
        analog_operations,
        current_additions,
        input_spikes: each(test.work.input_spikes),
        hidden_spikes: each(test.work.hidden_spikes),
        synaptic_operations: each(test.work.synaptic_events),
        multiply_accumulates: session.learner().main().multiply_accumulates() as f64,
    }
}

/// Multiply-accumulates and additions that constant currents cost per presentation. What
/// centring drives is the same for all presentations, so only its additions count.
fn current_operations(learner: &Layered, samples: &Samples) -> (f64, f64) {
    let mut values = vec![0.0; samples.width()];
    samples.read(0, &mut values);
    let mut stimulus = Stimulus::default();
    let (encoder, resolution) = (&learner.coding.encoder, learner.main().resolution);
    encoder.encode(&values, resolution, &mut Stream::new(0, Purpose::Encoding, 0, 0), &mut stimulus);
    let sent = !stimulus.currents.is_empty();
    let first = &learner.main().layers[1];
    let multiplied = if sent { first.link().fields.synapses() } else { 0 };
    let flows = sent || learner.offset().is_some();
    let added = if flows { first.size() * stimulus.window() } else { 0 };
    (multiplied as f64, added as f64)
}

/// The first samples of so many different classes, or just the first ones where there are none.
fn some_samples(samples: &Samples, wanted: usize) -> Vec<u32> {
    if samples.labels.is_empty() {
        return (0..samples.len().min(wanted) as u32).collect();
    }
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

/// What the encoder sends for the presentation in `column` of `batch`, what centring adds included.
pub fn stimulus(learner: &Layered, batch: &Batch, column: usize) -> Stimulus {
    let (values, mut stream) = (batch.values.column(column), batch.stream(column, Purpose::Encoding, 0));
    learner.coding.stimulus(values.as_slice(), learner.main().resolution, &mut stream, learner.offset())
}

/// One test presentation through all layers; with spikes, as the simulator plays it.
///
/// # Errors
/// As [`playback::play`].
pub fn example(session: &mut Session, sample: u32) -> Result<Example> {
    let (data, mut found) = (session.data.clone(), None);
    session.evaluator().each(&data.test, &[sample], &mut |answered| {
        let activity: Vec<Matrix> =
            (0..answered.pass.len()).map(|layer| answered.pass.activity(layer).clone()).collect();
        found = Some((answered.batch.clone(), activity, answered.output.as_slice().to_vec()));
    });
    let (batch, activity, scores) = found.expect("one sample is one batch");
    let (learner, stack) = (session.learner(), session.learner().main());
    let (played, activities) = match session.arm.regime {
        Regime::Spiking => {
            let stimulus = stimulus(learner, &batch, 0);
            (playback::play(&session.experiment.model, stack, &learner.parameters, &stimulus)?, Vec::new())
        }
        Regime::Rate => (Playback::default(), activity.iter().map(|layer| layer.as_slice().to_vec()).collect()),
    };
    let ms = |tick: u64| stack.resolution.to_ms(Tick(tick));
    let times = |layer: &Vec<(u64, u32)>| layer.iter().map(|&(tick, neuron)| (ms(tick), neuron)).collect();
    let window = played.windows.last().cloned().unwrap_or(0..0);
    let share = 1.0 / (window.end - window.start).max(1) as f64;
    let scaled = |membrane: &Vec<f64>| membrane.iter().map(|v| (v * share) as f32).collect();
    let delays: u64 = stack.layers.iter().filter_map(|layer| Some(u64::from(layer.link.as_ref()?.delay))).sum();
    Ok(Example {
        membrane_ms: if played.membranes.is_empty() { Vec::new() } else { window.clone().map(ms).collect() },
        membranes: played.membranes.iter().map(scaled).collect(),
        centred: learner.offset().is_some(),
        sample: sample as usize,
        label: data.test.labels.get(sample as usize).copied(),
        decision: session.task.decision(&scores),
        values: batch.values.as_slice().to_vec(),
        scores,
        spikes: played.spikes.iter().map(times).collect(),
        activities,
        duration_ms: ms(window.end.saturating_sub(1).max(delays)),
    })
}

fn weight_maps(learner: &Layered, shape: &[usize]) -> Option<WeightMaps> {
    let &[rows, columns] = shape else { return None };
    let link = learner.main().layers[1].link();
    if !link.fields.is_dense() {
        return None;
    }
    let weights = learner.parameters.values(link.weights);
    let step = weights.nrows().div_ceil(MAPS);
    let maps = (0..weights.nrows()).step_by(step).map(|neuron| weights.row(neuron).iter().copied().collect()).collect();
    Some(WeightMaps { rows, columns, maps })
}

/// Firing rates of hidden neurons against their rate twins, with the same weights.
fn scatter(session: &mut Session) -> Scatter {
    let spiking = hidden_activity(session, Regime::Spiking);
    let rate = hidden_activity(session, Regime::Rate);
    let pairs: Vec<(f32, f32)> = rate.into_iter().zip(spiking).collect();
    let step = pairs.len().div_ceil(SCATTER_POINTS).max(1);
    // A step prime to the layer sizes spreads the points over neurons and presentations.
    let layers = &session.learner().main().layers;
    let step = (step..).find(|step| layers.iter().all(|layer| layer.size() % step != 0)).unwrap_or(1);
    Scatter { correlation: correlation(&pairs), points: pairs.into_iter().step_by(step).collect() }
}

fn hidden_activity(session: &mut Session, regime: Regime) -> Vec<f32> {
    let data = session.data.clone();
    let indices: Vec<u32> = (0..data.test.len().min(SCATTER_SAMPLES) as u32).collect();
    let mut values = Vec::new();
    session.evaluator_in(regime).each(&data.test, &indices, &mut |answered| {
        for layer in 1..answered.pass.len() - 1 {
            values.extend_from_slice(answered.pass.activity(layer).as_slice());
        }
    });
    values
}
