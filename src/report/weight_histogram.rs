//! Weights before and after a run, per plastic projection.

use super::axes::Axes;
use super::canvas::{Area, Figure, Point, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{Color, INK, PAPER, QUIET, of_populations};
use super::panels::{Heading, panels};
use super::request::Request;
use super::run_folder::Run;
use crate::error::Result;
use crate::record::recording::RunSummary;
use crate::record::weights::{WeightDistribution, WeightSummary};

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "weights",
    summary: "Histogram of the weights of each plastic projection, before and after the run",
    heading: "Weights",
    words: "Of every plastic projection, before the run (grey) and after it (in the colour of the population that its \
            synapses come from). Dashed: the mean after it. Where weights before the run were so alike that their \
            bars leave the scale, a mark and words say so.",
    takes: Takes::SIZE,
    draw: drawn_from,
};

/// Room for words at the top of a panel, and between them and what they speak of.
const WORDS_HEIGHT: f64 = 14.0;
const BESIDE: f64 = 8.0;

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let weights = &run.summary.weights;
    Ok(if weights.is_empty() { vec![] } else { vec![(KIND.name.into(), figure(&run.summary, request))] })
}

/// A panel per projection.
pub fn figure(run: &RunSummary, request: &Request) -> Figure {
    let (projections, colors) = (&run.weights, colors(run));
    let heading = |(weights, &color): (&WeightSummary, &Color)| {
        let moments = |d: &WeightDistribution| {
            // What is left of equal weights is rounding.
            let std = if d.std < 1e-9 * d.mean.abs() { 0.0 } else { d.std };
            format!("{} ± {}", number::short(d.mean), number::short(std))
        };
        let synapses = number::counted(weights.synapses, "synapse");
        let note = format!("{} → {}, {synapses}", moments(&weights.before), moments(&weights.after));
        Heading { name: weights.name.clone(), color, note }
    };
    let headings: Vec<Heading> = projections.iter().zip(&colors).map(heading).collect();
    let (mut figure, areas) = panels("Weights before and after the run", &headings, request);
    for ((weights, color), area) in projections.iter().zip(colors).zip(areas) {
        draw_panel(&mut figure, weights, area, color);
    }
    figure
}

/// Those of the populations that synapses come from; ink where that is not known.
fn colors(run: &RunSummary) -> Vec<Color> {
    let populations = of_populations(&run.populations);
    let place = |weights: &WeightSummary| run.populations.iter().position(|p| p.name == weights.source);
    run.weights.iter().map(|weights| place(weights).map_or(INK, |place| populations[place])).collect()
}

fn draw_panel(figure: &mut Figure, weights: &WeightSummary, area: Area, color: Color) {
    let edge = |bin: usize| weights.low + bin as f64 * weights.step;
    let (top, words) = (highest(weights).max(1) as f64, words(weights));
    let free = if words.is_some() { WORDS_HEIGHT.min(area.height / 2.0) } else { 0.0 };
    let scale = (0.0, top * 1.08 * area.height / (area.height - free));
    let axes = Axes::new(area, (edge(0), edge(weights.after.counts.len())), scale);
    let unit = if weights.unit.is_empty() { String::new() } else { format!(" ({})", weights.unit) };
    axes.draw_x(figure, &format!("weight{unit}"));
    axes.draw_y(figure, "synapses");
    if alike(&weights.before) && weights.synapses > 0 {
        let x = axes.x(weights.before.mean);
        figure.line(vec![(x, area.top), (x, area.bottom())], QUIET, 2.0);
    } else {
        draw_outline(figure, &axes, weights, (&weights.before, QUIET, 1.2));
    }
    draw_outline(figure, &axes, weights, (&weights.after, color, 1.8));
    if let Some((words, weight)) = words {
        draw_words(figure, area, words, axes.x(weight));
    }
    let mean = axes.x(weights.after.mean);
    figure.dashed((mean, area.top + free), (mean, area.bottom()), INK);
    axes.draw_frame(figure);
}

/// The bars of a histogram; those beyond the scale are open at its top.
fn draw_outline(
    figure: &mut Figure,
    axes: &Axes,
    weights: &WeightSummary,
    (distribution, color, width): (&WeightDistribution, Color, f64),
) {
    let top = axes.y_range().1;
    let (mut pieces, mut outline) = (Vec::new(), Vec::<Point>::new());
    for (bin, &count) in distribution.counts.iter().enumerate() {
        let [left, right] = [bin, bin + 1].map(|edge| weights.low + edge as f64 * weights.step);
        outline.push(axes.point((left, top.min(count as f64))));
        if count as f64 > top {
            pieces.push(std::mem::take(&mut outline));
        }
        outline.push(axes.point((right, top.min(count as f64))));
    }
    pieces.push(outline);
    pieces.iter_mut().for_each(|piece| piece.dedup());
    pieces.into_iter().filter(|piece| piece.len() > 1).for_each(|piece| figure.line(piece, color, width));
}

