//! `synfire train`: trains networks and keeps checkpoints.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use synfire::dataset::{self, Data};
use synfire::error::{Error, Result};
use synfire::experiment::result::Run;
use synfire::experiment::session::{Session, Stop};
use synfire::experiment::{Arm, Experiment};

use super::answer::Answer;
use super::interrupt::Interrupt;
use super::progress::{Processor, TrainingProgress};
use super::{Options, checkpoint, folder, overrides, require_accuracy};

const EXAMPLES: &str = "\
Examples:
  synfire train experiments/digits.toml
  synfire train experiments/digits.toml --resume
  synfire train experiments/digits.toml --regime rate --seed 7 -o rate-only";

/// Train networks on a data set and keep checkpoints
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Train {
    /// An experiment file
    experiment: PathBuf,
    /// Train in this regime only
    #[arg(long, value_parser = ["spiking", "rate"])]
    regime: Option<String>,
    /// Train with this rule only, where the experiment has several
    #[arg(long)]
    rule: Option<String>,
    /// Go on from the checkpoints in the output folder
    #[arg(long)]
    resume: bool,
    /// Exit with 6 when an accuracy is below so many percent
    #[arg(long, value_name = "PERCENT")]
    require_accuracy: Option<f64>,
}

impl Train {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let experiment = Experiment::from_file(&self.experiment, &overrides(options, "seeds=[{}]"))?;
        let arms = self.arms(&experiment)?;
        let folder = folder::prepare(options, "train", &Path::new("runs").join(&experiment.name))?;
        let data = (experiment.dataset.load)(&dataset::folders(options.data.as_deref()))?;
        let resolution = experiment.model.simulation.resolution;
        let progress = TrainingProgress::new(options.quiet, resolution, Processor::Process, Interrupt::listen()?);
        let mut trained = Vec::new();
        for arm in arms {
            for &seed in &experiment.seeds {
                let session = Session::new(&experiment, arm, seed, &data)?;
                let path = checkpoint::path(&folder, arm, seed);
                trained.push((arm.label(), path.clone(), self.train(session, &path, &progress)?));
            }
        }
        drop(progress);
        let answer = answer(&experiment, &data, &trained);
        folder::write(&folder.join("training.json"), format!("{:#}\n", answer.json).as_bytes())?;
        for (label, _, run) in &trained {
            require_accuracy(self.require_accuracy, &format!("{label} with seed {}", run.seed), run.test_accuracy)?;
        }
        Ok(answer)
    }

    fn arms<'e>(&self, experiment: &'e Experiment) -> Result<Vec<&'e Arm>> {
        let regime = |arm: &&Arm| self.regime.as_deref().is_none_or(|regime| regime == arm.regime.name());
        let rule = |arm: &&Arm| self.rule.as_deref().is_none_or(|rule| rule == arm.rule.kind);
        let arms: Vec<&Arm> = experiment.arms.iter().filter(regime).filter(rule).collect();
        if arms.is_empty() {
            let labels: Vec<String> = experiment.arms.iter().map(Arm::label).collect();
            let error = Error::usage("the experiment has no arm with this regime and rule");
            return Err(error.with_help(format!("its arms are {}", labels.join(", "))));
        }
        Ok(arms)
    }

    /// Trains one arm with one seed, or goes on with it, and tests it.
    fn train(&self, mut session: Session<'_>, path: &Path, progress: &TrainingProgress) -> Result<Run> {
        if self.resume && path.exists() {
            checkpoint::resume(&mut session, path)?;
        }
        match session.train(progress, &mut |session| checkpoint::save(session, path))? {
            Stop::Interrupted => Err(Error::Interrupted { checkpoint: Some(path.to_path_buf()) }),
            Stop::Finished => {
                let test = session.test();
                Ok(session.run(&test))
            }
        }
    }
}

fn answer(experiment: &Experiment, data: &Data, trained: &[(String, PathBuf, Run)]) -> Answer {
    let mut text = format!("{}: {} test samples of {}\n", experiment.title, data.test.len(), data.name);
    for (label, path, run) in trained {
        let _ = writeln!(
            text,
            "  {label} seed {}: {:.2} %, best of {} epochs was {}; {:.1} s; {}",
            run.seed,
            run.test_accuracy,
            run.epochs.len(),
            run.best_epoch,
            run.wall_s,
            path.display()
        );
    }
    let runs = trained.iter().map(|(label, path, run)| json!({ "arm": label, "checkpoint": path, "run": run }));
    let json = json!({
        "title": experiment.title,
        "dataset": data.name,
        "runs": runs.collect::<Vec<_>>(),
        "experiment": experiment.resolved,
    });
    Answer { text, json }
}
