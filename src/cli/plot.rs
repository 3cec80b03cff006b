//! `synfire plot`: figures and the report, drawn again from saved results.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use synfire::error::{Error, Result};
use synfire::report::{self, FIGURES, Format};

use super::Options;
use super::answer::Answer;
use super::folder::{Folder, Kind};

const EXAMPLES: &str = "\
Examples:
  synfire plot runs/digits
  synfire plot runs/digits learning_curve cost --format svg
  synfire plot runs/digits -o for-the-paper";

/// Draw figures and the report again from saved results
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Plot {
    /// A folder that `synfire compare` or `synfire train` filled, or a summary.json
    #[arg(value_name = "FOLDER")]
    results: PathBuf,
    /// Figures to draw: learning_curve, activity, presentation, confusion, scatter, weight_maps, cost
    /// [default: all, and the report]
    #[arg(value_name = "FIGURE")]
    figures: Vec<String>,
    /// Write figures as png or svg [default: both]
    #[arg(long, value_parser = ["png", "svg"])]
    format: Option<String>,
}

impl Plot {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let written = match &options.output {
            Some(path) => {
                let summary = report::read_summary(&self.results)?;
                let folder = Folder::open(options, Kind::Figures, path, false)?;
                folder.close(report::write_summary_only(&summary, path).and_then(|_| self.draw(path)))?
            }
            None => self.draw(&self.results)?,
        };
        let lines: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        Ok(Answer { text: lines.join("\n"), json: json!({ "written": written }) })
    }

    /// Draws what was asked for from the summary in `folder`.
    fn draw(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        if self.figures.is_empty() && self.format.is_none() {
            let folder = if folder.is_dir() { folder } else { folder.parent().unwrap_or(Path::new("")) };
            return report::write_comparison(&report::read_summary(folder)?, folder);
        }
        let all: Vec<&str> = FIGURES.iter().map(|kind| kind.name).collect();
        let names = if self.figures.is_empty() { all } else { self.figures.iter().map(String::as_str).collect() };
        let mut written = Vec::new();
        for name in names {
            for format in self.formats() {
                match report::plot(folder, name, format) {
                    // Where everything is drawn, a figure of which the results hold nothing is left out.
                    Err(Error::Data { .. }) if self.figures.is_empty() => {}
                    paths => written.extend(paths?),
                }
            }
        }
        Ok(written)
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(|format| self.format.as_deref().is_none_or(|name| name == format.name()))
    }
}
