//! Mutants of small models, simulated: each is refused, or ends in an error, or all that it gives is finite.

use bolero::check;
use twinfire::model::Model;
use twinfire::network::synapses;
use twinfire::record::recording::Recording;
use twinfire::regime::events::run::simulate;

use super::mutation::Mutant;
use super::timely;

/// Every neuron kind, rule and sort of input at least once.
const MODELS: &[&str] = &[
    "[simulation]\nduration = \"5 ms\"\nresolution = \"0.1 ms\"\n[populations.a]\nsize = 5\nneuron.lif_exp = { i_offset = \"400 pA\" }\n\
     [populations.b]\nsize = 4\nneuron = \"lif_cond_exp\"\n[projections.x]\nsource = \"a\"\ntarget = \"b\"\nweight = \"2 nS\"\n\
     delay = \"1 ms\"\nconnect.fixed_in_degree = { n = 2 }\n[record.a]\nv = {}\n[record.b]\nv = {}\n",
    "[simulation]\nduration = \"20 ms\"\nresolution = \"1 ms\"\nprecision = \"single\"\n[populations.s]\nsize = 3\nneuron = \"source\"\n\
     [populations.t]\nsize = 3\nneuron.lif_delta = { tau_m = \"20 ms\", v_thresh = \"-50 mV\" }\n[projections.p]\nsource = \"s\"\n\
     target = \"t\"\nweight.uniform = { low = \"1 mV\", high = \"9 mV\" }\nplasticity.stdp = { w_max = \"10 mV\" }\n\
     [inputs.i]\ntarget = \"s\"\npoisson = { rate = \"300 Hz\" }\n[record.t]\nv = { every = \"2 ms\" }\n[record.p]\nweights = { synapses = 3, every = \"1 ms\" }\n",
    "[simulation]\nduration = \"5 ms\"\nspike_times = \"precise\"\n[populations.a]\nsize = 4\nneuron = \"lif_alpha\"\n[projections.x]\n\
     source = \"a\"\ntarget = \"a\"\nweight = \"-20 pA\"\ndelay = \"0.5 ms\"\n[inputs.i]\ntarget = \"a\"\nregular = { rate = \"1 kHz\", weight = \"900 pA\" }\n\
     [record.a]\nv = {}\n",
    "[simulation]\nduration = \"10 ms\"\n[populations.a]\nsize = 6\nneuron.lif_delta = { i_offset = \"600 pA\" }\n[populations.d]\nsize = 2\nneuron = \"source\"\n\
     [projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight = \"3 mV\"\nplasticity.dopamine_stdp = { modulator = \"d\" }\n\
     [inputs.i]\ntarget = \"d\"\nspike_times = { times = [\"1 ms\", \"3 ms\"] }\n[inputs.c]\ntarget = \"a\"\nstep_current = { times = [\"1 ms\"], values = [\"9 pA\"] }\n[record.a]\nv = {}\n",
    "[simulation]\nduration = \"5 ms\"\n[populations.a]\nsize = 3\nneuron.lif_adaptive = { a = \"4 nS\" }\n[projections.x]\nsource = \"a\"\ntarget = \"a\"\n\
     weight = \"50 pA\"\nplasticity.tsodyks_markram = {}\nconnect.fixed_probability = { p = 0.5 }\n[inputs.n]\ntarget = \"a\"\nnoise = { mean = \"500 pA\", std = \"100 pA\" }\n[record.a]\nv = {}\n",
];

/// Whether a network is small enough to be run here.
fn is_small(model: &Model) -> bool {
    let neurons: f64 = model.populations.iter().map(|p| p.shape.iter().map(|&n| n as f64).product::<f64>()).sum();
    let synapses = synapses::expected(model).map_or(f64::INFINITY, |counts| counts.iter().map(|&n| n as f64).sum());
    neurons < 1e4 && synapses < 1e5 && model.simulation.duration < 2_000
}

fn is_finite(recording: &Recording) -> bool {
    let weights = recording.weights.iter().flat_map(|weights| weights.before.iter().chain(&weights.after));
    let neurons =
        recording.populations.iter().flat_map(|population| &population.traces).flat_map(|trace| &trace.values);
    let samples = recording.synapses.iter().flat_map(|trace| &trace.values).chain(neurons);
    weights.copied().chain(samples.map(|sample| sample.1)).all(f64::is_finite)
}

#[test]
fn the_models_to_begin_with_run() {
    for text in MODELS {
        let model = Model::from_text("m.toml", text, &[]).unwrap_or_else(|wrong| panic!("{text}\n{wrong}"));
        assert!(is_small(&model));
        assert!(is_finite(&simulate(&model, 1).unwrap()));
    }
}

#[test]
fn simulations() {
    check!().with_type::<Mutant>().for_each(|mutant| {
        let text = mutant.of_text(MODELS[mutant.file(MODELS.len())]);
        let Ok(model) = timely(|| Model::from_text("m.toml", &text, &[])) else { return };
        if is_small(&model)
            && let Ok(recording) = timely(|| simulate(&model, 1))
        {
            assert!(is_finite(&recording), "{text}");
        }
    });
}
