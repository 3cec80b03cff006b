//! Figures drawn again from a folder of results, as they are asked for: a part of the time, some
//! neurons or populations, a size on paper.

use std::path::{Path, PathBuf};

use super::canvas::Figure;
use super::draft::write_whole;
use super::figure::{Drawn, FOLDER, FigureKind, Format, Takes, file_name};
use super::folder::read_summary;
use super::paper::{Length, Paper, Print};
use super::request::{Request, SLACK};
use super::run_folder::Run;
use super::sample_folder::Sample;
use super::{FIGURES, RUN_FIGURES, SAMPLE_FIGURES, pdf, render};
use crate::document::advice::suggestion;
use crate::error::{Error, Result};
use crate::result::Summary;

/// Results in a folder.
pub enum Source {
    Run(Box<Run>),
    Sample(Box<Sample>),
    Comparison(Box<Summary>, PathBuf),
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Names of figures; all where there are none.
    pub figures: Vec<String>,
    pub formats: Vec<Format>,
    pub request: Request,
    /// `None` for figures as pages have them.
    pub paper: Option<Paper>,
    /// The options that only some figures heed, as the user wrote them.
    pub options: Options,
}

/// Which options were given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    pub time: Option<&'static str>,
    pub neurons: bool,
    pub populations: bool,
    pub height: bool,
}

/// Draws a figure of results as it is asked for.
type Draw<'a> = Box<dyn Fn(&Request) -> Result<Drawn> + 'a>;

/// A figure that results may have.
struct Row<'a> {
    name: &'static str,
    takes: Takes,
    draw: Draw<'a>,
}

impl<'a> Row<'a> {
    fn all<T>(kinds: &'static [FigureKind<T>], results: &'a T) -> Vec<Self> {
        let row = |kind: &'static FigureKind<T>| Self {
            name: kind.name,
            takes: kind.takes,
            draw: Box::new(move |request| (kind.draw)(results, request)),
        };
        kinds.iter().map(row).collect()
    }
}

/// The names of all figures: of a training, of a simulation and of a sample.
pub fn names() -> [Vec<&'static str>; 3] {
    fn of<T>(kinds: &[FigureKind<T>]) -> Vec<&'static str> {
        kinds.iter().map(|kind| kind.name).collect()
    }
    [of(FIGURES), of(RUN_FIGURES), of(SAMPLE_FIGURES)]
}

