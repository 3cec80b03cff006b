//! The power spectrum of the rate of every population, both scales in powers of ten.

use super::axes::Axes;
use super::canvas::{Area, Figure, Point};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{Color, INK, of_populations};
use super::panels::{Heading, panels};
use super::request::Request;
use super::run_folder::Run;
use crate::error::Result;
use crate::record::recording::{PopulationSummary, RunSummary};
use crate::record::spectrum::Spectrum;

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "spectra",
    summary: "Power spectrum of the rate of each population",
    heading: "Power spectra",
    words: "Of the rate per neuron. Dashed: independent Poisson neurons of the same rate.",
    takes: Takes::POPULATIONS,
    draw: drawn_from,
};

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let any = run.summary.populations.iter().any(|p| spectrum(p).is_some() && request.wants(&p.name));
    Ok(if any { vec![(KIND.name.into(), figure(&run.summary, request))] } else { vec![] })
}

/// The spectrum of a population that fired in the time of the spectrum.
fn spectrum(population: &PopulationSummary) -> Option<&Spectrum> {
    population.profile.spectrum.as_ref().filter(|spectrum| spectrum.power.iter().any(|&power| power > 0.0))
}

/// A panel per population with a spectrum.
pub fn figure(run: &RunSummary, request: &Request) -> Figure {
    let wanted = run.populations.iter().zip(of_populations(&run.populations)).filter(|(p, _)| request.wants(&p.name));
    let shown: Vec<_> = wanted.filter_map(|(p, color)| Some((color, p, spectrum(p)?))).collect();
    let heading = |&(color, p, _): &(Color, &PopulationSummary, &Spectrum)| Heading {
        name: p.name.clone(),
        color,
        note: format!("{} Hz per neuron", number::short(p.firing.rate_hz)),
    };
    let (mut figure, areas) =
        panels("Power spectra of the rates", &shown.iter().map(heading).collect::<Vec<_>>(), request);
    for ((color, population, spectrum), area) in shown.iter().zip(areas) {
        draw(&mut figure, (population, spectrum), area, *color);
    }
    figure
}

fn draw(figure: &mut Figure, (population, spectrum): (&PopulationSummary, &Spectrum), area: Area, color: Color) {
    let poisson = 2.0 * population.firing.rate_hz / population.size.max(1) as f64;
    let frequency = |k: usize| (k + 1) as f64 * spectrum.step_hz;
    let top = spectrum.power.iter().copied().fold(poisson, f64::max);
    // Powers of nothing but rounding would stretch the scale.
    let seen = |power: &&f64| **power > top * 1e-9;
    let low = spectrum.power.iter().filter(seen).copied().fold(if poisson > 0.0 { poisson } else { top }, f64::min);
    let ends = (frequency(0).log10(), frequency(spectrum.power.len().max(2) - 1).log10());
    let axes = Axes::new(area, ends, (low.log10().min(top.log10() - 1.0) - 0.1, top.log10() + 0.15));
    axes.draw_log_x(figure, "frequency (Hz)");
    axes.draw_log_y(figure, "Hz²/Hz");
    let points = spectrum.power.iter().enumerate().filter(|(_, power)| seen(power));
    let points: Vec<Point> = points.map(|(k, power)| axes.point((frequency(k).log10(), power.log10()))).collect();
    figure.line(points, color, 1.3);
    if poisson > 0.0 {
        let y = axes.y(poisson.log10());
        figure.dashed((area.left, y), (area.right(), y), INK);
    }
    axes.draw_frame(figure);
}
