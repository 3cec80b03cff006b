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
//! and its row in [`FIGURES`]; for a figure of a simulation, in [`RUN_FIGURES`]. Its row alone puts it on the page, into
//! `figures/` and before `twinfire plot`.

mod activity;
mod confusion;
mod cost;
mod layer_rows;
mod learning_curve;
mod presentation;
mod reconstructions;
mod scatter;
mod scores;
mod weight_maps;

mod correlations;
mod intervals;
mod raster;
mod rates;
pub mod request;
mod spectra;
mod trace;
mod weight_histogram;

pub mod axes;
pub mod canvas;
mod decades;
mod dots;
mod energy;
mod excluded;
mod figure;
pub mod firing_table;
mod folder;
mod font;
mod html;
pub mod memory;
pub mod number;
mod page;
pub mod palette;
mod panels;
pub mod paper;
mod pdf;
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

pub use figure::{FigureKind, Format, write_figure};
pub use folder::{draw_comparison, read_summary, summary_file, write_summary_only};

use crate::result::Summary;
use run_folder::Run;
use sample_folder::Sample;

/// Every figure of a comparison, in the order of the report.
pub const FIGURES: &[FigureKind<Summary>] = &[
    learning_curve::KIND,
    activity::KIND,
    presentation::KIND,
    confusion::KIND,
    reconstructions::KIND,
    scatter::KIND,
    weight_maps::KIND,
    cost::KIND,
];

/// Every figure of a simulation, in the order of the page.
pub const RUN_FIGURES: &[FigureKind<Run>] = &[
    raster::KIND,
    trace::KIND,
    rates::KIND,
    intervals::KIND,
    correlations::KIND,
    spectra::KIND,
    weight_histogram::KIND,
];

/// Every figure of a presentation.
pub const SAMPLE_FIGURES: &[FigureKind<Sample>] = &[sample_folder::PRESENTATION, sample_folder::RASTER];
