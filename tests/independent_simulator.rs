//! Spike trains and membranes of an independent simulator (NEST 3.10, float64). The files
//! are looked for in `../shared/reference`, or in the folder that SYNFIRE_REFERENCE names;
//! without them these tests say that they are skipped. Membranes are f64; weights are kept
//! as f32, which is exact to 6e-8.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use synfire::error::Result;
use synfire::id::PopulationId;
use synfire::input::generator::{Generator, Scope};
use synfire::input::spans::Spans;
use synfire::input::{Arrival, Input};
use synfire::network::{Cell, Network, Population, Projection};
use synfire::neuron;
use synfire::parameter::{Value, Values, find};
use synfire::random::Stream;
use synfire::record::SpikeObserver;
use synfire::regime::presentation::Strategy;
use synfire::regime::presentation::feed::Drive;
use synfire::regime::presentation::simulation::Simulation;
use synfire::time::{Resolution, Tick};
use synfire::topology::Wiring;

const ONLY: PopulationId = PopulationId(0);

/// The reference called `name`, or `None` (and a word about it) when it is not there.
fn reference(name: &str) -> Option<Json> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    let path = std::env::var_os("SYNFIRE_REFERENCE").map_or_else(beside, PathBuf::from).join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn number(value: &Json) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Arrivals that are given neuron by neuron.
#[derive(Debug)]
struct Listed {
    weight: f64,
    arrivals: Vec<Vec<Arrival>>,
}

