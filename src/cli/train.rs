//! `twinfire train`: trains networks and keeps checkpoints.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use twinfire::error::{Error, Result};
use twinfire::experiment::{Arm, Experiment};
use twinfire::parameter::find;
use twinfire::rule;

use super::answer::Answer;
use super::compare::{Training, answer};
use super::{Options, read_experiment};

const EXAMPLES: &str = "\
Examples:
  twinfire train experiments/digits.toml
  twinfire train experiments/digits.toml --resume
  twinfire train experiments/digits.toml --regime rate --seed 7 -o rate-only";

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
    #[command(flatten)]
    training: Training,
}

impl Train {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let mut experiment = read_experiment(&self.experiment, options)?;
        self.choose_arms(&mut experiment)?;
        let (folder, summary) = self.training.run(&self.experiment, &Arc::new(experiment), options, |_, _| Ok(()))?;
        self.training.require(&summary)?;
        let next = format!("checkpoints and summary.json are in {}; `twinfire plot` draws them", folder.display());
        Ok(answer(&summary, &folder, &next))
    }

    fn choose_arms(&self, experiment: &mut Experiment) -> Result<()> {
        let rule = self.rule.as_deref().map(|name| find(rule::KINDS, name).map_or(name, |kind| kind.name));
        let labels: Vec<String> = experiment.arms.iter().map(Arm::label).collect();
        experiment.choose(|arm| {
            self.regime.as_deref().is_none_or(|regime| regime == arm.regime.name())
                && rule.is_none_or(|rule| rule == arm.rule.kind)
        });
        if experiment.arms.is_empty() {
            let error = Error::usage("the experiment has no arm with this regime and rule");
            return Err(error.with_help(format!("its arms are {}", labels.join(", "))));
        }
        Ok(())
    }
}
