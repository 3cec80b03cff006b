//! Which class was taken for which: one matrix per arm, counts over all seeds.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{BLUE, FRAME, INK, PAPER, QUIET, VERMILLION, blend};
use super::request::Request;
use super::{font, number};
use crate::error::Result;
use crate::exhibit::Content;
use crate::result::{ArmResult, Run, Summary};

/// The largest number of classes whose counts are written into the cells.
const WRITTEN: usize = 20;
/// Sides of cells and sizes of letters below which nothing is seen.
const SMALLEST: f64 = 5.0;
const LEGIBLE: f64 = 6.0;
/// Pixels free at the right.
const RIGHT: f64 = 16.0;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "confusion",
    summary: "Which class was taken for which, one matrix per arm",
    heading: "Confusions",
    words: "Blue: right. Orange: a row's label taken for the column's.",
    takes: Takes::WIDTH,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let drawn = |arm: &ArmResult| (format!("{}-{}", KIND.name, arm.label()), figure(summary, arm, request));
    let arms = summary.arms.iter().filter(|arm| arm.runs.iter().any(|run| counts(run).is_some()));
    Ok(arms.map(drawn).collect())
}

/// The matrix of `arm`: a row per label, a column per decision.
pub fn figure(summary: &Summary, arm: &ArmResult, request: &Request) -> Figure {
    let counts = summed(arm);
    let classes = counts.len().max(1) as f64;
    let names: Vec<String> = (0..counts.len()).map(|class| name(summary, class, request)).collect();
    let room = names.iter().map(|name| font::width(name, TICK_SIZE, false)).fold(12.0, f64::max);
    let left = room + 44.0;
    let cell = match request.width {
        Some(width) => ((width - left - RIGHT) / classes).max(SMALLEST),
        None => (400.0 / classes).clamp(SMALLEST, 60.0),
    };
    let side = cell * counts.len() as f64;
    let area = Area::new(left, request.head(64.0), side, side);
    let width = request.width.unwrap_or((area.right() + 40.0).max(360.0)).max(area.right() + RIGHT);
    let below = if upright(&names, cell) { room + 34.0 } else { 52.0 };
    let mut figure = Figure::new(format!("Confusion matrix of {}", arm.label()), width, area.bottom() + below);
    if request.title {
        let title = font::fit(&arm.label(), 14.0, false, width - 40.0);
        figure.text((16.0, 22.0), Text::new(title).size(14.0).bold());
    }
    let note = format!("test decisions, {}", number::counted(arm.runs.len(), "seed"));
    figure.text((16.0, request.head(42.0)), Text::new(note).size(TICK_SIZE).color(QUIET).fit(width - 32.0));
    let letters = letters(&counts, cell);
    for (label, row) in counts.iter().enumerate() {
        draw_row(&mut figure, row, label, (area, cell, letters));
    }
    figure.outline(area, FRAME);
    draw_names(&mut figure, &names, (area, cell));
    figure
}

/// The size of the counts in the cells; `None` where they are too many or too long to be read.
fn letters(counts: &[Vec<u32>], cell: f64) -> Option<f64> {
    let wide = |count: &u32| font::width(&number::count((*count).into()), 1.0, false);
    let widest = counts.iter().flatten().map(wide).fold(0.1, f64::max);
    let size = (cell * 0.36).clamp(7.0, 13.0).min((cell - 2.0) / widest);
    (counts.len() <= WRITTEN && size >= LEGIBLE).then_some(size)
}

/// `[class][decision]` of a run.
fn counts(run: &Run) -> Option<&Vec<Vec<u32>>> {
    match run.exhibit(KIND.name)? {
        Content::Counts(counts) => Some(counts),
        Content::Images { .. } => None,
    }
}

/// Counts over all seeds; square, whatever the runs hold.
fn summed(arm: &ArmResult) -> Vec<Vec<u32>> {
    let all = || arm.runs.iter().filter_map(counts);
    let classes = all().flat_map(|counts| counts.iter().map(Vec::len).chain([counts.len()])).max();
    let mut sums = vec![vec![0; classes.unwrap_or(0)]; classes.unwrap_or(0)];
    for counts in all() {
        for (sums, row) in sums.iter_mut().zip(counts) {
            sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
        }
    }
    sums
}

