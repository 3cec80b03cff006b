//! `synfire evaluate`: a trained network on the test set.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use synfire::error::Result;
use synfire::experiment::evaluation::Evaluation;

use super::answer::Answer;
use super::checkpoint::Trained;
use super::{Options, require_accuracy};

const EXAMPLES: &str = "\
Examples:
  synfire evaluate runs/digits/spiking-q_agrel-seed1.ckpt
  synfire evaluate runs/digits/spiking-q_agrel-seed1.ckpt --json";

/// Test a trained network on the samples that were held out
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Evaluate {
    /// A checkpoint that `synfire train` wrote
    checkpoint: PathBuf,
    /// Exit with 6 when the accuracy is below so many percent
    #[arg(long, value_name = "PERCENT")]
    require_accuracy: Option<f64>,
}

impl Evaluate {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let trained = Trained::open(&self.checkpoint, options)?;
        let evaluation = trained.session()?.test();
        let label = trained.arm().label();
        require_accuracy(self.require_accuracy, &label, evaluation.accuracy())?;
        let json = json!({
            "checkpoint": self.checkpoint,
            "arm": label,
            "seed": trained.seed(),
            "dataset": trained.data.name,
            "classes": trained.data.classes,
            "samples": evaluation.presentations,
            "accuracy": evaluation.accuracy(),
            "confusion": evaluation.confusion,
        });
        Ok(Answer { text: table(&trained, &evaluation), json })
    }
}

/// The accuracy, and one row per class: which samples of it were taken for which class.
fn table(trained: &Trained, evaluation: &Evaluation) -> String {
    let classes = &trained.data.classes;
    let width = classes.iter().map(|class| class.chars().count()).max().unwrap_or(0).max(5);
    let mut text = format!(
        "{}, {} with seed {}: {:.2} % of {} test samples\n\n{:width$}",
        trained.experiment.title,
        trained.arm().label(),
        trained.seed(),
        evaluation.accuracy(),
        evaluation.presentations,
        ""
    );
    for class in classes {
        let _ = write!(text, " {class:>width$}");
    }
    for (class, row) in classes.iter().zip(&evaluation.confusion) {
        let _ = write!(text, "\n{class:>width$}");
        for count in row {
            let shown = if *count == 0 { "·".to_string() } else { count.to_string() };
            let _ = write!(text, " {shown:>width$}");
        }
    }
    text
}
