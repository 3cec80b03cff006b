//! How long the intervals between a neuron's spikes are, per population, on a scale of
//! logarithms: a regular train is a peak, a Poisson process a hump with its mean to the
//! right, bursts are a second hump to the left.

use super::axes::Axes;
use super::canvas::{Area, Figure};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{Color, of_populations};
use super::panels::{Heading, panels};
use super::request::Request;
use super::run_folder::Run;
use crate::error::Result;
use crate::record::interval::IntervalHistogram;
use crate::record::recording::{PopulationSummary, RunSummary};

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "intervals",
    summary: "Histogram of interspike intervals of each population, with CV and LV",
    heading: "Intervals between spikes",
    words: "Of all neurons of a population together; the height of a bar is its share per factor of e. CV and LV are \
            means over neurons: 1 for a Poisson process, 0 for a clock.",
    takes: Takes::POPULATIONS,
    draw: drawn_from,
};

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let any = run.summary.populations.iter().any(|p| p.profile.intervals.is_some() && request.wants(&p.name));
    Ok(if any { vec![(KIND.name.into(), figure(&run.summary, request))] } else { vec![] })
}

/// A panel per population with intervals.
pub fn figure(run: &RunSummary, request: &Request) -> Figure {
    let with = |(p, color)| Some((color, p, (p as &PopulationSummary).profile.intervals.as_ref()?));
    let wanted = run.populations.iter().zip(of_populations(&run.populations)).filter(|(p, _)| request.wants(&p.name));
    let shown: Vec<_> = wanted.filter_map(with).collect();
    let heading =
        |&(color, p, _): &(Color, &PopulationSummary, _)| Heading { name: p.name.clone(), color, note: variation(p) };
    let (mut figure, areas) =
        panels("Intervals between spikes", &shown.iter().map(heading).collect::<Vec<_>>(), request);
    for ((color, _, histogram), area) in shown.iter().zip(areas) {
        draw(&mut figure, histogram, area, *color);
    }
    figure
}

fn variation(population: &PopulationSummary) -> String {
    let value = |value: Option<f64>| value.map_or("–".into(), |value| number::decimals(value, 2));
    format!("CV {}, LV {}", value(population.firing.cv_isi), value(population.firing.lv_isi))
}

fn draw(figure: &mut Figure, histogram: &IntervalHistogram, area: Area, color: Color) {
    let total: u64 = histogram.counts.iter().sum();
    // A first edge of 0 has no logarithm: half of the second stands for it.
    let edge = |bin: usize| histogram.edges_ms[bin].max(histogram.edges_ms[1] / 2.0).log10();
    let share = |bin: usize| {
        let width = (edge(bin + 1) - edge(bin)) * std::f64::consts::LN_10;
        histogram.counts[bin] as f64 / total.max(1) as f64 / width
    };
    let bins = histogram.counts.len();
    let top = (0..bins).map(share).fold(0.0, f64::max);
    let axes = Axes::new(area, decade(edge(0) - 0.05, edge(bins) + 0.05), (0.0, top * 1.08));
    axes.draw_log_x(figure, "interval (ms)");
    axes.draw_y(figure, "share");
    for bin in (0..bins).filter(|&bin| histogram.counts[bin] > 0) {
        let (left, right) = (axes.x(edge(bin)), axes.x(edge(bin + 1)));
        let height = axes.y(0.0) - axes.y(share(bin));
        figure.rectangle(Area::new(left, area.bottom() - height, right - left, height), color);
    }
    axes.draw_frame(figure);
}

/// A range of logarithms, widened to a factor of ten where it is less.
fn decade(low: f64, high: f64) -> (f64, f64) {
    let margin = (1.0 - (high - low)).max(0.0) / 2.0;
    (low - margin, high + margin)
}