fn name(summary: &Summary, class: usize, request: &Request) -> String {
    let name = summary.classes.get(class).cloned().unwrap_or_else(|| class.to_string());
    font::fit(&name, TICK_SIZE, false, (request.width() * 0.25).min(110.0))
}

/// Blue for right, vermillion for wrong; the shade is the root of the share of the row, so
/// that rare confusions show.
fn draw_row(figure: &mut Figure, row: &[u32], label: usize, (area, cell, letters): (Area, f64, Option<f64>)) {
    let total = row.iter().sum::<u32>().max(1);
    for (decision, &count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
        let share = f64::from(count) / f64::from(total);
        let ink = if decision == label { BLUE } else { VERMILLION };
        let color = blend(PAPER, ink, 0.9 * share.sqrt());
        let (left, top) = (area.left + decision as f64 * cell, area.top + label as f64 * cell);
        let square = Area::new(left, top, cell, cell);
        figure.rectangle(square, color);
        if let Some(size) = letters {
            let text = Text::new(number::count(count.into())).size(size).middle();
            figure.text(square.middle(), text.color(if share > 0.45 { PAPER } else { INK }));
        }
    }
}

/// Of so many names one is shown.
fn every(names: &[String], cell: f64) -> usize {
    let crowd = if names.len() <= WRITTEN { 1 } else { names.len().div_ceil(10) };
    crowd.max((12.0 / cell).ceil() as usize)
}

/// Whether the names below the columns must stand upright to fit.
fn upright(names: &[String], cell: f64) -> bool {
    let room = cell * every(names, cell) as f64 - 4.0;
    names.iter().any(|name| font::width(name, TICK_SIZE, false) > room)
}

fn draw_names(figure: &mut Figure, names: &[String], (area, cell): (Area, f64)) {
    let (upright, every) = (upright(names, cell), every(names, cell));
    let tick = |name: &String| Text::new(name.clone()).size(TICK_SIZE).color(QUIET);
    for (class, name) in names.iter().enumerate().step_by(every) {
        let along = (class as f64 + 0.5) * cell;
        figure.text((area.left - 7.0, area.top + along), tick(name).end());
        match upright {
            true => figure.text((area.left + along, area.bottom() + 8.0), tick(name).end().upwards()),
            false => figure.text((area.left + along, area.bottom() + 13.0), tick(name).middle()),
        }
    }
    let axis = |name: &str| Text::new(name).size(TICK_SIZE).color(QUIET).middle();
    figure.text((area.middle().0, figure.height - 18.0), axis("decision"));
    figure.text((20.0, area.middle().1), axis("label").upwards());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn counts_are_summed_over_seeds() {
        let mut summary = summary(Wish { seeds: 2, classes: 2, ..Wish::default() });
        summary.arms[0].runs[0].exhibits[0].content = Content::Counts(vec![vec![11, 2], vec![3, 14]]);
        summary.arms[0].runs[1].exhibits[0].content = Content::Counts(vec![vec![10, 1], vec![4, 13]]);
        assert_eq!(summed(&summary.arms[0]), [[21, 3], [7, 27]]);
        let svg = render::svg(&figure(&summary, &summary.arms[0], &Request::default()));
        for label in [">21<", ">27<", "decision", "label", "2 seeds"] {
            assert!(svg.contains(label), "{label}");
        }
    }

    #[test]
    fn any_number_of_classes_is_drawn() {
        for classes in [1, 3, 10, 100] {
            let mut summary = summary(Wish { classes, ..Wish::default() });
            if classes == 3 {
                summary.classes =
                    ["Iris-setosa", "Iris-versicolor", "a very long class name indeed"].map(String::from).into();
            }
            show(&format!("confusion-{classes}"), &figure(&summary, &summary.arms[0], &Request::default()));
        }
        let mut summary = summary(Wish::default());
        for width in [200.0, 331.0, 561.0] {
            let request = Request { width: Some(width), title: false, ..Request::default() };
            let drawn = figure(&summary, &summary.arms[0], &request);
            assert_eq!(drawn.width, width);
            show(&format!("confusion-{width}"), &drawn);
        }
        summary.arms[0].runs.clear();
        show("confusion-none", &figure(&summary, &summary.arms[0], &Request::default()));
    }
}
