//! The simulator against a naive one that looks at every synapse and every neuron at every
//! tick: the same spikes, for feed-forward and recurrent networks, both kinds with delta
//! synapses, both resets.

use std::collections::HashSet;
use std::fmt::Write as _;

use twinfire::error::Result;
use twinfire::id::PopulationId;
use twinfire::model::Model;
use twinfire::random::{Purpose, Stream};
use twinfire::record::SpikeObserver;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Simulation, Strategy};
use twinfire::time::Tick;

/// A tick in ms.
const H: f64 = 0.5;

/// (tick, population, neuron), in order.
type Spikes = Vec<(u64, usize, u32)>;

/// A neuron, for the naive engine and for a model file. Potentials are relative to rest.
#[derive(Clone)]
struct Cell {
    line: String,
    decay: f64,
    current_gain: f64,
    initial: f64,
    threshold: f64,
    /// `None`: the threshold is taken off.
    reset: Option<f64>,
    refractory: u64,
}

impl Cell {
    fn new(kind: &str, subtracts: bool, refractory: u64) -> Self {
        let reset = if subtracts { "subtract" } else { "to_value" };
        let end = format!("reset = \"{reset}\", tau_refrac = \"{} ms\" }}", refractory as f64 * H);
        if kind == "if" {
            let line = format!("neuron.if = {{ v_thresh = 15, v_init = 5, v_reset = -2, {end}");
            let reset = (!subtracts).then_some(-2.0);
            return Self { line, decay: 1.0, current_gain: H, initial: 5.0, threshold: 15.0, reset, refractory };
        }
        let line = format!(
            "neuron.lif = {{ tau_m = \"5 ms\", c_m = \"250 pF\", v_rest = \"-65 mV\", v_thresh = \"-50 mV\", \
             v_reset = \"-67 mV\", v_init = \"-60 mV\", {end}"
        );
        let decay = (-H / 5.0f64).exp();
        let current_gain = (1.0 - decay) * 5.0 / 250.0;
        Self {
            line,
            decay,
            current_gain,
            initial: 5.0,
            threshold: 15.0,
            reset: (!subtracts).then_some(-2.0),
            refractory,
        }
    }

    /// Both kinds, both resets, with and without a refractory period.
    fn every() -> impl Iterator<Item = Self> {
        let of_kind = |kind| [true, false].map(|subtracts| [0, 3].map(|ticks| Self::new(kind, subtracts, ticks)));
        ["if", "lif"].into_iter().flat_map(of_kind).flatten()
    }
}

/// A synapse: source, target, weight, delay in ticks.
type Synapse = (u32, u32, f64, u64);

/// Spikes onto a population, with their weight.
struct Volleys {
    population: usize,
    weight: f64,
    /// (tick, neuron).
    spikes: Vec<(u64, u32)>,
}

/// A network whose population 0 is made of sources.
struct Network {
    cell: Cell,
    sizes: Vec<usize>,
    /// From one population to another.
    projections: Vec<((usize, usize), Vec<Synapse>)>,
    volleys: Vec<Volleys>,
    /// A current into a population, in pA, while it lasts.
    current: Option<(usize, f64, std::ops::Range<u64>)>,
}

impl Network {
    fn new(cell: Cell, sizes: &[usize]) -> Self {
        Self { cell, sizes: sizes.to_vec(), projections: Vec::new(), volleys: Vec::new(), current: None }
    }

    /// Connects each pair with probability `p`. Weights are multiples of 1/64, so that sums of
    /// them are exact in any order.
    fn connect(&mut self, ends: (usize, usize), delay: u64, p: f64, (low, high): (f64, f64)) {
        let mut stream = Stream::new(3, Purpose::Wiring, self.projections.len() as u32, 0);
        let mut synapses = Vec::new();
        for source in 0..self.sizes[ends.0] as u32 {
            for target in 0..self.sizes[ends.1] as u32 {
                let weight = low + (high - low) * f64::from(stream.uniform());
                if stream.chance(p) {
                    synapses.push((source, target, (weight * 64.0).round() / 64.0, delay));
                }
            }
        }
        self.projections.push((ends, synapses));
    }

    /// Random spikes of the sources, each with a probability of 1/8 per tick, often coincident.
    fn drive(&mut self, end: u64) {
        let mut stream = Stream::new(4, Purpose::Input, 0, 0);
        let neurons = self.sizes[0] as u32;
        let all = (1..end).flat_map(|tick| (0..neurons).map(move |neuron| (tick, neuron)));
        let spikes = all.filter(|_| stream.chance(0.125)).collect();
        self.volleys.push(Volleys { population: 0, weight: 1.0, spikes });
    }

