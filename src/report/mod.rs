//! What users see of a run: figures (PNG and SVG), tables, one self-contained page.
pub mod axes;
pub mod canvas;
mod font;
pub mod number;
pub mod palette;
pub mod render;

pub mod confusion;
pub mod cost;
pub mod energy;
pub mod learning_curve;
pub mod presentation;
pub mod raster;
pub mod scatter;
pub mod trace;
pub mod weight_maps;

#[cfg(test)]
mod sample;
