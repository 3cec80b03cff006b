//! `twinfire plot`: figures and the report, drawn again from saved results, on paper too.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use twinfire::error::{Error, Result};
use twinfire::report::output::record::{Kind, State};
use twinfire::report::output::{Output, Way, are_same};
use twinfire::report::paper::{Length, Paper};
use twinfire::report::plot::{self, Asked, Source};
use twinfire::report::request::{Neurons, Request};
use twinfire::report::{self, Format};
use twinfire::result::origin::Of;

use super::Options;
use super::answer::Answer;
use super::folder::{self, Filling};

const EXAMPLES: &str = "\
Examples:
  twinfire plot runs/digits
  twinfire plot runs/digits learning_curve --width 85mm --format pdf
  twinfire plot runs/tutorial raster --from 100ms --to 250ms --neurons 50 --no-title
  twinfire plot runs/digits -o for-the-paper";

/// Draw figures and the report again from saved results
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Plot {
    /// A folder that `twinfire compare`, `twinfire train` or `twinfire simulate` filled, or its summary.json
    #[arg(value_name = "FOLDER")]
    results: PathBuf,
    #[arg(value_name = "FIGURE", help = figures())]
    figures: Vec<String>,
    /// Write figures as png, svg or pdf [default: png and svg]
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', value_parser = ["png", "svg", "pdf"])]
    format: Vec<String>,
    /// Draw from this time of a simulation on, such as "200 ms"
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Draw up to this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Of each population draw the first so many neurons (50), those from one up to another (100..150),
    /// or these (3,17,42)
    #[arg(long, value_name = "NEURONS")]
    neurons: Option<String>,
    /// Draw these populations only
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    populations: Vec<String>,
    /// Width on paper, such as 85mm, 3.3in or 240pt [default: as on pages; 170mm with another size]
    #[arg(long, value_name = "LENGTH")]
    width: Option<String>,
    /// Height on paper [default: what the figure needs]
    #[arg(long, value_name = "LENGTH")]
    height: Option<String>,
    /// Size of the numbers at axes; other letters in proportion [default: 8pt, on paper]
    #[arg(long, value_name = "LENGTH")]
    font: Option<String>,
    /// Dots per inch of png files [default: 300, on paper]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(36..=4800))]
    dpi: Option<u16>,
    /// Leave the title above the figure out
    #[arg(long)]
    no_title: bool,
}

impl Plot {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        if options.force && options.output.is_none() {
            return Err(Error::usage("`--force` does nothing with `twinfire plot` without `--output`"));
        }
        let asked = self.asked()?;
        let source = Source::read(&self.results)?;
        let output = self.open(options)?;
        let written = self.draw(&source, &asked, &output);
        let written = output.close(written)?;
        let kept = others(&written);
        let lines = written.iter().map(|path| path.display().to_string());
        let lines = lines.chain(kept.iter().map(|path| format!("{} stays as it was", path.display())));
        Ok(Answer { text: lines.collect::<Vec<_>>().join("\n"), json: json!({ "written": written, "kept": kept }) })
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

    /// Everything as it was where nothing is asked for, else figures alone.
    fn draw(&self, source: &Source, asked: &Asked, output: &Output) -> Result<Vec<PathBuf>> {
        let stage = output.stage()?;
        let to = stage.path();
        let elsewhere = !are_same(output.path(), folder(&self.results));
        if let Source::Comparison(summary, _) = source
            && elsewhere
        {
            report::write_summary_only(summary, to)?;
        }
        match source {
            Source::Run(run) if self.asks_nothing() => drop(run.draw(to)?),
            Source::Comparison(summary, _) if self.asks_nothing() => drop(report::draw_comparison(summary, to)?),
            _ => drop(source.plot(asked, to)?),
        }
        output.publish(stage, State::Done)
    }

