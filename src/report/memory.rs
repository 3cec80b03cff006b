//! How much memory figures take: one after the other is drawn, two pixels in both directions for each that is kept
//! (see render.rs), and what is kept of those that are done.

use super::panels;

/// Bytes of a strip of a figure, one pixel high and 900 wide: as it is drawn, and averaged with what is encoded.
const DRAWN: f64 = 900.0 * 48.0;
const STRIP: f64 = 900.0 * 60.0;
/// Height of a figure without rows or panels, of a row of panels, of a raster and of a row of it.
const HEAD: f64 = 44.0;
const PANELS: f64 = 208.0;
const RASTER: f64 = 600.0;
const ROW: f64 = 22.0;
/// Bytes of fonts, figures that are done, and the page.
const KEPT: f64 = 8e6;
/// Blocks up to this size stay with the program when they are freed, those beyond go back to the system.
const RETURNED: f64 = 33.5e6;

/// Bytes of the figures of a simulation of so many populations that may spike, and of so many projections with rules.
pub fn simulation(populations: usize, ruled: usize) -> f64 {
    let rows = |number: usize| number.min(panels::MOST).div_ceil(2) as f64;
    let raster = if populations == 0 { 0.0 } else { RASTER + ROW * populations.min(panels::MOST) as f64 };
    let curves = HEAD + PANELS * rows(populations).max(1.0);
    let weights = if ruled == 0 { 0.0 } else { HEAD + PANELS * rows(ruled) };
    let largest = raster.max(curves).max(weights);
    // Weights are drawn last: of what was drawn before them some stays.
    let left = if weights < largest { 0.0 } else { (raster.max(curves) * DRAWN).min(RETURNED) };
    STRIP * largest + left + KEPT
}

/// Bytes that it takes to write synapses, of which the largest projection has so many: what is not on disk yet, its
/// rows in the order of its sources, and as text all of it.
pub fn synapses(largest: u64, as_text: bool) -> f64 {
    34e6 + largest as f64 * if as_text { 28.0 } else { 4.0 }
}

/// Bytes of the largest figure of a comparison.
pub fn comparison() -> f64 {
    STRIP * RASTER + KEPT
}
