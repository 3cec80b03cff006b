//! `twinfire export`: the files are the trained network, bit for bit, and give its drives and scores by hand.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use twinfire::dataset::Data;
use twinfire::delimited::Records;
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::position::Position;
use twinfire::model::Model;
use twinfire::network::signal::Pass;
use twinfire::network::snapshot;
use twinfire::network::stack::Stack;
use twinfire::numpy::Array;

fn twinfire(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinfire")).args(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Trains for an epoch and exports; the checkpoint and the folder lie in `place`.
fn exported(place: &Path, experiment: &str, regime: &str) -> String {
    let short = ["--set", "training.epochs=1", "--set", "training.samples=60", "--set", "seeds=[1]", "--quiet"];
    let runs = place.join("runs");
    let arguments = ["train", experiment, "--regime", regime, "-o", text(&runs)];
    let trained = twinfire(&[&arguments[..], &short].concat());
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    let ending = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "twinfire");
    let mut files = std::fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path());
    let checkpoint = text(&files.find(ending).unwrap()).to_owned();
    let output = twinfire(&["export", &checkpoint, "-o", text(&place.join("out"))]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    checkpoint
}

/// The lines of `layers.csv` by the names of its columns.
fn layers(folder: &Path) -> Vec<HashMap<String, String>> {
    let table = std::fs::read_to_string(folder.join("layers.csv")).unwrap();
    let mut records = Records::new(&table);
    let mut cells =
        || records.next_record().unwrap().map(|r| r.cells.iter().map(|c| c.to_string()).collect::<Vec<_>>());
    let names = cells().unwrap();
    std::iter::from_fn(cells).map(|cells| names.iter().cloned().zip(cells).collect()).collect()
}

fn array(folder: &Path, name: &str) -> (Vec<usize>, Vec<f64>) {
    let array = Array::read(&folder.join(name)).unwrap();
    (array.shape.clone(), array.numbers().unwrap())
}

/// `h W` in double precision, W as sources x targets.
fn product(h: &[f64], (shape, weights): &(Vec<usize>, Vec<f64>)) -> Vec<f64> {
    assert_eq!(shape[0], h.len());
    (0..shape[1]).map(|target| h.iter().zip(weights.chunks(shape[1])).map(|(h, row)| h * row[target]).sum()).collect()
}

/// What the network of a checkpoint answers to the first test sample, and its scores.
fn answer(checkpoint: &str, visit: &mut dyn FnMut(&Data, &Pass, &[f32])) {
    let saved = Saved::read(Path::new(checkpoint), &[]).unwrap();
    let data = Arc::new(saved.experiment.load(&[]).unwrap());
    let mut session = saved.session(&data).unwrap();
    session.evaluator().each(&data.test, &[0], &mut |found| visit(&data, found.pass, found.output.as_slice()));
}

fn assert_close(found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() <= tolerance, "{found} for {expected}");
    }
}

