//! Weights and other variables of synapses whenever somebody looks, against the rules written down plainly:
//! at every tick, for every rule, either sign, several delays at once, both precisions, any threads. And looking changes nothing.

use std::collections::BTreeMap;

use twinfire::error::Result;
use twinfire::id::{PopulationId, ProjectionId};
use twinfire::model::Model;
use twinfire::record::SpikeObserver;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Float, Simulation, Strategy};
use twinfire::time::Tick;

const SOURCES: usize = 3;
const TARGETS: usize = 4;
const TICKS: u64 = 400;
/// Of the synapse from i to j, in ticks.
fn delay(source: usize, target: usize) -> u64 {
    [1, 7, 2, 19, 4][(2 * source + 3 * target) % 5]
}

/// Spikes of each population and neuron; the populations are the sources, the targets and the modulator.
#[derive(Default)]
struct Trains(BTreeMap<(usize, u32), Vec<u64>>);

impl SpikeObserver for Trains {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        neurons.iter().for_each(|&neuron| self.0.entry((population.0, neuron)).or_default().push(tick.0));
        Ok(())
    }
}

impl Trains {
    fn of(&self, population: usize, neuron: usize) -> Vec<u64> {
        self.0.get(&(population, neuron as u32)).cloned().unwrap_or_default()
    }
}

/// Sources and targets that fire often, at a resolution of 1 ms, with weights that make nobody fire.
fn model(plasticity: &str, weight: f64) -> (Model, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut list = String::from("source,target,weight,delay\n");
    for (source, target) in (0..SOURCES).flat_map(|i| (0..TARGETS).map(move |j| (i, j))) {
        let weight = weight * (1.0 + 0.1 * source as f64 - 0.07 * target as f64);
        list += &format!("{source},{target},{weight},{}\n", delay(source, target));
    }
    std::fs::write(folder.path().join("list.csv"), list).unwrap();
    let text = format!(
        r#"
[simulation]
resolution = "1 ms"
duration = "{TICKS} ms"
seed = 5
[populations.pre]
size = {SOURCES}
neuron = "source"
[populations.post]
size = {TARGETS}
neuron.lif_delta = {{ tau_m = "10 ms", tau_refrac = "0 ms" }}
[populations.reward]
size = 2
neuron = "source"
[projections.learning]
source = "pre"
target = "post"
connect.list = {{ file = '{}' }}
weight = 1
plasticity = {{ {plasticity} }}
[inputs.pre]
target = "pre"
poisson = {{ rate = "60 Hz" }}
[inputs.post]
target = "post"
poisson = {{ rate = "70 Hz", weight = 1000 }}
[inputs.reward]
target = "reward"
poisson = {{ rate = "20 Hz" }}
"#,
        folder.path().join("list.csv").display()
    );
    (Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{plasticity}: {error}")), folder)
}

/// The weights at every tick, in order of source and target, and what spiked.
fn looked<R: Float>(model: &Model, threads: usize) -> (Vec<Vec<f64>>, Trains) {
    looked_at::<R>(model, threads, "weight")
}

/// The same of a variable.
fn looked_at<R: Float>(model: &Model, threads: usize, variable: &str) -> (Vec<Vec<f64>>, Trains) {
    let setting = Setting { seed: 5, threads, strategy: Strategy::Auto, stored: &[] };
    let mut simulation = Simulation::<R>::new(model, &setting, &[]).unwrap();
    let mut trains = Trains::default();
    let weights = (0..=TICKS).map(|tick| {
        simulation.run_until(Tick(tick + 1), &mut trains).unwrap();
        simulation.synapses(ProjectionId(0), variable)
    });
    (weights.collect(), trains)
}

/// The weights at the end of a run during which nobody looked.
fn unseen<R: Float>(model: &Model, threads: usize, end: u64) -> Vec<f64> {
    unseen_of::<R>(model, threads, end, "weight")
}

/// The same of a variable.
fn unseen_of<R: Float>(model: &Model, threads: usize, end: u64, variable: &str) -> Vec<f64> {
    let setting = Setting { seed: 5, threads, strategy: Strategy::Auto, stored: &[] };
    let mut simulation = Simulation::<R>::new(model, &setting, &[]).unwrap();
    simulation.run_until(Tick(end + 1), &mut Trains::default()).unwrap();
    simulation.synapses(ProjectionId(0), variable)
}

/// What a spike or the end of a tick does to a synapse.
enum Act {
    /// A pair acts with its amount: positive for a postsynaptic spike, negative for a presynaptic one.
    Step(fn(&Known, f64, f64) -> f64),
    Eligibility,
    /// At the end of every so many ticks, the weights of each target are scaled by what this says.
    Scale(u64, fn(&[f64], &Known) -> f64),
}

/// What a rule knows of a synapse at a tick.
struct Known<'a> {
    tick: u64,
    /// Whether a postsynaptic spike acts, or else a presynaptic one.
    is_post: bool,
    /// Presynaptic spikes before the one that acts; a source may fire more than once at a tick.
    pre: &'a [u64],
    /// When postsynaptic spikes are at the synapse, until this tick.
    post: &'a [u64],
    /// When the target fired, until this tick.
    fired: &'a [u64],
    sign: f64,
}

