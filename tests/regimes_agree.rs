//! A neuron kind's two views agree: under constant drive its membrane, stepped spike by
//! spike, fires at the rate that its rate curve says.

use twinfire::neuron;
use twinfire::regime::spiking::block::{self, BlockDynamics, Currents, Site};
use twinfire::time::Resolution;
use twinfire::topology::fields::Fields;
use twinfire::trains::{LANES, Trains};

/// The neuron of a model file's `neuron.` line.
fn neuron_of(line: &str) -> std::sync::Arc<dyn neuron::Neuron> {
    let text = format!("[populations.it]\nsize = 1\nneuron.{line}\n");
    let model = twinfire::model::Model::from_text("neuron.toml", &text, &[]).unwrap();
    model.populations[0].neuron.as_ref().unwrap().1.clone()
}

/// Spikes per tick at each drive, over so many ticks.
fn fire(neuron: &dyn neuron::Neuron, resolution: Resolution, drives: &[f32], ticks: usize) -> Vec<f32> {
    let trains = Trains { window: ticks, offsets: vec![0; ticks + 1], sources: Vec::new() };
    let dynamics = BlockDynamics::new(&neuron.presented().unwrap().membrane(resolution), true);
    let mut currents = [0.0; LANES];
    currents[..drives.len()].copy_from_slice(drives);
    let (fields, site) = (Fields::dense(0, LANES), Site { group: 0, lanes: 0..LANES });
    let currents = Currents { through: vec![currents], constant: Vec::new() };
    let response = block::run(&dynamics, &[], (&fields, &site), &trains, &currents);
    response.counts[0][..drives.len()].iter().map(|count| count / ticks as f32).collect()
}

/// Largest deviation of spiking from rate beyond one spike of rounding, relative to the rate.
fn deviation(line: &str, resolution: Resolution, drives: &[f32]) -> f32 {
    let neuron = neuron_of(line);
    const TICKS: usize = 100_000;
    let spiking = fire(neuron.as_ref(), resolution, drives, TICKS);
    let (mut rates, mut slopes) = (drives.to_vec(), vec![0.0; drives.len()]);
    neuron.presented().unwrap().activate(resolution, &mut rates, &mut slopes);
    println!("{line}\n  spiking {spiking:?}\n  rate    {rates:?}");
    let spare = 1.0 / TICKS as f32;
    let excess = |(s, r): (&f32, &f32)| ((s - r).abs() - spare).max(0.0) / r.max(1e-6);
    let worst = spiking.iter().zip(&rates).map(excess).fold(0.0, f32::max);
    assert!(rates.iter().any(|&rate| rate > 0.0), "nothing fires");
    worst
}

#[test]
fn integrate_and_fire() {
    let tick = Resolution::from_ms(1.0).unwrap();
    let drives = [-0.2, 0.0, 0.01, 0.1, 0.25, 0.5, 0.9];
    assert!(deviation("integrate_and_fire = {}", tick, &drives) < 1e-3);
    assert!(deviation("integrate_and_fire = { v_thresh = 2.5 }", tick, &drives) < 1e-3);
    // A hard reset loses the overshoot, which fine steps make small.
    let fine = [0.001, 0.003, 0.0045];
    assert!(deviation("integrate_and_fire = { reset = \"to_value\", v_reset = 0.2 }", tick, &fine) < 6e-3);
    assert!(deviation("integrate_and_fire = { tau_refrac = \"4 ms\" }", tick, &fine) < 6e-3);
}

#[test]
fn leaky_integrate_and_fire() {
    let tick = Resolution::from_ms(0.01).unwrap();
    // Drives in mV per tick; 15 mV above rest is the threshold, so rheobase is 0.0075.
    let drives = [0.0, 0.007, 0.0085, 0.01, 0.02, 0.05];
    assert!(deviation("lif_delta = {}", tick, &drives) < 6e-3);
    assert!(deviation("iaf_psc_delta = {}", tick, &drives) < 6e-3);
    assert!(deviation("lif_delta = { tau_refrac = \"0 ms\", v_reset = \"-60 mV\" }", tick, &drives) < 2e-2);
}

#[test]
fn slopes_are_the_derivatives_of_the_rate_curves() {
    let tick = Resolution::from_ms(0.1).unwrap();
    for line in ["integrate_and_fire = { tau_refrac = \"2 ms\" }", "lif_delta = {}"] {
        let neuron = neuron_of(line);
        for drive in [0.08f32, 0.1, 0.3, 0.6] {
            let curve = |z: f32| {
                let (mut rate, mut slope) = ([z], [0.0]);
                neuron.presented().unwrap().activate(tick, &mut rate, &mut slope);
                (f64::from(rate[0]), f64::from(slope[0]))
            };
            let step = 1e-3f32;
            let (above, below) = (curve(drive + step).0, curve(drive - step).0);
            let numeric = (above - below) / f64::from((drive + step) - (drive - step));
            let analytic = curve(drive).1;
            assert!((numeric - analytic).abs() < 0.02 * analytic, "{line} at {drive}: {numeric} against {analytic}");
        }
    }
}

#[test]
fn every_neuron_kind_with_a_rate_curve_is_compared() {
    let compared = ["integrate_and_fire", "lif_delta", "iaf_psc_delta"];
    let has_curve = |name: &&str| neuron_of(&format!("{name} = {{}}")).presented().is_some();
    let kinds: Vec<_> = neuron::KINDS.iter().map(|kind| kind.name).filter(has_curve).collect();
    assert_eq!(kinds, compared, "a new kind needs its comparison here");
}
