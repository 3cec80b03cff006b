//! `twinfire evaluate`: a trained network on the test set.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use twinfire::dataset;
use twinfire::error::Result;
use twinfire::exhibit::Content;
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::evaluation::Evaluation;
use twinfire::metric::{Metric, by_name};

use super::Options;
use super::answer::Answer;
use super::require::Require;

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
    #[command(flatten)]
    require: Require,
}

impl Evaluate {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let saved = Saved::read(&self.checkpoint, &options.set)?;
        let data = Arc::new(saved.experiment.load(&dataset::folders(options.data.as_deref()))?);
        let mut session = saved.session(&data)?;
        session.encoder_seed = options.seed.unwrap_or(session.seed);
        let evaluation = session.test();
        let (label, seed) = (session.arm.label(), session.seed);
        let metrics = session.task.metrics();
        self.require.is_possible(metrics)?;
        let scores = by_name(metrics, &evaluation.metrics);
        self.require.check(metrics, &label, |name| scores.get(name).copied())?;
        let samples = evaluation.presentations;
        let shown =
            |(metric, &value): (&Metric, &f64)| format!("{} {}", metric.name.replace('_', " "), metric.shown(value));
        let shown: Vec<String> = metrics.iter().zip(&evaluation.metrics).map(shown).collect();
        let title = &saved.experiment.title;
        let encoded = options.seed.map_or(String::new(), |seed| format!(", encoded with seed {seed}"));
        let text = format!(
            "{title}, {label} with seed {seed}: {} over {samples} test samples{encoded}\n{}",
            shown.join(", "),
            tables(&data.classes, &evaluation)
        );
        let json = json!({
            "checkpoint": self.checkpoint,
            "arm": label,
            "seed": seed,
            "encoder_seed": session.encoder_seed,
            "dataset": data.name,
            "classes": data.classes,
            "samples": samples,
            "test": scores,
            "exhibits": evaluation.exhibits,
        });
        Ok(Answer { text, json })
    }
}

/// The tables of counts by class that there are.
fn tables(classes: &[String], evaluation: &Evaluation) -> String {
    let counts = evaluation.exhibits.iter().filter_map(|exhibit| match &exhibit.content {
        Content::Counts(counts) => Some(format!("\n{}", table(classes, counts))),
        Content::Images { .. } => None,
    });
    counts.collect()
}

/// One row per class: which samples of it were taken for which class.
fn table(classes: &[String], counts: &[Vec<u32>]) -> String {
    let width = classes.iter().map(|class| class.chars().count()).max().unwrap_or(0).max(5);
    let mut text = " ".repeat(width);
    for class in classes {
        let _ = write!(text, " {class:>width$}");
    }
    for (class, row) in classes.iter().zip(counts) {
        let _ = write!(text, "\n{class:>width$}");
        for count in row {
            let shown = if *count == 0 { "·".to_string() } else { count.to_string() };
            let _ = write!(text, " {shown:>width$}");
        }
    }
    text
}
