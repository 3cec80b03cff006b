//! `twinfire schema`: the JSON Schema of model or experiment files, for completion in editors.

use clap::{Args, ValueEnum};
use twinfire::error::Result;
use twinfire::{experiment, model};

use super::answer::Answer;

const EXAMPLES: &str = "\
Examples:
  twinfire schema model > model.schema.json
  twinfire schema experiment > experiment.schema.json

With `#:schema ./model.schema.json` as its first line, a model file is completed and checked while
it is written, in editors that know TOML through Taplo or Even Better TOML.";

/// Print the JSON Schema of model or experiment files, for completion in editors
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Schema {
    /// Of which files
    #[arg(value_enum, default_value = "model")]
    of: Files,
}

/// Files that have a schema.
#[derive(Clone, Copy, ValueEnum)]
enum Files {
    Model,
    Experiment,
}

impl Schema {
    pub fn run(&self) -> Result<Answer> {
        let schema = match self.of {
            Files::Model => model::keys::schema(),
            Files::Experiment => experiment::keys::schema(),
        };
        Ok(Answer { text: format!("{schema:#}"), json: schema })
    }
}
