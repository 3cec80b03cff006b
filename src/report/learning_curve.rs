//! Accuracy against epochs: one colour per arm, the mean over seeds with its 95 % band.

use super::FigureKind;
use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Point, Text};
use super::font;
use super::palette::{QUIET, series};
use crate::experiment::result::{ArmResult, Epoch, Estimate, Summary};

const WIDTH: f64 = 900.0;

/// The row of this figure.
pub const KIND: FigureKind = FigureKind {
    name: "learning_curve",
    summary: "Accuracy per epoch, mean and 95 % band over seeds",
    draw: drawn_from,
};

fn drawn_from(summary: &Summary) -> Vec<(String, Figure)> {
    vec![(KIND.name.to_string(), figure(summary))]
}

/// Validation accuracy on the left, training accuracy on the right, on the same scale.
pub fn figure(summary: &Summary) -> Figure {
    let mut figure = Figure::new("Accuracy during training", WIDTH, 372.0);
    figure.text((16.0, 22.0), Text::new("Accuracy during training").size(15.0).bold());
    draw_key(&mut figure, summary);
    let validation = curves(summary, |epoch| epoch.validation_accuracy);
    let training = curves(summary, |epoch| Some(epoch.train_accuracy));
    let range = accuracy_range(validation.iter().chain(&training));
    let last = validation.iter().chain(&training).flatten().map(|at| at.epoch).fold(1.0, f64::max);
    for (left, title, curves) in
        [(70.0, "validation", &validation), (502.0, "training, exploration included", &training)]
    {
        let axes = Axes::new(Area::new(left, 92.0, 374.0, 226.0), (1.0, last), range).counting();
        figure.text((left, 80.0), Text::new(title).size(12.0).bold());
        axes.draw_x(&mut figure, "epoch");
        axes.draw_y(&mut figure, "accuracy (%)");
        axes.draw_frame(&mut figure);
        curves.iter().enumerate().for_each(|(index, curve)| draw_curve(&mut figure, &axes, curve, index));
        if curves.iter().all(Vec::is_empty) {
            figure.text(axes.area.middle(), Text::new("no validation split").color(QUIET).middle());
        }
    }
    figure
}

/// Mean and half width of the interval at one epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
struct At {
    epoch: f64,
    mean: f64,
    half_width: f64,
}

fn curves(summary: &Summary, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<Vec<At>> {
    summary.arms.iter().map(|arm| curve(arm, &value)).collect()
}

/// Over the seeds that reached an epoch.
fn curve(arm: &ArmResult, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<At> {
    let length = arm.runs.iter().map(|run| run.epochs.len()).max().unwrap_or(0);
    let at = |index: usize| {
        let values: Vec<f64> =
            arm.runs.iter().filter_map(|run| value(run.epochs.get(index)?)).filter(|v| v.is_finite()).collect();
        let found = Estimate::of(&values);
        (found.n > 0).then_some(At { epoch: index as f64 + 1.0, mean: found.mean, half_width: found.half_width })
    };
    (0..length).filter_map(at).collect()
}

/// Leaves the first steps of learning below the frame where they would flatten the rest.
fn accuracy_range<'a>(curves: impl Iterator<Item = &'a Vec<At>>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for curve in curves.filter(|curve| !curve.is_empty()) {
        low = low.min(curve[curve.len() / 4].mean);
        high = curve.iter().map(|at| at.mean).fold(high, f64::max);
    }
    if !low.is_finite() {
        return (0.0, 100.0);
    }
    let margin = ((high - low) * 0.15).max(0.5);
    ((low - margin).max(0.0), (high + margin).min(100.0))
}

fn draw_curve(figure: &mut Figure, axes: &Axes, curve: &[At], index: usize) {
    let color = series(index);
    let (bottom, top) = axes.y_range();
    let edge = |at: &At, sign: f64| {
        let y = (at.mean + sign * at.half_width).clamp(bottom, top);
        axes.point((at.epoch, y))
    };
    let band: Vec<Point> =
        curve.iter().map(|at| edge(at, 1.0)).chain(curve.iter().rev().map(|at| edge(at, -1.0))).collect();
    if curve.iter().any(|at| at.half_width > 0.0) && curve.len() > 1 {
        figure.polygon(band, color, 0.18);
    }
    let means: Vec<Point> = curve.iter().map(|at| (at.epoch, at.mean)).collect();
    axes.clipped(&means).into_iter().for_each(|part| figure.line(part, color, 1.8));
    if means.len() <= 30 {
        let inside = means.into_iter().filter(|&(_, y)| y >= bottom && y <= top);
        figure.marks(inside.map(|point| axes.point(point)).collect(), color, (5.0, 0.0));
    }
}

fn draw_key(figure: &mut Figure, summary: &Summary) {
    let mut x = 16.0;
    for (index, arm) in summary.arms.iter().enumerate() {
        let label = font::fit(&arm.label(), 12.0, 250.0);
        figure.line(vec![(x, 48.0), (x + 22.0, 48.0)], series(index), 3.0);
        let width = font::width(&label, 12.0, false);
        figure.text((x + 28.0, 48.0), Text::new(label));
        x += width + 52.0;
    }
    let seeds = summary.seeds.len();
    let note = if seeds > 1 { format!("mean of {seeds} seeds, band: 95 % interval") } else { "one seed".to_string() };
    figure.text((WIDTH - 24.0, 22.0), Text::new(note).size(TICK_SIZE).color(QUIET).end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn every_arm_has_its_curve() {
        let summary = summary(Wish::default());
        let svg = render::svg(&figure(&summary));
        for label in ["spiking-q_agrel", "rate-backprop", "epoch", "accuracy (%)", "mean of 3 seeds"] {
            assert!(svg.contains(label), "{label}");
        }
        show("learning-curve", &figure(&summary));
    }

    #[test]
    fn the_band_is_the_interval_over_seeds() {
        let summary = summary(Wish::default());
        let curve = curve(&summary.arms[0], |epoch| Some(epoch.train_accuracy));
        let first: Vec<f64> = summary.arms[0].runs.iter().map(|run| run.epochs[0].train_accuracy).collect();
        assert_eq!(curve[0].half_width, Estimate::of(&first).half_width);
        assert_eq!(curve.len(), 20);
    }

    #[test]
    fn one_seed_one_epoch_and_no_validation_are_drawn() {
        let mut summary = summary(Wish { seeds: 1, epochs: 1, ..Wish::default() });
        for arm in &mut summary.arms {
            arm.runs.iter_mut().flat_map(|run| &mut run.epochs).for_each(|epoch| epoch.validation_accuracy = None);
        }
        let drawn = figure(&summary);
        assert!(render::svg(&drawn).contains("no validation split"));
        show("learning-curve-one", &drawn);
        summary.arms.clear();
        show("learning-curve-none", &figure(&summary));
    }
}
