//! `twinfire plot`: figures and the report, drawn again from saved results.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use twinfire::error::{Error, Result};
use twinfire::experiment::result::Summary;
use twinfire::record::origin::Of;
use twinfire::report::output::record::{Kind, State};
use twinfire::report::output::{Output, Way, are_same};
use twinfire::report::run_folder::{RUN_FIGURES, Run};
use twinfire::report::{self, FIGURES, Format};

use super::Options;
use super::answer::Answer;
use super::folder::{self, Filling};

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
        let results = self.read()?;
        let output = self.open(options)?;
        let written = self.draw(&results, &output);
        let written = output.close(written)?;
        let lines: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        Ok(Answer { text: lines.join("\n"), json: json!({ "written": written }) })
    }

    fn read(&self) -> Result<Results> {
        let folder = folder(&self.results);
        match Run::is_in(folder) {
            true => Ok(Results::Simulation(Box::new(Run::read(folder)?))),
            false => Ok(Results::Comparison(Box::new(report::read_summary(&self.results)?))),
        }
    }

    /// The folder of the results, or the one that `--output` names.
    fn open(&self, options: &Options) -> Result<Output> {
        let own = folder(&self.results);
        let summary = if self.results.is_dir() { own.join("summary.json") } else { self.results.clone() };
        let filling = Filling {
            kind: Kind::Figures,
            of: Of { file: self.results.clone(), ..folder::file(&summary)? },
            settings: Vec::new(),
            inputs: Vec::new(),
        };
        match options.output.as_deref().filter(|output| !are_same(output, own)) {
            Some(output) => filling.open_in(options, Some(output), output, Way::New),
            None => filling.open_in(options, Some(own), own, Way::InPlace),
        }
    }

    /// Draws what was asked for, all of it where nothing was.
    fn draw(&self, results: &Results, output: &Output) -> Result<Vec<PathBuf>> {
        let stage = output.stage()?;
        let folder = stage.path();
        let all = self.figures.is_empty();
        match results {
            Results::Comparison(summary) => {
                if !are_same(output.path(), self::folder(&self.results)) {
                    report::write_summary_only(summary, folder)?;
                }
                if all && self.format.is_none() {
                    report::draw_comparison(summary, folder)?;
                } else {
                    let names: Vec<&str> = FIGURES.iter().map(|kind| kind.name).collect();
                    self.each(&names, &|name, format| report::plot(summary, name, format, folder))?;
                }
            }
            Results::Simulation(run) if all && self.format.is_none() => drop(run.draw(folder)?),
            Results::Simulation(run) => {
                let names: Vec<&str> = RUN_FIGURES.iter().map(|kind| kind.name).collect();
                self.each(&names, &|name, format| run.plot(name, format, folder))?;
            }
        }
        output.publish(stage, State::Done)
    }

    /// Draws the figures that were asked for, of `all` that there are. Where everything is drawn, a figure of which
    /// the results hold nothing is left out.
    fn each(&self, all: &[&str], plot: &dyn Fn(&str, Format) -> Result<Vec<PathBuf>>) -> Result<()> {
        let asked: Vec<&str> = self.figures.iter().map(String::as_str).collect();
        let names = if asked.is_empty() { all } else { &asked };
        for (name, format) in names.iter().flat_map(|name| self.formats().map(move |format| (name, format))) {
            match plot(name, format) {
                Err(Error::Data { .. }) if asked.is_empty() => {}
                drawn => drop(drawn?),
            }
        }
        Ok(())
    }

    fn formats(&self) -> impl Iterator<Item = Format> {
        Format::ALL.into_iter().filter(|format| self.format.as_deref().is_none_or(|name| name == format.name()))
    }
}

/// Results that can be drawn.
enum Results {
    Comparison(Box<Summary>),
    Simulation(Box<Run>),
}

/// The folder that holds results: the one given, or that of the summary given.
fn folder(results: &Path) -> &Path {
    let above = || results.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    if results.is_dir() { results } else { above() }
}
