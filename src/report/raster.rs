//! Spike rasters: time to the right, neurons upwards, populations stacked, and how fast each
//! population fires below.
//!
//! Up to [`MARKS`] spikes every spike is a mark. Beyond, each pixel is shaded by how many
//! spikes fall on it, so a million spikes stay readable and small, and need no more memory
//! than the picture.

use super::arrays::read_spikes;
use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Pixels, Point, Text};
use super::palette::{Color, PAPER, QUIET, blend, series};
use super::run_folder::{Run, RunFigure, SPIKES};
use super::{font, number};
use crate::error::Result;
use crate::record::rate::RateHistogram;

/// The row of this figure.
pub const KIND: RunFigure = RunFigure {
    name: "raster",
    summary: "Every recorded spike, and the rates below",
    heading: "Spikes",
    words: "Each mark is a spike; where there are too many, the darker a point, the more spikes.",
    draw: drawn_from,
};

/// The most spikes drawn as marks.
const MARKS: usize = 10_000;
const WIDTH: f64 = 900.0;
const RATE_HEIGHT: f64 = 96.0;

/// What a raster shows, but for the spikes.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    pub title: String,
    pub rows: Vec<RasterRow>,
    pub duration_ms: f64,
    /// Populations that have no row, since their spikes were not written down.
    pub unrecorded: Vec<String>,
}

/// One population of a raster.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterRow {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    pub color: Color,
    pub rates: RateHistogram,
}

/// A population with its spikes.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterPopulation {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Time in ms and neuron, in any order.
    pub spikes: Vec<(f64, u32)>,
}

fn drawn_from(run: &Run) -> Result<Vec<(String, Figure)>> {
    let populations = run.summary.populations.iter().enumerate();
    let (recorded, others): (Vec<_>, Vec<_>) = populations.partition(|(_, population)| population.recorded);
    let row = |&(index, p): &(usize, &crate::record::recording::PopulationSummary)| RasterRow {
        name: p.name.clone(),
        size: p.size,
        color: series(index),
        rates: p.profile.psth.clone(),
    };
    let raster = Raster {
        title: run.summary.title.clone(),
        rows: recorded.iter().map(row).collect(),
        duration_ms: run.summary.duration_ms,
        unrecorded: others.iter().map(|(_, population)| population.name.clone()).collect(),
    };
    if raster.rows.is_empty() {
        return Ok(vec![]);
    }
    let mut rows = vec![None; run.summary.populations.len()];
    recorded.iter().enumerate().for_each(|(row, (index, _))| rows[*index] = Some(row));
    let mut drawing = Drawing::new(&raster);
    read_spikes(&run.folder.join(SPIKES), |ms, neuron, population| {
        if let Some(&Some(row)) = rows.get(usize::from(population)) {
            drawing.spike(row, ms, neuron);
        }
    })?;
    Ok(vec![(KIND.name.into(), drawing.figure())])
}

/// A raster that takes spikes one by one.
pub struct Drawing<'a> {
    raster: &'a Raster,
    left: f64,
    dots: Vec<Dots<'a>>,
}

impl<'a> Drawing<'a> {
    pub fn new(raster: &'a Raster) -> Self {
        let left = name_room(raster);
        let mut top = if raster.unrecorded.is_empty() { 48.0 } else { 62.0 };
        let mut dots = Vec::new();
        for (row, height) in raster.rows.iter().zip(row_heights(raster)) {
            let area = Area::new(left, top, WIDTH - left - 24.0, height);
            let place = Row { area, until_ms: raster.duration_ms, inset: 0.0, silence: "silent: no spikes" };
            dots.push(Dots::new(place, row.size));
            top += height + 6.0;
        }
        Self { raster, left, dots }
    }

    /// Adds a spike of the population in this row.
    pub fn spike(&mut self, row: usize, ms: f64, neuron: u32) {
        self.dots[row].add(ms, neuron);
    }

    pub fn figure(self) -> Figure {
        let Self { raster, left, dots } = self;
        let top = dots.last().map_or(48.0, |last| last.row.area.bottom() + 6.0);
        let mut figure = Figure::new(raster.title.clone(), WIDTH, top + 4.0 + RATE_HEIGHT + 66.0);
        figure.text((16.0, 22.0), Text::new(font::fit(&raster.title, 15.0, WIDTH - 40.0)).size(15.0).bold());
        if !raster.unrecorded.is_empty() {
            let note = format!("not recorded: {}", number::list(&raster.unrecorded));
            figure.text((16.0, 42.0), Text::new(font::fit(&note, 10.5, WIDTH - 40.0)).size(10.5).color(QUIET));
        }
        for (row, dots) in raster.rows.iter().zip(dots) {
            draw_names(&mut figure, row, &dots.row.area);
            dots.draw(&mut figure, row.color);
        }
        draw_rates(&mut figure, raster, Area::new(left, top + 16.0, WIDTH - left - 24.0, RATE_HEIGHT));
        figure
    }
}

