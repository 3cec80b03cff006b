//! Trainings on disk: saving a session, resuming it, opening a trained network.

use std::path::{Path, PathBuf};

use synfire::dataset::{self, Data};
use synfire::error::{Error, Result};
use synfire::experiment::session::{Position, Session};
use synfire::experiment::{Arm, Experiment};
use synfire::matrix::Matrix;
use synfire::network::snapshot::{self, Snapshot};

use super::{Options, overrides};

/// Where the checkpoint of one training lies: `spiking-q_agrel-seed1.ckpt`.
pub fn path(folder: &Path, arm: &Arm, seed: u64) -> PathBuf {
    folder.join(format!("{}-seed{seed}.ckpt", arm.label()))
}

/// Writes a session down.
///
/// # Errors
/// [`Error::Output`] when the file cannot be written.
pub fn save(session: &Session<'_>, path: &Path) -> Result<()> {
    let matrices = session.matrices();
    let named: Vec<(&str, &Matrix)> = matrices.iter().map(|(name, matrix)| (name.as_str(), *matrix)).collect();
    snapshot::write(path, session.position(), &named)
}

/// Sets a fresh session to where the checkpoint at `path` left off.
///
/// # Errors
/// [`Error::Data`] when the file is damaged, or is of another training.
pub fn resume(session: &mut Session<'_>, path: &Path) -> Result<()> {
    let Snapshot { header, matrices } = snapshot::read::<Position>(path)?;
    take(session, path, header, &matrices)
}

fn take(session: &mut Session<'_>, path: &Path, position: Position, matrices: &[(String, Matrix)]) -> Result<()> {
    session.resume(position, matrices).map_err(|why| {
        let error = Error::data(path, format!("does not belong to this training: {why}"));
        error.with_help("leave --resume out to train from the start")
    })
}

/// A checkpoint with all that is needed to run its network.
pub struct Trained {
    path: PathBuf,
    pub experiment: Experiment,
    pub data: Data,
    /// Index of the arm.
    arm: usize,
    position: Position,
    matrices: Vec<(String, Matrix)>,
}

impl Trained {
    /// Reads a checkpoint, the experiment in it (changed by `--set`), and its data set.
    ///
    /// # Errors
    /// [`Error::Data`] when the file or the data are missing or damaged, [`Error::Invalid`]
    /// when what `--set` asks for is impossible.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let Snapshot { header: mut position, matrices } = snapshot::read::<Position>(path)?;
        let name = path.display().to_string();
        let experiment = Experiment::from_text(&name, &position.experiment, &overrides(options, "seeds=[{}]"))?;
        // What `--set` changed is on purpose: the weights are taken into the changed experiment.
        position.experiment.clone_from(&experiment.resolved);
        let Some(arm) = experiment.arms.iter().position(|arm| arm.label() == position.arm) else {
            return Err(Error::data(path, format!("its experiment has no arm `{}`", position.arm)));
        };
        let data = (experiment.dataset.load)(&dataset::folders(options.data.as_deref()))?;
        Ok(Self { path: path.to_path_buf(), experiment, data, arm, position, matrices })
    }

    pub fn arm(&self) -> &Arm {
        &self.experiment.arms[self.arm]
    }

    pub fn seed(&self) -> u64 {
        self.position.seed
    }

    /// The training as the checkpoint left it, with the weights of its best epoch.
    ///
    /// # Errors
    /// [`Error::Data`] when the matrices do not fit the network.
    pub fn session(&self) -> Result<Session<'_>> {
        let mut session = Session::new(&self.experiment, self.arm(), self.position.seed, &self.data)?;
        take(&mut session, &self.path, self.position.clone(), &self.matrices)?;
        session.restore_best();
        Ok(session)
    }
}
