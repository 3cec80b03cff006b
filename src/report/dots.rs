//! The spikes of one population as dots in a framed row.
//!
//! Up to [`MARKS`] spikes every spike is a mark. Beyond, each pixel is shaded by how many of
//! these marks cover it, so a million spikes stay readable and small, need no more memory
//! than the picture, and stand as dark beside marks however fine the pixels are.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Pixels, Point, Text};
use super::palette::{Color, PAPER, QUIET, blend};

/// The most spikes drawn as marks.
const MARKS: usize = 10_000;
/// Pixels of the narrowest marks, which many spikes have, and of the widest.
const NARROW: f64 = 1.0;
const WIDE: f64 = 1.6;
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
        let (wide, high) = self.cover();
        let cell = |offset: f64, length: f64, (cells, covered): (usize, usize)| {
            let first = offset / length * cells as f64 - covered as f64 / 2.0;
            (first.round().max(0.0) as usize).min(cells - covered)
        };
        let column = cell(x - self.row.area.left, self.row.area.width, (columns, wide));
        let row = cell(y - self.row.area.top, self.row.area.height, (rows, high));
        self.counts[row * columns + column] += 1;
    }

    /// Columns and rows of the grid that a mark covers: `counts` holds its first.
    fn cover(&self) -> (usize, usize) {
        let cells = |length: f64, most: usize| ((length * self.row.grain).round() as usize).clamp(1, most);
        let (columns, rows) = self.grid();
        (cells(NARROW, columns), cells(self.mark_height(), rows))
    }

    fn mark_height(&self) -> f64 {
        (self.lane() * 0.8).clamp(1.5, 9.0)
    }

    pub fn draw(self, figure: &mut Figure, color: Color) {
        let area = self.row.area;
        figure.rectangle(area, EMPTY);
        if !self.counts.is_empty() {
            figure.picture(area, self.shades(color));
        } else if self.points.is_empty() {
            figure.text(area.middle(), Text::new(self.row.silence).size(TICK_SIZE).color(QUIET).middle());
        } else {
            let crowd = self.points.len() as f64 / area.width;
            let mark = ((8.0 / crowd.max(1.0)).clamp(NARROW, WIDE), self.mark_height());
            figure.marks(self.points.into_iter().map(|point| area.hold(point, mark)).collect(), color, mark);
        }
        figure.outline(area, (0xe0, 0xe3, 0xe7));
    }

    /// The shade grows with the root of the count up to the busiest 3 %.
    fn shades(&self, color: Color) -> Pixels {
        let (columns, rows) = self.grid();
        let mut pixels = Pixels::filled(columns, rows, EMPTY);
        let marks = spread(&self.counts, columns, self.cover());
        let mut busy: Vec<u32> = marks.iter().copied().filter(|&count| count > 0).collect();
        busy.sort_unstable();
        let full = f64::from(busy[(busy.len() - 1) * 97 / 100]);
        for (pixel, &count) in pixels.colors.iter_mut().zip(&marks).filter(|(_, count)| **count > 0) {
            *pixel = blend(PAPER, color, 0.25 + 0.75 * (f64::from(count) / full).sqrt().min(1.0));
        }
        pixels
    }
}

/// How many marks cover each cell of a grid of so many columns, from how many begin there.
fn spread(starts: &[u32], columns: usize, (wide, high): (usize, usize)) -> Vec<u32> {
    let mut level = starts.to_vec();
    for (row, starts) in level.chunks_mut(columns).zip(starts.chunks(columns)) {
        for column in 0..columns {
            row[column] = starts[(column + 1).saturating_sub(wide)..=column].iter().sum();
        }
    }
    let mut marks = level.clone();
    for (cell, covered) in marks.iter_mut().enumerate() {
        let rows = 0..high.min(cell / columns + 1);
        *covered = rows.map(|row| level[cell - row * columns]).sum();
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canvas::Shape;

    fn drawn(spikes: usize, grain: f64) -> Figure {
        let area = Area::new(10.0, 10.0, 400.0, 100.0);
        let mut dots = Dots::new(Row { area, window: (0.0, 100.0), inset: 0.0, grain, silence: "" }, 200);
        for spike in 0..spikes {
            dots.add(100.0 * spike as f64 / (spikes - 1) as f64, (spike * 7919 % 200) as u32);
        }
        let mut figure = Figure::new("", 420.0, 120.0);
        dots.draw(&mut figure, (0, 0, 0));
        figure
    }

    /// Square pixels of full ink per spike.
    fn ink(spikes: usize, grain: f64) -> f64 {
        let of = |shape: &Shape| match shape {
            Shape::Marks { at, width, height, .. } => at.len() as f64 * width * height,
            Shape::Picture { area, pixels } => {
                let dark = pixels.colors.iter().filter(|color| **color != EMPTY);
                let share: f64 = dark.map(|color| 1.0 - f64::from(color.0) / 255.0).sum();
                share * area.width * area.height / pixels.colors.len() as f64
            }
            _ => 0.0,
        };
        drawn(spikes, grain).shapes.iter().map(of).sum::<f64>() / spikes as f64
    }

    #[test]
    fn pixels_hold_as_much_ink_as_marks_however_fine_they_are() {
        let marks = ink(MARKS, 1.0);
        for grain in [1.0, 2.0, 4.0] {
            let pixels = ink(MARKS + 1, grain);
            assert!((0.6..=1.4).contains(&(pixels / marks)), "{grain}: {pixels} beside {marks}");
        }
    }

    #[test]
    fn marks_stay_within_their_row() {
        for shape in &drawn(100, 1.0).shapes {
            if let Shape::Marks { at, width, .. } = shape {
                assert!(at.iter().all(|(x, _)| x - width / 2.0 >= 10.0 - 1e-9 && x + width / 2.0 <= 410.0 + 1e-9));
            }
        }
    }

    #[test]
    fn marks_cover_what_is_right_of_and_below_their_start() {
        let starts = [0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0];
        assert_eq!(spread(&starts, 4, (2, 2)), [0, 1, 1, 0, 0, 1, 1, 0, 0, 2, 2, 0]);
    }
}
