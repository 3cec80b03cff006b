//! The event-driven engine against a clocked one that steps everything at every tick: the
//! same spikes, for feed-forward and recurrent networks, both neuron kinds, both resets.

use std::sync::Arc;

use synfire::error::Result;
use synfire::id::PopulationId;
use synfire::input::{self, Arrival};
use synfire::network::{Cell, Network, Population, Projection};
use synfire::neuron::delta_membrane::Reset;
use synfire::neuron::real::Real;
use synfire::neuron::{self, Neuron};
use synfire::parameter::{Value, Values, find};
use synfire::random::{Purpose, Stream};
use synfire::record::SpikeObserver;
use synfire::regime::presentation::Strategy;
use synfire::regime::presentation::feed::Drive;
use synfire::regime::presentation::simulation::Simulation;
use synfire::time::{Resolution, Tick};
use synfire::topology::Wiring;

/// (tick, population, neuron), in order.
type Spikes = Vec<(u64, usize, u32)>;

/// The naive engine: every neuron at every tick, every synapse looked at.
fn clocked(network: &Network, drives: &[Drive], end: u64) -> Spikes {
    let mut stream = Stream::new(0, Purpose::Input, 0, 0);
    let mut spikes: Spikes = Vec::new();
    let mut neurons: Vec<Vec<(f64, u64)>> = Vec::new();
    for population in &network.populations {
        let initial = membrane_of(population, network).map_or(0.0, |m| m.initial);
        neurons.push(vec![(initial, 0); population.size()]);
    }
    for tick in 0..end {
        let before = spikes.clone();
        for (p, population) in network.populations.iter().enumerate() {
            for (neuron, (v, ready)) in neurons[p].iter_mut().enumerate() {
                let mut input = 0.0;
                for q in network.projections.iter().filter(|q| q.target.0 == p) {
                    for source in 0..network.populations[q.source.0].size() {
                        let sent = (tick.wrapping_sub(u64::from(q.delay)), q.source.0, source as u32);
                        if before.contains(&sent) {
                            let row = q.wiring.row(source).filter(|&at| q.wiring.target(at) == neuron);
                            row.for_each(|at| input += f64::from(q.weights[at]));
                        }
                    }
                }
                let (mut arrived, mut current) = (false, 0.0);
                for drive in drives.iter().filter(|drive| drive.targets.contains(&PopulationId(p))) {
                    for arrival in drive.input.arrivals(neuron, Tick(0)..Tick(end), network.resolution, &mut stream) {
                        match arrival {
                            Arrival::Spike(at) if at.0 == tick => {
                                (arrived, input) = (true, input + drive.input.weight())
                            }
                            Arrival::Current(at, level) if at.0 < tick => current = level,
                            _ => {}
                        }
                    }
                }
                let Some(membrane) = membrane_of(population, network) else {
                    spikes.extend(arrived.then_some((tick, p, neuron as u32)));
                    continue;
                };
                if tick < *ready {
                    continue;
                }
                *v =
                    *v * if tick == 0 { 1.0 } else { (-membrane.leak).exp() } + input + current * membrane.current_gain;
                if *v >= membrane.threshold {
                    spikes.push((tick, p, neuron as u32));
                    *v = if membrane.reset == Reset::Subtract { *v - membrane.threshold } else { membrane.reset_value };
                    *ready = tick + 1 + u64::from(membrane.refractory);
                }
            }
        }
    }
    spikes
}

fn membrane_of(population: &Population, network: &Network) -> Option<synfire::neuron::delta_membrane::DeltaMembrane> {
    match &population.cell {
        Cell::Source => None,
        Cell::Neuron(neuron) => Some(neuron.presented().unwrap().membrane(network.resolution)),
    }
}

struct Recorder(Spikes);

impl SpikeObserver for Recorder {
    fn spikes(&mut self, population: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        self.0.extend(neurons.iter().map(|&neuron| (tick.0, population.0, neuron)));
        Ok(())
    }
}

fn events<R: Real>(network: &Network, drives: &[Drive], end: u64, strategy: Strategy) -> Spikes {
    let mut recorder = Recorder(Vec::new());
    let mut simulation = Simulation::<R>::new(network, drives, 0, strategy).unwrap();
    simulation.run_until(Tick(end / 3), &mut recorder).unwrap();
    simulation.run_until(Tick(end), &mut recorder).unwrap();
    recorder.0
}

/// Runs a network in every way; gives the number of spikes of neurons.
fn check(network: &Network, drives: &[Drive], end: u64) -> usize {
    let expected = clocked(network, drives, end);
    for strategy in [Strategy::Auto, Strategy::Lazy, Strategy::Swept] {
        assert_eq!(events::<f64>(network, drives, end, strategy), expected, "{strategy:?}");
    }
    let single = events::<f32>(network, drives, end, Strategy::Lazy);
    assert_eq!(single, events::<f32>(network, drives, end, Strategy::Swept));
    let neurons = expected.iter().filter(|spike| matches!(network.populations[spike.1].cell, Cell::Neuron(_)));
    neurons.count()
}

