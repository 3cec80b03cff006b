//! What a simulation writes is read back as it was: spikes in every format, and synapses.

use std::path::Path;
use std::process::{Command, Output};

use twinfire::experiment::simulation::simulate;
use twinfire::model::Model;

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
    simulate(&model, 1).unwrap().spikes()
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