    /// The spikes before `end`, by the naive engine.
    fn naive(&self, end: u64) -> Spikes {
        let mut happened: HashSet<(u64, usize, u32)> = HashSet::new();
        let mut spikes = Vec::new();
        let mut neurons: Vec<Vec<(f64, u64)>> =
            self.sizes.iter().map(|&size| vec![(self.cell.initial, 0); size]).collect();
        for tick in 1..end {
            for (population, neurons) in neurons.iter_mut().enumerate() {
                for (neuron, (v, ready)) in (0..).zip(neurons) {
                    let fires = if population == 0 {
                        self.arrived(0, neuron, tick).is_some()
                    } else {
                        self.step((population, neuron), (v, ready), tick, &happened)
                    };
                    spikes.extend(fires.then_some((tick, population, neuron)));
                }
            }
            happened.extend(spikes.iter().filter(|spike| spike.0 == tick).copied());
        }
        spikes
    }

    /// The weights of listed spikes that arrive, if any do.
    fn arrived(&self, population: usize, neuron: u32, tick: u64) -> Option<f64> {
        let mut sum = None;
        for Volleys { weight, spikes, .. } in self.volleys.iter().filter(|volleys| volleys.population == population) {
            let count = spikes.iter().filter(|&&(at, listed)| at == tick && listed == neuron).count();
            sum = if count > 0 { Some(sum.unwrap_or(0.0) + weight * count as f64) } else { sum };
        }
        sum
    }

    /// One neuron at one tick: whether it spikes.
    fn step(
        &self,
        (population, neuron): (usize, u32),
        (v, ready): (&mut f64, &mut u64),
        tick: u64,
        happened: &HashSet<(u64, usize, u32)>,
    ) -> bool {
        let is_held = tick < *ready;
        if tick + 1 < *ready {
            return false;
        }
        let mut input = self.arrived(population, neuron, tick).unwrap_or(0.0);
        for ((from, to), synapses) in &self.projections {
            for &(source, target, weight, delay) in synapses {
                let arrives = *to == population && target == neuron && tick >= delay;
                if arrives && happened.contains(&(tick - delay, *from, source)) {
                    input += weight;
                }
            }
        }
        let flows = |(target, _, ticks): &&(usize, f64, std::ops::Range<u64>)| {
            *target == population && ticks.contains(&(tick - 1))
        };
        let current = self.current.as_ref().filter(flows).map_or(0.0, |current| current.1);
        // At the last tick of a refractory period the membrane is held, and what arrives counts.
        *v = if is_held { *v + input } else { *v * self.cell.decay + current * self.cell.current_gain + input };
        if *v < self.cell.threshold {
            return false;
        }
        *v = self.cell.reset.unwrap_or(*v - self.cell.threshold);
        *ready = tick + 1 + self.cell.refractory;
        true
    }

    /// The same network as a model, its lists in `folder`.
    fn model(&self, folder: &std::path::Path) -> Model {
        let mut text = format!("[simulation]\nresolution = \"{H} ms\"\nduration = \"1 s\"\n");
        for (index, size) in self.sizes.iter().enumerate() {
            let neuron = if index == 0 { "neuron = \"source\"" } else { &self.cell.line };
            write!(text, "[populations.p{index}]\nsize = {size}\n{neuron}\n").unwrap();
        }
        for (index, ((source, target), synapses)) in self.projections.iter().enumerate() {
            let mut list = String::from("source,target,weight,delay\n");
            for (source, target, weight, delay) in synapses {
                writeln!(list, "{source},{target},{weight},{}", *delay as f64 * H).unwrap();
            }
            std::fs::write(folder.join(format!("q{index}.csv")), list).unwrap();
            write!(
                text,
                "[projections.q{index}]\nsource = \"p{source}\"\ntarget = \"p{target}\"\nweight = 0\n\
                 connect.list = {{ file = \"q{index}.csv\" }}\n"
            )
            .unwrap();
        }
        for (index, Volleys { population, weight, spikes }) in self.volleys.iter().enumerate() {
            let rows: String = spikes.iter().map(|(tick, neuron)| format!("{neuron},{}\n", *tick as f64 * H)).collect();
            std::fs::write(folder.join(format!("s{index}.csv")), format!("neuron,time\n{rows}")).unwrap();
            write!(
                text,
                "[inputs.s{index}]\ntarget = \"p{population}\"\n\
                 spike_times = {{ file = \"s{index}.csv\", weight = {weight} }}\n"
            )
            .unwrap();
        }
        if let Some((population, amplitude, ticks)) = &self.current {
            let [start, stop] = [ticks.start, ticks.end].map(|tick| tick as f64 * H);
            write!(
                text,
                "[inputs.current]\ntarget = \"p{population}\"\n\
                 dc = {{ amplitude = \"{amplitude} pA\", start = \"{start} ms\", stop = \"{stop} ms\" }}\n"
            )
            .unwrap();
        }
        let path = folder.join("model.toml");
        std::fs::write(&path, &text).unwrap();
        Model::from_file(&path, &[]).unwrap_or_else(|error| panic!("{text}\n{error}"))
    }