    fn asks_nothing(&self) -> bool {
        let part = self.from.is_some() || self.to.is_some() || self.neurons.is_some() || !self.populations.is_empty();
        let looks = self.no_title || self.is_on_paper() || !self.format.is_empty();
        self.figures.is_empty() && !part && !looks
    }

    fn is_on_paper(&self) -> bool {
        self.width.is_some() || self.height.is_some() || self.font.is_some() || self.dpi.is_some()
    }

    fn asked(&self) -> Result<Asked> {
        let paper = if self.is_on_paper() { Some(self.paper()?) } else { None };
        let (width, height, grain) = match &paper {
            Some(paper) => (Some(paper.pixels().0), paper.pixels().1, paper.grain()),
            None => (None, None, 1.0),
        };
        let neurons =
            self.neurons.as_ref().map(|text| text.parse::<Neurons>().map_err(|wrong| unusable("--neurons", &wrong)));
        let request = Request {
            width,
            height,
            grain,
            title: !self.no_title,
            from_ms: self.from.as_ref().map(|text| super::simulate::milliseconds("--from", text)).transpose()?,
            to_ms: self.to.as_ref().map(|text| super::simulate::milliseconds("--to", text)).transpose()?,
            neurons: neurons.transpose()?,
            populations: self.populations.clone(),
        };
        let options = plot::Options {
            time: self.from.as_ref().map(|_| "--from").or(self.to.as_ref().map(|_| "--to")),
            neurons: self.neurons.is_some(),
            populations: !self.populations.is_empty(),
            height: self.height.is_some(),
        };
        let wanted = |format: &Format| match self.format.is_empty() {
            true => Format::ALL.contains(format),
            false => self.format.iter().any(|name| name == format.name()),
        };
        let formats: Vec<Format> = Format::EVERY.into_iter().filter(wanted).collect();
        if self.dpi.is_some() && !formats.contains(&Format::Png) {
            return Err(Error::usage("`--dpi` does nothing with this `--format`").with_help("only png is made of dots"));
        }
        Ok(Asked { figures: self.figures.clone(), formats, request, paper, options })
    }

    fn paper(&self) -> Result<Paper> {
        let length = |option: &str, text: &Option<String>| {
            text.as_ref().map(|text| text.parse::<Length>().map_err(|wrong| unusable(option, &wrong))).transpose()
        };
        let usual = Paper::default();
        let paper = Paper {
            width: length("--width", &self.width)?.unwrap_or(usual.width),
            height: length("--height", &self.height)?,
            font: length("--font", &self.font)?.unwrap_or(usual.font),
            dpi: self.dpi.map_or(usual.dpi, f64::from),
        };
        match paper.misfit() {
            Some(wrong) => Err(Error::usage(wrong).with_help("change --width, --height, --font or --dpi")),
            None => Ok(paper),
        }
    }
}

/// Files of figures that were written in other formats only: they may show something else.
fn others(written: &[PathBuf]) -> Vec<PathBuf> {
    let formats = Format::EVERY.map(Format::name);
    let is_figure = |path: &&PathBuf| path.extension().is_some_and(|ending| formats.iter().any(|name| ending == *name));
    let siblings = written.iter().filter(is_figure).flat_map(|path| formats.map(|name| path.with_extension(name)));
    let mut others: Vec<PathBuf> = siblings.filter(|path| !written.contains(path) && path.is_file()).collect();
    others.sort_unstable();
    others.dedup();
    others
}

/// The help of the names of figures.
fn figures() -> String {
    let [training, simulation, sample] = plot::names().map(|names| names.join(", "));
    format!(
        "Figures to draw: {training}; of a simulation {simulation}; of a sample {sample} [default: all, and the report]"
    )
}

/// The folder that holds results: the one given, or that of the summary given.
fn folder(results: &Path) -> &Path {
    let above = || results.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
    if results.is_dir() { results } else { above() }
}

fn unusable(option: &str, wrong: &str) -> Error {
    Error::usage(format!("`{option}`: {wrong}"))
}
