//! Made-up results that look like real ones, for the tests of figures and pages.

use std::collections::BTreeMap;
use std::path::Path;

use super::canvas::Figure;
use super::dots::RasterPopulation;
use super::render;
use super::run_folder::Run;
use super::spike_files::SpikeFiles;
use super::trace_files::TraceFiles;
use crate::exhibit::{Content, Exhibit};
use crate::id::PopulationId;
use crate::metric::{Better, Metric};
use crate::random::{Purpose, Stream};
use crate::record::rate::RateHistogram;
use crate::record::recorder::Recorder;
use crate::record::recording::{Outcome, PopulationSummary, RunSummary};
use crate::record::setup::{Legend, Setup};
use crate::record::statistics::{Firing, Profile};
use crate::record::weights::PlasticWeights;
use crate::record::{Probe, SpikeObserver as _};
use crate::result::Regime;
use crate::result::{
    ArmResult, Cost, Difference, Epoch, Estimate, Example, LayerInfo, Run as TrainingRun, Scatter, Summary, WeightMaps,
};
use crate::time::{Resolution, Tick};

/// Where tests leave what they draw, for eyes.
pub fn gallery() -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/figures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Leaves a figure in `target/figures` and checks that it can be drawn both ways.
pub fn show(name: &str, figure: &Figure) {
    let (png, svg) = (render::png(figure), render::svg(figure));
    assert!(png.starts_with(b"\x89PNG"));
    assert_balanced(&svg);
    std::fs::write(gallery().join(name).with_extension("png"), png).unwrap();
    std::fs::write(gallery().join(name).with_extension("svg"), svg).unwrap();
    let pdf = super::pdf::pdf(figure, &super::paper::Print::on_screen(figure)).unwrap();
    std::fs::write(gallery().join(name).with_extension("pdf"), pdf).unwrap();
}