/// Larger populations get more room, but not in proportion: ten outputs beside a thousand
/// hidden neurons must stay visible.
fn row_heights(raster: &Raster) -> Vec<f64> {
    let wanted = |size: usize| (8.0 * (size as f64).sqrt()).clamp(22.0, 220.0);
    let heights: Vec<f64> = raster.rows.iter().map(|row| wanted(row.size)).collect();
    let total: f64 = heights.iter().sum();
    heights.into_iter().map(|height| (height * (560.0 / total).min(1.0)).max(22.0)).collect()
}

fn name_room(raster: &Raster) -> f64 {
    let widest = raster.rows.iter().map(|row| font::width(&row.name, 12.0, true)).fold(0.0, f64::max);
    (widest + 34.0).clamp(110.0, 220.0)
}

fn draw_names(figure: &mut Figure, row: &RasterRow, area: &Area) {
    let middle = area.middle().1;
    let right = area.left - 12.0;
    let name = font::fit(&row.name, 12.0, area.left - 30.0);
    figure.text((right, middle - 7.0), Text::new(name).bold().color(row.color).end());
    let size = number::counted(row.size, "neuron");
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
    let mut dots = Dots::new(*row, population.size);
    population.spikes.iter().for_each(|&(ms, neuron)| dots.add(ms, neuron));
    dots.draw(figure, color);
}

/// The spikes of one row: as points, or counted per pixel when there are many.
struct Dots<'a> {
    row: Row<'a>,
    size: usize,
    points: Vec<Point>,
    counts: Vec<u32>,
}

impl<'a> Dots<'a> {
    fn new(row: Row<'a>, size: usize) -> Self {
        Self { row, size, points: Vec::new(), counts: Vec::new() }
    }

    /// Pixels per row and number of rows.
    fn grid(&self) -> (usize, usize) {
        ((self.row.area.width as usize).max(1), (self.row.area.height as usize).max(1))
    }

    /// Height of a neuron.
    fn lane(&self) -> f64 {
        self.row.area.height / self.size.max(1) as f64
    }

    fn add(&mut self, ms: f64, neuron: u32) {
        if !(0.0..=self.row.until_ms).contains(&ms) || neuron as usize >= self.size {
            return;
        }
        let point = (self.row.x(ms), self.row.area.bottom() - (f64::from(neuron) + 0.5) * self.lane());
        if !self.counts.is_empty() {
            return self.count(point);
        }
        self.points.push(point);
        if self.points.len() > MARKS {
            let (columns, rows) = self.grid();
            self.counts = vec![0; columns * rows];
            std::mem::take(&mut self.points).into_iter().for_each(|point| self.count(point));
        }
    }

    fn count(&mut self, (x, y): Point) {
        let (columns, rows) = self.grid();
        let cell = |offset: f64, cells: usize, length: f64| ((offset / length * cells as f64) as usize).min(cells - 1);
        let column = cell(x - self.row.area.left, columns, self.row.area.width);
        let row = cell(y - self.row.area.top, rows, self.row.area.height);
        self.counts[row * columns + column] += 1;
    }

    fn draw(self, figure: &mut Figure, color: Color) {
        let (area, lane) = (self.row.area, self.lane());
        figure.rectangle(area, EMPTY);
        if !self.counts.is_empty() {
            figure.picture(area, self.shades(color));
        } else if self.points.is_empty() {
            figure.text(area.middle(), Text::new(self.row.silence).size(TICK_SIZE).color(QUIET).middle());
        } else {
            let crowd = self.points.len() as f64 / area.width;
            let width = (8.0 / crowd.max(1.0)).clamp(1.0, 1.6);
            figure.marks(self.points, color, (width, (lane * 0.8).clamp(1.5, 9.0)));
        }
        figure.outline(area, (0xe0, 0xe3, 0xe7));
    }

    /// The shade grows with the root of the count up to the busiest 3 %.
    fn shades(&self, color: Color) -> Pixels {
        let (columns, rows) = self.grid();
        let mut pixels = Pixels::filled(columns, rows, EMPTY);
        let mut busy: Vec<u32> = self.counts.iter().copied().filter(|&count| count > 0).collect();
        busy.sort_unstable();
        let full = f64::from(busy[(busy.len() - 1) * 97 / 100]);
        for (pixel, &count) in pixels.colors.iter_mut().zip(&self.counts).filter(|(_, count)| **count > 0) {
            *pixel = blend(PAPER, color, 0.25 + 0.75 * (f64::from(count) / full).sqrt().min(1.0));
        }
        pixels
    }
}

/// The ground that spikes stand on.
const EMPTY: Color = (0xf7, 0xf8, 0xf9);

