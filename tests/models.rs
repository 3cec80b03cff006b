//! Every shipped model and experiment file is valid, and its resolved text says the same.

use std::path::{Path, PathBuf};

use twinfire::document::key::{KindRow, rows};
use twinfire::document::reader::Reader;
use twinfire::experiment::Experiment;
use twinfire::model::Model;

/// All `.toml` files below `folder`.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(ending) if ending == "toml" => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Whether the first line says what the file shows.
fn has_header(path: &Path) -> bool {
    std::fs::read_to_string(path).unwrap().lines().next().is_some_and(|line| line.starts_with("# "))
}

/// Every kind of every list, with the fields that have no default left out.
fn kinds() -> Vec<KindRow> {
    let lists = [
        rows(twinfire::neuron::KINDS),
        rows(twinfire::topology::KINDS),
        rows(twinfire::input::KINDS),
        rows(twinfire::distribution::KINDS),
        rows(twinfire::encode::KINDS),
        rows(twinfire::decode::KINDS),
        rows(twinfire::rule::KINDS),
        rows(twinfire::plasticity::KINDS),
    ];
    for list in &lists {
        let mut names: Vec<&str> = list.iter().flat_map(|kind| [&[kind.name], kind.aliases].concat()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two kinds share a name: {names:?}");
    }
    lists.concat()
}

#[test]
fn every_default_is_a_value_of_its_field() {
    for kind in kinds() {
        for field in kind.fields.iter().filter(|field| field.default.is_some()) {
            let mut reader = Reader::default();
            if let Some(leader) = field.follows(kind.fields) {
                assert_eq!(leader.form, field.form, "{}.{}", kind.name, field.name);
                continue;
            }
            let value = reader.default_of(field);
            assert!(value.is_some(), "{}.{}: {:?}", kind.name, field.name, reader.problems);
        }
    }
}

#[test]
fn every_model_is_valid_and_its_resolved_text_says_the_same() {
    for path in files("models") {
        assert!(has_header(&path), "{}: no header", path.display());
        let model = Model::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let again = Model::from_text("resolved", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{model:?}"), format!("{again:?}"), "{}", path.display());
    }
}

#[test]
fn every_experiment_is_valid_and_its_resolved_text_says_the_same() {
    for path in files("experiments") {
        assert!(has_header(&path), "{}: no header", path.display());
        let experiment = Experiment::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let again =
            Experiment::from_text("resolved", &experiment.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(experiment.arms, again.arms, "{}", path.display());
        assert_eq!(experiment.seeds, again.seeds, "{}", path.display());
        assert_eq!(experiment.resolved(), again.resolved(), "{}", path.display());
        assert_eq!(format!("{:?}", experiment.model), format!("{:?}", again.model), "{}", path.display());
    }
}
