//! Result folders: `summary.json`, `figures/` and `report.html`, written all or nothing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::canvas::Figure;
use super::draft::Draft;
use super::{FIGURES, html, render};
use crate::error::{Error, Result};
use crate::experiment::result::Summary;

const SUMMARY: &str = "summary.json";
const FIGURE_FOLDER: &str = "figures";
const PAGE: &str = "report.html";

/// What figures are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Png,
    Svg,
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Png, Self::Svg];

    /// The word users write, and the ending of file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }

    fn bytes(self, figure: &Figure) -> Vec<u8> {
        match self {
            Self::Png => render::png(figure),
            Self::Svg => render::svg(figure).into_bytes(),
        }
    }
}

/// Writes summary, figures and page into `folder`, which is made if need be. Everything is
/// written beside it first and moved in at the end, `summary.json` last; other files that
/// lie in the folder stay. Gives the paths of what was written.
///
/// # Errors
/// [`Error::Output`] when something cannot be written.
pub fn write_comparison(summary: &Summary, folder: &Path) -> Result<Vec<PathBuf>> {
    let parent = parent_of(folder)?;
    let draft = tempfile::Builder::new().prefix(".twinfire-").tempdir_in(&parent);
    let draft = draft.map_err(|source| Error::output(&parent, source))?;
    let mut written = write_figures(summary, &draft.path().join(FIGURE_FOLDER))?;
    write(&draft.path().join(PAGE), html::page(summary).as_bytes())?;
    write(&draft.path().join(SUMMARY), &to_json(summary))?;
    written = written.iter().map(|name| Path::new(FIGURE_FOLDER).join(name)).collect();
    written.extend([PAGE.into(), SUMMARY.into()]);
    fs::create_dir_all(folder).map_err(|source| Error::output(folder, source))?;
    for name in [FIGURE_FOLDER, PAGE, SUMMARY] {
        replace(&draft.path().join(name), &folder.join(name), &draft.path().join(format!("old-{name}")))?;
    }
    Ok(written.into_iter().map(|name| folder.join(name)).collect())
}

/// Writes `summary.json` into `folder` and nothing else: after every run of a long comparison.
///
/// # Errors
/// [`Error::Output`] when it cannot be written.
pub fn write_summary_only(summary: &Summary, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(|source| Error::output(folder, source))?;
    let path = folder.join(SUMMARY);
    write_whole(&path, &to_json(summary))?;
    Ok(path)
}

/// Reads a `summary.json`, or the one in a result folder.
///
/// # Errors
/// [`Error::Data`] when it is missing, cut off, no summary, or of a newer twinfire.
pub fn read_summary(path: &Path) -> Result<Summary> {
    let path = if path.is_dir() { path.join(SUMMARY) } else { path.to_path_buf() };
    let text = fs::read(&path).map_err(|source| {
        Error::data(&path, format!("cannot be read: {source}"))
            .with_help("give the folder or the summary.json that `twinfire compare` or `twinfire train` wrote")
    })?;
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(|wrong| {
        let what = if wrong.is_eof() { "ends in the middle, as if cut off" } else { "is no JSON" };
        Error::data(&path, format!("{what} (line {}, column {})", wrong.line(), wrong.column()))
    })?;
    let version = value.get("version").and_then(|version| version.as_str()).unwrap_or("").to_string();
    if series(&version) > series(env!("CARGO_PKG_VERSION")) {
        let what = format!("was written by twinfire {version}, this is {}", env!("CARGO_PKG_VERSION"));
        return Err(Error::data(&path, what).with_help("use that version, or a newer one"));
    }
    if value.get("arms").is_none() && (value.get("populations").is_some() || value.get("spikes").is_some()) {
        return Err(Error::data(&path, "belongs to a simulation or a presentation, not to a comparison").with_help(
            "folders of `twinfire compare`, `twinfire train` and `twinfire simulate` with a model can be drawn again",
        ));
    }
    serde_json::from_slice(&text).map_err(|wrong| {
        Error::data(&path, format!("is no summary of a comparison: {wrong}"))
            .with_help("summary.json is written by `twinfire compare` and `twinfire train`")
    })
}

