//! How active hidden layers are during training, and how much of them is silent.

use super::axes::Axes;
use super::canvas::{Figure, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{Color, PAPER, QUIET, blend, series};
use super::request::Request;
use super::training_panels::{At, curve, draw_curve, panels};
use crate::error::Result;
use crate::result::{Epoch, Summary};

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "activity",
    summary: "Mean activity and silent fraction of hidden layers, per epoch",
    heading: "Activity",
    words: "Hidden layers on the validation samples, per epoch.",
    takes: Takes::SIZE,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let hidden = summary.layers.len() > 2;
    Ok(if hidden { vec![(KIND.name.to_string(), figure(summary, request))] } else { vec![] })
}

/// Mean activity on the left, silent fraction on the right; later layers paler.
pub fn figure(summary: &Summary, request: &Request) -> Figure {
    let (mut figure, areas) = panels("Activity of hidden layers during training", summary, 186.0, request);
    let activity = curves(summary, |epoch, layer| epoch.mean_activity.get(layer).copied());
    let silent = curves(summary, |epoch, layer| epoch.silent_fraction.get(layer).map(|share| 100.0 * share));
    let highest =
        |curves: &[(Color, Vec<At>)]| curves.iter().flat_map(|(_, c)| c).map(|at| at.high).fold(0.0, f64::max);
    let last = activity.iter().flat_map(|(_, curve)| curve).map(|at| at.epoch).fold(1.0, f64::max);
    let shown = [
        ("mean activity", "spikes per tick and neuron", highest(&activity) * 1.06, &activity),
        ("silent neurons", "% of the layer", (highest(&silent) * 1.06).clamp(5.0, 100.0), &silent),
    ];
    for (area, (title, name, top, curves)) in areas.into_iter().zip(shown) {
        let axes = Axes::new(area, (1.0, last), (0.0, top)).counting();
        figure.text((area.left, area.top - 12.0), Text::new(title).bold());
        axes.draw_x(&mut figure, "epoch");
        axes.draw_y(&mut figure, name);
        axes.draw_frame(&mut figure);
        curves.iter().for_each(|(color, curve)| draw_curve(&mut figure, &axes, curve, *color));
    }
    if let [_, first, .., deepest, _] = &summary.layers[..] {
        let note = format!("darkest: {}, palest: {}", first.name, deepest.name);
        let note = Text::new(note).size(10.0).color(QUIET).end().fit(areas[1].width - 110.0);
        figure.text((areas[1].right(), areas[1].top - 12.0), note);
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
        let drawn = figure(&summary, &Request::default());
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
        assert!(drawn_from(&summary, &Request::default()).unwrap().is_empty());
        show("activity-none", &figure(&summary, &Request::default()));
    }
}
