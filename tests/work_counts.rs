//! How much the engine does for a fixed network: events and updates, not seconds. A change
//! of these numbers is a change of what is done.

use synfire::encode::Stimulus;
use synfire::error::Result;
use synfire::experiment::simulation::simulate;
use synfire::id::PopulationId;
use synfire::model::Model;
use synfire::network;
use synfire::record::SpikeObserver;
use synfire::regime::presentation::Work;
use synfire::regime::presentation::playback::play;
use synfire::time::Tick;

struct Nobody;

impl SpikeObserver for Nobody {
    fn spikes(&mut self, _: PopulationId, _: Tick, _: &[u32], _: Option<&[f64]>) -> Result<()> {
        Ok(())
    }
}

const CHAIN: &str = r#"
[simulation]
resolution = "1 ms"
duration = "10 s"

[[layers]]
shape = [10]

[[layers]]
dense = 4
neuron.if = { v_init = 0, v_thresh = 1 }
weight = 0.25

[[layers]]
dense = 3
neuron.if = { v_init = 0, v_thresh = 1 }
weight = 0.125
"#;

#[test]
fn a_spike_costs_its_row_and_an_empty_tick_nothing() {
    let model = Model::from_text("chain.toml", CHAIN, &[]).unwrap();
    let network = network::build(&model, 1).unwrap();
    let mut stimulus = Stimulus::default();
    stimulus.clear();
    for tick in 0..1000 {
        // Four inputs fire at 2 of 1000 ticks: the hidden neurons reach their threshold just then.
        if tick % 500 == 10 {
            stimulus.sources.extend([0, 3, 5, 9]);
        }
        stimulus.end_tick();
    }
    let played = play::<f32>(&network, &stimulus, true, &mut Nobody).unwrap();
    let (input, hidden) = (2 * 4, 2 * 4);
    let work = Work {
        spikes: input + hidden + 3,
        synaptic_events: input * 4 + hidden * 3,
        // Both layers are updated at the two ticks at which a volley arrives.
        neuron_updates: 2 * 4 + 2 * 3,
    };
    assert_eq!(played.work, work);
    assert_eq!(played.windows.iter().map(|(_, start)| start.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(played.membranes, [0.0; 3]);
    let held = play::<f64>(&network, &stimulus, false, &mut Nobody).unwrap();
    assert_eq!((held.work.spikes, held.membranes), (input + hidden, vec![1.0; 3]));
}

#[test]
fn a_simulation_without_input_visits_every_neuron_once() {
    let model = Model::from_text("chain.toml", CHAIN, &[]).unwrap();
    let recording = simulate(&model, 1).unwrap();
    assert_eq!((recording.synaptic_events, recording.neuron_updates), (0, 4 + 3));
}
