//! `twinfire compare`: trains every regime and rule of an experiment and reports on them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use twinfire::dataset;
use twinfire::error::Result;
use twinfire::experiment::Experiment;
use twinfire::experiment::checkpoint::Checkpoints;
use twinfire::experiment::compare::Comparison;
use twinfire::experiment::result::Summary;
use twinfire::report::{self, table};

use super::answer::Answer;
use super::folder::{Folder, Kind};
use super::interrupt::{self, Interrupt};
use super::progress::{Processor, TrainingProgress};
use super::{Options, memory, read_experiment, require_accuracy};

const EXAMPLES: &str = "\
Examples:
  twinfire compare experiments/digits.toml
  twinfire compare experiments/digits.toml --resume
  twinfire compare experiments/iris.toml --set training.epochs=20 -o iris";

/// Train a network in the spiking and in the rate regime and report on the difference
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Compare {
    /// An experiment file
    experiment: PathBuf,
    #[command(flatten)]
    training: Training,
}

/// Options of commands that train.
#[derive(Args)]
pub struct Training {
    /// Go on from the checkpoints in the output folder
    #[arg(long)]
    resume: bool,
    /// Exit with 6 when the mean accuracy of an arm is below so many percent
    #[arg(long, value_name = "PERCENT")]
    require_accuracy: Option<f64>,
}

impl Compare {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let experiment = read_experiment(&self.experiment, options)?;
        let (folder, summary) = self
            .training
            .run(&experiment, options, |summary, folder| report::write_comparison(summary, folder).map(drop))?;
        self.training.require_accuracy(&summary)?;
        let next = format!("the report is {}", folder.join("report.html").display());
        Ok(answer(&summary, &folder, &next))
    }
}

impl Training {
    /// Trains all arms of `experiment` with all its seeds and writes the results with `save`;
    /// gives the output folder and the results.
    pub fn run(
        &self,
        experiment: &Experiment,
        options: &Options,
        save: impl Fn(&Summary, &Path) -> Result<()>,
    ) -> Result<(PathBuf, Summary)> {
        memory::require_training(experiment, &memory::training(experiment, options.threads(), true)?)?;
        let data = (experiment.dataset.load)(&dataset::folders(options.data.as_deref()))?;
        let default = Path::new("runs").join(&experiment.name);
        self.note_a_new_start(options.output.as_deref().unwrap_or(&default));
        let folder = Folder::open(options, Kind::Training, &default, self.resume)?;
        let path = folder.path.clone();
        let processor = if Comparison::side_by_side(experiment) { Processor::Thread } else { Processor::Process };
        let resolution = experiment.model.simulation.resolution;
        let observer =
            TrainingProgress::new(options.quiet, resolution, processor, Interrupt::listen("stopping after this batch"));
        let comparison = Comparison {
            experiment,
            data: &data,
            observer: &observer,
            checkpoints: &Checkpoints { folder: path.clone(), resume: self.resume },
            threads: options.threads(),
            command: &super::command_line(),
        };
        let outcome = comparison.run().and_then(|summary| {
            interrupt::listen_no_more();
            save(&summary, &path).map(|()| summary)
        });
        Ok((path, folder.close(outcome)?))
    }

    /// Says when there is nothing to resume in `folder`.
    fn note_a_new_start(&self, folder: &Path) {
        let is_checkpoint = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "twinfire"))
        };
        let found = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(is_checkpoint));
        if self.resume && !found {
            let _ = writeln!(std::io::stderr(), "nothing to resume in {}: starting anew", folder.display());
        }
    }

    /// Refuses the result when an arm's mean accuracy is too low.
    pub fn require_accuracy(&self, summary: &Summary) -> Result<()> {
        summary.arms.iter().try_for_each(|arm| require_accuracy(self.require_accuracy, &arm.label(), arm.accuracy.mean))
    }
}

/// The table of results, and where more is to be found.
pub fn answer(summary: &Summary, folder: &Path, next: &str) -> Answer {
    let text = format!("{}\n\n{}\n\n{next}", summary.title, table::comparison(summary).trim_end());
    let mut json = serde_json::to_value(summary).unwrap_or(Value::Null);
    json["folder"] = json!(folder);
    // What only figures need stays in summary.json.
    for arm in json["arms"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        ["examples", "weight_maps", "scatter"].iter().for_each(|key| drop(arm.remove(*key)));
    }
    Answer { text, json }
}