/// Every element that opens closes, in order, and attributes are quoted.
pub fn assert_balanced(markup: &str) {
    let void = ["meta", "br", "hr", "img", "link", "!doctype"];
    let mut open: Vec<String> = Vec::new();
    for tag in markup.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap_or_else(|| panic!("an open < before {:.60}", tag));
        let name: String =
            inside.trim_start_matches('/').chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        assert_eq!(inside.matches('"').count() % 2, 0, "quotes in <{inside:.80}>");
        if inside.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "closing {name}");
        } else if !inside.ends_with('/') && !void.contains(&name.to_lowercase().as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

fn stream(entity: usize) -> Stream {
    Stream::new(7, Purpose::Encoding, entity as u32, 0)
}

/// A population with so many spikes within 500 ms, denser in some neurons and at some times.
pub fn population(name: &str, size: usize, spikes: usize) -> RasterPopulation {
    let mut random = stream(size + spikes);
    let mut spike = || {
        let phase = f64::from(random.uniform());
        let time = 500.0 * (phase + 0.03 * (phase * 40.0).sin()).clamp(0.0, 0.999);
        let neuron = (f64::from(random.uniform()).powf(1.3) * size as f64) as u32;
        (time, neuron.min(size as u32 - 1))
    };
    let spikes = (0..spikes).map(|_| spike()).collect();
    RasterPopulation { name: name.into(), size, spikes }
}

/// A recorded population of 100 neurons that did nothing.
pub fn named(name: &str) -> PopulationSummary {
    PopulationSummary {
        name: name.into(),
        size: 100,
        recorded: true,
        color: None,
        acts: None,
        firing: Firing {
            spikes: 0,
            rate_hz: 0.0,
            cv_isi: None,
            lv_isi: None,
            correlation: None,
            synchrony: None,
            silent_fraction: 1.0,
        },
        profile: Profile {
            psth: RateHistogram { bin_ms: 5.0, rates_hz: Vec::new() },
            course: None,
            intervals: None,
            correlations: None,
            spectrum: None,
        },
    }
}

/// A run of half a second.
pub fn summary_of(populations: &[PopulationSummary]) -> RunSummary {
    RunSummary {
        version: "0.1.0".into(),
        title: "A run".into(),
        seed: 1,
        resolution_ms: 0.1,
        duration_ms: 500.0,
        analysed_from_ms: 0.0,
        bin_asked: false,
        populations: populations.to_vec(),
        sampled: Vec::new(),
        weights: Vec::new(),
        synaptic_events: 0,
        neuron_updates: 0,
        command: String::new(),
        settings: Vec::new(),
        cost: None,
    }
}

/// A made-up simulation of so many spikes, streamed into `folder`: an excitatory population
/// that swings at 40 Hz, an irregular and a regular one, one that is silent and one that is
/// not recorded; samples and weights.
pub fn run(folder: &Path, spikes: u64) -> Run {
    let sizes = [("exc", 8_000), ("inh", 2_000), ("clock", 100), ("silent <one>", 50), ("background", 200)];
    let mut setup = Setup::new(Resolution::from_ms(0.1).unwrap(), Tick(20_000), &sizes);
    setup.title = "Made up, with spikes & <swings>".into();
    setup.populations[4].recorded = false;
    setup.probes = vec![
        Probe::membrane(PopulationId(0), 3, 10),
        Probe::membrane(PopulationId(2), 0, 5),
        Probe { variable: "g_exc".into(), ..Probe::membrane(PopulationId(0), 3, 10) },
    ];
    setup.legends = vec![Legend { unit: "mV".into(), threshold: Some(-50.0) }];
    let mut files = SpikeFiles::create(folder, &setup, &["npz"]).unwrap();
    let mut traces = TraceFiles::create(folder, &setup, &[]).unwrap();
    let mut recorder = Recorder::new(&setup).with(&mut files).with(&mut traces);
    for tick in 0..=20_000 {
        tell(&mut recorder, tick, spikes as f64 / 20_000.0);
    }
    let mut random = stream(3);
    let mut uniform = || f64::from(random.uniform());
    let before: Vec<f64> = (0..5000).map(|_| 1.0 + 0.2 * (uniform() - 0.5)).collect();
    let after = before.iter().map(|w| w * 2.0 * uniform().powi(2)).collect();
    let weights = PlasticWeights { name: "recurrent.exc.exc".into(), before, after };
    let outcome =
        Outcome { last: Tick(20_000), synaptic_events: 12_345_678, neuron_updates: 1_000, weights: vec![weights] };
    let recording = recorder.finish(outcome);
    files.finish().unwrap();
    traces.finish().unwrap();
    Run::write(&recording, "title = \"Made up\"\n", folder).unwrap()
}

/// What happens at one tick of [`run`], with about so many spikes.
fn tell(recorder: &mut Recorder<'_>, tick: u64, spikes: f64) {
    let swing = 1.0 + 0.6 * (std::f64::consts::TAU * 40.0 * tick as f64 * 1e-4).sin();
    let mut random = Stream::new(5, Purpose::Input, 0, tick);
    for (index, size, mean) in [(0, 8_000, 0.8 * spikes * swing), (1, 2_000, 0.2 * spikes), (4, 200, 0.02 * spikes)] {
        let number = (mean + f64::from(random.uniform())) as usize;
        let mut neurons: Vec<u32> = (0..number).map(|_| random.below(size)).collect();
        neurons.sort_unstable();
        neurons.dedup();
        if !neurons.is_empty() {
            recorder.spikes(PopulationId(index), Tick(tick), &neurons, None).unwrap();
        }
    }
    let clocks: Vec<u32> = (0..100).filter(|neuron| (tick + u64::from(neuron * 7)).is_multiple_of(333)).collect();
    if !clocks.is_empty() {
        recorder.spikes(PopulationId(2), Tick(tick), &clocks, None).unwrap();
    }
    let ramp = |period: u64| -65.0 + 15.0 * (tick % period) as f64 / period as f64;
    for (probe, every, value) in [(0, 10, ramp(400)), (1, 5, ramp(333)), (2, 10, swing)] {
        if tick.is_multiple_of(every) {
            recorder.sample(probe, Tick(tick), value).unwrap();
        }
    }
}

/// What a made-up comparison looks like.
#[derive(Clone, Copy)]
pub struct Wish {
    pub seeds: u64,
    pub epochs: u32,
    pub classes: usize,
    /// Side of the square image.
    pub side: usize,
    pub hidden: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Self { seeds: 3, epochs: 20, classes: 10, side: 8, hidden: 200 }
    }
}

const METRIC: &str = "accuracy";

fn metric() -> Metric {
    let (factor, better, most) = (100.0, Better::Higher, Some(100.0));
    Metric { name: METRIC.into(), unit: "%".into(), factor, better, most, summary: "right decisions".into() }
}

/// The metric with this value.
fn scored<T>(value: T) -> BTreeMap<String, T> {
    BTreeMap::from([(METRIC.to_string(), value)])
}

