//! `twinfire evaluate`: a trained network on the test set.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use twinfire::dataset;
use twinfire::error::Result;
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::evaluation::Evaluation;

use super::answer::Answer;
use super::{Options, require_accuracy};

const EXAMPLES: &str = "\
Examples:
  twinfire evaluate runs/digits/spiking-q_agrel-seed1.twinfire
  twinfire evaluate runs/digits/spiking-q_agrel-seed1.twinfire --json";

/// Test a trained network on the samples that were held out
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Evaluate {
    /// A checkpoint that `twinfire train` wrote
    checkpoint: PathBuf,
    /// Exit with 6 when the accuracy is below so many percent
    #[arg(long, value_name = "PERCENT")]
    require_accuracy: Option<f64>,
}

impl Evaluate {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let saved = Saved::read(&self.checkpoint, &options.set)?;
        let data = Arc::new(saved.experiment.load(&dataset::folders(options.data.as_deref()))?);
        let mut session = saved.session(&data)?;
        session.encoder_seed = options.seed.unwrap_or(session.seed);
        let evaluation = session.test();
        let (label, seed) = (session.arm.label(), session.seed);
        require_accuracy(self.require_accuracy, &label, evaluation.metrics[0])?;
        let (samples, accuracy) = (evaluation.presentations, evaluation.metrics[0]);
        let title = &saved.experiment.title;
        let encoded = options.seed.map_or(String::new(), |seed| format!(", encoded with seed {seed}"));
        let text = format!(
            "{title}, {label} with seed {seed}: {accuracy:.2} % of {samples} test samples{encoded}\n\n{}",
            table(&data.classes, &evaluation)
        );
        let json = json!({
            "checkpoint": self.checkpoint,
            "arm": label,
            "seed": seed,
            "encoder_seed": session.encoder_seed,
            "dataset": data.name,
            "classes": data.classes,
            "samples": samples,
            "accuracy": accuracy,
            "confusion": evaluation.confusion(),
        });
        Ok(Answer { text, json })
    }
}

/// One row per class: which samples of it were taken for which class.
fn table(classes: &[String], evaluation: &Evaluation) -> String {
    let width = classes.iter().map(|class| class.chars().count()).max().unwrap_or(0).max(5);
    let mut text = " ".repeat(width);
    for class in classes {
        let _ = write!(text, " {class:>width$}");
    }
    for (class, row) in classes.iter().zip(evaluation.confusion()) {
        let _ = write!(text, "\n{class:>width$}");
        for count in &row {
            let shown = if *count == 0 { "·".to_string() } else { count.to_string() };
            let _ = write!(text, " {shown:>width$}");
        }
    }
    text
}
