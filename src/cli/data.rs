//! `twinfire data`: which data sets there are, whether their files are there and intact, and
//! fetching of those that are not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use twinfire::dataset::fetch::{Condition, fetch, inspect};
use twinfire::dataset::{self, DataFile, DataSet, SETS};
use twinfire::error::{Error, Result};

use super::answer::Answer;
use super::{Options, scope, terminal};

const EXAMPLES: &str = "\
Examples:
  twinfire data
  twinfire data --verify
  twinfire data --fetch mnist
  twinfire data --fetch mnist fashion_mnist --data ./data";

const NARROW_BAR: &str = "{prefix:.24}  {percent:>3} %  {decimal_bytes_per_sec:>11}  {eta:>4} left";
const BAR: &str = "{prefix} {wide_bar:.cyan/dim} {decimal_bytes:>9} of {decimal_total_bytes}  {decimal_bytes_per_sec:>11}  {eta:>4} left";

/// Show the data sets and which of their files are there; verify or fetch files
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Data {
    /// Data sets [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Compare the contents of files with the originals (SHA-256)
    #[arg(long)]
    verify: bool,
    /// Fetch files that are missing or differ from the originals, into --data DIR or else the
    /// user's data folder, and verify them
    #[arg(long)]
    fetch: bool,
    /// Fetch from URL/mnist/train-images-idx3-ubyte.gz and so on instead of the usual places
    #[arg(long, value_name = "URL", env = "TWINFIRE_MIRROR", hide_env_values = true)]
    mirror: Option<String>,
}

/// One file of a set, and what stands in its place.
struct Found {
    file: &'static DataFile,
    path: Option<PathBuf>,
    condition: Condition,
}

impl Data {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        // The address may also stand in the environment, for all commands.
        let asked = std::env::args_os()
            .any(|argument| argument.to_str().is_some_and(|text| text == "--mirror" || text.starts_with("--mirror=")));
        scope::refuse(&[("--mirror", asked && !self.fetch)], "`twinfire data` without `--fetch`", "add `--fetch`")?;
        let sets = self.sets()?;
        let folders = dataset::folders(options.data.as_deref());
        if self.fetch {
            for file in sets.iter().flat_map(|set| set.files) {
                self.bring(file, options, &folders)?;
            }
        }
        let verify = self.verify || self.fetch;
        let look = |file: &'static DataFile| {
            let (path, condition) = inspect(file, &folders, verify);
            Found { file, path, condition }
        };
        let found: Vec<(&DataSet, Vec<Found>)> =
            sets.into_iter().map(|set| (set, set.files.iter().map(look).collect())).collect();
        if verify {
            self.require_intact(&found)?;
        }
        let json = json!({
            "folders": folders.iter().map(|folder| folder.to_string_lossy()).collect::<Vec<_>>(),
            "verified": verify,
            "datasets": found.iter().map(|(set, files)| document(set, files)).collect::<Vec<_>>(),
        });
        Ok(Answer { text: text(&found, &folders, verify), json })
    }

    /// The sets that are meant.
    fn sets(&self) -> Result<Vec<&'static DataSet>> {
        if self.names.is_empty() {
            return Ok(SETS.to_vec());
        }
        let known: Vec<&str> = SETS.iter().map(|set| set.name).collect();
        let unknown = |name: &str| {
            Error::usage(format!("there is no data set called `{name}`"))
                .with_help(format!("the data sets are {}; an experiment names files of your own", known.join(", ")))
        };
        self.names.iter().map(|name| dataset::find(name).ok_or_else(|| unknown(name))).collect()
    }

    /// Fetches a file unless it is there and intact.
    fn bring(&self, file: &DataFile, options: &Options, folders: &[PathBuf]) -> Result<()> {
        if inspect(file, folders, true).1 == Condition::Present {
            return Ok(());
        }
        let folder = options.data.clone().or_else(dataset::user_folder).ok_or_else(|| {
            Error::usage("there is no place to fetch data to, as HOME is not set").with_help("name one with --data DIR")
        })?;
        let bar = bar(file, options.quiet);
        let mirror = self.mirror.as_deref().filter(|mirror| !mirror.is_empty());
        let target = fetch(file, &folder, mirror, &mut |done, _| bar.set_position(done))?;
        bar.finish_and_clear();
        match inspect(file, folders, false) {
            (Some(path), _) if path != target => Err(Error::data(&path, "differs from the original")
                .with_help(format!("move it away: the original is at {}", target.display()))),
            _ => Ok(()),
        }
    }

    /// Refuses files that are not the originals, and sets asked for by name that are not complete.
    fn require_intact(&self, found: &[(&DataSet, Vec<Found>)]) -> Result<()> {
        for (set, files) in found {
            let allowed = |file: &Found| match file.condition {
                Condition::Present => true,
                Condition::Missing => self.names.is_empty(),
                _ => false,
            };
            if let Some(wrong) = files.iter().find(|file| !allowed(file)) {
                let path = wrong.path.as_deref().unwrap_or(Path::new(wrong.file.path));
                let help = format!("`twinfire data --fetch {}` fetches it", set.name);
                return Err(Error::data(path, words(&wrong.condition, true)).with_help(help));
            }
        }
        Ok(())
    }
}

