//! The folder of one presentation: the sample on its way through a trained network, and its spikes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::canvas::Figure;
use super::figure::{Drawn, FigureKind, Takes};
use super::presentation::{self, Presentation};
use super::raster;
use super::request::Request;
use super::run_folder::Run;
use crate::error::{Error, Result};
use crate::record::rate::RateHistogram;
use crate::record::recording::{PopulationSummary, RunSummary};
use crate::record::statistics::{Firing, Profile};
use crate::regular_file;
use crate::result::{Example, LayerInfo};

const SUMMARY: &str = "summary.json";

/// What is known of a presentation: its `summary.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleSummary {
    /// Version of twinfire that made it.
    pub version: String,
    pub title: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Rows and columns of the sample, and channels.
    pub shape: Vec<usize>,
    pub layers: Vec<LayerInfo>,
    /// Length of a tick.
    pub resolution_ms: f64,
    /// Colours that the model gives layers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub colors: BTreeMap<String, String>,
    #[serde(flatten)]
    pub example: Example,
}

/// A presentation in its folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub folder: PathBuf,
    pub summary: SampleSummary,
}

/// The row of the sample on its way.
pub const PRESENTATION: FigureKind<Sample> = FigureKind {
    name: presentation::KIND.name,
    summary: "The sample running through all layers of the network",
    heading: "Presentation",
    words: presentation::KIND.words,
    takes: Takes::SIZE,
    draw: drawn,
};

/// The row of its spikes, layers as populations.
pub const RASTER: FigureKind<Sample> = FigureKind {
    name: raster::KIND.name,
    summary: raster::KIND.summary,
    heading: raster::KIND.heading,
    words: raster::KIND.words,
    takes: raster::KIND.takes,
    draw: spikes,
};

impl Sample {
    /// Whether `folder` holds a presentation, however broken.
    pub fn is_in(folder: &Path) -> bool {
        let text = regular_file::read(&folder.join(SUMMARY), regular_file::TEXT).unwrap_or_default();
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        value.get("decision").is_some() && value.get("arms").is_none()
    }

    /// Reads the presentation in `folder`.
    ///
    /// # Errors
    /// [`Error::Data`] when its `summary.json` is missing, broken or of an earlier twinfire.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(SUMMARY);
        let text = regular_file::read(&path, regular_file::TEXT).map_err(|what| Error::data(&path, what))?;
        let summary = serde_json::from_slice(&text).map_err(|wrong| {
            Error::data(&path, format!("is no summary of a presentation: {wrong}"))
                .with_help("`twinfire simulate CHECKPOINT --sample N` writes it; the same command writes it again")
        })?;
        Ok(Self { folder: folder.to_path_buf(), summary })
    }

    /// Its layers as populations of a run.
    fn run(&self) -> Run {
        let SampleSummary { version, title, layers, resolution_ms, example, .. } = &self.summary;
        let population = |(index, layer): (usize, &LayerInfo)| self.population(index, layer);
        let summary = RunSummary {
            version: version.clone(),
            title: title.clone(),
            seed: 0,
            resolution_ms: *resolution_ms,
            duration_ms: example.duration_ms,
            command: String::new(),
            settings: Vec::new(),
            analysed_from_ms: 0.0,
            bin_asked: false,
            populations: layers.iter().enumerate().map(population).collect(),
            sampled: Vec::new(),
            weights: Vec::new(),
            synaptic_events: 0,
            neuron_updates: 0,
            cost: None,
        };
        Run { folder: self.folder.clone(), summary, model: String::new() }
    }

    fn population(&self, index: usize, layer: &LayerInfo) -> PopulationSummary {
        let size: usize = layer.shape.iter().product();
        let spikes = self.summary.example.spikes.get(index).map_or(0, Vec::len);
        let seconds = self.summary.example.duration_ms / 1000.0;
        let rate_hz = if seconds > 0.0 { spikes as f64 / size.max(1) as f64 / seconds } else { 0.0 };
        PopulationSummary {
            name: layer.name.clone(),
            size,
            recorded: true,
            color: Some(self.color(index, layer)),
            acts: None,
            firing: Firing {
                spikes: spikes as u64,
                rate_hz,
                cv_isi: None,
                lv_isi: None,
                correlation: None,
                synchrony: None,
                silent_fraction: 0.0,
            },
            profile: Profile {
                psth: RateHistogram { bin_ms: self.summary.resolution_ms, rates_hz: Vec::new() },
                course: None,
                intervals: None,
                correlations: None,
                spectrum: None,
            },
        }
    }

    /// That of the model, or that of presentations.
    fn color(&self, index: usize, layer: &LayerInfo) -> String {
        let (red, green, blue) = super::palette::series(index);
        self.summary.colors.get(&layer.name).cloned().unwrap_or(crate::color::write([red, green, blue]))
    }
}

fn drawn(sample: &Sample, request: &Request) -> Result<Drawn> {
    Ok(vec![(PRESENTATION.name.into(), figure(&sample.summary, request))])
}

/// The sample on its way through the network.
pub fn figure(summary: &SampleSummary, request: &Request) -> Figure {
    let SampleSummary { title, classes, shape, layers, colors, example, .. } = summary;
    presentation::figure(&Presentation { title, classes, shape, layers, colors, example }, request)
}

/// Its spikes as those of a simulation; none in the rate regime.
fn spikes(sample: &Sample, request: &Request) -> Result<Drawn> {
    if sample.summary.example.spikes.is_empty() { Ok(vec![]) } else { (raster::KIND.draw)(&sample.run(), request) }
}
