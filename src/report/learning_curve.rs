//! The metric that chooses epochs against epochs: one colour per arm, the mean over seeds, in a band
//! from the lowest to the highest of them.

use super::axes::Axes;
use super::canvas::{Figure, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{QUIET, series};
use super::request::Request;
use super::training_panels::{At, curve, draw_curve, panels};
use crate::error::Result;
use crate::metric::{Better, Metric, Scores};
use crate::result::{Epoch, Summary};

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "learning_curve",
    summary: "The first metric of the task per epoch: mean, lowest and highest of the seeds",
    heading: "Learning",
    words: "The metric by which epochs are chosen, after every epoch, over the seeds.",
    takes: Takes::SIZE,
    draw: drawn_from,
};

/// The first epochs are left out of the frame where what comes later would fill less of it than this.
const FILLED: f64 = 0.4;
/// Part of the epochs that count as the first.
const FIRST: f64 = 0.15;

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    Ok(vec![(KIND.name.to_string(), figure(summary, request))])
}

/// Validation on the left, training on the right, on the same scale.
pub fn figure(summary: &Summary, request: &Request) -> Figure {
    let name = summary.measured.first().map_or("Learning".into(), |metric| capitalised(&metric.name.replace('_', " ")));
    let (mut figure, areas) = panels(&format!("{name} during training"), summary, 226.0, request);
    let Some(metric) = summary.measured.first() else { return figure };
    let of = |scores: &Scores| scores.get(&*metric.name).copied();
    let validation = curves(summary, |epoch| of(epoch.validation.as_ref()?));
    let training = curves(summary, |epoch| of(&epoch.training));
    let scale = Scale::of(&[&validation[..], &training[..]].concat(), metric);
    let titles = ["validation", "training, exploration included"];
    for ((area, title), curves) in areas.into_iter().zip(titles).zip([&validation, &training]) {
        let axes = Axes::new(area, (1.0, scale.epochs), (scale.low, scale.high)).counting();
        let note = Text::new(scale.note(curves, metric)).size(9.5).color(QUIET).end();
        let title = Text::new(title).bold().fit(area.width);
        let fits = title.width() + note.width() + 10.0 < area.width;
        figure.text((area.left, area.top - 12.0), title);
        let at = if fits { area.top - 12.0 } else { area.bottom() - 8.0 };
        figure.text((area.right() - if fits { 0.0 } else { 4.0 }, at), note);
        axes.draw_x(&mut figure, "epoch");
        axes.draw_y(&mut figure, &metric.heading());
        axes.draw_frame(&mut figure);
        curves.iter().enumerate().for_each(|(index, curve)| draw_curve(&mut figure, &axes, curve, series(index)));
        if curves.iter().all(Vec::is_empty) {
            figure.text(axes.area.middle(), Text::new("no validation split").color(QUIET).middle());
        }
    }
    figure
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn curves(summary: &Summary, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<Vec<At>> {
    summary.arms.iter().map(|arm| curve(arm, &value)).collect()
}

/// Where values lie.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scale {
    epochs: f64,
    low: f64,
    high: f64,
}

impl Scale {
    /// From the worst to the best of all epochs and seeds, or without the first epochs where
    /// nearly everything happens beyond them.
    fn of(curves: &[Vec<At>], metric: &Metric) -> Self {
        let epochs = curves.iter().flatten().map(|at| at.epoch).fold(1.0, f64::max);
        let ends = |from: f64| {
            let later = curves.iter().flatten().filter(|at| at.epoch > from);
            later.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (at.low.min(low), at.high.max(high)))
        };
        let (all, late) = (ends(0.0), ends((epochs * FIRST).floor().max(1.0)));
        let most = metric.most.unwrap_or(f64::INFINITY);
        if all.0 > all.1 {
            return Self { epochs, low: 0.0, high: metric.most.unwrap_or(1.0) };
        }
        let (mut low, mut high) = all;
        let left = match metric.better {
            Better::Higher => all.1 - late.0,
            Better::Lower => late.1 - all.0,
        };
        if epochs >= 3.0 && late.0 <= late.1 && left < FILLED * (all.1 - all.0) {
            match metric.better {
                Better::Higher => low = late.0,
                Better::Lower => high = late.1,
            }
        }
        let margin = ((high - low) * 0.06).max(0.005 * metric.most.unwrap_or(high));
        Self { epochs, low: (low - margin).max(0.0), high: (high + margin).min(most) }
    }

    /// Which values lie outside of the frame; empty where none does.
    fn note(&self, curves: &[Vec<At>], metric: &Metric) -> String {
        let ends = |low: f64, high: f64| match metric.better {
            Better::Higher if low < self.low => Some(low),
            Better::Lower if high > self.high => Some(high),
            _ => None,
        };
        let worst = curves.iter().flatten().filter_map(|at| ends(at.low, at.high)).reduce(match metric.better {
            Better::Higher => f64::min,
            Better::Lower => f64::max,
        });
        worst.map_or(String::new(), |worst| format!("not shown: from {}{}", number::short(worst), metric.suffix()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn every_arm_has_its_curve() {
        let summary = summary(Wish::default());
        let svg = render::svg(&figure(&summary, &Request::default()));
        for label in ["spiking-q_agrel", "rate-backprop", "epoch", &*summary.measured[0].heading(), "mean of 3 seeds"] {
            assert!(svg.contains(label), "{label}");
        }
        show("learning-curve", &figure(&summary, &Request::default()));
    }

    #[test]
    fn the_band_holds_every_seed() {
        let summary = summary(Wish::default());
        let name = summary.measured[0].name.to_string();
        let curve = curve(&summary.arms[0], |epoch| Some(epoch.training[&name]));
        let first: Vec<f64> = summary.arms[0].runs.iter().map(|run| run.epochs[0].training[&name]).collect();
        assert!(first.iter().all(|&v| v >= curve[0].low && v <= curve[0].high));
        assert!(first.contains(&curve[0].low) && first.contains(&curve[0].high));
        assert_eq!(curve.len(), 20);
    }

    #[test]
    fn the_frame_is_where_learning_happens() {
        let curve = |values: &[f64]| -> Vec<At> {
            let at = |(index, &v): (usize, &f64)| At { epoch: index as f64 + 1.0, mean: v, low: v, high: v };
            values.iter().enumerate().map(at).collect()
        };
        let summary = summary(Wish::default());
        let metric = &summary.measured[0];
        let fast = [curve(&[11.0, 92.0, 95.0, 96.0, 97.0, 97.5, 98.0])];
        let scale = Scale::of(&fast, metric);
        assert!(scale.low > 90.0 && scale.high < 99.0, "{scale:?}");
        assert_eq!(scale.note(&fast, metric), "not shown: from 11.0 %");
        let slow = [curve(&[11.0, 30.0, 50.0, 70.0, 80.0, 90.0])];
        assert!(Scale::of(&slow, metric).low < 11.0 && Scale::of(&slow, metric).note(&slow, metric).is_empty());
        assert_eq!((Scale::of(&[], metric).low, Scale::of(&[], metric).high), (0.0, 100.0));
    }

    #[test]
    fn narrow_figures_have_one_column() {
        let request = Request { width: Some(330.0), title: false, ..Request::default() };
        show("learning-curve-narrow", &figure(&summary(Wish::default()), &request));
    }

    #[test]
    fn one_seed_one_epoch_and_no_validation_are_drawn() {
        let mut summary = summary(Wish { seeds: 1, epochs: 1, ..Wish::default() });
        for arm in &mut summary.arms {
            arm.runs.iter_mut().flat_map(|run| &mut run.epochs).for_each(|epoch| epoch.validation = None);
        }
        let drawn = figure(&summary, &Request::default());
        assert!(render::svg(&drawn).contains("no validation split"));
        show("learning-curve-one", &drawn);
        summary.arms.clear();
        show("learning-curve-none", &figure(&summary, &Request::default()));
    }
}
