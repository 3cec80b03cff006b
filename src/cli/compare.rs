//! `twinfire compare`: trains every regime and rule of an experiment and reports on them.

use std::io::{Error as IoError, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use twinfire::dataset::{self, Data};
use twinfire::error::{Error, Result};
use twinfire::experiment::checkpoint::{self, Checkpoints, Found, Start, file_name};
use twinfire::experiment::compare::Comparison;
use twinfire::experiment::session::make;
use twinfire::experiment::{Arm, Experiment};
use twinfire::report::output::record::{Kind, Record, State};
use twinfire::report::output::{Output, Way, trainings};
use twinfire::report::{self, table};
use twinfire::result::Summary;
use twinfire::result::origin::Of;
use twinfire::task;

use super::answer::Answer;
use super::folder::{self, Filling};
use super::interrupt::{self, Interrupt};
use super::progress::{Processor, TrainingProgress};
use super::require::Require;
use super::{Options, memory, overrides, read_experiment, terminal};

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
    #[command(flatten)]
    require: Require,
}

impl Compare {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let experiment = Arc::new(read_experiment(&self.experiment, options)?);
        let draw = |summary: &Summary, output: &Output| {
            let stage = output.stage()?;
            report::draw_comparison(summary, stage.path())?;
            output.publish(stage, State::Done).map(drop)
        };
        let (folder, summary) = self.training.run(&self.experiment, &experiment, options, draw)?;
        self.training.require(&summary)?;
        let next = format!("the report is {}", folder.join("report.html").display());
        Ok(answer(&summary, &folder, &next))
    }
}

impl Training {
    /// Trains all arms of `experiment`, read from `file`, with all its seeds, writes the summary down after every
    /// training and the rest with `draw`; gives the output folder and the results.
    pub fn run(
        &self,
        file: &Path,
        experiment: &Arc<Experiment>,
        options: &Options,
        draw: impl Fn(&Summary, &Output) -> Result<()>,
    ) -> Result<(PathBuf, Summary)> {
        if self.resume && options.force {
            return Err(Error::usage("`--resume` keeps what is there, and `--force` replaces it: give one of them"));
        }
        if let Some(arm) = experiment.arms.first() {
            self.require.is_possible(make(task::KINDS, &arm.task)?.metrics())?;
        }
        memory::require_training(experiment, &memory::training(experiment, options.threads(), true)?)?;
        let data = Arc::new(experiment.load(&dataset::folders(options.data.as_deref()))?);
        let experiment = &Arc::new(experiment.on(&data));
        let start = Start::of(experiment)?;
        let settings = overrides(options, "seeds=[{}]");
        let filling = Filling {
            kind: Kind::Training,
            of: Of::new(file, experiment.whole()),
            inputs: folder::inputs(file, &settings),
            settings,
        };
        let output = self.open(&filling, (experiment, start.as_ref()), options)?;
        start.iter().for_each(|start| output.descend_from(start.of.clone()));
        let path = output.path().to_path_buf();
        let outcome = self.train(&output, &filling, (experiment, &data, start.as_ref()), options).and_then(|summary| {
            interrupt::listen_no_more();
            keep(&output, &summary)?;
            draw(&summary, &output).map(|()| summary)
        });
        Ok((path, output.close(outcome)?))
    }

    fn train(
        &self,
        output: &Output,
        filling: &Filling,
        (experiment, data, start): (&Arc<Experiment>, &Arc<Data>, Option<&Start>),
        options: &Options,
    ) -> Result<Summary> {
        let processor = if Comparison::side_by_side(experiment) { Processor::Thread } else { Processor::Process };
        let interrupt = Interrupt::listen("stopping after this batch");
        let resolution = experiment.model.simulation.resolution;
        let names = names(experiment);
        let comparison = Comparison {
            experiment,
            data,
            observer: &TrainingProgress::new(options.quiet, resolution, processor, interrupt),
            checkpoints: &Checkpoints {
                folder: output.path().to_path_buf(),
                resume: self.resume,
                claim: &|| output.claim(&names),
            },
            start,
            threads: options.threads(),
            origin: &filling.origin(),
            // The last one is written once more, and then has to be.
            keep: &|summary| drop(keep(output, summary)),
        };
        comparison.run()
    }

