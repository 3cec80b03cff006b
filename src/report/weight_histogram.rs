//! Weights before and after a run, per plastic projection.

use super::axes::Axes;
use super::canvas::{Figure, Point, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{INK, QUIET, series};
use super::panels::{Heading, panels};
use super::request::Request;
use super::run_folder::Run;
use crate::error::Result;
use crate::record::weights::{WeightDistribution, WeightSummary};

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "weights",
    summary: "Histogram of the weights of each plastic projection, before and after the run",
    heading: "Weights",
    words: "Of every plastic projection, before the run (grey) and after it (in colour). Dashed: the mean after it. \
            Weights that were all alike before are a grey line with a mark, whatever their number.",
    takes: Takes::SIZE,
    draw: drawn_from,
};

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let weights = &run.summary.weights;
    Ok(if weights.is_empty() { vec![] } else { vec![(KIND.name.into(), figure(weights, request))] })
}

/// A panel per projection.
pub fn figure(projections: &[WeightSummary], request: &Request) -> Figure {
    let heading = |(index, weights): (usize, &WeightSummary)| {
        let moments = |d: &WeightDistribution| {
            // What is left of equal weights is rounding.
            let std = if d.std < 1e-9 * d.mean.abs() { 0.0 } else { d.std };
            format!("{} ± {}", number::short(d.mean), number::short(std))
        };
        let synapses = number::counted(weights.synapses, "synapse");
        let note = format!("{} → {}, {synapses}", moments(&weights.before), moments(&weights.after));
        Heading { name: weights.name.clone(), color: series(index), note }
    };
    let headings: Vec<Heading> = projections.iter().enumerate().map(heading).collect();
    let (mut figure, areas) = panels("Weights before and after the run", &headings, request);
    for ((index, weights), area) in projections.iter().enumerate().zip(areas) {
        let edge = |bin: usize| weights.low + bin as f64 * weights.step;
        let bins = weights.after.counts.len();
        let top = highest(weights) as f64;
        let axes = Axes::new(area, (edge(0), edge(bins)), (0.0, top.max(1.0) * 1.08));
        axes.draw_x(
            &mut figure,
            &if weights.unit.is_empty() { "weight".into() } else { format!("weight ({})", weights.unit) },
        );
        axes.draw_y(&mut figure, "synapses");
        let alike = alike(&weights.before);
        if alike && weights.synapses > 0 {
            let x = axes.x(weights.before.mean);
            figure.line(vec![(x, area.top), (x, area.bottom())], QUIET, 2.0);
            figure.polygon(vec![(x - 4.0, area.top), (x + 4.0, area.top), (x, area.top + 7.0)], QUIET, 1.0);
            let text = Text::new("before: all alike").size(9.5).color(QUIET);
            let fits = x + 8.0 + text.width() < area.right();
            let at = (if fits { x + 8.0 } else { x - 8.0 }, area.top + 6.0);
            figure.text(at, if fits { text } else { text.end() });
        }
        for (distribution, color, width) in [(&weights.before, QUIET, 1.2), (&weights.after, series(index), 1.8)] {
            if alike && color == QUIET {
                continue;
            }
            let counts = distribution.counts.iter().enumerate();
            let steps = counts.flat_map(|(bin, &n)| [(edge(bin), n as f64), (edge(bin + 1), n as f64)]);
            let steps = steps.map(|(weight, number)| (weight, number.min(axes.y_range().1)));
            let outline: Vec<Point> = steps.map(|point| axes.point(point)).collect();
            figure.line(outline, color, width);
        }
        let mean = axes.x(weights.after.mean);
        figure.dashed((mean, area.top), (mean, area.bottom()), INK);
        axes.draw_frame(&mut figure);
    }
    figure
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
    use crate::report::render;
    use crate::report::sample::show;

    /// One projection called `name`, from the weights of its synapses.
    fn weight_histogram(name: &str, before: &[f64], after: &[f64]) -> Figure {
        let weights = PlasticWeights { name: name.into(), before: before.to_vec(), after: after.to_vec() };
        figure(&[weights.summary()], &Request::default())
    }

    #[test]
    fn weights_that_were_alike_do_not_flatten_those_that_came() {
        let after: Vec<f64> = (0..5000).map(|i| f64::from(i) * 1e-4).collect();
        let weights = PlasticWeights { name: "w".into(), before: vec![0.25; 5000], after };
        let summary = WeightSummary { unit: "mV".into(), ..weights.summary() };
        assert!(highest(&summary) < 100, "{}", highest(&summary));
        let drawn = figure(&[summary], &Request::default());
        let svg = render::svg(&drawn);
        assert!(svg.contains("weight (mV)") && svg.contains("before: all alike"));
        show("weights-alike", &drawn);
    }

    #[test]
    fn no_change_is_drawn() {
        show("weights-same", &weight_histogram("same", &[1.0; 3], &[1.0; 3]));
        show("weights-none", &weight_histogram("none", &[], &[]));
    }
}