fn trace(tick: u64, spikes: impl Iterator<Item = u64>, tau: f64) -> f64 {
    spikes.map(|spike| (-((tick - spike) as f64) / tau).exp()).sum()
}

impl Known<'_> {
    fn earlier(&self) -> &[u64] {
        &self.post[..self.post.partition_point(|&spike| spike < self.tick)]
    }

    fn pre(&self, tau: f64) -> f64 {
        trace(self.tick, self.pre.iter().copied(), tau)
    }

    fn post(&self, tau: f64) -> f64 {
        trace(self.tick, self.earlier().iter().copied(), tau)
    }

    fn last_post(&self) -> f64 {
        trace(self.tick, self.earlier().last().copied().into_iter(), 15.0)
    }
}

/// How two spikes pair: the potentiation of a postsynaptic spike and the depression of a presynaptic one.
type Pairing = fn(&Known) -> f64;

fn all_pairs(known: &Known) -> f64 {
    if known.is_post { known.pre(12.0) } else { known.post(15.0) }
}

fn nearest(known: &Known) -> f64 {
    if known.is_post { trace(known.tick, known.pre.last().copied().into_iter(), 12.0) } else { known.last_post() }
}

fn pre_centred(known: &Known) -> f64 {
    let since = known.earlier().last().copied().unwrap_or(0);
    let pre = known.pre.iter().copied().filter(|&spike| spike >= since);
    if known.is_post { trace(known.tick, pre, 12.0) } else { known.last_post() }
}

fn reduced(known: &Known) -> f64 {
    let since = known.earlier().last().copied().unwrap_or(0);
    let last = known.pre.last().copied();
    if known.is_post {
        trace(known.tick, last.into_iter().filter(|&spike| spike >= since), 12.0)
    } else if known.post.last().is_some_and(|&spike| last.is_none_or(|last| spike > last)) {
        known.last_post()
    } else {
        0.0
    }
}

fn triplets(known: &Known) -> f64 {
    if known.is_post {
        known.pre(12.0) * (0.01 + 0.02 * known.post(40.0))
    } else {
        known.post(15.0) * (0.012 + 0.015 * known.pre(50.0))
    }
}

fn vogels(known: &Known) -> f64 {
    if known.is_post { known.pre(12.0) } else { 0.3 - known.post(12.0) }
}

struct Rule {
    text: &'static str,
    pairing: Pairing,
    acts: Vec<Act>,
    weight: f64,
}

