//! Fuzz targets for every reader: no input makes it panic, hang, or take memory that nobody foresaw.
//!
//! ```text
//! cargo test --test fuzz                                    a second for each
//! BOLERO_RANDOM_TEST_TIME_MS=10000 cargo test --test fuzz   ten seconds, as .ci/run does
//! BOLERO_RANDOM_SEED=... cargo test --test fuzz TARGET      one input again, as a failure names it
//! ```
//! Inputs are files of the project with a few edits (mutation.rs), so that most get far into a reader.

mod binary;
mod mutation;
mod simulated;
mod text;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What nothing may take, in a build without optimisation beside others.
const LONGEST: Duration = Duration::from_secs(10);

/// Runs `read` and holds it to the time.
fn timely<T>(read: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let read = read();
    assert!(start.elapsed() < LONGEST, "took {:?}", start.elapsed());
    read
}

/// The files of the project below these folders with this ending, with their names.
fn files(folders: &[&str], ending: &str) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        paths.extend(entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == ending)));
    }
    paths.sort();
    assert!(!paths.is_empty(), "no file to begin with in {folders:?}");
    paths.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}
