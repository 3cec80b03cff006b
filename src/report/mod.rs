//! What users see of a run: figures (PNG and SVG), tables, one self-contained page.
pub mod axes;
pub mod canvas;
mod font;
pub mod number;
pub mod palette;
pub mod render;

pub mod raster;

#[cfg(test)]
#[expect(dead_code, reason = "figures to come use it")]
mod sample;