/// Progress on stderr: a bar on a terminal, nothing elsewhere or with `--quiet`.
fn bar(file: &DataFile, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(file.bytes) };
    let style = ProgressStyle::with_template(if terminal::narrow() { NARROW_BAR } else { BAR })
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("━╸─")).with_prefix(file.path)
}

fn words(condition: &Condition, verified: bool) -> String {
    match condition {
        Condition::Present if verified => "intact".into(),
        Condition::Present => "present".into(),
        Condition::Missing => "missing".into(),
        Condition::WrongSize { bytes, original } => format!("holds {bytes} bytes, the original {original}"),
        Condition::Changed => "differs from the original".into(),
        Condition::Unreadable(error) => format!("cannot be read: {error}"),
    }
}

/// `present`, `missing`, ... as one word for programs.
fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::Present => "present",
        Condition::Missing => "missing",
        Condition::WrongSize { .. } => "wrong_size",
        Condition::Changed => "changed",
        Condition::Unreadable(_) => "unreadable",
    }
}

fn text(found: &[(&DataSet, Vec<Found>)], folders: &[PathBuf], verified: bool) -> String {
    let mut text = String::new();
    let width = SETS.iter().map(|set| set.name.len()).max().unwrap_or(0);
    for (set, files) in found {
        let _ = writeln!(text, "{:width$}  {}", set.name, set.summary);
        for found in files {
            let name = found.file.path.rsplit('/').next().unwrap_or(found.file.path);
            let size = DecimalBytes(found.file.bytes).to_string();
            let place = found.path.as_ref().map_or(String::new(), |path| format!("  {}", path.display()));
            let _ = writeln!(text, "  {name:26}  {size:>8}  {}{place}", words(&found.condition, verified));
        }
    }
    let own = "Your own tables, images and arrays are data sets too: `twinfire list csv idx npz`";
    let _ = writeln!(text, "\n{own}");
    let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let _ = writeln!(text, "Files of these sets are looked for in {}", places.join(", then "));
    let missing = |files: &[Found]| files.iter().any(|found| found.condition != Condition::Present);
    let names: Vec<&str> = found.iter().filter(|(_, files)| missing(files)).map(|(set, _)| set.name).collect();
    if !names.is_empty() {
        let _ = writeln!(text, "`twinfire data --fetch {}` fetches what is missing", names.join(" "));
    }
    text
}

fn document(set: &DataSet, files: &[Found]) -> Value {
    let row = |found: &Found| {
        json!({
            "file": found.file.path,
            "bytes": found.file.bytes,
            "sha256": found.file.sha256,
            "state": word(&found.condition),
            "path": found.path.as_ref().map(|path| path.to_string_lossy()),
        })
    };
    json!({
        "name": set.name,
        "summary": set.summary,
        "shape": set.shape,
        "classes": set.classes,
        "embedded": set.files.is_empty(),
        "complete": files.iter().all(|found| found.condition == Condition::Present),
        "files": files.iter().map(row).collect::<Vec<_>>(),
    })
}