fn values(pairs: &[(&'static str, f64)], texts: &[(&'static str, &str)]) -> Values {
    let mut values = Values::default();
    pairs.iter().for_each(|&(name, number)| values.set(name, Value::Number(number)));
    texts.iter().for_each(|&(name, text)| values.set(name, Value::Text(text.into())));
    values
}

fn neuron(kind: &str, reset: &str, refractory: f64) -> Arc<dyn Neuron> {
    let numbers: &[(&'static str, f64)] = match kind {
        "lif" => &[
            ("tau_m", 5.0),
            ("c_m", 250.0),
            ("v_rest", -65.0),
            ("v_thresh", -50.0),
            ("v_reset", -67.0),
            ("v_init", -60.0),
        ],
        _ => &[("v_thresh", 15.0), ("v_init", 5.0), ("v_reset", -2.0)],
    };
    let mut values = values(numbers, &[("reset", reset)]);
    values.set("tau_refrac", Value::Number(refractory));
    values.set("i_offset", Value::Number(0.0));
    (find(neuron::KINDS, kind).unwrap().build)(&values).unwrap().into()
}

fn network(cell: Option<Arc<dyn Neuron>>, sizes: &[usize]) -> Network {
    let population = |(index, &size): (usize, &usize)| Population {
        name: format!("p{index}"),
        shape: vec![size],
        cell: if index == 0 { Cell::Source } else { cell.clone().map_or(Cell::Source, Cell::Neuron) },
    };
    Network {
        resolution: Resolution::from_ms(0.5).unwrap(),
        populations: sizes.iter().enumerate().map(population).collect(),
        projections: Vec::new(),
    }
}

/// Connects with weights in [low, high); sparsely with probability `p`, densely when it is 1.
fn connect(network: &mut Network, ends: (usize, usize), delay: u32, p: f64, (low, high): (f64, f64)) {
    let (sources, targets) = (network.populations[ends.0].size(), network.populations[ends.1].size());
    let mut stream = Stream::new(3, Purpose::Wiring, network.projections.len() as u32, 0);
    let mut offsets = vec![0];
    let mut list = Vec::new();
    for _ in 0..sources {
        list.extend((0..targets as u32).filter(|_| stream.chance(p)));
        offsets.push(list.len() as u64);
    }
    let wiring = if p == 1.0 { Wiring::Dense { sources, targets } } else { Wiring::Sparse { offsets, targets: list } };
    let weights = (0..wiring.synapses()).map(|_| (low + (high - low) * f64::from(stream.uniform())) as f32).collect();
    network.projections.push(Projection {
        name: format!("q{}", network.projections.len()),
        source: PopulationId(ends.0),
        target: PopulationId(ends.1),
        wiring: Arc::new(wiring),
        weights,
        delay,
        plastic: true,
    });
}

/// Random spikes of the sources, each with a probability of 1/8 per tick, often coincident.
fn random_spikes(network: &Network, end: u64) -> Vec<Drive> {
    let mut stream = Stream::new(4, Purpose::Input, 0, 0);
    (0..network.populations[0].size())
        .map(|source| spike_times(0, source, 1.0, (0..end).filter(|_| stream.chance(0.125))))
        .collect()
}

fn spike_times(population: usize, neuron: usize, weight: f64, ticks: impl Iterator<Item = u64>) -> Drive {
    let mut values = values(&[("weight", weight)], &[("file", "")]);
    values.set("times", Value::Numbers(ticks.map(|tick| tick as f64 * 0.5).collect()));
    values.set("neurons", Value::Numbers(vec![neuron as f64]));
    values.set("precise_times", Value::Flag(false));
    drive("spike_times", &values, population)
}

fn dc(population: usize, amplitude: f64, start: f64, stop: f64) -> Drive {
    let mut values = values(&[("start", start), ("stop", stop)], &[]);
    values.set("amplitude", Value::Numbers(vec![amplitude]));
    drive("dc", &values, population)
}

fn drive(kind: &str, values: &Values, population: usize) -> Drive {
    let input = (find(input::KINDS, kind).unwrap().build)(values).unwrap();
    Drive { targets: vec![PopulationId(population)], input: input.into() }
}

/// Every kind, reset and refractory period.
fn every_cell() -> impl Iterator<Item = Arc<dyn Neuron>> {
    ["if", "lif"].into_iter().flat_map(|kind| {
        ["subtract", "to_value"].into_iter().flat_map(move |reset| [0.0, 1.5].map(|ms| neuron(kind, reset, ms)))
    })
}

#[test]
fn feed_forward_networks_with_delays_and_inhibition() {
    for cell in every_cell() {
        let mut network = network(Some(cell), &[12, 9, 7]);
        connect(&mut network, (0, 1), 1, 1.0, (-2.0, 6.0));
        connect(&mut network, (0, 1), 4, 0.3, (0.0, 9.0));
        connect(&mut network, (1, 2), 3, 1.0, (-3.0, 8.0));
        let drives = random_spikes(&network, 300);
        assert!(check(&network, &drives, 300) > 100);
    }
}

#[test]
fn recurrent_networks_of_excitation_and_inhibition() {
    for cell in every_cell() {
        let mut network = network(Some(cell), &[8, 12, 5]);
        connect(&mut network, (0, 1), 2, 0.5, (2.0, 9.0));
        connect(&mut network, (1, 1), 1, 0.4, (0.0, 5.0));
        connect(&mut network, (1, 2), 2, 1.0, (0.0, 4.0));
        connect(&mut network, (2, 1), 3, 1.0, (-6.0, 0.0));
        connect(&mut network, (2, 2), 1, 0.5, (-5.0, 0.0));
        let drives = random_spikes(&network, 250);
        assert!(check(&network, &drives, 250) > 80);
    }
}

#[test]
fn constant_currents_that_begin_and_end_beside_spikes() {
    for cell in every_cell() {
        let mut network = network(Some(cell.clone()), &[6, 8]);
        connect(&mut network, (0, 1), 2, 0.5, (-4.0, 8.0));
        connect(&mut network, (1, 1), 5, 0.5, (-4.0, 4.0));
        let strength = 9.0 / cell.presented().unwrap().membrane(network.resolution).current_gain / 4.0;
        let mut drives = random_spikes(&network, 200);
        drives.push(dc(1, strength, 10.0, 60.0));
        assert!(check(&network, &drives, 200) > 60);
    }
}

#[test]
fn spikes_at_the_very_same_tick_and_at_tick_0() {
    for cell in every_cell() {
        let mut network = network(Some(cell), &[5, 4]);
        connect(&mut network, (0, 1), 1, 1.0, (3.0, 4.0));
        let volleys = || [0, 1, 2, 10, 11, 40].into_iter();
        let mut drives: Vec<Drive> = (0..5).map(|source| spike_times(0, source, 1.0, volleys())).collect();
        // Onto neurons: twice at one tick, at tick 0, and just at the threshold from rest.
        drives.push(spike_times(1, 2, 9.0, [0, 0, 60, 60, 61].into_iter()));
        assert!(check(&network, &drives, 80) >= 12);
    }
}

#[test]
fn an_overshoot_of_several_thresholds_gives_spikes_at_the_next_ticks() {
    let mut network = network(Some(neuron("if", "subtract", 1.0)), &[1, 1]);
    connect(&mut network, (0, 1), 7, 1.0, (15.0, 15.0));
    let drives = [spike_times(1, 0, 46.0, [20].into_iter()), spike_times(0, 0, 1.0, [3].into_iter())];
    // 5 + 15 at tick 10: one spike; then 5 + 46 at tick 20: three, each 1 + 2 refractory ticks apart.
    let spikes = events::<f64>(&network, &drives, 100, Strategy::Auto);
    assert_eq!(spikes, [(3, 0, 0), (10, 1, 0), (20, 1, 0), (23, 1, 0), (26, 1, 0)]);
    check(&network, &drives, 100);
}

#[test]
fn a_run_goes_on_from_a_saved_state_as_if_never_stopped() {
    let mut network = network(Some(neuron("lif", "to_value", 1.0)), &[6, 9]);
    connect(&mut network, (0, 1), 3, 0.6, (2.0, 9.0));
    connect(&mut network, (1, 1), 9, 0.6, (-5.0, 6.0));
    let drives = random_spikes(&network, 600);
    let (mut whole, mut first, mut second) = (Recorder(vec![]), Recorder(vec![]), Recorder(vec![]));
    let mut simulation = Simulation::<f64>::new(&network, &drives, 0, Strategy::Auto).unwrap();
    simulation.run_until(Tick(600), &mut whole).unwrap();
    let (work, membrane) = (simulation.work(), simulation.membrane(PopulationId(1), 4));

    let mut early = Simulation::<f64>::new(&network, &drives, 0, Strategy::Auto).unwrap();
    early.run_until(Tick(301), &mut first).unwrap();
    let mut late = Simulation::<f64>::new(&network, &drives, 0, Strategy::Auto).unwrap();
    late.set_state(early.state().clone());
    late.run_until(Tick(600), &mut second).unwrap();
    assert_eq!(whole.0, [first.0, second.0].concat());
    assert_eq!((work, membrane), (late.work(), late.membrane(PopulationId(1), 4)));
}

#[test]
fn a_current_into_spike_sources_is_refused() {
    let network = network(None, &[2]);
    let refused = Simulation::<f64>::new(&network, &[dc(0, 1.0, 0.0, 1.0)], 0, Strategy::Auto).map(|_| ());
    let message = refused.unwrap_err().to_string();
    assert_eq!(message, "population `p0` is made of spike sources, which take no current");
}