impl Input for Listed {
    fn generator(self: Arc<Self>, scope: Scope) -> Box<dyn Generator> {
        Box::new(Spans::new(self, scope))
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn arrivals(&self, neuron: usize, span: Range<Tick>, _: Resolution, _: &mut Stream) -> Vec<Arrival> {
        self.arrivals[neuron].iter().copied().filter(|arrival| span.contains(&arrival.tick())).collect()
    }
}

fn drive(weight: f64, arrivals: Vec<Vec<Arrival>>) -> Drive {
    Drive { targets: vec![ONLY], input: Arc::new(Listed { weight, arrivals }) }
}

/// A population of `size` neurons with NEST's parameters, unconnected.
fn network(reference: &Json, size: usize) -> Network {
    let mut values = Values::default();
    let names = [("tau_m", "tau_m"), ("c_m", "C_m"), ("v_rest", "E_L"), ("v_thresh", "V_th"), ("v_reset", "V_reset")];
    for (ours, nests) in names.into_iter().chain([("tau_refrac", "t_ref"), ("v_init", "E_L")]) {
        values.set(ours, Value::Number(number(&reference["params"][nests])));
    }
    values.set("i_offset", Value::Number(0.0));
    values.set("reset", Value::Text("to_value".into()));
    let neuron = (find(neuron::KINDS, "iaf_psc_delta").unwrap().build)(&values).unwrap();
    Network {
        resolution: Resolution::from_ms(number(&reference["resolution_ms"])).unwrap(),
        populations: vec![Population { name: "n".into(), shape: vec![size], cell: Cell::Neuron(neuron.into()) }],
        projections: Vec::new(),
    }
}

/// Adds one sparse projection for each delay.
fn connect(network: &mut Network, connections: &Json) {
    let rows: Vec<Vec<f64>> = connections["rows"].as_array().unwrap().iter().map(numbers).collect();
    let delay_of = |row: &[f64]| network.resolution.ticks(row[3]).unwrap() as u32;
    let mut delays: Vec<u32> = rows.iter().map(|row| delay_of(row)).collect();
    delays.sort_unstable();
    delays.dedup();
    let mut projections = Vec::new();
    for delay in delays {
        let (mut offsets, mut targets, mut weights) = (vec![0], Vec::new(), Vec::new());
        for source in 0..network.populations[0].size() {
            let mut row: Vec<&Vec<f64>> =
                rows.iter().filter(|row| row[0] as usize == source && delay_of(row) == delay).collect();
            row.sort_by_key(|row| row[1] as u32);
            targets.extend(row.iter().map(|row| row[1] as u32));
            weights.extend(row.iter().map(|row| row[2] as f32));
            offsets.push(targets.len() as u64);
        }
        let wiring = Arc::new(Wiring::Sparse { offsets, targets });
        projections.push(Projection {
            name: format!("{delay}"),
            source: ONLY,
            target: ONLY,
            wiring,
            weights,
            delay,
            plastic: true,
        });
    }
    network.projections = projections;
}

#[derive(Default)]
struct Recorder(Vec<(Tick, u32)>);

impl SpikeObserver for Recorder {
    fn spikes(&mut self, _: PopulationId, tick: Tick, neurons: &[u32], _: Option<&[f64]>) -> Result<()> {
        self.0.extend(neurons.iter().map(|&neuron| (tick, neuron)));
        Ok(())
    }
}

/// Runs through the ticks of `trace`, comparing the membrane of neuron 0 at each.
fn follow(simulation: &mut Simulation<f64>, recorder: &mut Recorder, trace: &Json, h: Resolution) {
    let (start, step) = (number(&trace["t_ms"]["start"]), number(&trace["t_ms"]["step"]));
    let expected = numbers(&trace["V_m"]);
    assert!(expected.len() > 900);
    for (k, expected) in expected.into_iter().enumerate() {
        let tick = ((start + step * k as f64) / h.ms()).round() as u64;
        simulation.run_until(Tick(tick + 1), recorder).unwrap();
        let v = simulation.membrane(ONLY, 0).unwrap();
        assert!((v - expected).abs() <= 1e-6 * expected.abs(), "tick {tick}: {v} instead of {expected}");
    }
}

#[test]
fn a_single_neuron_has_the_spikes_and_the_membrane_of_the_reference() {
    let Some(reference) = reference("single_iaf_psc_delta.json") else {
        return;
    };
    let network = network(&reference, 1);
    let h = network.resolution;
    let tick = |ms: f64| Tick((ms / h.ms()).round() as u64);
    let mut drives = Vec::new();
    for input in reference["inputs"].as_array().unwrap() {
        let delay = number(&input["delay"]);
        let spikes = numbers(&input["times"]).into_iter().map(|ms| Arrival::Spike(tick(ms + delay))).collect();
        drives.push(drive(number(&input["weight"]), vec![spikes]));
    }
    let steps = &reference["step_current"];
    let delay = number(&steps["connection_delay_ms"]);
    let levels = numbers(&steps["times_ms"]).into_iter().zip(numbers(&steps["values_pA"]));
    drives.push(drive(0.0, vec![levels.map(|(ms, level)| Arrival::Current(tick(ms + delay), level)).collect()]));

    let mut simulation = Simulation::<f64>::new(&network, &drives, 0, Strategy::Auto).unwrap();
    let mut recorder = Recorder::default();
    follow(&mut simulation, &mut recorder, &reference["trace"], h);
    simulation.run_until(Tick(tick(number(&reference["T_ms"])).0 + 1), &mut recorder).unwrap();
    let expected: Vec<Tick> = numbers(&reference["spike_times_ms"]).into_iter().map(tick).collect();
    assert_eq!(recorder.0.iter().map(|spike| spike.0).collect::<Vec<_>>(), expected);
}

#[test]
fn a_recurrent_network_has_every_spike_of_the_reference() {
    let Some(reference) = reference("network_iaf_psc_delta.json") else {
        return;
    };
    let size = reference["n"].as_u64().unwrap() as usize;
    let mut network = network(&reference, size);
    connect(&mut network, &reference["connections"]);
    let h = network.resolution;
    let currents = numbers(&reference["I_e_pA"]).into_iter().map(|level| vec![Arrival::Current(Tick(0), level)]);
    let drives = [drive(0.0, currents.collect())];
    let mut expected: Vec<(Tick, u32)> = Vec::new();
    for row in reference["spikes"]["rows"].as_array().unwrap() {
        expected.push((Tick((number(&row[0]) / h.ms()).round() as u64), number(&row[1]) as u32));
    }
    expected.sort_unstable();
    for strategy in [Strategy::Auto, Strategy::Lazy] {
        let mut simulation = Simulation::<f64>::new(&network, &drives, 0, strategy).unwrap();
        for (neuron, v) in numbers(&reference["V0_mV"]).into_iter().enumerate() {
            simulation.set_membrane(ONLY, neuron, v);
        }
        let mut recorder = Recorder::default();
        follow(&mut simulation, &mut recorder, &reference["V_m_neuron0"], h);
        simulation.run_until(Tick((number(&reference["T_ms"]) / h.ms()).round() as u64 + 1), &mut recorder).unwrap();
        let same = recorder.0.iter().zip(&expected).take_while(|(ours, theirs)| ours == theirs).count();
        assert_eq!((same, recorder.0.len()), (expected.len(), expected.len()), "spikes that agree from the start");
    }
}
