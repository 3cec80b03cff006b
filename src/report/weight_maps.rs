//! What first-layer neurons look for: their weights from the input as images, on one scale.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Pixels, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{FRAME, PAPER, QUIET, diverging};
use super::request::Request;
use crate::error::Result;
use crate::result::{ArmResult, Summary, WeightMaps};

/// On pages.
const WIDTH: f64 = 860.0;
/// Room for the scale.
const BESIDE: f64 = 110.0;
const GAP: f64 = 6.0;
/// The most images side by side, and how wide each is at least.
const COLUMNS: usize = 10;
const SMALLEST: f64 = 30.0;
/// The most images shown.
const MAPS: usize = 40;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "weight_maps",
    summary: "First-layer weights as images, one mosaic per arm",
    heading: "What the first layer looks for",
    words: "Weights from the input, first seed.",
    takes: Takes::WIDTH,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let drawn = |arm: &ArmResult| {
        let weights = arm.weight_maps.as_ref().filter(|weights| !weights.maps.is_empty())?;
        Some((format!("{}-{}", KIND.name, arm.label()), figure(&arm.label(), weights, request)))
    };
    Ok(summary.arms.iter().filter_map(drawn).collect())
}

/// A mosaic with its scale: blue weights inhibit, vermillion ones excite.
pub fn figure(label: &str, weights: &WeightMaps, request: &Request) -> Figure {
    let shown = &weights.maps[..weights.maps.len().min(MAPS)];
    let (width, top) = (request.width.unwrap_or(WIDTH), request.head(64.0));
    let room = width - 16.0 - BESIDE;
    let columns = (((room + GAP) / (SMALLEST + GAP)) as usize).clamp(1, COLUMNS);
    let wide = (room + GAP) / columns as f64 - GAP;
    let tall = wide * weights.rows.max(1) as f64 / weights.columns.max(1) as f64;
    let cell = (wide, tall.clamp(8.0, 2.0 * wide));
    let rows = shown.len().div_ceil(columns).max(1) as f64;
    let height = top + (rows * (cell.1 + GAP) + 20.0).max(166.0);
    let mut figure = Figure::new("First-layer weights", width, height);
    if request.title {
        figure.text((16.0, 22.0), Text::new("First-layer weights").size(14.0).bold().fit(width - 32.0));
    }
    let note = format!("{label}; {}, one image each", number::counted(shown.len(), "hidden neuron"));
    figure.text((16.0, request.head(42.0)), Text::new(note).size(TICK_SIZE).color(QUIET).fit(width - 32.0));
    let full = scale(shown);
    for (index, map) in shown.iter().enumerate() {
        let (column, row) = ((index % columns) as f64, (index / columns) as f64);
        let area = Area::new(16.0 + column * (cell.0 + GAP), top + row * (cell.1 + GAP), cell.0, cell.1);
        figure.picture(area, image(weights, map, full));
        figure.outline(area, FRAME);
    }
    draw_scale(&mut figure, full, top + 8.0);
    figure
}

/// The weight that gets the full colour: larger than 99 % of them, so that a few strong
/// ones do not wash out the rest.
fn scale(maps: &[Vec<f32>]) -> f64 {
    let mut sizes: Vec<f32> = maps.iter().flatten().map(|w| w.abs()).filter(|w| w.is_finite()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let at = sizes.len().saturating_sub(1) * 99 / 100;
    sizes.get(at).map_or(1.0, |&size| if size > 0.0 { f64::from(size) } else { 1.0 })
}

fn image(weights: &WeightMaps, map: &[f32], full: f64) -> Pixels {
    let mut pixels = Pixels::filled(weights.columns, weights.rows, PAPER);
    for (pixel, &weight) in pixels.colors.iter_mut().zip(map) {
        *pixel = diverging(f64::from(weight) / full);
    }
    pixels
}

fn draw_scale(figure: &mut Figure, full: f64, top: f64) {
    let area = Area::new(figure.width - 84.0, top, 14.0, 120.0);
    let mut ramp = Pixels::filled(1, 60, PAPER);
    for row in 0..60 {
        ramp.set(0, row, diverging(1.0 - row as f64 / 29.5));
    }
    figure.picture(area, ramp);
    figure.outline(area, FRAME);
    for (value, y) in [(full, area.top), (0.0, area.middle().1), (-full, area.bottom())] {
        let text = format!("{}{}", if value > 0.0 { "+" } else { "" }, number::short(value));
        figure.text((area.right() + 6.0, y), Text::new(text).size(TICK_SIZE).color(QUIET));
    }
    figure.text((area.left, area.bottom() + 20.0), Text::new("weight").size(TICK_SIZE).color(QUIET));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn one_image_per_neuron_and_a_scale() {
        let summary = summary(Wish { side: 28, ..Wish::default() });
        let drawn = figure("spiking-q_agrel", summary.arms[0].weight_maps.as_ref().unwrap(), &Request::default());
        assert_eq!(render::svg(&drawn).matches("<image").count(), 41);
        show("weight-maps", &drawn);
    }

    #[test]
    fn the_scale_passes_over_a_few_strong_weights() {
        let mut map = vec![0.1; 999];
        map.push(50.0);
        assert!((scale(&[map]) - 0.1).abs() < 1e-6);
        assert_eq!(scale(&[vec![0.0; 4]]), 1.0);
    }

    #[test]
    fn odd_maps_are_drawn() {
        let none = WeightMaps { rows: 8, columns: 8, maps: vec![] };
        let row = WeightMaps { rows: 1, columns: 4, maps: vec![vec![1.0, -1.0, f32::NAN]; 3] };
        show("weight-maps-none", &figure("rate-q_agrel", &none, &Request::default()));
        show("weight-maps-row", &figure("rate-q_agrel", &row, &Request::default()));
    }
}
