//! Where results come from: the command, what it set, and the file that it ran.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The command that gave results.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The command line, quoted so that a shell takes it for the same words.
    pub command: String,
    /// Every `--set`, and what other options set, as `simulation.seed=2`.
    pub settings: Vec<String>,
}

/// What a run is of: a file, and a hash of what that came to with all settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Of {
    pub file: PathBuf,
    pub sha256: String,
}

impl Of {
    /// The file at this path, which comes to this text.
    pub fn new(file: &Path, text: impl AsRef<[u8]>) -> Self {
        Self { file: file.to_path_buf(), sha256: hash(text.as_ref()) }
    }
}

/// SHA-256 in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
