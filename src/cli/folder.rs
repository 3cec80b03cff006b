//! Output folders. A folder is made, and a bad path noticed, before a long run begins.
//! `run.json` in it says what filled it and how that ended, so that nothing of another kind
//! and no training that could go on is overwritten.

use std::io::{Error as IoError, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use twinfire::error::{Error, Result};

use super::Options;

const MARK: &str = "run.json";

/// What a folder holds the results of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Training,
    Simulation,
    /// Results of elsewhere, drawn again.
    Figures,
    /// A trained network, for other programs.
    Network,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Training => "a training",
            Self::Simulation => "a simulation",
            Self::Figures => "figures of other results",
            Self::Network => "a trained network",
        }
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Running,
    Interrupted,
    Failed,
    Done,
}

/// `run.json`
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Mark {
    kind: Kind,
    state: State,
    command: String,
    version: String,
}

/// A folder that a run fills.
pub struct Folder {
    pub path: PathBuf,
    mark: Mark,
}

impl Folder {
    /// Makes the folder for results of this kind: `--output`, or else `default`.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be made or, without `--force`, when it holds
    /// anything but results of the same kind, or a training that could be resumed and is not.
    pub fn open(options: &Options, kind: Kind, default: &Path, resume: bool) -> Result<Self> {
        let path = options.output.as_deref().unwrap_or(default);
        std::fs::create_dir_all(path).map_err(|error| Error::output(path, error))?;
        if !options.force {
            refuse(path, kind, resume)?;
        }
        let version = env!("CARGO_PKG_VERSION").to_string();
        let mark = Mark { kind, state: State::Running, command: super::command_line(), version };
        let folder = Self { path: path.to_path_buf(), mark };
        folder.mark(State::Running)?;
        Ok(folder)
    }

    /// Notes how the run ended, and gives its outcome back.
    ///
    /// # Errors
    /// That of the run, or [`Error::Output`] when the note cannot be written.
    pub fn close<T>(self, outcome: Result<T>) -> Result<T> {
        let state = match &outcome {
            Ok(_) => State::Done,
            Err(Error::Interrupted { .. }) => State::Interrupted,
            Err(_) => State::Failed,
        };
        let noted = self.mark(state);
        outcome.and_then(|value| noted.map(|()| value))
    }

    fn mark(&self, state: State) -> Result<()> {
        let mark = serde_json::to_vec_pretty(&Mark { state, ..self.mark.clone() });
        write(&self.path.join(MARK), &mark.unwrap_or_default())
    }
}

/// Writes a file in one step: it is there whole, or as it was.
///
/// # Errors
/// [`Error::Output`] when it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let save = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".run-").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|refused| refused.error)
    };
    save().map(drop).map_err(|error| Error::output(path, error))
}

/// Refuses to overwrite what is not to be overwritten.
fn refuse(folder: &Path, kind: Kind, resume: bool) -> Result<()> {
    let bytes = std::fs::read(folder.join(MARK)).ok();
    let mark = bytes.and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok());
    let unfinished = |mark: &Mark| matches!(mark.state, State::Running | State::Interrupted);
    let message = match mark {
        None if is_empty(folder)? => return Ok(()),
        None => "it holds other files; give another folder with -o, or use --force".to_string(),
        Some(mark) if mark.kind != kind => {
            format!("it holds {}; give another folder with -o, or use --force", mark.kind.name())
        }
        Some(mark) if kind == Kind::Training && unfinished(&mark) && !resume => {
            "it holds a training that is not finished; --resume goes on with it, --force starts anew".to_string()
        }
        Some(_) => return Ok(()),
    };
    Err(Error::output(folder, IoError::new(ErrorKind::AlreadyExists, message)))
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = std::fs::read_dir(folder).map_err(|error| Error::output(folder, error))?;
    Ok(entries.next().is_none())
}
