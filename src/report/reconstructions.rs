//! Samples above what an autoencoder makes of them.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Pixels, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{FRAME, PAPER, QUIET, gray};
use super::request::Request;
use crate::error::Result;
use crate::exhibit::Content;
use crate::result::{ArmResult, Summary};

/// On pages.
const WIDTH: f64 = 860.0;
const GAP: f64 = 6.0;
/// Samples side by side, and how wide each is at least.
const COLUMNS: usize = 10;
const SMALLEST: f64 = 24.0;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "reconstructions",
    summary: "Test samples above what the network makes of them, per arm",
    heading: "Reconstructions",
    words: "The first test samples (upper rows), and what the network makes of them (lower rows), of the first seed.",
    takes: Takes::WIDTH,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let drawn = |arm: &ArmResult| {
        let Content::Images { shape, columns } = arm.runs.first()?.exhibit(KIND.name)? else { return None };
        Some((format!("{}-{}", KIND.name, arm.label()), figure(&arm.label(), (shape, columns), request)))
    };
    Ok(summary.arms.iter().filter_map(drawn).collect())
}

/// Rows of samples, each above what became of it; white is 0, black 1 and beyond.
pub fn figure(label: &str, (shape, samples): (&[usize], &[Vec<Vec<f32>>]), request: &Request) -> Figure {
    let (rows, columns) = image_shape(shape);
    let (width, top) = (request.width.unwrap_or(WIDTH), request.head(64.0));
    let room = width - 32.0;
    let across = (((room + GAP) / (SMALLEST + GAP)) as usize).clamp(1, COLUMNS);
    let wide = (room + GAP) / across as f64 - GAP;
    let cell = (wide, (wide * rows as f64 / columns.max(1) as f64).clamp(8.0, 2.0 * wide));
    let deep = samples.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let line = deep * (cell.1 + 2.0) + 2.0 * GAP;
    let height = top + samples.len().div_ceil(across) as f64 * line + 12.0;
    let mut figure = Figure::new("Reconstructions", width, height);
    if request.title {
        figure.text((16.0, 22.0), Text::new("Reconstructions").size(14.0).bold().fit(room));
    }
    let note = format!("{label}; {}, each above its reconstruction", number::counted(samples.len(), "test sample"));
    figure.text((16.0, request.head(42.0)), Text::new(note).size(TICK_SIZE).color(QUIET).fit(room));
    for (index, images) in samples.iter().enumerate() {
        let left = 16.0 + (index % across) as f64 * (cell.0 + GAP);
        for (depth, values) in images.iter().enumerate() {
            let above = (index / across) as f64 * line + depth as f64 * (cell.1 + 2.0);
            let area = Area::new(left, top + above, cell.0, cell.1);
            figure.picture(area, image((rows, columns), values));
            figure.outline(area, FRAME);
        }
    }
    figure
}

/// Rows and columns; samples that are no images are one row.
fn image_shape(shape: &[usize]) -> (usize, usize) {
    match *shape {
        [rows, columns, ..] => (rows, columns),
        _ => (1, shape.iter().product::<usize>().max(1)),
    }
}

fn image((rows, columns): (usize, usize), values: &[f32]) -> Pixels {
    let mut pixels = Pixels::filled(columns, rows, PAPER);
    let channels = (values.len() / (rows * columns).max(1)).max(1);
    for (pixel, values) in pixels.colors.iter_mut().zip(values.chunks_exact(channels)) {
        let level = |channel: usize| (f64::from(values[channel].clamp(0.0, 1.0)) * 255.0).round() as u8;
        *pixel =
            if channels == 3 { (level(0), level(1), level(2)) } else { gray(f64::from(values[0].clamp(0.0, 1.0))) };
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exhibit::Exhibit;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn every_sample_stands_above_its_reconstruction() {
        let mut summary = summary(Wish::default());
        summary.arms.iter_mut().flat_map(|arm| &mut arm.runs).for_each(|run| run.exhibits.clear());
        assert!(drawn_from(&summary, &Request::default()).unwrap().is_empty());
        let image = |level: f32| (0..64).map(|i| level * (i % 8) as f32 / 7.0).collect::<Vec<f32>>();
        let columns = (0..12).map(|index| vec![image(1.0), image(index as f32 / 8.0)]).collect();
        let content = Content::Images { shape: vec![8, 8], columns };
        summary.arms[0].runs[0].exhibits = vec![Exhibit { name: KIND.name.into(), content }];
        let drawn = drawn_from(&summary, &Request::default()).unwrap();
        assert_eq!(drawn.len(), 1);
        assert_eq!(render::svg(&drawn[0].1).matches("<image").count(), 24);
        show("reconstructions", &drawn[0].1);
        let narrow = Request { width: Some(240.0), title: false, ..Request::default() };
        show("reconstructions-narrow", &drawn_from(&summary, &narrow).unwrap()[0].1);
    }

    #[test]
    fn samples_that_are_no_images_are_a_row() {
        assert_eq!((image_shape(&[28, 28, 3]), image_shape(&[4]), image_shape(&[])), ((28, 28), (1, 4), (1, 1)));
    }
}
