//! Spike rasters: time to the right, neurons upwards, populations stacked, and how fast each
//! population fires below.
//!
//! Up to [`MARKS`] spikes every spike is a mark. Beyond, each pixel is shaded by how many
//! spikes fall on it, so half a million spikes stay readable and small.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Pixels, Point, Text};
use super::palette::{Color, PAPER, QUIET, blend, series};
use super::{font, number};

/// The most spikes drawn as marks.
const MARKS: usize = 10_000;
const WIDTH: f64 = 900.0;
/// Bins of the rate strip over the whole run; fewer where a population is so small that single
/// spikes would be outlined.
const BINS: f64 = 120.0;
const FEW_BINS: f64 = 25.0;
const SMALL: usize = 8;

/// What a raster shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    pub title: String,
    pub populations: Vec<RasterPopulation>,
    pub duration_ms: f64,
}

/// One population of a raster.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterPopulation {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Time in ms and neuron, in any order.
    pub spikes: Vec<(f64, u32)>,
}

/// The raster as a figure.
pub fn figure(raster: &Raster) -> Figure {
    let heights = row_heights(raster);
    let left = name_room(raster);
    let stack: f64 = heights.iter().map(|height| height + 6.0).sum();
    let mut figure = Figure::new(raster.title.clone(), WIDTH, stack + 52.0 + RATE_HEIGHT + 66.0);
    figure.text((16.0, 22.0), Text::new(font::fit(&raster.title, 15.0, WIDTH - 40.0)).size(15.0).bold());
    let mut top = 48.0;
    for (index, (population, &height)) in raster.populations.iter().zip(&heights).enumerate() {
        let area = Area::new(left, top, WIDTH - left - 24.0, height);
        draw_names(&mut figure, population, &area, series(index));
        let row = Row { area, until_ms: raster.duration_ms, inset: 0.0, silence: "silent: no spikes" };
        draw_spikes(&mut figure, population, &row, series(index));
        top += height + 6.0;
    }
    draw_rates(&mut figure, raster, Area::new(left, top + 16.0, WIDTH - left - 24.0, RATE_HEIGHT));
    figure
}

const RATE_HEIGHT: f64 = 96.0;

/// Larger populations get more room, but not in proportion: ten outputs beside a thousand
/// hidden neurons must stay visible.
fn row_heights(raster: &Raster) -> Vec<f64> {
    let wanted = |size: usize| (8.0 * (size as f64).sqrt()).clamp(22.0, 220.0);
    let heights: Vec<f64> = raster.populations.iter().map(|population| wanted(population.size)).collect();
    let total: f64 = heights.iter().sum();
    heights.into_iter().map(|height| (height * (560.0 / total).min(1.0)).max(22.0)).collect()
}

fn name_room(raster: &Raster) -> f64 {
    let widest = raster.populations.iter().map(|p| font::width(&p.name, 12.0, true)).fold(0.0, f64::max);
    (widest + 34.0).clamp(110.0, 220.0)
}

fn draw_names(figure: &mut Figure, population: &RasterPopulation, area: &Area, color: Color) {
    let middle = area.middle().1;
    let right = area.left - 12.0;
    let name = font::fit(&population.name, 12.0, area.left - 30.0);
    figure.text((right, middle - 7.0), Text::new(name).bold().color(color).end());
    let size = number::counted(population.size, "neuron");
    figure.text((right, middle + 7.0), Text::new(size).size(9.5).color(QUIET).end());
}

/// Where the spikes of one population go.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub area: Area,
    /// The time at its right edge; 0 is at the left.
    pub until_ms: f64,
    /// Pixels left free at both ends, so that marks at 0 are seen whole.
    pub inset: f64,
    /// What stands there when there are no spikes.
    pub silence: &'a str,
}

impl Row<'_> {
    fn x(&self, time_ms: f64) -> f64 {
        let span = if self.until_ms > 0.0 { self.until_ms } else { 1.0 };
        self.area.left + self.inset + (self.area.width - 2.0 * self.inset) * time_ms / span
    }
}

/// One population's spikes in a framed row, or that there are none.
pub fn draw_spikes(figure: &mut Figure, population: &RasterPopulation, row: &Row<'_>, color: Color) {
    figure.rectangle(row.area, (0xf7, 0xf8, 0xf9));
    let shown =
        |&&(time, neuron): &&(f64, u32)| (0.0..=row.until_ms).contains(&time) && (neuron as usize) < population.size;
    let lane = row.area.height / population.size.max(1) as f64;
    let place = |&(time, neuron): &(f64, u32)| (row.x(time), row.area.bottom() - (f64::from(neuron) + 0.5) * lane);
    let points: Vec<Point> = population.spikes.iter().filter(shown).map(place).collect();
    if points.is_empty() {
        figure.text(row.area.middle(), Text::new(row.silence).size(TICK_SIZE).color(QUIET).middle());
    } else if points.len() > MARKS {
        figure.picture(row.area, density(&points, &row.area, color));
    } else {
        let crowd = points.len() as f64 / row.area.width;
        let width = (8.0 / crowd.max(1.0)).clamp(1.0, 1.6);
        figure.marks(points, color, (width, (lane * 0.8).clamp(1.5, 9.0)));
    }
    figure.outline(row.area, (0xe0, 0xe3, 0xe7));
}