/// Draws the figures called `name` again from the summary in `folder`; gives their paths.
///
/// # Errors
/// [`Error::Usage`] for an unknown name, [`Error::Data`] for a summary that cannot be read
/// or lacks what the figure shows, [`Error::Output`] when a file cannot be written.
pub fn plot(folder: &Path, name: &str, format: Format) -> Result<Vec<PathBuf>> {
    let Some(kind) = FIGURES.iter().find(|kind| kind.name == name) else {
        let names: Vec<&str> = FIGURES.iter().map(|kind| kind.name).collect();
        let error = Error::usage(format!("there is no figure `{name}`"));
        return Err(error.with_help(format!("figures are {}", names.join(", "))));
    };
    let summary = read_summary(folder)?;
    let base = if folder.is_dir() { folder } else { folder.parent().unwrap_or(Path::new("")) };
    let drawn = (kind.draw)(&summary);
    if drawn.is_empty() {
        return Err(Error::data(folder, format!("holds nothing that the figure `{name}` could show")));
    }
    let path = |name: &str| base.join(FIGURE_FOLDER).join(file_name(name, format));
    drawn.iter().map(|(name, figure)| write_figure(figure, &path(name))).collect()
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

fn to_json(summary: &Summary) -> Vec<u8> {
    let json = serde_json::to_vec(&finite(summary));
    assert!(json.is_ok(), "a summary is plain data: {json:?}");
    json.unwrap_or_default()
}

/// JSON has no infinity and no "not a number". What diverged becomes the largest number of
/// its sign, "not a number" the largest loss and otherwise 0; pairs that hold one are left out.
fn finite(summary: &Summary) -> Summary {
    let mut summary = summary.clone();
    for arm in &mut summary.arms {
        for epoch in arm.runs.iter_mut().flat_map(|run| &mut run.epochs) {
            epoch.loss = if epoch.loss.is_nan() { f64::MAX } else { epoch.loss.clamp(f64::MIN, f64::MAX) };
            for activity in &mut epoch.mean_activity {
                *activity = if activity.is_nan() { 0.0 } else { activity.clamp(f64::MIN, f64::MAX) };
            }
        }
        for example in &mut arm.examples {
            let values = example.activities.iter_mut().chain(&mut example.membranes).flatten();
            example.scores.iter_mut().chain(values).for_each(bound);
        }
        arm.weight_maps.iter_mut().flat_map(|weights| weights.maps.iter_mut().flatten()).for_each(bound);
        if let Some(scatter) = &mut arm.scatter {
            scatter.points.retain(|(x, y)| x.is_finite() && y.is_finite());
            scatter.correlation = if scatter.correlation.is_finite() { scatter.correlation } else { 0.0 };
        }
    }
    summary
}

fn bound(number: &mut f32) {
    *number = if number.is_nan() { 0.0 } else { number.clamp(f32::MIN, f32::MAX) };
}

/// The first two numbers of a version.
fn series(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Every figure in every format; gives the names of the files.
fn write_figures(summary: &Summary, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir(folder).map_err(|source| Error::output(folder, source))?;
    let mut written = Vec::new();
    for (name, figure) in FIGURES.iter().flat_map(|kind| (kind.draw)(summary)) {
        for format in Format::ALL {
            let file = file_name(&name, format);
            write(&folder.join(&file), &format.bytes(&figure))?;
            written.push(file);
        }
    }
    Ok(written)
}

pub(super) fn file_name(name: &str, format: Format) -> PathBuf {
    format!("{}.{}", plain(name), format.name()).into()
}

/// `name` as that of a file.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

/// The folder that holds `path`, made if need be.
fn parent_of(path: &Path) -> Result<PathBuf> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent).map_err(|source| Error::output(&parent, source))?;
    Ok(parent)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|source| Error::output(path, source))
}

/// Writes beside `path` first, so that there is never half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    parent_of(path)?;
    let mut draft = Draft::new(path)?;
    draft.write_all(bytes).map_err(|source| draft.refused(source))?;
    draft.finish().map(drop)
}

