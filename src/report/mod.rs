//! What users see of a run: figures (PNG and SVG), tables, one self-contained page.
//!
//! ```text
//! Summary --figure files--> Figure (a list of shapes) --render--> PNG, SVG
//!         --table, html---> text, report.html         --folder--> a stage --output--> a result folder
//! ```
//!
//! A simulation goes another way: its spikes and samples stream into its folder while it runs
//! (`spike_files`, `trace_files`), and figures are drawn from there (`run_folder`, `run_page`).
//!
//! To add a figure of a comparison: write `my_figure.rs` with a `KIND`, add its `mod` line
//! and its row in [`FIGURES`]; for a figure of a simulation, in
//! [`RUN_FIGURES`](run_folder::RUN_FIGURES).

pub mod activity;
pub mod confusion;
pub mod cost;
mod layer_rows;
pub mod learning_curve;
pub mod presentation;
pub mod scatter;
mod scores;
pub mod weight_maps;

pub mod correlations;
pub mod intervals;
pub mod raster;
pub mod rates;
pub mod request;
pub mod spectra;
pub mod trace;
pub mod weight_histogram;

pub mod axes;
pub mod canvas;
mod decades;
pub mod dots;
pub mod energy;
mod excluded;
pub mod firing_table;
mod folder;
mod font;
pub mod html;
pub mod memory;
pub mod number;
pub mod palette;
mod panels;
pub mod paper;
pub mod pdf;
pub mod plot;
mod rate_curve;
mod rate_strip;
pub mod render;
pub mod run_folder;
pub mod run_page;
pub mod table;

mod arrays;
mod columns;
pub mod csv;
mod dat;
mod draft;
mod json;
pub mod names;
pub mod npz;
pub mod output;
pub mod sample_folder;
pub mod spike_files;
pub mod synapse_files;
pub mod trace_files;
pub mod trained_network;
mod training_panels;
mod zoom;

#[cfg(test)]
mod sample;

pub use folder::{Format, draw_comparison, read_summary, summary_file, write_figure, write_summary_only};

use crate::result::Summary;
use canvas::Figure;
use request::Request;
use run_folder::Takes;

/// A figure that can be drawn from the summary of a comparison.
pub struct FigureKind {
    /// What users call it; file names begin with it.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// What of a [`Request`] it heeds, beside width and title.
    pub takes: Takes,
    /// Names and figures; none where the summary lacks what it shows.
    pub draw: fn(&Summary, &Request) -> Vec<(String, Figure)>,
}

/// Figures that fill any width and height.
const FLOWS: Takes = Takes { time: false, neurons: false, height: true };
/// Figures whose width sets their height.
const SHAPED: Takes = Takes { height: false, ..FLOWS };

/// Every figure of a comparison, in the order of the report.
pub const FIGURES: &[FigureKind] = &[
    learning_curve::KIND,
    activity::KIND,
    presentation::KIND,
    confusion::KIND,
    scatter::KIND,
    weight_maps::KIND,
    cost::KIND,
];
