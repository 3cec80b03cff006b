//! Results of comparisons: `summary.json`, `figures/` and `report.html`, written and read.

use std::path::{Path, PathBuf};

use super::draft::write_whole;
use super::figure::draw_all;
use super::json::COPIES;
use super::{FIGURES, html};
use crate::error::{Error, Result};
use crate::regular_file;
use crate::result::Summary;

const SUMMARY: &str = "summary.json";
const PAGE: &str = "report.html";

/// Writes figures and page of a comparison into `folder`, the stage of an [`Output`](super::output::Output).
///
/// # Errors
/// [`Error::Output`] when something cannot be written.
pub fn draw_comparison(summary: &Summary, folder: &Path) -> Result<()> {
    let (sections, _) = draw_all(FIGURES, summary, folder)?;
    write_whole(&folder.join(PAGE), html::page(summary, &sections).as_bytes())
}

/// Name and content of the file of a summary.
pub fn summary_file(summary: &Summary) -> (&'static str, Vec<u8>) {
    (SUMMARY, to_json(summary))
}

/// Writes `summary.json` into `folder` and nothing else.
///
/// # Errors
/// [`Error::Output`] when it cannot be written.
pub fn write_summary_only(summary: &Summary, folder: &Path) -> Result<PathBuf> {
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
    let text = regular_file::read_data(&path, COPIES).map_err(|what| {
        Error::data(&path, what)
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::sample::{Wish, summary};

    fn names(folder: &Path) -> Vec<String> {
        let entry = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(entry).collect();
        names.sort();
        names
    }

    #[test]
    fn a_comparison_is_written_and_read_back() {
        let place = tempfile::tempdir().unwrap();
        let summary = summary(Wish { seeds: 1, epochs: 2, hidden: 20, ..Wish::default() });
        draw_comparison(&summary, place.path()).unwrap();
        write_summary_only(&summary, place.path()).unwrap();
        assert_eq!(names(place.path()), ["figures", "report.html", "summary.json"]);
        assert_eq!(names(&place.path().join(crate::report::figure::FOLDER)).len(), 2 * 22);
        assert!(read_summary(place.path()).unwrap() == summary, "every number is read back as it was");
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
        draw_comparison(&summary, place.path()).unwrap();
        assert_eq!(read_summary(&path).unwrap().arms[0].runs[0].epochs[0].loss, f64::MAX);
    }
}
