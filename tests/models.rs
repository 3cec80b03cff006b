//! Every shipped model and experiment file is valid, and its resolved text says the same.

use std::path::{Path, PathBuf};

use synfire::experiment::Experiment;
use synfire::model::Model;

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

#[test]
fn every_model_is_valid_and_its_resolved_text_says_the_same() {
    for path in files("models") {
        assert!(has_header(&path), "{}: no header", path.display());
        let model = Model::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let again = Model::from_text("resolved", &model.resolved, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{model:?}"), format!("{again:?}"), "{}", path.display());
    }
}

#[test]
fn every_experiment_is_valid_and_its_resolved_text_says_the_same() {
    for path in files("experiments") {
        assert!(has_header(&path), "{}: no header", path.display());
        let experiment = Experiment::from_file(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let again =
            Experiment::from_text("resolved", &experiment.resolved, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(experiment.arms, again.arms, "{}", path.display());
        assert_eq!(experiment.seeds, again.seeds, "{}", path.display());
        assert_eq!(experiment.resolved, again.resolved, "{}", path.display());
        assert_eq!(format!("{:?}", experiment.model), format!("{:?}", again.model), "{}", path.display());
    }
}