fn draw_rates(figure: &mut Figure, raster: &Raster, area: Area) {
    let duration = if raster.duration_ms > 0.0 { raster.duration_ms } else { 1.0 };
    let top = raster.rows.iter().flat_map(|row| &row.rates.rates_hz).fold(0.0f64, |a, &b| a.max(b));
    let axes = Axes::new(area, (0.0, duration), (0.0, if top > 0.0 { top * 1.05 } else { 1.0 }));
    axes.draw_x(figure, "time (ms)");
    axes.draw_y(figure, "Hz per neuron");
    let small = raster.rows.iter().any(|row| row.size <= SMALL);
    let most = if small { FEW_STEPS } else { STEPS };
    for row in &raster.rows {
        let bin = row.rates.bin_ms;
        let edge = |bin_index: usize| (bin_index as f64 * bin).min(duration);
        let rates = coarse(&row.rates.rates_hz, most);
        let steps = rates.iter().flat_map(|&(from, to, rate)| [(edge(from), rate), (edge(to), rate)]);
        figure.line(steps.map(|point| axes.point(point)).collect(), row.color, 1.5);
    }
    axes.draw_frame(figure);
    if let Some(row) = raster.rows.first() {
        let bin = row.rates.bin_ms * row.rates.rates_hz.len().div_ceil(most) as f64;
        let note = format!("rate in bins of {bin} ms");
        figure.text((area.right(), area.top - 8.0), Text::new(note).size(9.5).color(QUIET).end());
    }
}

/// The most steps of a rate curve: several bins share one where there are more. Fewer where a
/// population is so small that single spikes would be outlined.
const STEPS: usize = 130;
const FEW_STEPS: usize = 25;
const SMALL: usize = 8;

/// Means of as many neighbouring bins as it takes for at most `most`: first bin, last bin + 1, rate.
fn coarse(rates: &[f64], most: usize) -> Vec<(usize, usize, f64)> {
    let group = rates.len().div_ceil(most).max(1);
    let mean = |(index, part): (usize, &[f64])| {
        (index * group, index * group + part.len(), part.iter().sum::<f64>() / part.len() as f64)
    };
    rates.chunks(group).enumerate().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{population, show};

    fn drawn(populations: Vec<RasterPopulation>) -> Figure {
        let row = |(index, p): (usize, &RasterPopulation)| RasterRow {
            name: p.name.clone(),
            size: p.size,
            color: series(index),
            rates: RateHistogram { bin_ms: 5.0, rates_hz: rates(p, 5.0) },
        };
        let rows = populations.iter().enumerate().map(row).collect();
        let raster =
            Raster { title: "A balanced network".into(), rows, duration_ms: 500.0, unrecorded: vec!["input".into()] };
        let mut drawing = Drawing::new(&raster);
        for (row, population) in populations.iter().enumerate() {
            population.spikes.iter().for_each(|&(ms, neuron)| drawing.spike(row, ms, neuron));
        }
        drawing.figure()
    }

    fn rates(population: &RasterPopulation, bin_ms: f64) -> Vec<f64> {
        let mut rates = vec![0.0; (500.0 / bin_ms) as usize];
        let last = rates.len() - 1;
        for &(ms, _) in population.spikes.iter().filter(|(ms, _)| ms.is_finite()) {
            rates[((ms / bin_ms) as usize).min(last)] += 1000.0 / bin_ms / population.size.max(1) as f64;
        }
        rates
    }

    #[test]
    fn spikes_are_marks_and_silent_populations_are_named() {
        let drawn = drawn(vec![population("exc", 400, 3000), population("inh", 100, 0), population("one", 1, 5)]);
        let svg = render::svg(&drawn);
        assert_eq!(svg.matches("<path").count(), 2, "one path per population that fires");
        for label in [
            "exc",
            "400 neurons",
            "1 neuron<",
            "silent: no spikes",
            "time (ms)",
            "Hz per neuron",
            "not recorded: input",
        ] {
            assert!(svg.contains(label), "{label}");
        }
        show("raster", &drawn);
    }

    #[test]
    fn a_million_spikes_stay_small() {
        let drawn = drawn(vec![population("exc", 10_000, 800_000), population("inh", 2_500, 200_000)]);
        assert!(render::svg(&drawn).len() < 600_000, "{}", render::svg(&drawn).len());
        assert_eq!(render::svg(&drawn).matches("<image").count(), 2);
        show("raster-dense", &drawn);
    }

    #[test]
    fn odd_rasters_are_drawn() {
        let stray = RasterPopulation { name: "n".repeat(200), size: 0, spikes: vec![(1.0, 7), (f64::NAN, 0)] };
        let many = (0..16).map(|i| population(&format!("population {i}"), 50, 200)).collect();
        for case in [vec![], vec![stray], many] {
            assert!(!render::png(&drawn(case)).is_empty());
        }
    }

    #[test]
    fn many_bins_share_steps() {
        assert_eq!(coarse(&[1.0, 3.0], STEPS), [(0, 1, 1.0), (1, 2, 3.0)]);
        let many: Vec<f64> = (0..1001).map(f64::from).collect();
        let steps = coarse(&many, STEPS);
        assert!(steps.len() <= STEPS && steps[0] == (0, 8, 3.5) && steps.last().unwrap().1 == 1001);
    }
}