/// What the scale does not show of the weights before a run, and at which weight.
fn words(weights: &WeightSummary) -> Option<(String, f64)> {
    let before = &weights.before;
    if alike(before) {
        return (weights.synapses > 0).then(|| ("before: all alike".into(), before.mean));
    }
    let (bin, &most) = before.counts.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let middle = weights.low + (bin as f64 + 0.5) * weights.step;
    (most > highest(weights)).then(|| (format!("before: up to {}", number::count(most as f64)), middle))
}

/// Words beside what reaches beyond the scale, and a mark on it.
fn draw_words(figure: &mut Figure, area: Area, words: String, x: f64) {
    figure.polygon(vec![(x - 4.0, area.top), (x + 4.0, area.top), (x, area.top + 7.0)], QUIET, 1.0);
    let text = Text::new(words).size(9.5).color(QUIET);
    let (left, right) = (area.left + 2.0, area.right() - 2.0);
    let fits = x + BESIDE + text.width() < right;
    let at = (if fits { x + BESIDE } else { (x - BESIDE).max(left + text.width()) }, area.top + WORDS_HEIGHT / 2.0);
    let (from, width) = (if fits { at.0 } else { at.0 - text.width() }, text.width());
    figure.rectangle(Area::new(from - 2.0, area.top + 1.0, width + 4.0, WORDS_HEIGHT - 2.0), PAPER);
    figure.text(at, if fits { text } else { text.end() });
}

/// Whether all weights fall into one bin and hardly differ.
fn alike(weights: &WeightDistribution) -> bool {
    weights.counts.iter().filter(|count| **count > 0).count() <= 1
        && weights.std <= 1e-3 * weights.mean.abs().max(1e-12)
}

/// What the highest bar of a panel stands for: bars of weights that were nearly alike before are cut off.
fn highest(weights: &WeightSummary) -> u64 {
    let most = |d: &WeightDistribution| d.counts.iter().copied().max().unwrap_or(0);
    let (before, after) = (most(&weights.before), most(&weights.after));
    if alike(&weights.before) { after } else { before.min(3 * after.max(1)).max(after) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::weights::PlasticWeights;
    use crate::report::canvas::Shape;
    use crate::report::render;
    use crate::report::sample::{named, show, summary_of};

    /// Weights of the synapses of one projection `w`, from `exc`.
    fn drawn(before: &[f64], after: &[f64]) -> (WeightSummary, Figure) {
        let weights = PlasticWeights { name: "w".into(), before: before.to_vec(), after: after.to_vec() };
        let summary = WeightSummary { unit: "mV".into(), source: "exc".into(), ..weights.summary() };
        let mut run = summary_of(&["inh", "exc"].map(named));
        run.weights = vec![summary.clone()];
        (summary, figure(&run, &Request::default()))
    }

    #[test]
    fn weights_that_were_alike_do_not_flatten_those_that_came() {
        let after: Vec<f64> = (0..5000).map(|i| f64::from(i) * 1e-4).collect();
        let (summary, drawn) = drawn(&[0.25; 5000], &after);
        assert!(highest(&summary) < 100, "{}", highest(&summary));
        let svg = render::svg(&drawn);
        assert!(svg.contains("weight (mV)") && svg.contains("before: all alike"));
        assert!(svg.contains("#0072B2") && !svg.contains("#D55E00"), "the colour of exc");
        show("weights-alike", &drawn);
    }

    #[test]
    fn bars_beyond_the_scale_are_open_and_words_say_how_high_they_are() {
        let before: Vec<f64> = (0..5000).map(|i| 0.4 + f64::from(i % 100) * 1e-4).collect();
        let after: Vec<f64> = (0..5000).map(|i| f64::from(i) * 1e-4).collect();
        let (summary, drawn) = drawn(&before, &after);
        let most = *summary.before.counts.iter().max().unwrap();
        assert!(most > highest(&summary) && !alike(&summary.before));
        assert!(render::svg(&drawn).contains(&format!(">before: up to {}<", number::count(most as f64))));
        let level = |points: &[Point]| points.windows(2).any(|p| p[0].1 == p[1].1 && (p[0].1 - 74.0).abs() < 1e-6);
        let closed = drawn
            .shapes
            .iter()
            .filter(|shape| matches!(shape, Shape::Line { points, color, .. } if *color == QUIET && level(points)));
        assert_eq!(closed.count(), 0);
        show("weights-cut", &drawn);
    }

    #[test]
    fn no_change_is_drawn() {
        show("weights-same", &drawn(&[1.0; 3], &[1.0; 3]).1);
        show("weights-none", &drawn(&[], &[]).1);
    }
}