impl Source {
    /// Reads what the folder or summary at `path` holds.
    ///
    /// # Errors
    /// [`Error::Data`] when it is missing, broken, or nothing that figures are drawn from.
    pub fn read(path: &Path) -> Result<Self> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        if Run::is_in(folder) {
            return Run::read(folder).map(|run| Self::Run(Box::new(run)));
        }
        if Sample::is_in(folder) {
            return Sample::read(folder).map(|sample| Self::Sample(Box::new(sample)));
        }
        Ok(Self::Comparison(Box::new(read_summary(path)?), folder.to_path_buf()))
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        match self {
            Self::Run(run) => &run.folder,
            Self::Sample(sample) => &sample.folder,
            Self::Comparison(_, folder) => folder,
        }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        match self {
            Self::Run(run) => Row::all(RUN_FIGURES, run),
            Self::Sample(sample) => Row::all(SAMPLE_FIGURES, sample),
            Self::Comparison(summary, _) => Row::all(FIGURES, summary),
        }
    }

    /// Names of populations, and the length of the run.
    fn extent(&self) -> Option<(Vec<&str>, f64)> {
        match self {
            Self::Run(run) => {
                let names = run.summary.populations.iter().map(|population| population.name.as_str());
                Some((names.collect(), run.summary.duration_ms))
            }
            Self::Sample(sample) => {
                let names = sample.summary.layers.iter().map(|layer| layer.name.as_str());
                Some((names.collect(), sample.summary.example.duration_ms))
            }
            Self::Comparison(..) => None,
        }
    }

    /// Draws what is asked for into `figures/` of `folder`; gives the paths.
    ///
    /// # Errors
    /// [`Error::Usage`] for what no figure, population or option is or what leaves nothing to draw,
    /// [`Error::Data`] when the results hold nothing of a figure that is asked for by name,
    /// [`Error::Output`] when a file cannot be written.
    pub fn plot(&self, asked: &Asked, folder: &Path) -> Result<Vec<PathBuf>> {
        let rows = self.rows();
        let names = self.names(&rows, &asked.figures)?;
        self.require_populations(&asked.request)?;
        self.require_time(asked)?;
        self.require_neurons(&asked.request)?;
        let chosen: Vec<&Row<'_>> = rows.iter().filter(|row| names.contains(&row.name)).collect();
        require_options(&chosen, asked)?;
        let all = asked.figures.is_empty();
        let chosen = chosen.into_iter().filter(|row| !all || misfit(row, asked).is_none());
        let (mut drawn, mut left_out) = (Vec::new(), None);
        for row in chosen {
            let figures = (row.draw)(&asked.request)?;
            if figures.is_empty() && !all {
                let what = format!("holds nothing that the figure `{}` could show", row.name);
                return Err(Error::data(self.folder(), what));
            }
            let small = figures.iter().find(|(_, figure)| !asked.request.holds(figure));
            match small.map(|(name, figure)| too_small(name, figure, asked)) {
                Some(refusal) if !all => return Err(refusal),
                Some(refusal) => left_out = Some(refusal),
                None => drawn.extend(figures),
            }
        }
        if drawn.is_empty() {
            return Err(left_out
                .unwrap_or_else(|| Error::data(self.folder(), "holds nothing that a figure could show of this")));
        }
        let mut written = Vec::new();
        for (name, figure) in &drawn {
            for &format in &asked.formats {
                let path = folder.join(FOLDER).join(file_name(name, format));
                write_whole(&path, &bytes(figure, format, asked.paper.as_ref())?)?;
                written.push(path);
            }
        }
        Ok(written)
    }

    /// The figures asked for, all of them where none is.
    fn names(&self, rows: &[Row<'_>], asked: &[String]) -> Result<Vec<&'static str>> {
        let known: Vec<&'static str> = rows.iter().map(|row| row.name).collect();
        if asked.is_empty() {
            return Ok(known);
        }
        let find = |name: &String| match known.iter().find(|known| *known == name) {
            Some(known) => Ok(*known),
            None => {
                let of = match self {
                    Self::Run(_) => "a simulation",
                    Self::Sample(_) => "a sample",
                    Self::Comparison(..) => "a training",
                };
                let error = Error::usage(format!("there is no figure `{name}` of {of}"));
                let like = suggestion(name, known.iter().copied()).map_or(String::new(), |like| format!("{like}; "));
                Err(error.with_help(format!("{like}figures are {}", known.join(", "))))
            }
        };
        asked.iter().map(find).collect()
    }

    fn require_populations(&self, request: &Request) -> Result<()> {
        let Some((known, _)) = self.extent() else { return Ok(()) };
        let Some(name) = request.populations.iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
        let few: Vec<&str> = known.iter().copied().take(20).collect();
        let help = suggestion(name, known.iter().copied()).unwrap_or(format!("populations are {}", few.join(", ")));
        Err(Error::usage(format!("there is no population `{name}`")).with_help(help))
    }

    fn require_neurons(&self, request: &Request) -> Result<()> {
        let sizes: Vec<usize> = match self {
            Self::Run(run) => {
                run.summary.populations.iter().filter(|p| request.wants(&p.name)).map(|p| p.size).collect()
            }
            Self::Sample(sample) => sample.summary.layers.iter().map(|layer| layer.shape.iter().product()).collect(),
            Self::Comparison(..) => return Ok(()),
        };
        let Some(neurons) = &request.neurons else { return Ok(()) };
        if sizes.iter().any(|&size| !neurons.of(size).is_empty()) {
            return Ok(());
        }
        let largest = sizes.iter().max().copied().unwrap_or(0);
        Err(Error::usage(format!("no population has neuron {}", neurons.first()))
            .with_help(format!("the largest has {}, counted from 0", super::number::counted(largest, "neuron"))))
    }

    fn require_time(&self, asked: &Asked) -> Result<()> {
        let (Some((_, duration)), request) = (self.extent(), &asked.request) else { return Ok(()) };
        let (from, to) = (request.from_ms.unwrap_or(0.0), request.to_ms.unwrap_or(duration).min(duration));
        let (begin, end, all) = (super::number::time(from), super::number::time(to), super::number::time(duration));
        let wrong = match request.to_ms {
            _ if asked.options.time.is_none() => return Ok(()),
            _ if from >= to => format!("from {begin} to {end} there is nothing to draw"),
            Some(asked) if asked > duration * (1.0 + 1e-9) => {
                format!("`--to` {} is after the end of the run", super::number::time(asked))
            }
            _ => return Ok(()),
        };
        Err(Error::usage(wrong).with_help(format!("the run goes from 0 ms to {all}")))
    }
}

/// Why a figure cannot be drawn as asked: the option that it does not heed.
fn misfit(row: &Row<'_>, asked: &Asked) -> Option<&'static str> {
    let options = &asked.options;
    let checks = [
        options.time.filter(|_| !row.takes.time),
        (options.neurons && !row.takes.neurons).then_some("--neurons"),
        (options.populations && !row.takes.populations).then_some("--populations"),
        (options.height && !row.takes.height).then_some("--height"),
    ];
    checks.into_iter().flatten().next()
}

/// Refuses options that a named figure, or that every figure, does not heed.
fn require_options(rows: &[&Row<'_>], asked: &Asked) -> Result<()> {
    let misfits: Vec<(&str, &str)> = rows.iter().filter_map(|row| Some((row.name, misfit(row, asked)?))).collect();
    let wrong = match asked.figures.is_empty() {
        true => misfits.first().filter(|_| misfits.len() == rows.len()),
        false => misfits.first(),
    };
    let Some((name, option)) = wrong else { return Ok(()) };
    let what = if asked.figures.is_empty() { "any of these figures".into() } else { format!("the figure `{name}`") };
    let error = Error::usage(format!("`{option}` does nothing with {what}"));
    Err(match *option {
        "--height" => error.with_help("what it shows has a shape of its own: --width sets its height"),
        _ => error,
    })
}

/// Refuses a size that does not hold what the figure shows.
fn too_small(name: &str, figure: &Figure, asked: &Asked) -> Error {
    let scale = asked.paper.map_or(1.0, |paper| paper.scale());
    let (option, needed) = match asked.request.height {
        Some(height) if figure.height > height + SLACK => ("--height", figure.height),
        _ => ("--width", figure.width),
    };
    let needed = Length(needed * scale).whole_mm();
    Error::usage(format!("the figure `{name}` with letters of this size does not fit this `{option}`"))
        .with_help(format!("it takes {needed}; or ask for a smaller --font"))
}

/// The bytes of a file.
fn bytes(figure: &Figure, format: Format, paper: Option<&Paper>) -> Result<Vec<u8>> {
    let print = paper.map_or_else(|| Print::on_screen(figure), |paper| paper.print(figure));
    match format {
        Format::Png => Ok(render::png_of(figure, &print)),
        Format::Svg if paper.is_some() => Ok(render::svg_of(figure, &print).into_bytes()),
        Format::Svg => Ok(render::svg(figure).into_bytes()),
        Format::Pdf => pdf::pdf(figure, &print).ok_or_else(|| Error::Run("the figure fits no page".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Wish, run, summary};

    #[test]
    fn what_does_nothing_is_refused_by_name() {
        let place = tempfile::tempdir().unwrap();
        run(place.path(), 20_000);
        let source = Source::read(place.path()).unwrap();
        let plot = |figures: &[&str], options: Options, request: Request| {
            let figures = figures.iter().map(|name| name.to_string()).collect();
            let asked = Asked { figures, formats: vec![Format::Svg], request, paper: None, options };
            source.plot(&asked, place.path()).map_err(|error| error.problems()[0].to_string())
        };
        let time = Options { time: Some("--from"), ..Options::default() };
        let refused = plot(&["spectra"], time, Request::default()).unwrap_err();
        assert!(refused.contains("`--from` does nothing with the figure `spectra`"), "{refused}");
        let from = |from: f64, to: f64| Request { from_ms: Some(from), to_ms: Some(to), ..Request::default() };
        assert_eq!(plot(&[], time, from(0.0, 100.0)).unwrap().len(), 3, "raster, traces and rates");
        assert!(plot(&["raster"], time, from(90.0, 80.0)).unwrap_err().contains("nothing to draw"));
        assert!(plot(&["raster"], time, from(9e9, 9e10)).unwrap_err().contains("nothing to draw"));
        let populations = |name: &str| Request { populations: vec![name.into()], ..Request::default() };
        assert!(plot(&["raster"], Options::default(), populations("ex")).unwrap_err().contains("did you mean `exc`?"));
        assert!(
            plot(&["rastr"], Options::default(), Request::default()).unwrap_err().contains("did you mean `raster`?")
        );
        assert_eq!(plot(&["rates"], Options::default(), populations("inh")).unwrap().len(), 1);
    }

    #[test]
    fn figures_of_a_training_are_drawn_again_by_name() {
        let place = tempfile::tempdir().unwrap();
        let mut summary = summary(Wish { seeds: 1, epochs: 1, hidden: 4, ..Wish::default() });
        summary.arms.iter_mut().for_each(|arm| arm.scatter = None);
        let source = Source::Comparison(Box::new(summary), place.path().to_path_buf());
        let plot = |name: &str| {
            let asked = Asked { figures: vec![name.into()], formats: vec![Format::Svg], ..Asked::default() };
            source.plot(&asked, place.path())
        };
        let paths = plot("confusion").unwrap();
        assert_eq!(paths.len(), 3);
        assert!(std::fs::read_to_string(&paths[0]).unwrap().starts_with("<svg"));
        let unknown = plot("confusions").unwrap_err().to_string();
        assert!(unknown.contains("no figure `confusions`") && unknown.contains("learning_curve"), "{unknown}");
        assert_eq!(plot("scatter").unwrap_err().exit_code(), 4);
    }
}