/// Moves `from` to `to`; what was there goes to `old`, which is deleted with its folder.
fn replace(from: &Path, to: &Path, old: &Path) -> Result<()> {
    if to.exists() {
        fs::rename(to, old).map_err(|source| Error::output(to, source))?;
    }
    fs::rename(from, to).map_err(|source| Error::output(to, source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Wish, summary};

    fn names(folder: &Path) -> Vec<String> {
        let entry = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(entry).collect();
        names.sort();
        names
    }

    #[test]
    fn a_comparison_is_written_over_an_old_one_and_read_back() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("deep/results");
        let summary = summary(Wish { seeds: 1, epochs: 2, hidden: 20, ..Wish::default() });
        fs::create_dir_all(folder.join("figures")).unwrap();
        fs::write(folder.join("figures/old.png"), "old").unwrap();
        fs::write(folder.join("checkpoint.twinfire"), "kept").unwrap();
        let written = write_comparison(&summary, &folder).unwrap();
        assert_eq!(names(&folder), ["checkpoint.twinfire", "figures", "report.html", "summary.json"]);
        assert_eq!(names(folder.parent().unwrap()), ["results"], "no draft is left");
        assert!(!folder.join("figures/old.png").exists());
        assert!(written.iter().all(|path| path.is_file()) && written.len() == 2 * 19 + 2, "{written:?}");
        assert!(read_summary(&folder).unwrap() == summary, "every number is read back as it was");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("file"), "").unwrap();
        let wrong = write_comparison(&summary(Wish::default()), &place.path().join("file/results")).unwrap_err();
        assert_eq!(wrong.exit_code(), 5);
        assert_eq!(names(place.path()), ["file"]);
    }

    #[test]
    fn wrong_summaries_say_what_is_wrong() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("summary.json");
        let good =
            String::from_utf8(to_json(&summary(Wish { seeds: 1, epochs: 1, hidden: 4, ..Wish::default() }))).unwrap();
        let newer = good.replacen("\"version\":\"0.1.0\"", "\"version\":\"99.2.0\"", 1);
        let cases = [
            (&good[..good.len() / 2], "ends in the middle, as if cut off (line 1"),
            ("", "ends in the middle"),
            ("<html>", "is no JSON (line 1, column 1)"),
            ("{\"version\": \"0.1.0\"}", "is no summary of a comparison: missing field `title`"),
            ("{\"version\": \"0.1.0\", \"populations\": []}", "belongs to a simulation or a presentation"),
            ("[1, 2]", "is no summary of a comparison"),
            (&newer, "was written by twinfire 99.2.0, this is 0.1.0"),
        ];
        for (text, message) in cases {
            fs::write(&path, text).unwrap();
            let wrong = read_summary(&path).unwrap_err();
            assert!(wrong.to_string().contains(message), "{wrong}");
            assert_eq!(wrong.exit_code(), 4);
        }
        let missing = read_summary(&place.path().join("nothing")).unwrap_err();
        assert!(missing.to_string().contains("cannot be read") && missing.to_string().contains("twinfire compare"));
    }

    #[test]
    fn a_diverged_training_is_still_saved() {
        let place = tempfile::tempdir().unwrap();
        let mut summary = summary(Wish { seeds: 1, epochs: 1, hidden: 4, ..Wish::default() });
        summary.arms[0].runs[0].epochs[0].loss = f64::NAN;
        summary.arms[0].examples[0].scores[0] = f32::INFINITY;
        summary.arms[1].examples[0].activities[1][0] = f32::NEG_INFINITY;
        let path = write_summary_only(&summary, place.path()).unwrap();
        write_comparison(&summary, place.path()).unwrap();
        assert_eq!(read_summary(&path).unwrap().arms[0].runs[0].epochs[0].loss, f64::MAX);
    }

    #[test]
    fn figures_are_drawn_again_by_name() {
        let place = tempfile::tempdir().unwrap();
        let mut summary = summary(Wish { seeds: 1, epochs: 1, hidden: 4, ..Wish::default() });
        summary.arms.iter_mut().for_each(|arm| arm.scatter = None);
        write_summary_only(&summary, place.path()).unwrap();
        let paths = plot(place.path(), "confusion", Format::Svg).unwrap();
        assert_eq!(paths.len(), 3);
        assert!(fs::read_to_string(&paths[0]).unwrap().starts_with("<svg"));
        let unknown = plot(place.path(), "confusions", Format::Png).unwrap_err().to_string();
        assert!(unknown.contains("no figure `confusions`") && unknown.contains("learning_curve"), "{unknown}");
        assert!(plot(place.path(), "scatter", Format::Png).is_err());
    }
}
