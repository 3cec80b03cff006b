//! Accuracy against epochs: one colour per arm, the mean over seeds, in a band
//! from the lowest to the highest of them.

use super::FigureKind;
use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Point, Text};
use super::font;
use super::palette::{Color, QUIET, series};
use crate::experiment::result::{ArmResult, Epoch, Summary};

const WIDTH: f64 = 900.0;

/// The row of this figure.
pub const KIND: FigureKind = FigureKind {
    name: "learning_curve",
    summary: "Accuracy per epoch: mean, lowest and highest of the seeds",
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
        curves.iter().enumerate().for_each(|(index, curve)| draw_curve(&mut figure, &axes, curve, series(index)));
        if curves.iter().all(Vec::is_empty) {
            figure.text(axes.area.middle(), Text::new("no validation split").color(QUIET).middle());
        }
    }
    figure
}

/// Mean, lowest and highest of the seeds at one epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct At {
    pub epoch: f64,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

fn curves(summary: &Summary, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<Vec<At>> {
    summary.arms.iter().map(|arm| curve(arm, &value)).collect()
}

/// Over the seeds that reached an epoch.
pub(super) fn curve(arm: &ArmResult, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<At> {
    let length = arm.runs.iter().map(|run| run.epochs.len()).max().unwrap_or(0);
    let at = |index: usize| {
        let values: Vec<f64> =
            arm.runs.iter().filter_map(|run| value(run.epochs.get(index)?)).filter(|v| v.is_finite()).collect();
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        (!values.is_empty()).then_some(At { epoch: index as f64 + 1.0, mean, low, high })
    };
    (0..length).filter_map(at).collect()
}

/// From the lowest to the highest of all epochs and seeds.
fn accuracy_range<'a>(curves: impl Iterator<Item = &'a Vec<At>>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for curve in curves.filter(|curve| !curve.is_empty()) {
        low = curve.iter().map(|at| at.low).fold(low, f64::min);
        high = curve.iter().map(|at| at.high).fold(high, f64::max);
    }
    if !low.is_finite() {
        return (0.0, 100.0);
    }
    let margin = ((high - low) * 0.06).max(0.5);
    ((low - margin).max(0.0), (high + margin).min(100.0))
}

/// Its mean as a line, in its band.
pub(super) fn draw_curve(figure: &mut Figure, axes: &Axes, curve: &[At], color: Color) {
    let edge = |epoch: f64, value: f64| axes.point((epoch, value));
    let upper = curve.iter().map(|at| edge(at.epoch, at.high));
    let band: Vec<Point> = upper.chain(curve.iter().rev().map(|at| edge(at.epoch, at.low))).collect();
    if curve.iter().any(|at| at.high > at.low) && curve.len() > 1 {
        figure.polygon(band, color, 0.18);
    }
    let means: Vec<Point> = curve.iter().map(|at| edge(at.epoch, at.mean)).collect();
    if means.len() <= 30 {
        figure.marks(means.clone(), color, (5.0, 0.0));
    }
    figure.line(means, color, 1.8);
}

/// The arms in their colours, and what line and band are.
pub(super) fn draw_key(figure: &mut Figure, summary: &Summary) {
    let mut x = 16.0;
    for (index, arm) in summary.arms.iter().enumerate() {
        let label = font::fit(&arm.label(), 12.0, 250.0);
        figure.line(vec![(x, 48.0), (x + 22.0, 48.0)], series(index), 3.0);
        let width = font::width(&label, 12.0, false);
        figure.text((x + 28.0, 48.0), Text::new(label));
        x += width + 52.0;
    }
    let seeds = summary.seeds.len();
    let note = if seeds > 1 {
        format!("line: mean of {seeds} seeds; band: lowest to highest")
    } else {
        "one seed".to_string()
    };
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
    fn the_band_holds_every_seed() {
        let summary = summary(Wish::default());
        let curve = curve(&summary.arms[0], |epoch| Some(epoch.train_accuracy));
        let first: Vec<f64> = summary.arms[0].runs.iter().map(|run| run.epochs[0].train_accuracy).collect();
        assert!(first.iter().all(|&v| v >= curve[0].low && v <= curve[0].high));
        assert!(first.contains(&curve[0].low) && first.contains(&curve[0].high));
        assert!(accuracy_range([curve.clone()].iter()).0 < curve[0].low, "the first epoch is in the frame");
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
