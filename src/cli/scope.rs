//! Which of the options that every command takes a command heeds. The others would do nothing:
//! they are refused, so that nobody waits for what they ask for. `--json` and `--quiet` fit all.

use twinfire::error::{Error, Result};

use super::Options;

/// What commands heed, by their names; `simulate` differs for models and for samples.
const HEEDED: &[(&str, &[&str])] = &[
    ("simulate", &["--seed", "--threads", "--set", "--output", "--force", "--data"]),
    ("compare", &["--seed", "--threads", "--set", "--output", "--force", "--data"]),
    ("train", &["--seed", "--threads", "--set", "--output", "--force", "--data"]),
    ("evaluate", &["--seed", "--threads", "--set", "--data"]),
    ("export", &["--set", "--output", "--force", "--data"]),
    ("plot", &["--output", "--force"]),
    ("check", &["--seed", "--set"]),
    ("data", &["--data"]),
    ("list", &[]),
    ("schema", &[]),
    ("completions", &[]),
];

/// Refuses options that the command does not heed.
///
/// # Errors
/// [`Error::Usage`], naming the option and the commands that heed it.
pub fn require(command: &str, options: &Options) -> Result<()> {
    let heeded = HEEDED.iter().find(|(name, _)| *name == command).map_or(&[][..], |(_, heeded)| heeded);
    match given(options).into_iter().find(|option| !heeded.contains(option)) {
        None => Ok(()),
        Some(option) => {
            let having = HEEDED.iter().filter(|(_, heeded)| heeded.contains(&option)).map(|(name, _)| *name);
            let help = format!("commands that heed it: {}", having.collect::<Vec<_>>().join(", "));
            Err(Error::usage(format!("`{option}` does nothing with `twinfire {command}`")).with_help(help))
        }
    }
}

/// Refuses those of `options` that are given, since `what` does not heed them.
///
/// # Errors
/// [`Error::Usage`], naming the option.
pub fn refuse(options: &[(&str, bool)], what: &str, help: &str) -> Result<()> {
    match options.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(Error::usage(format!("`{option}` does nothing with {what}")).with_help(help)),
        None => Ok(()),
    }
}

/// The options on the command line.
fn given(options: &Options) -> Vec<&'static str> {
    let all = [
        ("--seed", options.seed.is_some()),
        ("--threads", options.threads.is_some()),
        ("--set", !options.set.is_empty()),
        ("--output", options.output.is_some()),
        ("--force", options.force),
        ("--data", options.data.is_some()),
    ];
    all.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect()
}
