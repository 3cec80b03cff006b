//! The rate of every population over time (PSTH), each on its own scale.

use super::axes::Axes;
use super::canvas::Figure;
use super::number;
use super::palette::{INK, series};
use super::panels::{Heading, panels};
use super::run_folder::{Run, RunFigure};
use crate::error::Result;
use crate::record::recording::RunSummary;

/// The row of this figure.
pub const KIND: RunFigure = RunFigure {
    name: "rates",
    summary: "Rate of each population over time",
    heading: "Rates over time",
    words: "Spikes per second and neuron. Dashed: the mean over the analysed time.",
    draw: drawn_from,
};

fn drawn_from(run: &Run) -> Result<Vec<(String, Figure)>> {
    let any = run.summary.populations.iter().any(|population| population.firing.spikes > 0);
    Ok(if any { vec![(KIND.name.into(), figure(&run.summary))] } else { vec![] })
}

/// A panel per population that fired.
pub fn figure(run: &RunSummary) -> Figure {
    let fired: Vec<_> = run.populations.iter().enumerate().filter(|(_, p)| p.firing.spikes > 0).collect();
    let heading = |(index, p): &(usize, &crate::record::recording::PopulationSummary)| Heading {
        name: p.name.clone(),
        color: series(*index),
        note: format!("{} Hz, bins of {} ms", number::short(p.firing.rate_hz), p.profile.psth.bin_ms),
    };
    let (mut figure, areas) = panels("Rates over time", &fired.iter().map(heading).collect::<Vec<_>>());
    for ((index, population), area) in fired.iter().zip(areas) {
        let psth = &population.profile.psth;
        let top = psth.rates_hz.iter().copied().fold(0.0, f64::max);
        let axes = Axes::new(area, (0.0, run.duration_ms), (0.0, if top > 0.0 { top * 1.08 } else { 1.0 }));
        axes.draw_x(&mut figure, "time (ms)");
        axes.draw_y(&mut figure, "Hz per neuron");
        let edge = |bin: usize| (bin as f64 * psth.bin_ms).min(run.duration_ms);
        let steps = psth.rates_hz.iter().enumerate();
        let steps = steps.flat_map(|(bin, &rate)| [(edge(bin), rate), (edge(bin + 1), rate)]);
        let ends = [(0.0, 0.0), (edge(psth.rates_hz.len()), 0.0)];
        let outline = ends[..1].iter().copied().chain(steps).chain(ends[1..].iter().copied());
        figure.polygon(outline.map(|point| axes.point(point)).collect(), series(*index), 1.0);
        let mean = axes.y(population.firing.rate_hz);
        let from = axes.x(run.analysed_from_ms);
        figure.dashed((from, mean), (area.right(), mean), INK);
        axes.draw_frame(&mut figure);
    }
    figure
}