/// Spiking and rate, Q-AGREL and backpropagation.
pub fn summary(wish: Wish) -> Summary {
    let arms: Vec<ArmResult> = [(Regime::Spiking, "q_agrel"), (Regime::Rate, "q_agrel"), (Regime::Rate, "backprop")]
        .into_iter()
        .enumerate()
        .map(|(index, (regime, rule))| arm(wish, index, regime, rule))
        .collect();
    let gap: Vec<f64> = arms[0].runs.iter().zip(&arms[1].runs).map(|(a, b)| a.test[METRIC] - b.test[METRIC]).collect();
    Summary {
        version: "0.1.0".into(),
        title: "Digits, with spikes & <rates>".into(),
        command: "twinfire compare experiments/digits.toml --set training.epochs=20 -o results".into(),
        settings: vec!["training.epochs=20".into()],
        parent: None,
        missing: 0,
        dataset: "digits".into(),
        classes: (0..wish.classes).map(|class| class.to_string()).collect(),
        shape: vec![wish.side, wish.side],
        layers: vec![
            LayerInfo { name: "input".into(), shape: vec![wish.side, wish.side] },
            LayerInfo { name: "hidden".into(), shape: vec![wish.hidden] },
            LayerInfo { name: "output".into(), shape: vec![wish.classes] },
        ],
        seeds: (1..=wish.seeds).collect(),
        threads: 2,
        train_samples: 1293,
        validation_samples: 144,
        test_samples: 360,
        measured: vec![metric()],
        arms,
        differences: vec![Difference { rule: "q_agrel".into(), spiking_minus_rate: scored(Estimate::of(&gap)) }],
        wall_s: 48.3,
        experiment: "model = \"models/digits.toml\"\ndataset = \"digits\"\nregimes = [\"spiking\", \"rate\"]\n".into(),
    }
}

fn arm(wish: Wish, index: usize, regime: Regime, rule: &str) -> ArmResult {
    let runs: Vec<TrainingRun> = (1..=wish.seeds).map(|seed| training(wish, index, seed)).collect();
    let spiking = regime == Regime::Spiking;
    let (input_spikes, hidden_spikes) = if spiking { (412.0, 866.0) } else { (0.0, 0.0) };
    ArmResult {
        regime,
        rule: rule.into(),
        metrics: scored(Estimate::of(&runs.iter().map(|run| run.test[METRIC]).collect::<Vec<_>>())),
        epochs_to_best: Estimate::of(&runs.iter().map(|run| f64::from(run.best_epoch)).collect::<Vec<_>>()),
        runs,
        cost: Cost {
            input_spikes,
            hidden_spikes,
            analog_operations: 0.0,
            current_additions: if spiking { 32.0 * wish.hidden as f64 } else { 0.0 },
            synaptic_operations: input_spikes * wish.hidden as f64 + hidden_spikes * wish.classes as f64,
            multiply_accumulates: (wish.side * wish.side * wish.hidden + wish.hidden * wish.classes) as f64,
        },
        examples: (0..3).map(|sample| example(wish, sample, spiking)).collect(),
        weight_maps: Some(weight_maps(wish)),
        scatter: spiking.then(scatter),
    }
}

fn training(wish: Wish, index: usize, seed: u64) -> TrainingRun {
    let mut random = stream(index * 100 + seed as usize);
    let speed = [3.0, 3.6, 2.2][index % 3];
    let best = [96.4, 96.9, 97.4][index % 3] + f64::from(random.uniform()) - 0.5;
    let mut epoch = |epoch: u32| {
        let learned = 1.0 - 0.8 * (-f64::from(epoch) / speed).exp();
        Epoch {
            epoch,
            training: scored((best + 1.5) * learned + f64::from(random.uniform()) * 0.4),
            validation: Some(scored(best * learned + f64::from(random.uniform()) * 1.2)),
            loss: 1.0 - learned,
            mean_activity: vec![0.2, 0.1],
            silent_fraction: vec![0.02, 0.0],
            watched: BTreeMap::new(),
            input_spikes: 412.0,
            hidden_spikes: 866.0,
            wall_s: 0.21,
            cpu_s: 0.4,
        }
    };
    let epochs: Vec<Epoch> = (1..=wish.epochs).map(&mut epoch).collect();
    let mut confusion = vec![vec![0u32; wish.classes]; wish.classes];
    for sample in 0..360 {
        let label = sample % wish.classes;
        let wrong = random.chance(0.04);
        let decision = if wrong { random.below(wish.classes as u32) as usize } else { label };
        confusion[label][decision] += 1;
    }
    TrainingRun {
        seed,
        epochs,
        best_epoch: wish.epochs.max(2) - 1,
        test: scored(best),
        exhibits: vec![
            Exhibit { name: "confusion".into(), content: Content::Counts(confusion) },
            Exhibit { name: "reconstructions".into(), content: images(wish) },
        ],
        wall_s: 4.4,
        cpu_s: 8.1,
    }
}