/// Runs the synapses of a rule tick by tick. Weights in order of source and target, at every tick.
fn expected(rule: &Rule, sign: f64, trains: &Trains) -> Vec<Vec<f64>> {
    let synapses: Vec<_> = (0..SOURCES).flat_map(|i| (0..TARGETS).map(move |j| (i, j))).collect();
    let start = |&(i, j): &(usize, usize)| sign * rule.weight * (1.0 + 0.1 * i as f64 - 0.07 * j as f64);
    let mut weights: Vec<f64> = synapses.iter().map(start).collect();
    let mut eligibilities = vec![0.0; weights.len()];
    let rewards: Vec<u64> = (0..2).flat_map(|k| trains.of(2, k)).map(|tick| tick + 3).collect();
    let until = |spikes: Vec<u64>, tick: u64| spikes.into_iter().filter(|&spike| spike <= tick).collect::<Vec<_>>();
    let tick = |tick: u64| {
        for (place, &(i, j)) in synapses.iter().enumerate() {
            let pre = until(trains.of(0, i), tick);
            let post = until(trains.of(1, j).into_iter().map(|spike| spike + delay(i, j)).collect(), tick);
            let fired = until(trains.of(1, j), tick);
            let known = |is_post, pre| Known { tick, is_post, pre, post: &post, fired: &fired, sign };
            let before = pre.partition_point(|&spike| spike < tick);
            for act in &rule.acts {
                let (weight, own) = (&mut weights[place], &mut eligibilities[place]);
                if tick > 0 && matches!(act, Act::Eligibility) {
                    // From one tick to the next: the eligibility decays with 80 ms, dopamine with 30 ms.
                    let n: f64 = trace(tick - 1, rewards.iter().copied().filter(|&r| r < tick), 30.0) / 30.0;
                    let tau: f64 = 80.0 * 30.0 / 110.0;
                    *weight +=
                        *own * (n * tau * (1.0 - (-1.0 / tau).exp()) - 0.004 * 80.0 * (1.0 - (-1.0 / 80f64).exp()));
                    *own *= (-1.0 / 80f64).exp();
                }
                let arrived = (post.last() == Some(&tick)).then(|| known(true, &pre[..before]));
                let fired = (before..pre.len()).map(|place| known(false, &pre[..place]));
                for known in arrived.into_iter().chain(fired) {
                    let amount = (rule.pairing)(&known) * if known.is_post { 1.0 } else { -1.0 };
                    match act {
                        Act::Step(step) => *weight = step(&known, *weight, amount),
                        Act::Eligibility => *own += amount * if known.is_post { 0.01 } else { 0.011 },
                        Act::Scale(..) => {}
                    }
                }
            }
        }
        for act in &rule.acts {
            let Act::Scale(period, factor) = act else { continue };
            for j in (0..TARGETS).filter(|_| tick > 0 && tick.is_multiple_of(*period)) {
                let onto: Vec<usize> = (0..synapses.len()).filter(|&place| synapses[place].1 == j).collect();
                let own: Vec<f64> = onto.iter().map(|&place| weights[place]).collect();
                let fired = until(trains.of(1, j), tick);
                let known = Known { tick, is_post: false, pre: &[], post: &[], fired: &fired, sign };
                onto.iter().for_each(|&place| weights[place] *= factor(&own, &known));
            }
        }
        weights.clone()
    };
    (0..=TICKS).map(tick).collect()
}

/// `clip(w + sign k)` between 0 and 1 times the sign.
fn clip(known: &Known, weight: f64) -> f64 {
    known.sign * (known.sign * weight).clamp(0.0, 1.0)
}

fn additive(known: &Known, weight: f64, amount: f64) -> f64 {
    clip(known, weight + known.sign * 0.05 * if known.is_post { 1.0 } else { 1.2 } * amount)
}

fn multiplicative(known: &Known, weight: f64, amount: f64) -> f64 {
    let share = if known.is_post { known.sign - weight } else { 1.2 * weight };
    clip(known, weight + 0.05 * share * amount)
}

fn van_rossum(known: &Known, weight: f64, amount: f64) -> f64 {
    let share = if known.is_post { known.sign } else { 1.2 * weight };
    clip(known, weight + 0.05 * share * amount)
}

fn guetig(known: &Known, weight: f64, amount: f64) -> f64 {
    let share = known.sign * weight;
    let slope = if known.is_post { (1.0 - share).powf(0.4) } else { 1.2 * share.powf(0.7) };
    clip(known, weight + known.sign * 0.05 * slope * amount)
}

fn power_law(known: &Known, weight: f64, amount: f64) -> f64 {
    let slope = if known.is_post { weight.powf(0.4) } else { 1.2 * weight };
    (weight + 0.05 * slope * amount).max(0.0)
}

fn plain(known: &Known, weight: f64, amount: f64) -> f64 {
    clip(known, weight + known.sign * amount)
}

fn inhibitory(known: &Known, weight: f64, amount: f64) -> f64 {
    // A presynaptic spike is two steps: up by its pairs, then down by alpha.
    let eta = 0.03 * known.sign;
    if known.is_post {
        clip(known, weight + eta * amount)
    } else {
        clip(known, clip(known, weight + eta * (amount + 0.3)) - eta * 0.3)
    }
}

fn normalise(own: &[f64], known: &Known) -> f64 {
    known.sign * 1.4 / own.iter().sum::<f64>()
}

fn towards_a_rate(_: &[f64], known: &Known) -> f64 {
    let silent = 0.05 * (-(known.tick as f64) / 90.0).exp();
    let rate = silent + trace(known.tick, known.fired.iter().copied(), 90.0) / 90.0;
    1.0 + 0.04 * (0.05 - rate) / 0.05
}

const STDP: &str =
    "stdp = { tau_plus = \"12 ms\", tau_minus = \"15 ms\", learning_rate = 0.05, alpha = 1.2, w_max = ONE";

