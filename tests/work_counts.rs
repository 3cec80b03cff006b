//! How much the engine does for a fixed network: events and updates, not seconds. A change
//! of these numbers is a change of what is done.

use twinfire::model::Model;
use twinfire::record::Silent;
use twinfire::regime::events::run::simulate;
use twinfire::regime::events::simulation::Setting;
use twinfire::regime::events::{Simulation, Strategy, Work};
use twinfire::time::Tick;

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
    // Four inputs fire at 2 of 1000 ticks: the hidden neurons reach their threshold just then.
    let stimulus = "\n[inputs.volleys]\ntarget = \"input\"\n\
                    spike_times = { times = [\"10 ms\", \"510 ms\"], neurons = [0, 3, 5, 9] }\n";
    let model = Model::from_text("chain.toml", &format!("{CHAIN}{stimulus}"), &[]).unwrap();
    let work = |strategy| {
        let setting = Setting { seed: 1, threads: 1, strategy, stored: &[] };
        let mut simulation = Simulation::<f32>::new(&model, &setting, &[]).unwrap();
        simulation.run_until(Tick(1001), &mut Silent).unwrap();
        simulation.work()
    };
    let (input, hidden) = (2 * 4, 2 * 4);
    let lazy = Work {
        spikes: input + hidden + 3,
        synaptic_events: input * 4 + hidden * 3,
        // Once at the start, and both layers at the two ticks at which a volley arrives.
        neuron_updates: 3 * 4 + 3 * 3,
    };
    assert_eq!(work(Strategy::Lazy), lazy);
    assert_eq!(work(Strategy::Swept), Work { neuron_updates: 1000 * (4 + 3), ..lazy });
}

#[test]
fn a_simulation_without_input_visits_every_neuron_once() {
    let model = Model::from_text("chain.toml", CHAIN, &[]).unwrap();
    let recording = simulate(&model, 1).unwrap();
    assert_eq!((recording.synaptic_events, recording.neuron_updates), (0, 4 + 3));
}
