//! The spikes of one population as dots in a framed row.
//!
//! Up to [`MARKS`] spikes every spike is a mark. Beyond, each pixel is shaded by how many
//! spikes fall on it, so a million spikes stay readable and small, and need no more memory
//! than the picture.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Pixels, Point, Text};
use super::palette::{Color, PAPER, QUIET, blend};

/// The most spikes drawn as marks.
const MARKS: usize = 10_000;
/// The ground that spikes stand on.
const EMPTY: Color = (0xf7, 0xf8, 0xf9);

/// A population with its spikes.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterPopulation {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Time in ms and neuron, in any order.
    pub spikes: Vec<(f64, u32)>,
}

/// Where the spikes of one population go.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub area: Area,
    /// The times at its left and right edges.
    pub window: (f64, f64),
    /// Pixels left free at both ends, so that marks at 0 are seen whole.
    pub inset: f64,
    /// Dots of the paper or screen per pixel.
    pub grain: f64,
    /// What stands there when there are no spikes.
    pub silence: &'a str,
}

impl Row<'_> {
    fn x(&self, time_ms: f64) -> f64 {
        let span = self.window.1 - self.window.0;
        let share = (time_ms - self.window.0) / if span > 0.0 { span } else { 1.0 };
        self.area.left + self.inset + (self.area.width - 2.0 * self.inset) * share
    }
}

/// One population's spikes in a framed row, or that there are none.
pub fn draw_spikes(figure: &mut Figure, population: &RasterPopulation, row: &Row<'_>, color: Color) {
    let mut dots = Dots::new(*row, population.size);
    population.spikes.iter().for_each(|&(ms, neuron)| dots.add(ms, neuron));
    dots.draw(figure, color);
}

/// The spikes of one row: as points, or counted per pixel when there are many.
pub(super) struct Dots<'a> {
    pub row: Row<'a>,
    size: usize,
    points: Vec<Point>,
    counts: Vec<u32>,
}

impl<'a> Dots<'a> {
    /// A row of `size` neurons.
    pub fn new(row: Row<'a>, size: usize) -> Self {
        Self { row, size, points: Vec::new(), counts: Vec::new() }
    }

    /// Pixels per row and number of rows.
    fn grid(&self) -> (usize, usize) {
        let cells = |length: f64| ((length * self.row.grain) as usize).max(1);
        (cells(self.row.area.width), cells(self.row.area.height))
    }

    /// Height of a neuron.
    fn lane(&self) -> f64 {
        self.row.area.height / self.size.max(1) as f64
    }

    /// Adds a spike of the neuron in this lane, from 0 at the bottom.
    pub fn add(&mut self, ms: f64, lane: u32) {
        if !(self.row.window.0..=self.row.window.1).contains(&ms) || lane as usize >= self.size {
            return;
        }
        let point = (self.row.x(ms), self.row.area.bottom() - (f64::from(lane) + 0.5) * self.lane());
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

    pub fn draw(self, figure: &mut Figure, color: Color) {
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
