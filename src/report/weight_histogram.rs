//! Weights before and after a run, per plastic projection.

use super::axes::Axes;
use super::canvas::{Figure, Point};
use super::number;
use super::palette::{INK, QUIET, series};
use super::panels::{Heading, panels};
use super::run_folder::{Run, RunFigure};
use crate::error::Result;
use crate::record::weights::{PlasticWeights, WeightDistribution, WeightSummary};

/// The row of this figure.
pub const KIND: RunFigure = RunFigure {
    name: "weights",
    summary: "Histogram of the weights of each plastic projection, before and after the run",
    heading: "Weights",
    words: "Of every plastic projection, before the run (grey) and after it (in colour). Dashed: the mean after it.",
    draw: drawn_from,
};

fn drawn_from(run: &Run) -> Result<Vec<(String, Figure)>> {
    let weights = &run.summary.weights;
    Ok(if weights.is_empty() { vec![] } else { vec![(KIND.name.into(), figure(weights))] })
}

/// One projection called `name`, from the weights of its synapses.
pub fn weight_histogram(name: &str, before: &[f64], after: &[f64]) -> Figure {
    let weights = PlasticWeights { name: name.into(), before: before.to_vec(), after: after.to_vec() };
    figure(&[weights.summary()])
}

/// A panel per projection.
pub fn figure(projections: &[WeightSummary]) -> Figure {
    let heading = |(index, weights): (usize, &WeightSummary)| {
        let moments = |d: &WeightDistribution| format!("{} ± {}", number::short(d.mean), number::short(d.std));
        let synapses = number::counted(weights.synapses, "synapse");
        let note = format!("{} → {}, {synapses}", moments(&weights.before), moments(&weights.after));
        Heading { name: weights.name.clone(), color: series(index), note }
    };
    let headings: Vec<Heading> = projections.iter().enumerate().map(heading).collect();
    let (mut figure, areas) = panels("Weights before and after the run", &headings);
    for ((index, weights), area) in projections.iter().enumerate().zip(areas) {
        let edge = |bin: usize| weights.low + bin as f64 * weights.step;
        let bins = weights.after.counts.len();
        let both = weights.before.counts.iter().chain(&weights.after.counts);
        let top = both.copied().max().unwrap_or(0) as f64;
        let axes = Axes::new(area, (edge(0), edge(bins)), (0.0, top.max(1.0) * 1.08));
        axes.draw_x(&mut figure, "weight");
        axes.draw_y(&mut figure, "synapses");
        for (distribution, color, width) in [(&weights.before, QUIET, 1.2), (&weights.after, series(index), 1.8)] {
            let counts = distribution.counts.iter().enumerate();
            let steps = counts.flat_map(|(bin, &n)| [(edge(bin), n as f64), (edge(bin + 1), n as f64)]);
            let outline: Vec<Point> = steps.map(|point| axes.point(point)).collect();
            figure.line(outline, color, width);
        }
        let mean = axes.x(weights.after.mean);
        figure.dashed((mean, area.top), (mean, area.bottom()), INK);
        axes.draw_frame(&mut figure);
    }
    figure
}