fn rules() -> Vec<Rule> {
    let rule = |text, pairing, acts| Rule { text, pairing, acts, weight: 0.5 };
    let mut all = vec![
        rule("STDP, dependence = \"additive\" }", all_pairs, vec![Act::Step(additive)]),
        rule("STDP, dependence = \"multiplicative\" }", all_pairs, vec![Act::Step(multiplicative)]),
        rule("STDP, dependence = \"van_rossum\" }", all_pairs, vec![Act::Step(van_rossum)]),
        rule("STDP, mu_plus = 0.4, mu_minus = 0.7 }", all_pairs, vec![Act::Step(guetig)]),
        rule("STDP, dependence = \"additive\", pairing = \"nearest\" }", nearest, vec![Act::Step(additive)]),
        rule(
            "STDP, dependence = \"additive\", pairing = \"nearest_pre_centered\" }",
            pre_centred,
            vec![Act::Step(additive)],
        ),
        rule("STDP, dependence = \"additive\", pairing = \"nearest_reduced\" }", reduced, vec![Act::Step(additive)]),
        rule(
            "triplet_stdp = { tau_plus = \"12 ms\", tau_minus = \"15 ms\", tau_plus_triplet = \"50 ms\", \
             tau_minus_triplet = \"40 ms\", a_plus = 0.01, a_minus = 0.012, a_plus_triplet = 0.02, \
             a_minus_triplet = 0.015, w_max = ONE }",
            triplets,
            vec![Act::Step(plain)],
        ),
        rule(
            "dopamine_stdp = { modulator = \"reward\", tau_plus = \"12 ms\", tau_minus = \"15 ms\", a_plus = 0.01, \
             a_minus = 0.011, tau_c = \"80 ms\", tau_n = \"30 ms\", baseline = 0.004, modulator_delay = \"3 ms\", w_max = ONE }",
            all_pairs,
            vec![Act::Eligibility],
        ),
        rule(
            "inhibitory_stdp = { tau = \"12 ms\", learning_rate = 0.03, alpha = 0.3, w_max = ONE }",
            vogels,
            vec![Act::Step(inhibitory)],
        ),
        rule(
            "weight_normalisation = { every = \"10 ms\", total = \"SIGN 1.4\" }",
            all_pairs,
            vec![Act::Scale(10, normalise)],
        ),
        rule(
            "homeostatic_scaling = { rate = \"50 Hz\", tau = \"90 ms\", every = \"7 ms\", strength = 0.04, w_max = \"SIGN 3\" }",
            all_pairs,
            vec![Act::Scale(7, towards_a_rate)],
        ),
        rule(
            "STDP, dependence = \"additive\" }, weight_normalisation = { every = \"5 ms\", total = \"SIGN 1.4\" }",
            all_pairs,
            vec![Act::Step(additive), Act::Scale(5, normalise)],
        ),
        rule(
            "homeostatic_scaling = { rate = \"50 Hz\", tau = \"90 ms\", every = \"7 ms\", strength = 0.04, w_max = \"SIGN 3\" }, \
             weight_normalisation = { every = \"14 ms\", total = \"SIGN 1.4\" }, STDP, dependence = \"multiplicative\" }",
            all_pairs,
            vec![Act::Scale(7, towards_a_rate), Act::Scale(14, normalise), Act::Step(multiplicative)],
        ),
    ];
    all.push(rule("STDP, dependence = \"power_law\", mu_plus = 0.4 }", all_pairs, vec![Act::Step(power_law)]));
    all
}

fn close(found: &[Vec<f64>], expected: &[Vec<f64>], tolerance: f64, what: &str) {
    for (tick, (found, expected)) in found.iter().zip(expected).enumerate() {
        let differ = found.iter().zip(expected).position(|(f, e)| (f - e).abs() > tolerance);
        assert!(differ.is_none(), "{what}, tick {tick}, synapse {differ:?}:\n{found:?}\n{expected:?}");
    }
}