    /// Compares the engines; gives the number of spikes of neurons.
    fn check(&self, end: u64) -> usize {
        let expected = self.naive(end);
        let folder = tempfile::tempdir().unwrap();
        let model = self.model(folder.path());
        for (strategy, threads) in [(Strategy::Swept, 1), (Strategy::Lazy, 1), (Strategy::Auto, 2)] {
            let setting = Setting { seed: 0, threads, strategy, stored: &[] };
            let mut simulation = Simulation::<f64>::new(&model, &setting, &[]).unwrap();
            let mut recorder = Recorder(Vec::new());
            simulation.run_until(Tick(end / 3), &mut recorder).unwrap();
            simulation.run_until(Tick(end), &mut recorder).unwrap();
            assert_eq!(recorder.0, expected, "{strategy:?} {}", self.cell.line);
        }
        expected.iter().filter(|spike| spike.1 > 0).count()
    }
}

struct Recorder(Spikes);

impl SpikeObserver for Recorder {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        self.0.extend(neurons.iter().map(|&neuron| (tick.0, population.0, neuron)));
        Ok(())
    }
}

#[test]
fn feed_forward_networks_with_delays_and_inhibition() {
    for cell in Cell::every() {
        let mut network = Network::new(cell, &[12, 9, 7]);
        network.connect((0, 1), 1, 1.0, (-2.0, 6.0));
        network.connect((0, 1), 4, 0.3, (0.0, 9.0));
        network.connect((1, 2), 3, 1.0, (-3.0, 8.0));
        network.drive(300);
        let spikes = network.check(300);
        assert!(spikes > 100, "{spikes}");
    }
}

#[test]
fn recurrent_networks_of_excitation_and_inhibition() {
    for cell in Cell::every() {
        let mut network = Network::new(cell, &[8, 12, 5]);
        network.connect((0, 1), 2, 0.5, (2.0, 9.0));
        network.connect((1, 1), 1, 0.4, (0.0, 5.0));
        network.connect((1, 2), 2, 1.0, (0.0, 4.0));
        network.connect((2, 1), 3, 1.0, (-6.0, 0.0));
        network.connect((2, 2), 1, 0.5, (-5.0, 0.0));
        network.drive(250);
        let spikes = network.check(250);
        assert!(spikes > 80, "{spikes}");
    }
}

#[test]
fn constant_currents_that_begin_and_end_beside_spikes() {
    for cell in Cell::every() {
        let mut network = Network::new(cell.clone(), &[6, 8]);
        network.connect((0, 1), 2, 0.5, (-4.0, 8.0));
        network.connect((1, 1), 5, 0.5, (-4.0, 4.0));
        network.drive(200);
        network.current = Some((1, 2.25 / cell.current_gain, 20..120));
        let spikes = network.check(200);
        assert!(spikes > 60, "{spikes}");
    }
}

#[test]
fn spikes_at_the_very_same_tick_and_at_the_first() {
    for cell in Cell::every() {
        let mut network = Network::new(cell, &[5, 4]);
        network.connect((0, 1), 1, 1.0, (3.0, 4.0));
        let volleys = [1, 2, 3, 10, 11, 40].into_iter();
        let spikes = volleys.flat_map(|tick| (0..5).map(move |source| (tick, source))).collect();
        network.volleys.push(Volleys { population: 0, weight: 1.0, spikes });
        // Onto neurons: twice at one tick, also at the first.
        let spikes = vec![(1, 2), (1, 2), (60, 2), (60, 2), (61, 2)];
        network.volleys.push(Volleys { population: 1, weight: 9.0, spikes });
        let spikes = network.check(80);
        assert!(spikes >= 12, "{spikes}");
    }
}

#[test]
fn an_overshoot_of_several_thresholds_gives_spikes_at_the_next_ticks() {
    let mut network = Network::new(Cell::new("if", true, 2), &[1, 1]);
    network.projections.push(((0, 1), vec![(0, 0, 15.0, 7)]));
    network.volleys.push(Volleys { population: 1, weight: 46.0, spikes: vec![(20, 0)] });
    network.volleys.push(Volleys { population: 0, weight: 1.0, spikes: vec![(3, 0)] });
    // 5 + 15 at tick 10: one spike; then 5 + 46 at tick 20: three, each 2 refractory ticks apart.
    let expected = [(3, 0, 0), (10, 1, 0), (20, 1, 0), (22, 1, 0), (24, 1, 0)];
    assert_eq!(network.naive(100), expected);
    assert_eq!(network.check(100), 4);
}
