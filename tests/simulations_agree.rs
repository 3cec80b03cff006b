//! One model, run in every way: the same bytes for any number of threads and however a run is cut
//! into pieces; lazily and swept the same spikes; from a copy as if never stopped.

use twinfire::error::Result;
use twinfire::id::PopulationId;
use twinfire::model::Model;
use twinfire::record::SpikeObserver;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Float, Simulation, Strategy};
use twinfire::time::Tick;

/// (tick, population, neuron) in the order in which they are told.
#[derive(Default)]
struct Recorder(Vec<(u64, usize, u32)>);

impl SpikeObserver for Recorder {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        self.0.extend(neurons.iter().map(|&neuron| (tick.0, population.0, neuron)));
        Ok(())
    }
}

/// A balanced network with random delays; `rule` goes into the projection from exc to exc.
fn model(neuron: &str, weight: f64, unit: &str, rule: &str) -> Model {
    let text = format!(
        r#"
[simulation]
duration = "300 ms"
[populations.noise]
size = 40
neuron = "source"
[populations.exc]
size = 101
neuron.{neuron} = {{ v_init.uniform = {{ low = "-65 mV", high = "-51 mV" }} }}
[populations.inh]
size = 27
neuron = "exc"
[projections.noise]
source = "noise"
target = ["exc", "inh"]
connect.fixed_in_degree = {{ n = 10 }}
weight = "{weight} {unit}"
delay = "1 ms"
[projections.exc]
source = "exc"
target = "exc"
connect.pairwise_bernoulli = {{ p = 0.1 }}
weight.uniform = {{ low = "0.5 * {weight} {unit}", high = "{weight} {unit}" }}
delay.normal = {{ mean = "1.5 ms", std = "0.7 ms", low = "0.1 ms" }}
{rule}
[projections.others]
source = ["exc", "inh"]
target = ["inh", "exc"]
connect.fixed_out_degree = {{ n = 8 }}
weight = ["0.7 * {weight} {unit}", "-3 * {weight} {unit}"]
delay = "0.4 ms"
[inputs.background]
target = "noise"
poisson = {{ rate = "150 Hz" }}
[inputs.drive]
target = ["exc", "inh"]
dc = {{ amplitude = "120 pA", start = "20 ms", stop = "200 ms" }}
"#
    );
    Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn setting(strategy: Strategy, threads: usize) -> Setting<'static> {
    Setting { seed: 3, threads, strategy, stored: &[] }
}

fn run<R: Float>(model: &Model, strategy: Strategy, threads: usize) -> (Vec<(u64, usize, u32)>, Vec<f64>) {
    let mut simulation = Simulation::<R>::new(model, &setting(strategy, threads), &[]).unwrap();
    let mut recorder = Recorder::default();
    simulation.run_until(Tick(model.simulation.duration + 1), &mut recorder).unwrap();
    let exc = model.projections.iter().position(|projection| projection.name == "exc").unwrap();
    let weights = simulation.weights(twinfire::id::ProjectionId(exc));
    (recorder.0, weights)
}

fn neurons(spikes: &[(u64, usize, u32)]) -> usize {
    spikes.iter().filter(|spike| spike.1 > 0).count()
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let stdp = "plasticity.stdp = { w_max = 200, lambda = 0.05 }";
    for (kind, weight, unit, rule) in [
        ("lif_delta", 0.9, "mV", ""),
        ("lif_exp", 90.0, "pA", stdp),
        ("lif_alpha", 60.0, "pA", ""),
        ("lif_cond_exp", 2.0, "nS", ""),
    ] {
        let model = model(kind, weight, unit, rule);
        let alone = run::<f32>(&model, Strategy::Auto, 1);
        assert!(neurons(&alone.0) > 300, "{kind}: {}", neurons(&alone.0));
        assert_eq!(alone.1.is_empty(), rule.is_empty());
        for threads in [2, 3, 5] {
            assert_eq!(run::<f32>(&model, Strategy::Auto, threads), alone, "{kind}, {threads} threads");
        }
    }
}

#[test]
fn lazy_and_swept_neurons_spike_alike() {
    for (kind, weight, unit) in [("lif_delta", 0.9, "mV"), ("lif_exp", 90.0, "pA")] {
        let model = model(kind, weight, unit, "");
        let swept = run::<f64>(&model, Strategy::Swept, 1);
        assert!(neurons(&swept.0) > 300);
        assert_eq!(run::<f64>(&model, Strategy::Lazy, 1), swept, "{kind}");
        assert_eq!(run::<f64>(&model, Strategy::Lazy, 2), swept, "{kind}");
    }
}

/// Neurons that start later do from then on what those do that start at once.
#[test]
fn populations_may_start_later() {
    let text = "[populations.p]\nsize = 20\nneuron.lif_delta = { v_init = \"-40 mV\", i_offset = \"350 pA\" }\n";
    let model = Model::from_text("m.toml", text, &[]).unwrap();
    for strategy in [Strategy::Swept, Strategy::Lazy] {
        let run = |start: u64| {
            let mut simulation = Simulation::<f64>::new(&model, &setting(strategy, 1), &[]).unwrap();
            simulation.start_at(PopulationId(0), Tick(start));
            let mut recorder = Recorder::default();
            simulation.run_until(Tick(start + 1001), &mut recorder).unwrap();
            let later = recorder.0.into_iter().map(|(tick, population, neuron)| (tick - start, population, neuron));
            (later.collect::<Vec<_>>(), simulation.value(PopulationId(0), 7, 0))
        };
        let (spikes, membrane) = run(0);
        assert!(spikes.len() >= 60 && spikes[0].0 == 1, "{}", spikes.len());
        assert_eq!(run(333), (spikes, membrane), "{strategy:?}");
    }
}

#[test]
fn a_run_goes_on_from_a_copy_as_if_never_stopped() {
    let model = model("lif_exp", 90.0, "pA", "plasticity.stdp = { w_max = 200, lambda = 0.05 }");
    let whole = run::<f32>(&model, Strategy::Auto, 1).0;
    for strategy in [Strategy::Auto, Strategy::Lazy] {
        let mut first = Simulation::<f32>::new(&model, &setting(strategy, 1), &[]).unwrap();
        let (mut early, mut late) = (Recorder::default(), Recorder::default());
        first.run_until(Tick(1111), &mut early).unwrap();
        let mut second = first.clone();
        second.run_until(Tick(model.simulation.duration + 1), &mut late).unwrap();
        assert!(strategy == Strategy::Lazy || whole == [early.0, late.0].concat());
    }
}
