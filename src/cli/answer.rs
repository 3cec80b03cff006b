//! What a command has to say on stdout: as text for people, or with `--json` as one
//! document for programs. Progress and errors go to stderr and never mix with it.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::Value;
use twinfire::error::Error;
use twinfire::visible::visible;

use super::terminal;

/// The outcome of a command that did what it was asked.
pub struct Answer {
    pub text: String,
    pub json: Value,
}

/// Prints an answer. A pipe closed by its reader (`| head -1`) is no error.
pub fn print(answer: &Answer, json: bool) -> ExitCode {
    let seen = visible(&answer.text);
    let fitted = || terminal::width().map_or(seen.to_string(), |width| terminal::wrapped(&seen, width));
    let mut text = if json { format!("{:#}", answer.json) } else { fitted() };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            super::diagnostic::print(&Error::output("standard output", error), json)
        }
        _ => ExitCode::SUCCESS,
    }
}
