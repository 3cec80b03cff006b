//! `run.json`: what filled a folder, how that ended, and every file that it wrote there.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::regular_file;
use crate::result::origin::{Of, Origin};

/// The name of the file.
pub const NAME: &str = "run.json";

/// What a folder holds the results of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Training,
    Simulation,
    /// One sample through a trained network.
    Sample,
    /// Results of elsewhere, drawn again.
    Figures,
    /// A trained network, for other programs.
    Network,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    Interrupted,
    Failed,
    Done,
}

/// What `run.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub kind: Kind,
    pub state: State,
    /// The command line, quoted so that a shell takes it for the same words.
    pub command: String,
    /// Every `--set`, and what other options set.
    #[serde(default)]
    pub settings: Vec<String>,
    pub version: String,
    /// What ran; none in folders of earlier versions.
    #[serde(default)]
    pub of: Option<Of>,
    /// The checkpoint that a training started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Of>,
    /// Every file that was written, as paths in the folder with `/`; none in folders of earlier versions.
    #[serde(default)]
    pub files: Option<BTreeSet<String>>,
}

impl Record {
    /// That of a run that begins.
    pub fn new(kind: Kind, of: Of, origin: &Origin) -> Self {
        Self {
            kind,
            state: State::Running,
            command: origin.command.clone(),
            settings: origin.settings.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            of: Some(of),
            parent: None,
            files: Some(BTreeSet::new()),
        }
    }

    /// The record in `folder`, if there is one that twinfire wrote.
    pub fn read(folder: &Path) -> Option<Self> {
        let path = folder.join(NAME);
        if !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return None;
        }
        let mut record: Self = serde_json::from_slice(&regular_file::read(&path, regular_file::TEXT).ok()?).ok()?;
        // A record that was tampered with leads to nothing outside of its folder.
        record.files.iter_mut().for_each(|files| files.retain(|name| is_inside(name)));
        Some(record)
    }

    /// Whether it is a training that can go on.
    pub fn is_training(&self) -> bool {
        self.kind == Kind::Training && self.files.is_some()
    }

    /// Whether any of its files is in `folder`; one of an earlier version keeps no list.
    pub fn has_results(&self, folder: &Path) -> bool {
        let there = |name: &String| folder.join(name).symlink_metadata().is_ok();
        self.files.as_ref().is_none_or(|files| files.iter().any(there))
    }

    /// What it is of and how it stands, as in `a training of x.toml that failed`.
    pub fn words(&self) -> String {
        let kind = match self.kind {
            Kind::Training => "a training",
            Kind::Simulation => "a simulation",
            Kind::Sample => "a sample",
            Kind::Figures => "figures",
            Kind::Network => "a trained network",
        };
        let of = self.of.as_ref().map_or(String::new(), |of| format!(" of {}", of.file.display()));
        let state = match (self.kind, self.state) {
            (Kind::Figures | Kind::Network | Kind::Sample, State::Done) => "",
            (_, State::Done) => " that is done",
            (_, State::Failed) => " that failed",
            (_, State::Running | State::Interrupted) => " that is not finished",
        };
        format!("{kind}{of}{state}")
    }
}

/// Whether a path leads to somewhere below the folder that it is in.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_leads_to_nothing_outside_of_its_folder() {
        let place = tempfile::tempdir().unwrap();
        let mut record = Record::new(Kind::Simulation, Of::new(Path::new("m.toml"), "x"), &Origin::default());
        record.files = Some(["../a", "/etc/passwd", "figures/../../b", "figures/raster.png"].map(String::from).into());
        std::fs::write(place.path().join(NAME), serde_json::to_vec(&record).unwrap()).unwrap();
        let read = Record::read(place.path()).unwrap();
        assert_eq!(read.files, Some(BTreeSet::from(["figures/raster.png".to_owned()])));
        std::fs::write(place.path().join(NAME), "{\"kind\": \"mine\"}").unwrap();
        assert!(Record::read(place.path()).is_none());
    }
}
