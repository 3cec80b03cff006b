//! `twinfire data` as a user meets it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const FILE: &str = "mnist/train-labels-idx1-ubyte.gz";

/// Runs `twinfire data` in a world whose only data folder is `folder`.
fn data(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_twinfire"));
    program.arg("data").args(arguments).env_remove("TWINFIRE_DATA").env("XDG_DATA_HOME", folder);
    program.env("TWINFIRE_MIRROR", "http://127.0.0.1:1").output().unwrap()
}

/// Exit code and what was said on stderr.
fn refusal(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = data(folder, arguments);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Puts `contents` in the place of a file of MNIST below `folder`.
fn put(folder: &Path, contents: &[u8]) {
    std::fs::create_dir_all(folder.join("twinfire/mnist")).unwrap();
    std::fs::write(folder.join("twinfire").join(FILE), contents).unwrap();
}

#[test]
fn every_set_is_listed_with_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &[0; 28_881]);
    let output = data(folder.path(), &["--json"]);
    assert!(output.status.success());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sets = document["datasets"].as_array().unwrap();
    let complete: Vec<_> = sets.iter().map(|set| (set["name"].as_str().unwrap(), set["complete"] == true)).collect();
    assert_eq!(complete, [("digits", true), ("iris", true), ("mnist", false), ("fashion_mnist", false)]);
    let states: Vec<&str> =
        sets[2]["files"].as_array().unwrap().iter().map(|file| file["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["missing", "present", "missing", "missing"]);
    let text = String::from_utf8(data(folder.path(), &[]).stdout).unwrap();
    assert!(text.contains("`twinfire data --fetch mnist fashion_mnist` fetches what is missing"), "{text}");
}

#[test]
fn verifying_finds_what_a_size_does_not_tell() {
    let folder = tempfile::tempdir().unwrap();
    assert!(data(folder.path(), &["--verify"]).status.success(), "what is missing is not wrong");
    put(folder.path(), &[0; 28_881]);
    let (code, words) = refusal(folder.path(), &["--verify"]);
    assert_eq!(code, Some(4));
    assert!(words.contains(FILE) && words.contains("differs from the original"), "{words}");
    put(folder.path(), b"cut off");
    let (code, words) = refusal(folder.path(), &["--verify"]);
    assert_eq!(code, Some(4));
    assert!(words.contains("holds 7 bytes, the original 28881"), "{words}");
}

#[test]
fn a_set_asked_for_by_name_must_exist_and_be_complete() {
    let folder = tempfile::tempdir().unwrap();
    let (code, words) = refusal(folder.path(), &["mnits"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("the data sets are digits, iris, mnist, fashion_mnist"), "{words}");
    let (code, words) = refusal(folder.path(), &["--verify", "FashionMNIST"]);
    assert_eq!(code, Some(4));
    assert!(words.contains("`twinfire data --fetch fashion_mnist` fetches it"), "{words}");
}

#[test]
fn a_fetch_without_a_network_says_so_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, words) = refusal(folder.path(), &["--fetch", "mnist"]);
    assert_eq!(code, Some(4));
    assert!(words.contains("http://127.0.0.1:1/mnist/train-images-idx3-ubyte.gz cannot be reached"), "{words}");
    assert_eq!(std::fs::read_dir(folder.path().join("twinfire/mnist")).unwrap().count(), 0);
    assert!(data(folder.path(), &["--fetch", "digits"]).status.success(), "an embedded set needs no network");
}
