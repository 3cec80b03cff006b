//! How active hidden layers are during training, and how much of them is silent.

use super::FigureKind;
use super::axes::Axes;
use super::canvas::{Area, Figure, Text};
use super::learning_curve::{At, curve, draw_curve, draw_key};
use super::palette::{Color, PAPER, QUIET, blend, series};
use crate::experiment::result::{Epoch, Summary};

/// The row of this figure.
pub const KIND: FigureKind = FigureKind {
    name: "activity",
    summary: "Mean activity and silent fraction of hidden layers, per epoch",
    draw: drawn_from,
};

fn drawn_from(summary: &Summary) -> Vec<(String, Figure)> {
    if summary.layers.len() < 3 { Vec::new() } else { vec![(KIND.name.to_string(), figure(summary))] }
}

/// Mean activity on the left, silent fraction on the right; later layers paler.
pub fn figure(summary: &Summary) -> Figure {
    const TITLE: &str = "Activity of hidden layers during training";
    let mut figure = Figure::new(TITLE, 900.0, 332.0);
    figure.text((16.0, 22.0), Text::new(TITLE).size(15.0).bold());
    draw_key(&mut figure, summary);
    let activity = curves(summary, |epoch, layer| epoch.mean_activity.get(layer).copied());
    let silent = curves(summary, |epoch, layer| epoch.silent_fraction.get(layer).map(|share| 100.0 * share));
    let highest =
        |curves: &[(Color, Vec<At>)]| curves.iter().flat_map(|(_, c)| c).map(|at| at.high).fold(0.0, f64::max);
    let last = activity.iter().flat_map(|(_, curve)| curve).map(|at| at.epoch).fold(1.0, f64::max);
    let panels = [
        (70.0, "mean activity", "spikes per tick and neuron", highest(&activity) * 1.06, &activity),
        (502.0, "silent neurons", "% of the layer", (highest(&silent) * 1.06).clamp(5.0, 100.0), &silent),
    ];
    for (left, title, name, top, curves) in panels {
        let axes = Axes::new(Area::new(left, 92.0, 374.0, 186.0), (1.0, last), (0.0, top)).counting();
        figure.text((left, 80.0), Text::new(title).bold());
        axes.draw_x(&mut figure, "epoch");
        axes.draw_y(&mut figure, name);
        axes.draw_frame(&mut figure);
        curves.iter().for_each(|(color, curve)| draw_curve(&mut figure, &axes, curve, *color));
    }
    if let [_, first, .., deepest, _] = &summary.layers[..] {
        let note = format!("darkest: {}, palest: {}", first.name, deepest.name);
        figure.text((876.0, 80.0), Text::new(note).size(10.0).color(QUIET).end());
    }
    figure
}

/// A curve for each arm and hidden layer, with its colour.
fn curves(summary: &Summary, value: impl Fn(&Epoch, usize) -> Option<f64>) -> Vec<(Color, Vec<At>)> {
    let hidden = summary.layers.len().saturating_sub(2);
    let mut curves = Vec::new();
    for (index, arm) in summary.arms.iter().enumerate() {
        for layer in 0..hidden {
            let pale = 0.7 * layer as f64 / hidden as f64;
            curves.push((blend(series(index), PAPER, pale), curve(arm, |epoch| value(epoch, layer))));
        }
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn every_hidden_layer_of_every_arm_has_two_curves() {
        let mut summary = summary(Wish::default());
        let hidden = summary.layers[1].clone();
        summary.layers.insert(2, hidden);
        summary.arms[2].runs.iter_mut().flat_map(|run| &mut run.epochs).for_each(|e| e.silent_fraction[1] = 1.0);
        let drawn = figure(&summary);
        for label in ["mean activity", "silent neurons", "rate-backprop", "palest: hidden"] {
            assert!(render::svg(&drawn).contains(label), "{label}");
        }
        show("activity", &drawn);
        assert_eq!(curves(&summary, |epoch, layer| Some(epoch.mean_activity[layer])).len(), 6);
        assert_eq!(curves(&summary, |epoch, layer| Some(epoch.silent_fraction[layer]))[5].1[0].low, 1.0);
    }

    #[test]
    fn networks_without_a_hidden_layer_have_none() {
        let mut summary = summary(Wish { seeds: 1, epochs: 1, ..Wish::default() });
        summary.layers.remove(1);
        assert!(drawn_from(&summary).is_empty());
        show("activity-none", &figure(&summary));
    }
}
