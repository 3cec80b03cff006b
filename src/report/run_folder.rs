//! The folder of a simulation: `summary.json`, weights, `figures/` and `report.html`. Spikes
//! and traces are there already, streamed by `spike_files` and `trace_files`; figures are
//! drawn from the folder, so `twinfire plot` draws them again at any time.

use std::path::{Path, PathBuf};

use super::draft::write_whole;
use super::figure::{FOLDER, FigureKind, Format, draw_all, file_name};
use super::json::{self, COPIES};
use super::names::stems;
use super::{RUN_FIGURES, npz, run_page};
use crate::error::{Error, Result};
use crate::record::recording::{Recording, RunSummary};
use crate::regular_file;

pub(super) const SPIKES: &str = "spikes.npz";
pub(super) const TRACES: &str = "traces.npz";
const SUMMARY: &str = "summary.json";
const MODEL: &str = "model.toml";
const PAGE: &str = "report.html";
const WEIGHTS: &str = "weights";

/// A simulation that is done, in its folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub folder: PathBuf,
    pub summary: RunSummary,
    /// The model as it ran; empty where the folder does not hold it.
    pub model: String,
}

impl Run {
    /// Writes what a recording holds into `folder`, which exists, with the text of the model
    /// as it ran.
    ///
    /// # Errors
    /// [`Error::Output`] when something cannot be written.
    pub fn write(recording: &Recording, model: &str, folder: &Path) -> Result<Self> {
        let run = Self { folder: folder.to_path_buf(), summary: recording.summary(), model: model.to_string() };
        let stems = stems(recording.weights.iter().map(|weights| weights.name.as_str()));
        for (weights, stem) in recording.weights.iter().zip(stems) {
            for (when, values) in [("before", &weights.before), ("after", &weights.after)] {
                write_whole(&folder.join(WEIGHTS).join(format!("{stem}-{when}.npy")), &npz::weights(values))?;
            }
        }
        write_whole(&folder.join(MODEL), model.as_bytes())?;
        write_whole(&folder.join(SUMMARY), &json::document(&run.summary))?;
        Ok(run)
    }

    /// What every run writes beside spikes.
    pub fn names() -> Vec<String> {
        let drawn = |kind: &FigureKind<Self>| Format::ALL.map(|format| file_name(kind.name, format));
        let drawn = RUN_FIGURES.iter().flat_map(drawn).map(|file| format!("{FOLDER}/{}", file.display()));
        [MODEL, SUMMARY, PAGE].map(String::from).into_iter().chain(drawn).collect()
    }

    /// Reads the simulation in `folder`.
    ///
    /// # Errors
    /// [`Error::Data`] when its `summary.json` is missing, broken or not that of a simulation.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(SUMMARY);
        let text = regular_file::read_data(&path, COPIES).map_err(|what| Error::data(&path, what))?;
        let summary = serde_json::from_slice(&text).map_err(|wrong| {
            Error::data(&path, format!("is no summary of a simulation: {wrong}"))
                .with_help("`twinfire simulate` writes it; the same command writes it again")
        })?;
        let model = regular_file::read(&folder.join(MODEL), regular_file::TEXT).unwrap_or_default();
        let model = String::from_utf8(model).unwrap_or_default();
        Ok(Self { folder: folder.to_path_buf(), summary, model })
    }

    /// Whether `folder` holds a simulation, however broken.
    pub fn is_in(folder: &Path) -> bool {
        let text = regular_file::read_data(&folder.join(SUMMARY), COPIES).unwrap_or_default();
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        value.get("populations").is_some() && value.get("arms").is_none()
    }

    /// Draws all figures and the page into `folder`, replacing those that are there; gives the
    /// paths of what was written.
    ///
    /// # Errors
    /// [`Error::Data`] when spikes or traces cannot be read, [`Error::Output`] when something
    /// cannot be written.
    pub fn draw(&self, folder: &Path) -> Result<Vec<PathBuf>> {
        let (sections, mut written) = draw_all(RUN_FIGURES, self, folder)?;
        let page = folder.join(PAGE);
        write_whole(&page, run_page::page(self, &sections).as_bytes())?;
        written.push(page);
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::sample::{assert_balanced, gallery, run};

    #[test]
    fn a_simulation_is_written_read_and_drawn() {
        let place = gallery().join("run");
        fs::create_dir_all(&place).unwrap();
        let written = run(&place, 200_000);
        assert!(Run::is_in(&place) && Run::read(&place).unwrap() == written);
        let paths = written.draw(&place).unwrap();
        assert_eq!(paths.len(), 2 * RUN_FIGURES.len() + 1);
        let page = fs::read_to_string(place.join(PAGE)).unwrap();
        assert_balanced(&page);
        assert!(page.len() < 2_000_000 && !page.contains("http"), "{} bytes", page.len());
        for kind in RUN_FIGURES {
            assert!(page.contains(&format!("<h2 id=\"{}\"", kind.name)), "{}", kind.name);
        }
        let told =
            ["Silent: silent &lt;one&gt; did not spike", "not recorded: background", "spikes &amp; &lt;swings&gt;"];
        told.into_iter().for_each(|words| assert!(page.contains(words), "{words}"));
        let weights = fs::read(place.join("weights/recurrent.exc.exc-after.npy")).unwrap();
        assert_eq!(weights.len(), 128 + 8 * 5000);
    }

    #[test]
    fn the_numbers_are_those_of_what_was_made_up() {
        let place = tempfile::tempdir().unwrap();
        let summary = run(place.path(), 400_000).summary;
        let [exc, inh, clock, silent, background] = &summary.populations[..] else { panic!("five populations") };
        // 20 spikes per tick at most, of 4 in 5 neurons: 20 Hz each.
        assert!((exc.firing.rate_hz - 20.0).abs() < 0.5 && (inh.firing.rate_hz - 20.0).abs() < 0.5);
        assert!((inh.firing.cv_isi.unwrap() - 1.0).abs() < 0.05 && (inh.firing.lv_isi.unwrap() - 1.0).abs() < 0.05);
        assert!(clock.firing.cv_isi.unwrap() < 1e-6 && clock.firing.lv_isi.unwrap() < 1e-6);
        assert_eq!((silent.firing.silent_fraction, silent.firing.cv_isi), (1.0, None));
        assert!(background.firing.spikes > 0 && !background.recorded);
        // A rate that swings by a part a has counts that vary by (a r N dt)^2 / 2 more than they would.
        assert!(exc.firing.synchrony.unwrap() > 30.0 && inh.firing.synchrony.unwrap() < 1.5);
        assert!(exc.firing.correlation.unwrap() > 2.0 * inh.firing.correlation.unwrap().abs());
        let spectrum = exc.profile.spectrum.as_ref().unwrap();
        let peak = (0..spectrum.power.len()).max_by(|&a, &b| spectrum.power[a].total_cmp(&spectrum.power[b])).unwrap();
        assert!(((peak + 1) as f64 * spectrum.step_hz - 40.0).abs() < 1.0);
    }

    #[test]
    fn a_folder_of_something_else_is_refused() {
        let place = tempfile::tempdir().unwrap();
        assert!(!Run::is_in(place.path()));
        assert_eq!(Run::read(place.path()).unwrap_err().exit_code(), 4);
        fs::write(place.path().join(SUMMARY), "{\"populations\": []}").unwrap();
        assert!(Run::is_in(place.path()));
        assert!(Run::read(place.path()).unwrap_err().to_string().contains("is no summary of a simulation"));
    }
}
