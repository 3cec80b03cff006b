//! Models, experiments, expressions and tables of text.

use std::path::Path;

use bolero::check;
use twinfire::document::expression::{self, Unusable};
use twinfire::experiment::Experiment;
use twinfire::model::Model;
use twinfire::report::read_summary;

use super::mutation::Mutant;
use super::{files, timely};

/// Wrong files may say so, in words that can be printed; nothing else may happen.
fn read_or_refuse<T>(read: impl FnOnce() -> twinfire::error::Result<T>) {
    if let Err(error) = timely(read) {
        let text = error.to_string();
        assert!(!text.is_empty() && (1..=5).contains(&error.exit_code()), "{text}");
    }
}

/// The shipped files, and those of the tests that are wrong already.
fn texts(folders: &[&str]) -> Vec<(String, String)> {
    let texts = files(folders, "toml").into_iter();
    texts.map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())).collect()
}

#[test]
fn models() {
    let texts = texts(&["models", "tests/invalid/models", "tests/invalid/good"]);
    check!().with_type::<Mutant>().for_each(|mutant| {
        let (name, text) = &texts[mutant.file(texts.len())];
        read_or_refuse(|| Model::from_text(name, &mutant.of_text(text), &[]));
    });
}

#[test]
fn experiments() {
    let texts = texts(&["experiments", "tests/invalid/experiments"]);
    check!().with_type::<Mutant>().for_each(|mutant| {
        let (name, text) = &texts[mutant.file(texts.len())];
        read_or_refuse(|| Experiment::from_text(name, &mutant.of_text(text), &[]));
    });
}

/// Parameters of a model, as `--set` gives them.
#[test]
fn settings() {
    let model = std::fs::read_to_string("models/brunel.toml").unwrap();
    let settings =
        ["simulation.duration=1 s", "g=5 + 0.1 * order", "populations.exc.size=[2, 3]", "a.b=\"1 mV\"", "x=1"];
    check!().with_type::<Mutant>().for_each(|mutant| {
        let setting = mutant.of_text(settings[mutant.file(settings.len())]);
        read_or_refuse(|| Model::from_text("models/brunel.toml", &model, &[setting]));
    });
}

#[test]
fn expressions() {
    let texts =
        ["(1 + 2.5e3) * 2 mV / max(3, -x, 1e-9)", "sqrt(2) * 5 ms", "-(-(-1)) * ln(exp(round(2.5)))", "1 nS * 2 mV"];
    check!().with_type::<Mutant>().for_each(|mutant| {
        let text = mutant.of_text(texts[mutant.file(texts.len())]);
        let outcome = timely(|| expression::evaluate(&text, &|name| Err(Unusable::Unknown(name.into()))));
        if let Ok(quantity) = outcome {
            assert!(quantity.value.is_finite(), "{text}: {}", quantity.value);
        }
    });
}

/// Writes `text` into a file, to be read through a model that names it.
fn read_through(model: &str, name: &str, texts: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(name);
    check!().with_type::<Mutant>().for_each(|mutant| {
        std::fs::write(&path, mutant.of_text(texts[mutant.file(texts.len())])).unwrap();
        read_or_refuse(|| whole(&model.replace("FILE", &path.display().to_string())));
    });
}

/// Reads a model and all files that its synapses and spikes come from.
fn whole(text: &str) -> twinfire::error::Result<()> {
    let model = Model::from_text("m.toml", text, &[])?;
    twinfire::regime::events::run::simulate(&model, 1).map(drop)
}

const TWO: &str = "[simulation]\nduration = \"1 ms\"\n[populations.a]\nsize = 3\nneuron = \"source\"\n\
                   [populations.b]\nsize = 2\nneuron = \"lif_exp\"\n";

#[test]
fn lists_of_synapses() {
    let model = format!(
        "{TWO}[projections.x]\nsource = \"a\"\ntarget = \"b\"\nweight = 1\nconnect.list = {{ file = \"FILE\" }}\n"
    );
    let texts = [
        "source,target,weight,delay\n0,1,2.5,1.5\n2,0,-1,0.1\n",
        "\u{feff}target;source\r\n1;2\r\n",
        "\"source\",target,projection\n0,0,\"x\"\n",
    ];
    read_through(&model, "list.csv", &texts);
}

#[test]
fn tables_of_weights() {
    let model = format!("{TWO}[projections.x]\nsource = \"a\"\ntarget = \"b\"\nweight.file = \"FILE\"\n");
    read_through(&model, "w.csv", &["1,2\n3,4\n5,6\n", "1;2;\n", "\"1\",\" 2e3\"\n-0.5,nan\n0,0\n"]);
}

#[test]
fn lists_of_spikes() {
    let model = format!("{TWO}[inputs.i]\ntarget = \"a\"\nspike_times = {{ file = \"FILE\" }}\n");
    read_through(
        &model,
        "s.csv",
        &["time_ms,neuron\n0.5,1\n0.1,0\n", "neuron,time\n1,1\n", "time_ms,neuron,population\n0.1,0,a\n"],
    );
    read_through(
        &model,
        "s.dat",
        &["# NEST version: 3.6\n# RecordingBackendASCII version: 2\nsender\ttime_ms\n1\t0.5\n3\t0.7\n"],
    );
    read_through(&model, "s.gdf", &["1\t0.5\n3\t0.7\n", "2 0.1 \n"]);
}

#[test]
fn summaries() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("summary.json");
    let texts = [
        "{\"version\": \"0.1.0\", \"title\": \"t\", \"arms\": []}",
        "{\"version\": \"0.1.0\", \"populations\": []}",
        "[1, {\"a\": null}]",
    ];
    check!().with_type::<Mutant>().for_each(|mutant| {
        std::fs::write(&path, mutant.of_text(texts[mutant.file(texts.len())])).unwrap();
        read_or_refuse(|| read_summary(Path::new(&path)));
    });
}
