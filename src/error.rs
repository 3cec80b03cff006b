//! What can go wrong, told apart by who is at fault and what to do about it.
//!
//! Every variant is a user's mistake or the world's; our own bugs panic.
//! The exit codes are documented in `docs/cli.md`.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text a user wrote, with the name to call it by.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// A path as the user gave it, or `--set #2`.
    pub name: String,
    pub text: String,
}

/// A stretch of a [`Source`], as a byte range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub source: Arc<Source>,
    pub span: Range<usize>,
}

impl Place {
    /// Line and column of the start, both from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.span.start.min(self.source.text.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The whole line on which the place starts.
    pub fn line(&self) -> &str {
        self.source.text.lines().nth(self.line_column().0 - 1).unwrap_or("")
    }
}

/// One thing that is wrong in what a user wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
    pub place: Option<Place>,
    /// How to mend it.
    pub help: Option<String>,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Error {
    /// The command line makes no sense (exit code 2).
    Usage(Problem),
    /// A model or experiment file is wrong; everything found in it (exit code 3).
    Invalid(Vec<Problem>),
    /// A data, checkpoint or result file is missing, corrupt or not what it says (exit code 4).
    Data { path: PathBuf, what: String, help: Option<String> },
    /// A file cannot be written (exit code 5).
    Output { path: PathBuf, source: std::io::Error },
    /// A requirement such as `--require` was not met (exit code 6).
    Missed(String),
    /// The run itself failed (exit code 1).
    Run(String),
    /// Stopped by Ctrl-C; what was learned is saved here (exit code 130).
    Interrupted { checkpoint: Option<PathBuf> },
}

/// The result of anything that can go wrong by a user's or the world's fault.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A data file that is missing or wrong.
    pub fn data(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::Data { path: path.as_ref().to_path_buf(), what: what.into(), help: None }
    }

    /// The same error with advice.
    pub fn with_help(self, advice: impl Into<String>) -> Self {
        match self {
            Self::Data { path, what, .. } => Self::Data { path, what, help: Some(advice.into()) },
            Self::Usage(problem) => Self::Usage(Problem { help: Some(advice.into()), ..problem }),
            other => other,
        }
    }

    /// A file that cannot be written.
    pub fn output(path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Output { path: path.as_ref().to_path_buf(), source }
    }

    /// A command line that makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(Problem { message: message.into(), place: None, help: None })
    }

    /// The exit code of the program.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Run(_) => 1,
            Self::Usage(_) => 2,
            Self::Invalid(_) => 3,
            Self::Data { .. } => 4,
            Self::Output { .. } => 5,
            Self::Missed(_) => 6,
            Self::Interrupted { .. } => 130,
        }
    }

    /// What is wrong, as problems (one, but for [`Error::Invalid`]).
    pub fn problems(&self) -> Vec<Problem> {
        let plain = |message: String, help: Option<String>| vec![Problem { message, place: None, help }];
        match self {
            Self::Usage(problem) => vec![problem.clone()],
            Self::Invalid(problems) => problems.clone(),
            Self::Data { path, what, help } => plain(format!("{}: {what}", path.display()), help.clone()),
            Self::Output { path, source } => plain(format!("{}: cannot be written: {source}", path.display()), None),
            Self::Missed(what) | Self::Run(what) => plain(what.clone(), None),
            Self::Interrupted { checkpoint: Some(path) } => plain(
                format!("interrupted; saved to {}", path.display()),
                Some("the same command with --resume goes on from there".into()),
            ),
            Self::Interrupted { checkpoint: None } => plain("interrupted".into(), None),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = &self.place {
            let (line, column) = place.line_column();
            write!(f, "{}:{line}:{column}: ", place.source.name)?;
        }
        write!(f, "{}", self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " (help: {help})"))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.problems().iter().map(Problem::to_string).collect();
        write!(f, "{}", lines.join("\n"))
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_line_and_column() {
        let source = Arc::new(Source { name: "m.toml".into(), text: "a = 1\nτ_m = 20\n".into() });
        let place = Place { span: 13..15, source };
        assert_eq!(place.line_column(), (2, 7));
        assert_eq!(place.line(), "τ_m = 20");
    }

    #[test]
    fn every_error_has_its_own_exit_code() {
        let mut codes = vec![
            Error::Run(String::new()).exit_code(),
            Error::usage("").exit_code(),
            Error::Invalid(vec![]).exit_code(),
            Error::data("", "").exit_code(),
            Error::output("", std::io::Error::other("")).exit_code(),
            Error::Missed(String::new()).exit_code(),
            Error::Interrupted { checkpoint: None }.exit_code(),
        ];
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, [1, 2, 3, 4, 5, 6, 130]);
    }
}