/// Counts spikes per pixel; the shade grows with the root of the count up to the busiest 3 %.
fn density(points: &[Point], area: &Area, color: Color) -> Pixels {
    let mut pixels = Pixels::filled(area.width as usize, area.height as usize, (0xf7, 0xf8, 0xf9));
    let mut counts = vec![0u32; pixels.colors.len()];
    for &(x, y) in points {
        let cell = |offset: f64, cells: usize, length: f64| ((offset / length * cells as f64) as usize).min(cells - 1);
        let column = cell(x - area.left, pixels.columns, area.width);
        let row = cell(y - area.top, pixels.rows, area.height);
        counts[row * pixels.columns + column] += 1;
    }
    let mut busy: Vec<u32> = counts.iter().copied().filter(|&count| count > 0).collect();
    busy.sort_unstable();
    let full = f64::from(busy[(busy.len() - 1) * 97 / 100]);
    for (pixel, &count) in pixels.colors.iter_mut().zip(&counts).filter(|(_, count)| **count > 0) {
        *pixel = blend(PAPER, color, 0.25 + 0.75 * (f64::from(count) / full).sqrt().min(1.0));
    }
    pixels
}

/// Spikes per second and neuron, in bins.
fn rates(population: &RasterPopulation, duration_ms: f64, bin_ms: f64) -> Vec<f64> {
    let bins = (duration_ms / bin_ms).ceil().max(1.0) as usize;
    let mut counts = vec![0.0; bins];
    for &(time, _) in population.spikes.iter().filter(|(time, _)| *time >= 0.0 && *time <= duration_ms) {
        counts[((time / bin_ms) as usize).min(bins - 1)] += 1.0;
    }
    let length = |bin: usize| (duration_ms - bin as f64 * bin_ms).min(bin_ms) / 1000.0;
    let per = |(bin, count): (usize, f64)| count / length(bin) / population.size.max(1) as f64;
    counts.into_iter().enumerate().map(per).collect()
}

/// A round bin, at least 0.1 ms, that cuts the run into at most so many.
fn bin_width(duration_ms: f64, bins: f64) -> f64 {
    let least = (duration_ms / bins).max(0.1);
    let decade = 10f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * decade);
    round.into_iter().find(|step| *step >= least * 0.999).unwrap_or(least)
}

fn draw_rates(figure: &mut Figure, raster: &Raster, area: Area) {
    let duration = if raster.duration_ms > 0.0 { raster.duration_ms } else { 1.0 };
    let small = raster.populations.iter().any(|population| population.size <= SMALL);
    let bin = bin_width(duration, if small { FEW_BINS } else { BINS });
    let curves: Vec<Vec<f64>> = raster.populations.iter().map(|p| rates(p, duration, bin)).collect();
    let top = curves.iter().flatten().fold(0.0f64, |a, &b| a.max(b));
    let axes = Axes::new(area, (0.0, duration), (0.0, if top > 0.0 { top * 1.05 } else { 1.0 }));
    axes.draw_x(figure, "time (ms)");
    axes.draw_y(figure, "Hz per neuron");
    for (index, curve) in curves.iter().enumerate() {
        let edge = |bin_index: usize| (bin_index as f64 * bin).min(duration);
        let steps = curve.iter().enumerate().flat_map(|(i, &rate)| [(edge(i), rate), (edge(i + 1), rate)]);
        figure.line(steps.map(|point| axes.point(point)).collect(), series(index), 1.5);
    }
    axes.draw_frame(figure);
    let note = format!("rate in bins of {bin} ms");
    figure.text((area.right(), area.top - 8.0), Text::new(note).size(9.5).color(QUIET).end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{population, show};

    fn raster(populations: Vec<RasterPopulation>) -> Raster {
        Raster { title: "A balanced network".into(), populations, duration_ms: 500.0 }
    }

    #[test]
    fn spikes_are_marks_and_silent_populations_are_named() {
        let drawn =
            figure(&raster(vec![population("exc", 400, 3000), population("inh", 100, 0), population("one", 1, 5)]));
        let svg = render::svg(&drawn);
        assert_eq!(svg.matches("<path").count(), 2, "one path per population that fires");
        for label in ["exc", "400 neurons", "1 neuron<", "silent: no spikes", "time (ms)", "Hz per neuron"] {
            assert!(svg.contains(label), "{label}");
        }
        show("raster", &drawn);
    }

    #[test]
    fn half_a_million_spikes_stay_small() {
        let drawn = figure(&raster(vec![population("exc", 10_000, 400_000), population("inh", 2_500, 100_000)]));
        assert!(render::svg(&drawn).len() < 600_000, "{}", render::svg(&drawn).len());
        assert!(render::svg(&drawn).contains("<image"));
        show("raster-dense", &drawn);
    }

    #[test]
    fn odd_rasters_are_drawn() {
        let empty = Raster { title: String::new(), populations: vec![], duration_ms: 0.0 };
        let stray = RasterPopulation { name: "n".repeat(200), size: 0, spikes: vec![(1.0, 7), (f64::NAN, 0)] };
        let many = (0..16).map(|i| population(&format!("population {i}"), 50, 200)).collect();
        for case in [empty, raster(vec![stray]), raster(many)] {
            assert!(!render::png(&figure(&case)).is_empty());
        }
    }

    #[test]
    fn rates_are_per_second_and_neuron() {
        let spikes = (0..100).map(|i| (f64::from(i), 0)).collect();
        let one = RasterPopulation { name: "one".into(), size: 2, spikes };
        assert_eq!(rates(&one, 100.0, 10.0), vec![500.0; 10]);
        assert_eq!([500.0, 20.0, 10_000.0].map(|duration| bin_width(duration, BINS)), [5.0, 0.2, 100.0]);
    }
}