#[test]
fn weights_hold_all_that_acted_until_somebody_looks() {
    for rule in rules() {
        for sign in [1.0, -1.0] {
            if sign < 0.0 && rule.text.contains("power_law") {
                continue;
            }
            let text = rule.text.replace("STDP", STDP).replace("ONE", &sign.to_string());
            let text = text.replace("\"SIGN ", if sign > 0.0 { "\"" } else { "\"-" });
            // Amounts without unit need no quotes.
            let text = text.replace("= \"1.4\"", "= 1.4").replace("= \"-1.4\"", "= -1.4");
            let (model, _folder) = model(&text, sign * rule.weight);
            let (weights, trains) = looked::<f64>(&model, 1);
            assert!((0..TARGETS).all(|j| trains.of(1, j).len() > 15), "targets fire");
            let expected = expected(&rule, sign, &trains);
            let moved = weights[0].iter().zip(&weights[TICKS as usize]).any(|(a, b)| (a - b).abs() > 0.01);
            assert!(moved, "{text}: nothing was learned");
            close(&weights, &expected, 1e-11, &text);
            close(&looked::<f32>(&model, 1).0, &expected, 2e-5, &text);
            assert_eq!(looked::<f64>(&model, 3).0, weights, "{text}: threads");
            for end in [TICKS, TICKS - 3, 57] {
                assert_eq!(unseen::<f64>(&model, 1, end), weights[end as usize], "{text}: looking changes weights");
            }
            assert_eq!(unseen::<f64>(&model, 3, TICKS), weights[TICKS as usize], "{text}: threads, unseen");
        }
    }
}

/// Short-term plasticity, tick by tick: utilisation, time constants in ms, first u and x.
struct Resources {
    utilisation: f64,
    tau_rec: f64,
    tau_fac: f64,
    first: [f64; 2],
}

impl Resources {
    fn text(&self) -> String {
        let Self { utilisation, tau_rec, tau_fac, first: [x, u] } = self;
        format!(
            "tsodyks_markram = {{ utilisation = {utilisation}, tau_rec = \"{tau_rec} ms\", tau_fac = \"{tau_fac} ms\", \
             x_init = {x}, u_init = {u} }}"
        )
    }

    /// x and u at the end of every tick, with these spikes: each uses the part u of x and raises u;
    /// from tick to tick x recovers to 1, and u decays to the utilisation.
    fn expected(&self, spikes: &[u64]) -> Vec<[f64; 2]> {
        let left = |tau: f64| if tau > 0.0 { (-1.0 / tau).exp() } else { 0.0 };
        let [mut x, mut u] = self.first;
        let tick = |tick: u64| {
            if spikes.first().is_some_and(|&first| first < tick) {
                x = 1.0 - (1.0 - x) * left(self.tau_rec);
                u = self.utilisation + (u - self.utilisation) * left(self.tau_fac);
            }
            for _ in spikes.iter().filter(|&&spike| spike == tick) {
                x = if self.tau_rec > 0.0 { x - u * x } else { 1.0 };
                u = if self.tau_fac > 0.0 { u + self.utilisation * (1.0 - u) } else { self.utilisation };
            }
            [x, u]
        };
        (0..=TICKS).map(tick).collect()
    }
}

#[test]
fn resources_and_the_share_used_are_those_of_the_tick_of_the_look() {
    let sets = [(0.5, 80.0, 0.0, [1.0, 0.5]), (0.15, 30.0, 90.0, [0.6, 0.4]), (1.0, 25.0, 10.0, [1.0, 1.0])];
    for (utilisation, tau_rec, tau_fac, first) in sets.into_iter().chain([(0.3, 0.0, 20.0, [0.5, 0.1])]) {
        let rule = Resources { utilisation, tau_rec, tau_fac, first };
        let (model, _folder) = model(&rule.text(), 0.5);
        for (place, variable) in ["x", "u"].into_iter().enumerate() {
            let what = format!("{variable} of {}", rule.text());
            let (values, trains) = looked_at::<f64>(&model, 1, variable);
            let of: Vec<_> = (0..SOURCES).map(|source| rule.expected(&trains.of(0, source))).collect();
            let synapses =
                |tick: usize| (0..SOURCES * TARGETS).map(|k| of[k / TARGETS][tick][place]).collect::<Vec<f64>>();
            let expected: Vec<Vec<f64>> = (0..=TICKS as usize).map(synapses).collect();
            assert!((0..SOURCES).all(|source| trains.of(0, source).len() > 15), "sources fire");
            close(&values, &expected, 1e-11, &what);
            assert_eq!(looked_at::<f32>(&model, 1, variable).0, values, "{what}: f32");
            assert_eq!(looked_at::<f64>(&model, 3, variable).0, values, "{what}: threads");
            for end in [TICKS, 57, 0] {
                assert_eq!(unseen_of::<f64>(&model, 3, end, variable), values[end as usize], "{what}: unseen");
            }
        }
        assert!(looked_at::<f64>(&model, 1, "eligibility").0.iter().all(Vec::is_empty));
    }
}
