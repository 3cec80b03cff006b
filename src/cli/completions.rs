//! `twinfire completions`: a script that teaches a shell to complete commands and options.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;
use twinfire::error::Result;

use super::answer::Answer;

const EXAMPLES: &str = "\
Examples:
  twinfire completions bash > twinfire.bash
  twinfire completions fish > twinfire.fish
  twinfire completions zsh > _twinfire";

/// Print a script that completes commands and options in a shell
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Completions {
    /// The shell that will read the script
    shell: Shell,
}

impl Completions {
    pub fn run(&self) -> Result<Answer> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Line::command(), "twinfire", &mut script);
        let text = String::from_utf8_lossy(&script).into_owned();
        Ok(Answer { json: json!({ "shell": self.shell.to_string(), "script": text }), text })
    }
}
