//! `twinfire plot`: figures and the report, drawn again from saved results.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use twinfire::error::{Error, Result};
use twinfire::report::run_folder::{RUN_FIGURES, Run};
use twinfire::report::{self, FIGURES, Format};

use super::Options;
use super::answer::Answer;
use super::folder::{Folder, Kind};

const EXAMPLES: &str = "\
Examples:
  twinfire plot runs/digits
  twinfire plot runs/digits learning_curve cost --format svg
  twinfire plot runs/tutorial raster --format png
  twinfire plot runs/digits -o for-the-paper";

/// Draw figures and the report again from saved results
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Plot {
    /// A folder that `twinfire compare`, `twinfire train` or `twinfire simulate` filled, or its summary.json
    #[arg(value_name = "FOLDER")]
    results: PathBuf,
    /// Figures to draw: learning_curve, activity, presentation, confusion, scatter, weight_maps, cost;
    /// of a simulation raster, traces, rates, intervals, correlations, spectra, weights
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
            _ if Run::is_in(folder(&self.results)) => self.draw_run(options)?,
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
            let folder = self::folder(folder);
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

    /// The same for the folder of a simulation.
    fn draw_run(&self, options: &Options) -> Result<Vec<PathBuf>> {
        let run = Run::read(folder(&self.results))?;
        match &options.output {
            Some(path) => {
                let folder = Folder::open(options, Kind::Figures, path, false)?;
                folder.close(self.draw_figures(&run, path))
            }
            None => self.draw_figures(&run, &run.folder),
        }
    }

    fn draw_figures(&self, run: &Run, to: &Path) -> Result<Vec<PathBuf>> {
        if self.figures.is_empty() && self.format.is_none() {
            return run.draw(to);
        }
        let all: Vec<&str> = RUN_FIGURES.iter().map(|kind| kind.name).collect();
        let names = if self.figures.is_empty() { all } else { self.figures.iter().map(String::as_str).collect() };
        let mut written = Vec::new();
        for (name, format) in names.iter().flat_map(|name| self.formats().map(move |format| (name, format))) {
            match run.plot(name, format, to) {
                Err(Error::Data { .. }) if self.figures.is_empty() => {}
                paths => written.extend(paths?),
            }
        }
        Ok(written)
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(|format| self.format.as_deref().is_none_or(|name| name == format.name()))
    }
}

/// The folder that holds results: the one given, or that of the summary given.
fn folder(results: &Path) -> &Path {
    if results.is_dir() { results } else { results.parent().unwrap_or(Path::new("")) }
}
