//! What every figure is: a row in the list of those of a comparison, a simulation or a presentation, and files.

use std::fs;
use std::path::{Path, PathBuf};

use super::canvas::Figure;
use super::draft::{parent_of, write_whole};
use super::names::plain;
use super::paper::Print;
use super::request::Request;
use super::{pdf, render};
use crate::error::{Error, Result};

/// A figure that can be drawn from results `T`. Its row alone puts it on the page, into `figures/` and among those
/// that `twinfire plot` draws.
pub struct FigureKind<T: 'static> {
    /// What users call it; file names begin with it.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// What stands above it on the page, and below that.
    pub heading: &'static str,
    pub words: &'static str,
    /// What of a [`Request`] it heeds, beside width and title.
    pub takes: Takes,
    /// Names and figures; none where the results hold nothing that they could show.
    pub draw: fn(&T, &Request) -> Result<Drawn>,
}

/// Figures by name.
pub type Drawn = Vec<(String, Figure)>;

/// What can be asked of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// A part of the time.
    pub time: bool,
    /// Some of the neurons.
    pub neurons: bool,
    /// Some of the populations.
    pub populations: bool,
    /// Not where the width sets it.
    pub height: bool,
}

impl Takes {
    /// A size alone.
    pub const SIZE: Self = Self { time: false, neurons: false, populations: false, height: true };
    /// A width alone: what it shows has a shape of its own.
    pub const WIDTH: Self = Self { height: false, ..Self::SIZE };
    /// A size and some of the populations.
    pub const POPULATIONS: Self = Self { populations: true, ..Self::SIZE };
    /// A size, some of the populations and a part of the time.
    pub const TIME: Self = Self { time: true, ..Self::POPULATIONS };
    pub const ALL: Self = Self { neurons: true, ..Self::TIME };
}

/// Rows with what they drew, for a page.
pub(super) type Sections<T> = Vec<(&'static FigureKind<T>, Drawn)>;

/// Where figures lie in a folder of results.
pub(super) const FOLDER: &str = "figures";

/// What figures are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Png,
    Svg,
    Pdf,
}

impl Format {
    /// Those of pages.
    pub const ALL: [Self; 2] = [Self::Png, Self::Svg];
    /// All that can be asked for.
    pub const EVERY: [Self; 3] = [Self::Png, Self::Svg, Self::Pdf];

    /// The word users write, and the ending of file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }

    fn bytes(self, figure: &Figure) -> Vec<u8> {
        match self {
            Self::Png => render::png(figure),
            Self::Svg => render::svg(figure).into_bytes(),
            Self::Pdf => pdf::pdf(figure, &Print::on_screen(figure)).unwrap_or_default(),
        }
    }
}

/// Draws every figure of a list as pages have it and writes it into `figures/` of `folder`; gives what was drawn, for
/// the page, and the paths.
///
/// # Errors
/// Those of drawing; [`Error::Output`] when something cannot be written.
pub(super) fn draw_all<T>(
    kinds: &'static [FigureKind<T>],
    results: &T,
    folder: &Path,
) -> Result<(Sections<T>, Vec<PathBuf>)> {
    let (mut sections, mut written) = (Vec::new(), Vec::new());
    for kind in kinds {
        let figures = (kind.draw)(results, &Request::default())?;
        for (name, figure) in &figures {
            for format in Format::ALL {
                written.push(write_figure(figure, &folder.join(FOLDER).join(file_name(name, format)))?);
            }
        }
        sections.push((kind, figures));
    }
    Ok((sections, written))
}

/// Writes one figure; PNG or SVG as the name ends, PNG if it ends in neither.
///
/// # Errors
/// [`Error::Output`] when it cannot be written.
pub fn write_figure(figure: &Figure, path: &Path) -> Result<PathBuf> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    let format = if ending.eq_ignore_ascii_case("svg") { Format::Svg } else { Format::Png };
    let folder = parent_of(path)?;
    fs::create_dir_all(&folder).map_err(|source| Error::output(&folder, source))?;
    write_whole(path, &format.bytes(figure))?;
    Ok(path.to_path_buf())
}

pub(super) fn file_name(name: &str, format: Format) -> PathBuf {
    format!("{}.{}", plain(name), format.name()).into()
}