/// Two samples, each above a paler one.
fn images(wish: Wish) -> Content {
    let image =
        |level: f32| (0..wish.side * wish.side).map(|i| level * (i % wish.side) as f32 / wish.side as f32).collect();
    let columns = vec![vec![image(1.0), image(0.5)], vec![image(0.8), image(0.3)]];
    Content::Images { shape: vec![wish.side, wish.side], columns }
}

fn example(wish: Wish, sample: usize, spiking: bool) -> Example {
    let mut random = stream(sample + 1000);
    let side = wish.side as f32;
    let ink = |i: usize| {
        let (row, column) = ((i / wish.side) as f32 / side - 0.45, (i % wish.side) as f32 / side - 0.45);
        (1.0 - 9.0 * ((row * row + column * column).sqrt() - 0.3).abs()).clamp(0.0, 1.0)
    };
    let values: Vec<f32> = (0..wish.side * wish.side).map(ink).collect();
    let decision = (sample * 3) % wish.classes;
    let drive: Vec<Vec<f32>> = vec![
        values.clone(),
        (0..wish.hidden).map(|_| (random.uniform() - 0.5).max(0.0)).collect(),
        (0..wish.classes).map(|i| if i == decision { 0.8 } else { random.uniform() * 0.25 }).collect(),
    ];
    let mut train = |layer: usize, neuron: usize, activity: f32| {
        let spikes: Vec<(f64, u32)> = (0..32)
            .filter(|_| random.chance(f64::from(activity)))
            .map(|tick| (f64::from(tick + layer as u32), neuron as u32))
            .collect();
        spikes
    };
    let spikes = drive
        .iter()
        .enumerate()
        .map(|(layer, all)| all.iter().enumerate().flat_map(|(neuron, &a)| train(layer, neuron, a)).collect());
    Example {
        sample,
        label: Some(if sample == 2 { 1 % wish.classes as u16 } else { decision as u16 }),
        decision: Some(decision as u16),
        values,
        scores: drive[2].iter().map(|score| score - 0.1).collect(),
        spikes: if spiking { spikes.collect() } else { vec![] },
        activities: if spiking { vec![] } else { drive },
        duration_ms: 34.0,
        membranes: if spiking { membranes(wish, decision) } else { vec![] },
        membrane_ms: if spiking { (2..34).map(f64::from).collect() } else { vec![] },
        centred: sample == 1,
    }
}

fn membranes(wish: Wish, decision: usize) -> Vec<Vec<f32>> {
    let mut random = stream(99);
    let mut walk = |neuron: usize| {
        let mut membrane = 0.0;
        let slope = if neuron == decision { 0.02 } else { -0.004 };
        let mut step = || {
            membrane += slope + 0.02 * (random.uniform() - 0.5);
            membrane
        };
        (0..32).map(|_| step()).collect()
    };
    (0..wish.classes).map(&mut walk).collect()
}

fn weight_maps(wish: Wish) -> WeightMaps {
    let mut random = stream(77);
    let mut map = || {
        let (a, b, size) = (random.uniform() * 6.0, random.uniform() * 6.0, wish.side as f32);
        let wave = |i: usize| {
            let (row, column) = ((i / wish.side) as f32 / size, (i % wish.side) as f32 / size);
            (a * row * 2.0 + b * column * 2.0).sin() * 0.3 * (1.0 - (row - 0.5).abs() - (column - 0.5).abs())
        };
        (0..wish.side * wish.side).map(wave).collect()
    };
    WeightMaps { rows: wish.side, columns: wish.side, maps: (0..40).map(|_| map()).collect() }
}

fn scatter() -> Scatter {
    let mut random = stream(5);
    let mut pair = || {
        let rate = random.uniform().powi(3);
        (rate, (rate + 0.08 * (random.uniform() - 0.5) * rate.sqrt()).clamp(0.0, 1.0))
    };
    Scatter { points: (0..4000).map(|_| pair()).collect(), correlation: 0.9934 }
}
