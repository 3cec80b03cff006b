//! Wrong files of every sort: each is refused with the message that is pinned here, and
//! none makes the program panic. A file in `tests/invalid/models` or `.../experiments` is
//! one case; after adding one, `INSTA_UPDATE=always cargo test --test invalid` writes its
//! messages into `tests/snapshots`, to be read before they are committed.

use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use synfire::error::Error;
use synfire::experiment::Experiment;
use synfire::model::Model;

/// The `.toml` files right in `folder`, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    files.sort();
    files
}

/// Every file of `folder` with what is said about it.
fn messages(folder: &str, check: fn(&Path) -> Result<(), Error>) -> String {
    let mut all = String::new();
    for path in files(folder) {
        let outcome = catch_unwind(|| check(&path)).unwrap_or_else(|_| panic!("{} panics", path.display()));
        let error = outcome.err().unwrap_or_else(|| panic!("{} is accepted", path.display()));
        let text = error.to_string().replace(&format!("{folder}/"), "");
        let name = path.file_stem().unwrap().to_string_lossy();
        writeln!(all, "# {name} (exit code {})\n{text}\n", error.exit_code()).unwrap();
    }
    all
}

#[test]
fn wrong_models() {
    insta::assert_snapshot!(messages("tests/invalid/models", |path| Model::from_file(path, &[]).map(|_| ())));
}

#[test]
fn wrong_experiments() {
    insta::assert_snapshot!(messages("tests/invalid/experiments", |path| Experiment::from_file(path, &[]).map(|_| ())));
}

#[test]
fn wrong_settings() {
    let cases: [&[&str]; 10] = [
        &["hidden"],
        &["=3"],
        &["hidden="],
        &["hiden=3"],
        &["parameters.hiden=3"],
        &["layers.1.dense=ten"],
        &["layers.7.dense=3"],
        &["layers.0=3"],
        &["simulation.resolution=20 mV", "simulation.sed=1"],
        &["a.b.c=1"],
    ];
    let mut all = String::new();
    for case in cases {
        let arguments: Vec<String> = case.iter().map(|argument| argument.to_string()).collect();
        let error = Model::from_file(Path::new("tests/invalid/good/iris.toml"), &arguments).expect_err(case[0]);
        writeln!(all, "# {}\n{error}\n", case.join("  ")).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn files_that_are_no_text_or_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("m.toml");
    std::fs::write(&binary, b"title = \"\xff\"").unwrap();
    let message = |path: &Path| Model::from_file(path, &[]).unwrap_err();
    assert!(message(&binary).to_string().ends_with("m.toml: is no text: byte 9 is not UTF-8"));
    assert_eq!(message(&binary).exit_code(), 4);
    let missing = Experiment::from_file(Path::new("no/such.toml"), &[]).err().unwrap();
    assert!(missing.to_string().starts_with("no/such.toml: cannot be read"), "{missing}");
}

/// The shipped files, experiments with the model they name inside.
fn shipped() -> Vec<String> {
    let models = files("models").into_iter().map(|path| std::fs::read_to_string(path).unwrap());
    let experiments = files("experiments").into_iter().map(|path| Experiment::from_file(&path, &[]).unwrap().resolved);
    models.chain(experiments).collect()
}

/// Reads `text` both as a model and as an experiment.
fn read(text: &str) {
    for outcome in [Model::from_text("m", text, &[]).err(), Experiment::from_text("x", text, &[]).err()] {
        outcome.iter().for_each(|error| assert!(!error.to_string().is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(which in any::<prop::sample::Index>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8), 1..8)) {
        let texts = shipped();
        let mut bytes = which.get(&texts).clone().into_bytes();
        for (here, there, what) in damage {
            let (i, j) = (here.index(bytes.len()), there.index(bytes.len()));
            match what {
                0 => { bytes.remove(i); }
                1 => bytes.swap(i, j),
                2 => bytes[i] = b"\"'[]{}=.#\n-+*/()e09_"[j % 20],
                _ => { bytes.drain(i.min(j)..i.max(j).min(i.min(j) + 40)); }
            }
            if bytes.is_empty() { break; }
        }
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_arithmetic_never_panics(text in "[-+*/() .0-9a-z_µ]{0,40}") {
        let model = format!("[parameters]\na = '{text}'\nb = 'a + {text}'\n[populations.p]\nsize = 'a'\nneuron = 'source'\n");
        read(&model);
    }
}

// Wrong data files and wrong checkpoints follow the same pattern: one function that
// damages a file and one snapshot of what is said.