    /// The folder: a new one, or with `--resume` one whose training goes on.
    fn open(
        &self,
        filling: &Filling,
        (experiment, start): (&Experiment, Option<&Start>),
        options: &Options,
    ) -> Result<Output> {
        let default = Path::new("runs").join(&experiment.name);
        if !self.resume {
            return filling.open(options, &default);
        }
        let (folder, found) = match options.output.as_deref() {
            Some(folder) => (Some(folder.to_path_buf()), checkpoints(experiment, folder)?),
            None => latest(experiment, &default)?,
        };
        let place = folder.as_deref().unwrap_or(&default).display();
        if found.checkpoints > 0 {
            folder.iter().try_for_each(|folder| require_parent(folder, start))?;
        }
        if found.checkpoints == 0 {
            folder::say(&format!("nothing to resume in {place}: starting anew"));
        } else if options.output.is_none() {
            folder::say(&format!("going on with {place}"));
        }
        found.notes.iter().for_each(|note| folder::say(note));
        let way = if found.checkpoints == 0 && folder.is_none() { Way::New } else { Way::Resume };
        filling.open_in(options, folder.as_deref(), &default, way)
    }

    /// Refuses the result when the mean of an arm misses what is asked for.
    pub fn require(&self, summary: &Summary) -> Result<()> {
        summary.arms.iter().try_for_each(|arm| {
            let mean = |name: &str| arm.metrics.get(name).map(|estimate| estimate.mean);
            self.require.check(&summary.measured, &arm.label(), mean)
        })
    }
}

/// Writes the summary of what is done.
fn keep(output: &Output, summary: &Summary) -> Result<()> {
    let (name, bytes) = report::summary_file(summary);
    output.put(name, &bytes).map(drop)
}

/// The files that trainings of `experiment` write while they go on.
fn names(experiment: &Experiment) -> Vec<String> {
    let seeds = |arm: &Arm| experiment.seeds.iter().map(|&seed| file_name(&arm.label(), seed)).collect::<Vec<_>>();
    experiment.arms.iter().flat_map(seeds).collect()
}

/// The checkpoints in `folder`, which all have to fit `experiment`.
fn checkpoints(experiment: &Experiment, folder: &Path) -> Result<Found> {
    let record = Record::read(folder).filter(Record::is_training);
    let is_done = record.as_ref().is_some_and(|record| record.state == State::Done);
    let names = record.and_then(|record| record.files).into_iter().flatten();
    let names: Vec<String> = names.filter(|name| name.ends_with(".twinfire")).collect();
    match names.iter().find(|name| is_done && !folder.join(name).exists()) {
        Some(gone) => Err(not_resumed(folder, &format!("it is done, and {gone} is gone"))),
        None => checkpoint::find(experiment, folder, &names),
    }
}

/// Refuses to go on where `start` leads to another checkpoint by now: results would name one that their weights
/// never came from.
fn require_parent(folder: &Path, start: Option<&Start>) -> Result<()> {
    let recorded = Record::read(folder).and_then(|record| record.parent);
    let Some((old, new)) = recorded.zip(start).map(|(old, new)| (old.sha256, &new.of)) else { return Ok(()) };
    if old == new.sha256 {
        return Ok(());
    }
    let why = format!("it started from {} of SHA-256 {old}, which is {} now", new.file.display(), new.sha256);
    Err(not_resumed(folder, &why))
}

fn not_resumed(folder: &Path, why: &str) -> Error {
    let what = format!("its training cannot go on: {why}; give another folder with -o, or start anew with --force");
    Error::output(folder, IoError::new(ErrorKind::AlreadyExists, what))
}

/// The latest folder with a training that can go on as `experiment` says.
///
/// # Errors
/// Why the latest training cannot, where none can.
fn latest(experiment: &Experiment, default: &Path) -> Result<(Option<PathBuf>, Found)> {
    let mut why = None;
    for (folder, _) in trainings(default) {
        match checkpoints(experiment, &folder) {
            Ok(found) if found.checkpoints > 0 => return Ok((Some(folder), found)),
            Err(other @ Error::Output { .. }) => why = why.or(Some(other)),
            Err(damaged) => return Err(damaged),
            Ok(_) => {}
        }
    }
    why.map_or_else(|| Ok((None, Found::default())), Err)
}

/// The table of results, and where more is to be found.
pub fn answer(summary: &Summary, folder: &Path, next: &str) -> Answer {
    let text = format!("{}\n\n{}\n\n{next}", summary.title, table::comparison(summary, terminal::width()).trim_end());
    let mut json = serde_json::to_value(summary).unwrap_or(Value::Null);
    json["folder"] = json!(folder);
    // What only figures need stays in summary.json.
    for arm in json["arms"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        ["examples", "weight_maps", "scatter"].iter().for_each(|key| drop(arm.remove(*key)));
    }
    Answer { text, json }
}
