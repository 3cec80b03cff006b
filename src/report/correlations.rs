//! How the correlations of pairs of neurons are distributed, per population.

use super::axes::Axes;
use super::canvas::{Area, Figure};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{Color, INK, of_populations};
use super::panels::{Heading, panels};
use super::request::Request;
use super::run_folder::Run;
use crate::error::Result;
use crate::record::recording::{PopulationSummary, RunSummary};

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "correlations",
    summary: "Histogram of pairwise spike-count correlations of each population",
    heading: "Correlations",
    words: "Of the spike counts of pairs of neurons in bins of 2 ms, among at most 200 neurons of a population. \
            Dashed: the mean.",
    takes: Takes::POPULATIONS,
    draw: drawn_from,
};

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let any = run.summary.populations.iter().any(|p| p.profile.correlations.is_some() && request.wants(&p.name));
    Ok(if any { vec![(KIND.name.into(), figure(&run.summary, request))] } else { vec![] })
}

/// A panel per population with correlations.
pub fn figure(run: &RunSummary, request: &Request) -> Figure {
    let with = |(p, color)| Some((color, p, (p as &PopulationSummary).profile.correlations.as_ref()?));
    let wanted = run.populations.iter().zip(of_populations(&run.populations)).filter(|(p, _)| request.wants(&p.name));
    let shown: Vec<_> = wanted.filter_map(with).collect();
    let heading =
        |&(color, p, histogram): &(Color, &PopulationSummary, &crate::record::correlation::CorrelationHistogram)| {
            let pairs = number::counted(histogram.counts.iter().sum::<u64>() as usize, "pair");
            let mean = p.firing.correlation.map_or("–".into(), |mean| number::decimals(mean, 4));
            Heading { name: p.name.clone(), color, note: format!("mean {mean}, {pairs}") }
        };
    let (mut figure, areas) = panels("Correlations of pairs", &shown.iter().map(heading).collect::<Vec<_>>(), request);
    for ((color, population, histogram), area) in shown.iter().zip(areas) {
        let edge = |bin: usize| histogram.low + bin as f64 * histogram.step;
        let top = histogram.counts.iter().copied().max().unwrap_or(0) as f64;
        let axes = Axes::new(area, (edge(0), edge(histogram.counts.len())), (0.0, top * 1.08));
        axes.draw_x(&mut figure, "correlation");
        axes.draw_y(&mut figure, "pairs");
        for (bin, &count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (left, height) = (axes.x(edge(bin)), axes.y(0.0) - axes.y(count as f64));
            let bar = Area::new(left, area.bottom() - height, axes.x(edge(bin + 1)) - left, height);
            figure.rectangle(bar, *color);
        }
        if let Some(mean) = population.firing.correlation {
            figure.dashed((axes.x(mean), area.top), (axes.x(mean), area.bottom()), INK);
        }
        axes.draw_frame(&mut figure);
    }
    figure
}