#[test]
fn weights_are_those_of_the_checkpoint_bit_for_bit_and_go_into_a_model() {
    let place = tempfile::tempdir().unwrap();
    let checkpoint = exported(place.path(), "experiments/digits.toml", "spiking");
    let folder = place.path().join("out");
    let matrices = snapshot::read::<Position>(Path::new(&checkpoint)).unwrap().matrices;
    let layers = layers(&folder);
    assert_eq!(layers.len(), 3);
    let mut model = String::from("[populations.a]\nshape = [8, 8]\nneuron = \"source\"\n");
    for (index, (layer, (name, size))) in layers[1..].iter().zip([("b", 200), ("c", 10)]).enumerate() {
        let best = format!("best/{}.weights", layer["layer"]);
        let matrix = &matrices.iter().find(|(name, _)| *name == best).unwrap().1;
        let (shape, values) = array(&folder, &layer["weights"]);
        assert_eq!((shape, &layer["size"]), (vec![matrix.ncols(), matrix.nrows()], &size.to_string()));
        let bits: Vec<u32> = values.iter().map(|&value| (value as f32).to_bits()).collect();
        let of = |source: usize, target: usize| bits[source * matrix.nrows() + target];
        let same = |source, target| of(source, target) == matrix[(target, source)].to_bits();
        assert!((0..matrix.ncols()).all(|source| (0..matrix.nrows()).all(|target| same(source, target))));
        let from = ["a", "b"][index];
        model += &format!(
            "[populations.{name}]\nsize = {size}\nneuron = \"{}\"\n[projections.{name}]\nsource = \"{from}\"\n\
             target = \"{name}\"\nconnect.all_to_all = {{}}\nweight.file = \"{}\"\ndelay = \"{} ms\"\n",
            layer["neuron"], layer["weights"], layer["delay_ms"]
        );
    }
    std::fs::write(folder.join("model.toml"), model).unwrap();
    let (stacks, built) = Stack::all(&Model::from_file(&folder.join("model.toml"), &[]).unwrap(), 1).unwrap();
    for (id, layer) in stacks[0].weights().zip(&layers[1..]) {
        let best = format!("best/{}.weights", layer["layer"]);
        assert_eq!(*built.values(id), matrices.iter().find(|(name, _)| *name == best).unwrap().1);
    }
    assert_eq!(layers[1]["parameters"].split("; ").next(), Some("v_thresh = 1"));
    assert_eq!((&*layers[0]["fires"], &*layers[1]["fires"], &*layers[2]["fires"]), ("yes", "yes", "no"));
    assert_eq!((&*layers[2]["code"], &*layers[2]["code_file"]), ("membrane", ""));
    let check = twinfire(&["check", text(&folder.join("experiment.toml"))]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[test]
fn drives_worked_out_from_the_files_are_those_of_the_network() {
    for regime in ["rate", "spiking"] {
        let place = tempfile::tempdir().unwrap();
        let checkpoint = exported(place.path(), "experiments/digits.toml", regime);
        let folder = place.path().join("out");
        let layers = layers(&folder);
        let (shape, offset) = array(&folder, &layers[0]["code_file"]);
        assert!(shape == [64] && offset.iter().all(|&minus| minus <= 0.0) && offset.iter().any(|&minus| minus < -0.1));
        let weights = [1, 2].map(|layer| array(&folder, &layers[layer]["weights"]));
        answer(&checkpoint, &mut |data, pass, scores| {
            let mut values = vec![0.0; 64];
            data.test.read(0, &mut values);
            // One spike per tick at value 1, over a window of 8 ticks; regular spikes come in whole numbers.
            let sent = |value: f64| if regime == "rate" { value } else { (8.0 * value + 0.5).floor() / 8.0 };
            let h: Vec<f64> = values.iter().zip(&offset).map(|(&value, minus)| sent(value.into()) + minus).collect();
            assert_close(pass.drive(1).as_slice(), &product(&h, &weights[0]), 1e-4);
            let hidden: Vec<f64> = match regime {
                // Integrate-and-fire with threshold 1: a rectified linear unit.
                "rate" => product(&h, &weights[0]).iter().map(|z| z.max(0.0)).collect(),
                _ => pass.activity(1).iter().map(|&rate| rate.into()).collect(),
            };
            assert_close(scores, &product(&hidden, &weights[1]), 1e-4);
        });
    }
}

#[test]
fn a_fitted_readout_is_exported_with_its_bias() {
    let place = tempfile::tempdir().unwrap();
    let experiment = format!(
        "model = \"{}/models/digits-mlp.toml\"\ndataset = \"digits\"\nregimes = [\"spiking\"]\nseeds = [1]\n\
         encoder.regular = {{}}\ndecoder.linear = {{}}\nrule.fixed = {{}}\n[training]\n",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::write(place.path().join("fitted.toml"), experiment).unwrap();
    let checkpoint = exported(place.path(), text(&place.path().join("fitted.toml")), "spiking");
    let folder = place.path().join("out");
    let layers = layers(&folder);
    let output = &layers[2];
    assert_eq!((&*output["fires"], &*output["code_axes"]), ("yes", "neurons and bias x classes"));
    let readout = array(&folder, &output["code_file"]);
    assert_eq!(readout.0, [11, 10]);
    answer(&checkpoint, &mut |_, pass, scores| {
        let rates: Vec<f64> = pass.activity(2).iter().map(|&rate| rate.into()).chain([1.0]).collect();
        assert_close(scores, &product(&rates, &readout), 1e-4);
    });
}

#[test]
fn a_folder_of_something_else_is_refused_and_force_replaces_only_its_own_files() {
    let place = tempfile::tempdir().unwrap();
    let checkpoint = exported(place.path(), "experiments/iris.toml", "rate");
    let again = twinfire(&["export", &checkpoint, "-o", text(&place.path().join("out")), "--json", "--force"]);
    let answer: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((answer["epoch"].as_u64(), answer["seed"].as_u64()), (Some(1), Some(1)));
    for file in answer["written"].as_array().unwrap() {
        assert!(Path::new(file.as_str().unwrap()).exists(), "{file}");
    }
    let training = place.path().join("runs");
    let refused = twinfire(&["export", &checkpoint, "-o", text(&training)]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("it holds a training"));
    let thesis = place.path().join("thesis");
    std::fs::create_dir(&thesis).unwrap();
    std::fs::write(thesis.join("weights-9-mine.npy"), "x").unwrap();
    assert_eq!(twinfire(&["export", &checkpoint, "-o", text(&thesis)]).status.code(), Some(5));
    assert_eq!(std::fs::read_dir(&thesis).unwrap().count(), 1);
    assert_eq!(twinfire(&["export", &checkpoint, "-o", text(&thesis), "--force"]).status.code(), Some(0));
    assert!(thesis.join("weights-9-mine.npy").exists() && thesis.join("layers.csv").exists());
    assert_eq!(twinfire(&["export", "Cargo.toml", "-o", text(&place.path().join("new"))]).status.code(), Some(4));
    assert!(!place.path().join("new").exists());
}
