//! The rate of every population over time (PSTH), each on its own scale.

use std::borrow::Cow;

use super::arrays::read_spikes;
use super::axes::Axes;
use super::canvas::Figure;
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{INK, of_populations};
use super::panels::{Heading, panels};
use super::raster::{counter, place_of};
use super::rate_curve::{Curve, legend};
use super::request::Request;
use super::run_folder::{Run, SPIKES};
use super::{excluded, number};
use crate::error::Result;
use crate::record::course::{Course, CourseCounter};
use crate::record::recording::{PopulationSummary, RunSummary};

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "rates",
    summary: "Rate of each population over time",
    heading: "Rates over time",
    words: "Spikes per second and neuron, in the bins of --bin, or else smoothed, in a band from the lowest to the \
            highest of finer bins nearby. Dashed: the mean over the analysed time.",
    takes: Takes::TIME,
    draw: drawn_from,
};

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let any = run.summary.populations.iter().any(|p| p.firing.spikes > 0 && request.wants(&p.name));
    Ok(if any { vec![(KIND.name.into(), figure(&run.summary, request, &counted(run, request)?))] } else { vec![] })
}

/// The courses of recorded populations over a part of the run, counted again from their spikes; `None` for others.
fn counted(run: &Run, request: &Request) -> Result<Vec<Option<Course>>> {
    let (summary, window) = (&run.summary, request.window(&run.summary));
    let part = window != (0.0, summary.duration_ms) && !summary.bin_asked;
    let wanted = |p: &PopulationSummary| part && p.recorded && request.wants(&p.name);
    let counters = summary.populations.iter().map(|p| if wanted(p) { counter(summary, window) } else { None });
    let mut counters: Vec<Option<CourseCounter>> = counters.collect();
    if counters.iter().any(Option::is_some) {
        read_spikes(&run.folder.join(SPIKES), |ms, _, population| {
            let counter = counters.get_mut(usize::from(population)).and_then(Option::as_mut);
            let counter = counter.filter(|_| (window.0..=window.1).contains(&ms));
            counter.into_iter().for_each(|counter| counter.spikes(place_of(ms, summary.resolution_ms), 1));
        })?;
    }
    let course = |(counter, p): (Option<CourseCounter>, &PopulationSummary)| counter?.course(p.size, u64::MAX);
    Ok(counters.into_iter().zip(&summary.populations).map(course).collect())
}

/// A panel per population that fired, with the courses that were `counted` again.
fn figure(run: &RunSummary, request: &Request, counted: &[Option<Course>]) -> Figure {
    let all = run.populations.iter().zip(of_populations(&run.populations)).zip(counted);
    let (fired, counted): (Vec<(&PopulationSummary, _)>, Vec<_>) =
        all.filter(|((p, _), _)| p.firing.spikes > 0 && request.wants(&p.name)).unzip();
    // A panel is as wide as two to a row leave it.
    let curves: Vec<Curve<'_>> = fired
        .iter()
        .zip(counted)
        .map(|((p, _), course)| match course {
            Some(course) => Curve::Smooth(Cow::Borrowed(course)),
            None => Curve::of(run, p, request.width() / 2.0),
        })
        .collect();
    let window = request.window(run);
    let analysed = excluded::analysed(window, run.analysed_from_ms);
    let top = |curve: &Curve<'_>| Some(curve.top(analysed) * 1.08).filter(|top| *top > 0.0).unwrap_or(1.0);
    let heading = |((p, color), curve): (&(&PopulationSummary, _), &Curve<'_>)| {
        let beyond = excluded::beyond(curve.top(window), top(curve), "Hz").map_or(String::new(), |words| words + "; ");
        let note = format!("{} Hz; {beyond}{}", number::short(p.firing.rate_hz), legend(&[(p.name.as_str(), curve)]));
        Heading { name: p.name.clone(), color: *color, note }
    };
    let headings: Vec<Heading> = fired.iter().zip(&curves).map(heading).collect();
    let (mut figure, areas) = panels("Rates over time", &headings, request);
    for (((population, color), curve), area) in fired.iter().zip(&curves).zip(areas) {
        let axes = Axes::new(area, window, (0.0, top(curve)));
        axes.draw_time(&mut figure, "time");
        axes.draw_y(&mut figure, "Hz per neuron");
        curve.draw(&mut figure, &axes, *color);
        let mean = axes.y(population.firing.rate_hz);
        let from = axes.x(run.analysed_from_ms.clamp(window.0, window.1));
        if mean >= area.top {
            figure.dashed((from, mean), (area.right(), mean), INK);
        }
        excluded::shade(&mut figure, &axes, &[area], run.analysed_from_ms);
        axes.draw_frame(&mut figure);
    }
    figure
}
