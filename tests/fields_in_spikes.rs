//! Blocks of neurons with receptive fields give the spikes of neurons that are stepped one by one,
//! bit for bit, on the way up and, with a sign, on the way down.

mod made;

use twinfire::neuron::delta_membrane::{DeltaMembrane, Reset};
use twinfire::neuron::swept::Step;
use twinfire::random::{Purpose, Stream};
use twinfire::regime::spiking::block::{BlockDynamics, Currents, SignedTrains, Site, pack, run, run_signed};
use twinfire::regime::spiking::feedback::carry_along;
use twinfire::topology::fields::Fields;
use twinfire::trains::{LANES, Trains};

const WINDOW: usize = 12;
const BATCH: usize = 5;

fn all() -> Vec<(&'static str, Fields)> {
    let kinds = [("dense", Fields::dense(40, 70)), ("one to one", Fields::one_to_one(130))];
    kinds.into_iter().chain(made::fields()).collect()
}

fn weights(fields: &Fields) -> Vec<f32> {
    let mut stream = Stream::new(3, Purpose::Weights, 0, 0);
    let scale = 6.0 / (fields.depth() as f32).sqrt();
    (0..fields.weights()).map(|_| (stream.uniform() - 0.4) * scale).collect()
}

/// Every other tick a fifth of the neurons spikes, at others hardly one, and none at the sixth.
fn trains(neurons: usize, key: u32) -> Trains {
    let mut stream = Stream::new(5, Purpose::Encoding, key, 0);
    let mut trains = Trains { window: WINDOW, offsets: vec![0], sources: Vec::new() };
    for tick in 0..BATCH * WINDOW {
        let chance = [0.2, 0.01, 0.2, 0.01, 0.2, 0.0][tick % 6];
        trains.sources.extend((0..neurons as u32).filter(|_| stream.chance(chance)));
        trains.offsets.push(trains.sources.len() as u32);
    }
    trains
}

/// For every target its sources, ascending, with the places of the weights.
fn seen(fields: &Fields) -> Vec<Vec<(u32, usize)>> {
    let mut seen = vec![Vec::new(); fields.targets()];
    fields.pairs().for_each(|(source, target, place)| seen[target as usize].push((source, place)));
    assert!(seen.iter().all(|sources| sources.is_sorted()));
    seen
}

fn membranes() -> [DeltaMembrane; 2] {
    let still = DeltaMembrane {
        rest: 0.0,
        threshold: 1.0,
        reset_value: 0.0,
        initial: 0.0,
        leak: 0.0,
        reset: Reset::Subtract,
        refractory: 0,
        closed: false,
        current_gain: 1.0,
    };
    [still, DeltaMembrane { leak: 0.2, reset: Reset::ToValue, refractory: 2, initial: 0.3, ..still }]
}

#[test]
fn blocks_spike_as_neurons_one_by_one() {
    for ((name, fields), membrane) in all().iter().flat_map(|case| membranes().map(|membrane| (case, membrane))) {
        let (weights, trains, seen) = (weights(fields), trains(fields.sources(), 1), seen(fields));
        let mut dynamics = BlockDynamics::new(&membrane, true);
        dynamics.gain = 1.25;
        let (step, initial) = membrane.start::<f32>(0.0);
        let (mut rows, mut spikes, mut next) = (vec![[f32::NAN; LANES]; fields.depth()], 0, 0);
        for site in Site::all(fields) {
            pack(fields, &weights, &site, &mut rows);
            let response = run(&dynamics, &rows, (fields, &site), &trains, &Currents::default());
            assert_eq!(site.targets(fields).start, next);
            next = site.targets(fields).end;
            for (lane, target) in site.targets(fields).enumerate() {
                for presentation in 0..BATCH {
                    let (mut state, mut total) = (initial, 0.0);
                    for tick in presentation * WINDOW..(presentation + 1) * WINDOW {
                        let here = seen[target].iter().filter(|(source, _)| trains.at(tick).contains(source));
                        let arrived = here.fold(0.0, |sum, &(_, place)| sum + weights[place]) * 1.25;
                        total += arrived;
                        let fires = step.step(&mut state, [arrived, 0.0], 0.0);
                        let fired = response.masks[tick] >> lane & 1 == 1;
                        assert_eq!(fired, fires, "{name}: target {target} at {tick}");
                        spikes += u32::from(fires);
                    }
                    assert_eq!(response.input[presentation][lane].to_bits(), f32::to_bits(total), "{name}");
                }
            }
            let exist = site.lanes.len();
            assert!(exist == LANES || response.masks.iter().all(|mask| mask >> exist == 0), "{name}");
        }
        assert_eq!(next, fields.targets());
        assert!(spikes > 20, "{name}: only {spikes} spikes");
    }
}

fn signed(targets: usize) -> SignedTrains {
    SignedTrains { up: trains(targets, 2), down: trains(targets, 3) }
}

#[test]
fn signed_spikes_travel_back_along_the_fields() {
    for (name, fields) in all() {
        let (weights, spikes, threshold) = (weights(&fields), signed(fields.targets()), 1.5f32);
        let mut into: Vec<Vec<(u32, usize)>> = vec![Vec::new(); fields.sources()];
        fields.pairs().for_each(|(source, target, place)| into[source as usize].push((target, place)));
        let found = carry_along(&fields, &weights, &spikes, threshold);
        let mut fired = 0;
        for (source, into) in into.iter().enumerate() {
            let (block, lane) = (&found[source / LANES], source % LANES);
            for presentation in 0..BATCH {
                let (mut u, mut count) = (0.0f32, 0.0f32);
                for tick in presentation * WINDOW..(presentation + 1) * WINDOW {
                    if spikes.up.at(tick).is_empty() && spikes.down.at(tick).is_empty() {
                        continue;
                    }
                    let [plus, minus] = [&spikes.up, &spikes.down].map(|trains| {
                        let here = into.iter().filter(|(target, _)| trains.at(tick).contains(target));
                        here.fold(0.0, |sum, &(_, place)| sum + weights[place])
                    });
                    u += plus - minus;
                    let (up, down) = (u >= 0.5 * threshold, u <= -0.5 * threshold);
                    let sign = f32::from(i8::from(up) - i8::from(down));
                    u -= sign * threshold;
                    count += sign;
                    let masks = (block.up[tick] >> lane & 1 == 1, block.down[tick] >> lane & 1 == 1);
                    assert_eq!(masks, (up, down), "{name}: source {source} at {tick}");
                    fired += u32::from(up || down);
                }
                assert_eq!(block.counts[presentation][lane], count, "{name}");
            }
        }
        assert!(fired > 20, "{name}: only {fired} spikes");
    }
}

#[test]
fn dense_fields_carry_as_blocks_of_sources_do() {
    let fields = Fields::dense(150, 70);
    let (weights, spikes) = (weights(&fields), signed(70));
    for (block, along) in carry_along(&fields, &weights, &spikes, 1.5).iter().enumerate() {
        let row = |target: usize| {
            std::array::from_fn(|lane| weights.get((block * LANES + lane) * 70 + target).copied().unwrap_or(0.0))
        };
        let rows: Vec<[f32; LANES]> = (0..70).map(row).collect();
        let blocks = run_signed(&rows, &spikes, 1.5);
        assert_eq!((&along.up, &along.down, &along.counts), (&blocks.up, &blocks.down, &blocks.counts));
    }
}
