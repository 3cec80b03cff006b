//! What a simulation writes is read back as it was: spikes in every format, and synapses.

use std::path::Path;
use std::process::{Command, Output};

use twinfire::model::Model;
use twinfire::regime::events::run::simulate;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_twinfire")).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn model(folder: &Path, text: &str) -> twinfire::error::Result<Model> {
    std::fs::write(folder.join("m.toml"), text).unwrap();
    Model::from_file(&folder.join("m.toml"), &[])
}

/// (ms, neuron, population) of every spike of a model.
fn spikes(folder: &Path, text: &str) -> Vec<(f64, u32, u16)> {
    let model = model(folder, text).unwrap_or_else(|error| panic!("{error}"));
    simulate(&model, model.simulation.seed).unwrap().spikes()
}

#[test]
fn spikes_of_every_format_are_replayed_population_by_population() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let source = |size: u32| format!("size = {size}\nneuron = \"source\"\n");
    let written = format!(
        "[simulation]\nduration = \"20 ms\"\n[populations.exc]\n{}[populations.\"in h\u{e9}\"]\n{}\
         [inputs.a]\ntarget = \"exc\"\nspike_times = {{ times = [\"1 ms\", \"2 ms\"], neurons = [0, 2] }}\n\
         [inputs.b]\ntarget = \"in h\u{e9}\"\nspike_times = {{ times = [\"1 ms\", \"3.5 ms\"], neurons = 1 }}\n",
        source(3),
        source(2)
    );
    std::fs::write(folder.join("write.toml"), written).unwrap();
    run(folder, &["simulate", "write.toml", "-o", "out", "-q", "--format", "csv,dat,gdf"]);
    let expected = [
        ("exc", 3, vec![(1.0, 0, 0), (1.0, 2, 0), (2.0, 0, 0), (2.0, 2, 0)]),
        ("in h\u{e9}", 2, vec![(1.0, 1, 0), (3.5, 1, 0)]),
    ];
    for format in ["npz", "csv", "dat", "gdf"] {
        let reading = |size: u32, file: &str| {
            format!(
                "[simulation]\nduration = \"20 ms\"\n[populations.p]\n{}[inputs.again]\ntarget = \"p\"\n\
                 spike_times = {{ file = \"out/spikes.{format}\"{file} }}\n",
                source(size)
            )
        };
        for (name, size, expected) in &expected {
            let found = spikes(folder, &reading(*size, &format!(", population = \"{name}\"")));
            assert_eq!(found, *expected, "{format} {name}");
        }
        let refused = model(folder, &reading(5, "")).unwrap_err().to_string();
        assert!(refused.contains("holds spikes of `exc`, `in h\u{e9}`; name one of them"), "{format}: {refused}");
    }
}

/// A network with drawn and constant weights, several synapses between the same neurons, drawn delays,
/// two projections between the same populations, and one that learns.
fn network(precision: &str, first: &str, plastic: &str) -> String {
    format!(
        "[simulation]\nduration = \"200 ms\"\nseed = 5\nprecision = \"{precision}\"\n\
         [populations.in]\nsize = 40\nneuron = \"source\"\n\
         [populations.exc]\nsize = 60\nneuron.lif_exp = {{ i_offset = \"180 pA\" }}\n\
         [populations.\"in/h\"]\nsize = 20\nneuron = \"exc\"\n\
         [projections.drawn]\nsource = \"in\"\ntarget = \"exc\"\n{first}\n\
         [projections.\"a/b\"]\nsource = \"exc\"\ntarget = \"in/h\"\nweight = 90\ndelay = \"0.7 ms\"\n\
         connect.pairwise_bernoulli = {{ p = 0.3 }}\n\
         [projections.back]\nsource = \"in/h\"\ntarget = \"exc\"\nweight.normal = {{ mean = -60, std = 5 }}\n\
         connect.fixed_in_degree = {{ n = 9 }}\n\
         [projections.learns]\nsource = \"in\"\ntarget = \"exc\"\n{plastic}\n\
         [inputs.noise]\ntarget = \"in\"\npoisson = {{ rate = \"60 Hz\" }}\n"
    )
}

const DRAWN: &str = "weight.normal = { mean = 70, std = 20 }\nconnect.fixed_out_degree = { n = 90 }\n\
                     delay.uniform = { low = \"0.5 ms\", high = \"3 ms\" }";
const LEARNS: &str =
    "weight.uniform = { low = 20, high = 60 }\nconnect.fixed_in_degree = { n = 11 }\ndelay = \"1.5 ms\"";
