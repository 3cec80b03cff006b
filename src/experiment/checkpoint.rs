//! Checkpoints of trainings: where they are, and how one becomes a session again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Experiment;
use super::position::Position;
use super::resumption;
use super::session::Session;
use crate::dataset::Data;
use crate::error::{Error, Result};
use crate::matrix::Matrix;
use crate::network::snapshot::{self, Snapshot};
use crate::regular_file;
use crate::result::origin::Of;

/// A folder of checkpoints, one file per arm and seed.
pub struct Checkpoints<'a> {
    pub folder: PathBuf,
    /// Whether trainings go on from what is there.
    pub resume: bool,
    /// Makes room in the folder; called before every checkpoint, when all but its name is written.
    pub claim: &'a (dyn Fn() -> Result<()> + Sync),
}

/// The name of the file of an arm with a seed: `spiking-q_agrel-seed1.twinfire`.
pub fn file_name(arm: &str, seed: u64) -> String {
    format!("{arm}-seed{seed}.twinfire")
}

/// What is to be said of trainings that go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// How many checkpoints there are.
    pub checkpoints: usize,
    /// What changes for them.
    pub notes: Vec<String>,
}

/// Looks whether the trainings with these checkpoints can all go on as `experiment` says.
///
/// # Errors
/// [`Error::Output`] for the folder when one of them cannot, [`Error::Data`] when one is damaged.
pub fn find(experiment: &Experiment, folder: &Path, names: &[String]) -> Result<Found> {
    let mut found = Found::default();
    for path in names.iter().map(|name| folder.join(name)).filter(|path| path.exists()) {
        let position = snapshot::read::<Position>(&path)?.header;
        resumption::check(&position, experiment).map_err(|why| {
            let what =
                format!("its training cannot go on: {why}; give another folder with -o, or start anew with --force");
            Error::output(folder, std::io::Error::new(std::io::ErrorKind::AlreadyExists, what))
        })?;
        found.checkpoints += 1;
        let arm = experiment.arms.iter().find(|arm| arm.label() == position.arm);
        found.notes.extend(arm.and_then(|arm| resumption::note(&position, arm)));
    }
    Ok(found)
}

impl Checkpoints<'_> {
    fn path(&self, session: &Session) -> PathBuf {
        self.folder.join(file_name(&session.arm.label(), session.seed))
    }

    /// Writes a session down, replacing its last checkpoint in one step.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn save(&self, session: &Session) -> Result<()> {
        let matrices = session.matrices();
        let named: Vec<_> = matrices.iter().map(|(name, matrix)| (name.as_str(), *matrix)).collect();
        snapshot::write(&self.path(session), session.position(), &named, self.claim)
    }

    /// Takes a session up where its checkpoint left it, if it has one and this is wanted.
    ///
    /// # Errors
    /// [`Error::Data`] when the checkpoint is damaged or of another experiment.
    pub fn take_up(&self, session: &mut Session) -> Result<()> {
        let path = self.path(session);
        if !self.resume || !path.exists() {
            return Ok(());
        }
        let Snapshot { header, matrices } = snapshot::read::<Position>(&path)?;
        session.resume(header, &matrices).map_err(|why| {
            Error::data(&path, format!("cannot be resumed: {why}"))
                .with_help("start anew without --resume, or write into another folder with -o")
        })
    }
}

/// The checkpoint that trainings start from.
pub struct Start {
    pub of: Of,
    matrices: Vec<(String, Matrix)>,
}

impl Start {
    /// That of an experiment which names one.
    ///
    /// # Errors
    /// [`Error::Data`] when it is missing, damaged or no checkpoint.
    pub fn of(experiment: &Experiment) -> Result<Option<Self>> {
        let Some(path) = &experiment.start else { return Ok(None) };
        let matrices = snapshot::read::<Position>(path)?.matrices;
        let bytes = regular_file::read_data(path, 1).map_err(|what| Error::data(path, what))?;
        Ok(Some(Self { of: Of::new(path, bytes), matrices }))
    }

    /// Gives a session that begins its weights.
    ///
    /// # Errors
    /// [`Error::Data`] when its layers are others.
    pub fn enter(&self, session: &mut Session) -> Result<()> {
        session.start_from(&self.matrices).map_err(|why| {
            Error::data(&self.of.file, format!("cannot be started from: {why}"))
                .with_help("`start` needs a checkpoint of a network with the same layers")
        })
    }
}

/// A checkpoint with the experiment it belongs to.
pub struct Saved {
    path: PathBuf,
    pub experiment: Arc<Experiment>,
    pub snapshot: Snapshot<Position>,
}

impl Saved {
    /// Reads the checkpoint at `path`; the experiment in it is changed by the arguments of `--set`.
    ///
    /// # Errors
    /// [`Error::Data`] when it is damaged; [`Error::Invalid`] when its experiment is not one
    /// that this version of twinfire understands, or cannot be changed so.
    pub fn read(path: &Path, overrides: &[String]) -> Result<Self> {
        let mut snapshot = snapshot::read::<Position>(path)?;
        let name = format!("{} (the experiment in it)", path.display());
        let experiment = Experiment::from_text(&name, &snapshot.header.experiment, overrides)?;
        // Its weights go into the changed experiment.
        snapshot.header.experiment = experiment.whole();
        Ok(Self { path: path.to_path_buf(), experiment: Arc::new(experiment), snapshot })
    }

    /// The session with the best weights of the checkpoint.
    ///
    /// # Errors
    /// [`Error::Data`] when the checkpoint does not fit its own experiment.
    pub fn session(&self, data: &Arc<Data>) -> Result<Session> {
        let position = &self.snapshot.header;
        let unfit = |why: String| Error::data(&self.path, format!("does not fit its own experiment: {why}"));
        let arm = self.experiment.arms.iter().find(|arm| arm.label() == position.arm);
        let arm = arm.ok_or_else(|| {
            let what = format!("is of {}, which its experiment as changed does not have", position.arm);
            Error::data(&self.path, what).with_help("`--set` may not take its regime or its rule away")
        })?;
        let mut session = Session::new(&self.experiment, arm, position.seed, data)?;
        session.resume(position.clone(), &self.snapshot.matrices).map_err(unfit)?;
        session.restore_best();
        Ok(session)
    }
}
