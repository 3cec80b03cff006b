//! The command line. One file per command, each one call into the library; what all
//! commands share is here and in `answer`, `diagnostic`, `folder` and `progress`.
//!
//! To add a command: write `my_command.rs` with its arguments, its `EXAMPLES` and its
//! `run`, add its `mod` line, its row in [`Command`] and in `scope` the options that it heeds.

pub mod answer;
mod check;
mod compare;
mod completions;
mod data;
pub mod diagnostic;
mod evaluate;
mod export;
mod folder;
pub mod interrupt;
mod list;
mod memory;
mod plot;
mod progress;
mod quote;
mod require;
mod schema;
mod scope;
mod simulate;
mod terminal;
mod train;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use answer::Answer;
use clap::{Args, Parser, Subcommand};
use twinfire::error::{Error, Result};
use twinfire::experiment::Experiment;

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the run failed
  2    the command line makes no sense
  3    a model or experiment file is wrong
  4    a data, checkpoint or result file is missing or corrupt
  5    output cannot be written
  6    a requirement such as --require accuracy=90 was missed
  130  stopped by Ctrl-C; what was learned or recorded is saved

Examples:
  twinfire simulate models/tutorial.toml
  twinfire compare experiments/digits.toml
  twinfire list lif_delta";

/// Spiking neural networks that learn: simulate a model file, or train the same network
/// with the same rule in the spiking and in the rate regime and compare them
#[derive(Parser)]
#[command(name = "twinfire", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Line {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    pub options: Options,
}

/// Every command, in the order `twinfire --help` shows them.
#[derive(Subcommand)]
enum Command {
    Simulate(simulate::Simulate),
    Compare(compare::Compare),
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Export(export::Export),
    Plot(plot::Plot),
    Check(check::Check),
    Data(data::Data),
    List(list::List),
    Schema(schema::Schema),
    Completions(completions::Completions),
}

impl Command {
    /// What users type.
    fn name(&self) -> &'static str {
        match self {
            Self::Simulate(_) => "simulate",
            Self::Compare(_) => "compare",
            Self::Train(_) => "train",
            Self::Evaluate(_) => "evaluate",
            Self::Export(_) => "export",
            Self::Plot(_) => "plot",
            Self::Check(_) => "check",
            Self::Data(_) => "data",
            Self::List(_) => "list",
            Self::Schema(_) => "schema",
            Self::Completions(_) => "completions",
        }
    }
}

/// Options that every command takes.
#[derive(Args, Clone)]
#[command(next_help_heading = "Options for every command")]
pub struct Options {
    /// Print the summary, or the error, as one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Use this seed instead of the file's
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Use at most so many threads; the results are the same for any number [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Change a value of the file, as in `--set training.epochs=2`; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write results into this folder [default: one in runs/ that is free]
    #[arg(short, long, global = true, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Replace the results in the folder; files that twinfire did not write stay in any case
    #[arg(long, global = true)]
    pub force: bool,
    /// Look here first for data files (then in $TWINFIRE_DATA and ~/.local/share/twinfire)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// No progress on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Options {
    /// How many threads to use.
    fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }
}

/// Reads the command line. Help, version and mistakes are printed here; what is left to
/// do then is to exit with the code.
pub fn parse() -> std::result::Result<Line, ExitCode> {
    Line::try_parse().map_err(|refused| {
        let asked_json = std::env::args_os().any(|argument| argument == "--json");
        if refused.use_stderr() && asked_json {
            return diagnostic::print(&usage_error(&refused.to_string()), true);
        }
        // A closed pipe is no reason to fail: whoever closed it has read enough.
        let _ = refused.print();
        ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(2))
    })
}

/// What clap wrote for people (`error: message`, then perhaps `tip: advice`), as an error.
fn usage_error(text: &str) -> Error {
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let advice = text.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    match advice {
        Some(advice) => Error::usage(message).with_help(advice),
        None => Error::usage(message),
    }
}

impl Line {
    /// Runs the command.
    pub fn run(&self) -> Result<Answer> {
        require_utf8(std::env::args_os().skip(1))?;
        scope::require(self.command.name(), &self.options)?;
        if let Some(threads) = self.options.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
            pool.build_global().map_err(|refused| Error::Run(format!("cannot start {threads} threads: {refused}")))?;
        }
        match &self.command {
            Command::Simulate(simulate) => simulate.run(&self.options),
            Command::Compare(compare) => compare.run(&self.options),
            Command::Train(train) => train.run(&self.options),
            Command::Evaluate(evaluate) => evaluate.run(&self.options),
            Command::Export(export) => export.run(&self.options),
            Command::Plot(plot) => plot.run(&self.options),
            Command::Check(check) => check.run(&self.options),
            Command::Data(data) => data.run(&self.options),
            Command::List(list) => list.run(),
            Command::Schema(schema) => schema.run(),
            Command::Completions(completions) => completions.run(),
        }
    }
}

/// Refuses names of files that results could not tell: what they hold is UTF-8.
fn require_utf8(mut arguments: impl Iterator<Item = OsString>) -> Result<()> {
    match arguments.find(|argument| argument.to_str().is_none()) {
        Some(wrong) => Err(Error::usage(format!("`{}` is not UTF-8", wrong.display()))
            .with_help("rename the file or the folder, or lead to it by a link")),
        None => Ok(()),
    }
}

/// What `--set` says, and `--seed` after it, which is short for `--set` with `seed_key`.
fn overrides(options: &Options, seed_key: &str) -> Vec<String> {
    let seed = options.seed.map(|seed| seed_key.replace("{}", &seed.to_string()));
    options.set.iter().cloned().chain(seed).collect()
}

/// The experiment in a file.
///
/// # Errors
/// [`Error::Usage`] for a model file; else those of reading it.
fn read_experiment(path: &Path, options: &Options) -> Result<Experiment> {
    let experiment = check::is_experiment(path);
    if matches!(experiment, Ok(false)) {
        let error = Error::usage(format!("{} is a model, no experiment", path.display()));
        return Err(
            error.with_help("an experiment names a model and what to train it on; see docs/experiment-format.md")
        );
    }
    Experiment::from_file(path, &overrides(options, "seeds=[{}]"))
}