const RULE: &str = "\nplasticity.stdp = { w_max = 100 }";

/// The connection of a projection as the run in `folder` ended.
fn back(file: &str, name: &str) -> String {
    format!("connect.list = {{ file = \"{file}\", projection = \"{name}\" }}")
}

#[test]
fn a_run_with_its_own_synapses_gives_the_same_spikes() {
    for (precision, file) in
        [("double", "out/synapses.npz"), ("single", "out/synapses.npz"), ("double", "out/synapses.csv")]
    {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        std::fs::write(folder.join("write.toml"), network(precision, DRAWN, LEARNS)).unwrap();
        let output = run(folder, &["simulate", "write.toml", "-o", "out", "--synapses", "--format", "csv"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("synapses.npz will hold about "));
        let first = spikes(folder, &network(precision, DRAWN, LEARNS));
        let again = network(precision, &back(file, "drawn"), &back(file, "learns"));
        let again = again.replace("connect.pairwise_bernoulli = { p = 0.3 }", &back(file, "a/b"));
        let again = again.replace("connect.fixed_in_degree = { n = 9 }", &back(file, "back"));
        assert!(first.iter().filter(|spike| spike.2 > 0).count() > 200, "the network is at work");
        assert_eq!(spikes(folder, &again), first, "{precision} {file}");
        let three = ["simulate", "m.toml", "-o", "three", "--threads", "3", "-q"];
        run(folder, &three);
        let arrays = |run: &str| std::fs::read(folder.join(run).join("spikes.npz")).unwrap();
        assert!(arrays("three") == arrays("out"), "{precision} {file}");
    }
}

#[test]
fn what_is_learned_is_frozen_and_tested() {
    for precision in ["double", "single"] {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        std::fs::write(folder.join("learn.toml"), network(precision, DRAWN, &format!("{LEARNS}{RULE}"))).unwrap();
        run(folder, &["simulate", "learn.toml", "-o", "out", "--synapses", "-q"]);
        let frozen = |from: &str| network(precision, DRAWN, &back(&format!("{from}/synapses.npz"), "learns"));
        std::fs::write(folder.join("frozen.toml"), frozen("out")).unwrap();
        run(folder, &["simulate", "frozen.toml", "-o", "frozen", "--synapses", "-q"]);
        assert_eq!(spikes(folder, &frozen("frozen")), spikes(folder, &frozen("out")));
        let mut archives = ["out", "frozen"]
            .map(|run| twinfire::numpy::Archive::open(&folder.join(run).join("synapses.npz")).unwrap());
        let mut array = |archive: usize, name: &str| archives[archive].array(name).unwrap().unwrap();
        for column in ["source", "target", "weight", "delay"] {
            let [learned, frozen] = [0, 1].map(|archive| array(archive, &format!("learns.{column}")));
            assert_eq!(learned, frozen, "{column}");
            assert_eq!(learned.shape, [660]);
            let name = if column == "weight" { "after" } else { column };
            let beside = twinfire::numpy::Array::read(&folder.join(format!("out/weights/learns-{name}.npy"))).unwrap();
            assert_eq!(beside, learned, "{column}");
        }
        let before = twinfire::numpy::Array::read(&folder.join("out/weights/learns-before.npy")).unwrap();
        assert_ne!(before, array(0, "learns.weight"));
    }
}

#[test]
fn lists_that_do_not_fit_are_refused_with_what_the_file_holds() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::write(folder.join("write.toml"), network("double", DRAWN, LEARNS)).unwrap();
    run(folder, &["simulate", "write.toml", "-o", "out", "--synapses", "-q"]);
    let message = |first: &str| model(folder, &network("double", first, LEARNS)).unwrap_err().to_string();
    let misspelt = message(&back("out/synapses.npz", "drwan"));
    assert!(misspelt.contains("holds no synapses of `drwan`, but of `drawn`, `a/b`, `back`, `learns`"), "{misspelt}");
    assert!(message("connect.list = { file = \"out/synapses.npz\" }").contains("name one of them"));
    assert!(message(&back("out/synapses.npz", "a/b")).contains("there is no source "));
    assert!(message(&back("out/no.npz", "a/b")).contains("cannot be read"));
    std::fs::write(folder.join("l.csv"), "source,target,weight\n0,0,1\n0,1,\n").unwrap();
    assert!(message("connect.list = { file = \"l.csv\" }").contains("needs `weight`"));
}
