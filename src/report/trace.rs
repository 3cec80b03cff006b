//! Membranes and other samples over time, with thresholds and spikes: one panel per probe.

use super::arrays::{read_samples, read_spikes};
use super::axes::Axes;
use super::canvas::{Area, Figure, Point, Text};
use super::palette::{Color, INK, PAPER, QUIET, blend, series};
use super::run_folder::{Run, RunFigure, SPIKES, TRACES};
use super::trace_files::array_names;
use super::{font, number};
use crate::error::Result;
use crate::record::setup::Sampled;

/// The row of this figure.
pub const KIND: RunFigure = RunFigure {
    name: "traces",
    summary: "Sampled membranes and other variables over time",
    heading: "Traces",
    words: "What was sampled, with the neuron's own spikes above it.",
    draw: drawn_from,
};

/// The most probes drawn; the files hold all.
const CURVES: usize = 12;

const WIDTH: f64 = 900.0;
const PANEL: f64 = 96.0;
/// The most points drawn per curve: the extremes of as many stretches are kept.
const POINTS: usize = 3000;

/// What a figure of traces shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    pub title: String,
    pub duration_ms: f64,
    pub curves: Vec<Trace>,
}

/// One recorded neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Such as `exc 17`.
    pub name: String,
    /// What is drawn upwards, with its unit: `membrane (mV)`.
    pub quantity: String,
    /// Which population it belongs to, counted as in the raster: neurons of one share a hue.
    pub population: usize,
    /// Time in ms and value, in order of time.
    pub values: Vec<(f64, f64)>,
    pub threshold: Option<f64>,
    /// Times of the neuron's spikes, in ms.
    pub spikes_ms: Vec<f64>,
}

fn drawn_from(run: &Run) -> Result<Vec<(String, Figure)>> {
    let sampled = &run.summary.sampled;
    if sampled.is_empty() {
        return Ok(vec![]);
    }
    let chosen = choose(sampled);
    let arrays = array_names(sampled);
    let traces = chosen.iter().map(|&probe| trace_of(run, &sampled[probe], &arrays[probe]));
    let mut curves = traces.collect::<Result<Vec<Trace>>>()?;
    let population = |s: &Sampled| run.summary.populations.iter().position(|p| p.name == s.place && !s.synapse);
    let places: Vec<_> = chosen.iter().map(|&probe| (population(&sampled[probe]), sampled[probe].index)).collect();
    if places.iter().any(|(population, _)| population.is_some_and(|p| run.summary.populations[p].recorded)) {
        read_spikes(&run.folder.join(SPIKES), |ms, neuron, population| {
            for (curve, place) in curves.iter_mut().zip(&places) {
                if *place == (Some(usize::from(population)), neuron as usize) {
                    curve.spikes_ms.push(ms);
                }
            }
        })?;
    }
    let more = if chosen.len() < sampled.len() {
        format!(" ({} of {})", chosen.len(), number::count(sampled.len() as f64))
    } else {
        String::new()
    };
    let title = format!("{}: samples{more}", run.summary.title);
    let traces = Traces { title, duration_ms: run.summary.duration_ms, curves };
    Ok(vec![(KIND.name.into(), figure(&traces))])
}

/// Which probes are drawn: in turn one of each population and variable, until there are enough.
fn choose(sampled: &[Sampled]) -> Vec<usize> {
    let before = |probe: usize| {
        let same = |other: &&Sampled| other.place == sampled[probe].place && other.variable == sampled[probe].variable;
        sampled[..probe].iter().filter(same).count()
    };
    let mut probes: Vec<(usize, usize)> = (0..sampled.len().min(1000)).map(|probe| (before(probe), probe)).collect();
    probes.sort_unstable();
    probes.truncate(CURVES);
    let mut chosen: Vec<usize> = probes.into_iter().map(|(_, probe)| probe).collect();
    chosen.sort_unstable();
    chosen
}

/// What a probe sampled, without spikes.
fn trace_of(run: &Run, sampled: &Sampled, (times, values): &(String, String)) -> Result<Trace> {
    let mut thinning = Thinning::default();
    read_samples(&run.folder.join(TRACES), (times, values), |number, ms, value| thinning.add(number, (ms, value)))?;
    let variable = if sampled.variable == "v" { "membrane" } else { &sampled.variable };
    let unit = if sampled.legend.unit.is_empty() { String::new() } else { format!(" ({})", sampled.legend.unit) };
    let population = run.summary.populations.iter().position(|population| population.name == sampled.place);
    Ok(Trace {
        name: format!("{} {}", sampled.place, sampled.index),
        quantity: format!("{variable}{unit}"),
        population: population.unwrap_or(run.summary.populations.len()),
        values: thinning.finish(),
        threshold: sampled.legend.threshold,
        spikes_ms: Vec::new(),
    })
}

/// Keeps the lowest and the highest point of each of [`POINTS`] / 2 stretches, in order.
#[derive(Default)]
struct Thinning {
    kept: Vec<Point>,
    stretch: Vec<Point>,
}

impl Thinning {
    /// Takes the next of so many points; those that are not finite are left out.
    fn add(&mut self, number: u64, point: Point) {
        if !point.0.is_finite() || !point.1.is_finite() {
            return;
        }
        self.stretch.push(point);
        let length = if number <= POINTS as u64 { 1 } else { number.div_ceil(POINTS as u64 / 2) };
        if self.stretch.len() as u64 >= length {
            self.close();
        }
    }

    fn close(&mut self) {
        let part = std::mem::take(&mut self.stretch);
        let lowest = (0..part.len()).min_by(|&a, &b| part[a].1.total_cmp(&part[b].1));
        let highest = (0..part.len()).max_by(|&a, &b| part[a].1.total_cmp(&part[b].1));
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            self.kept.push(part[lowest.min(highest)]);
            if lowest != highest {
                self.kept.push(part[lowest.max(highest)]);
            }
        }
    }

    fn finish(mut self) -> Vec<Point> {
        self.close();
        self.kept
    }
}

/// The traces as a figure.
pub fn figure(traces: &Traces) -> Figure {
    let panels = traces.curves.len().max(1) as f64;
    let mut figure = Figure::new(traces.title.clone(), WIDTH, 48.0 + panels * (PANEL + 22.0) + 40.0);
    figure.text((16.0, 22.0), Text::new(font::fit(&traces.title, 14.0, WIDTH - 40.0)).size(15.0).bold());
    if traces.curves.is_empty() {
        figure.text((WIDTH / 2.0, 90.0), Text::new("nothing was recorded").color(QUIET).middle());
    }
    for (index, trace) in traces.curves.iter().enumerate() {
        let top = 62.0 + index as f64 * (PANEL + 22.0);
        let axes = Axes::new(Area::new(84.0, top, WIDTH - 108.0, PANEL), (0.0, traces.duration_ms), range(trace));
        let last = index + 1 == traces.curves.len();
        axes.draw_y(&mut figure, &trace.quantity);
        if last {
            axes.draw_x(&mut figure, "time (ms)");
        }
        let color = color(&traces.curves, index);
        draw_panel(&mut figure, trace, &axes, color);
        axes.draw_frame(&mut figure);
        figure.text((84.0, top - 9.0), Text::new(font::fit(&trace.name, 12.0, 400.0)).bold().color(color));
    }
    figure
}

/// From the lowest to the highest value, threshold included, with room for spike marks.
fn range(trace: &Trace) -> (f64, f64) {
    let values = || trace.values.iter().map(|(_, value)| *value).chain(trace.threshold).filter(|v| v.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let margin = (high - low) * 0.12;
    (low - margin * 0.5, high + margin * 1.6)
}

/// The colour of its population, paler for later neurons of it.
fn color(curves: &[Trace], index: usize) -> Color {
    let of_it = |curve: &&Trace| curve.population == curves[index].population;
    let (before, all) = (curves[..index].iter().filter(of_it).count(), curves.iter().filter(of_it).count());
    blend(series(curves[index].population), PAPER, 0.45 * before as f64 / all as f64)
}

fn draw_panel(figure: &mut Figure, trace: &Trace, axes: &Axes, color: Color) {
    let finite: Vec<Point> = trace.values.iter().copied().filter(|(t, v)| t.is_finite() && v.is_finite()).collect();
    if let Some(threshold) = trace.threshold {
        let y = axes.y(threshold);
        figure.dashed((axes.area.left, y), (axes.area.right(), y), QUIET);
        let note = Text::new("dashed: threshold; marks: spikes").size(9.5).color(QUIET).end();
        figure.text((axes.area.right(), axes.area.top - 9.0), note);
    }
    figure.line(finite.into_iter().map(|point| axes.point(point)).collect(), color, 1.3);
    let ticks: Vec<Point> = trace.spikes_ms.iter().map(|&time| (axes.x(time), axes.area.top + 6.0)).collect();
    figure.marks(ticks, INK, (1.4, 9.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::show;

    fn integrate_and_fire(name: &str, step: f64) -> Trace {
        let values: Vec<Point> =
            (0..5000).map(|i| (f64::from(i) * 0.1, (f64::from(i) * step) % 1.0 * 15.0 - 65.0)).collect();
        let spikes_ms = values.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[1].0).collect();
        Trace {
            name: name.into(),
            quantity: "membrane (mV)".into(),
            population: 0,
            values,
            threshold: Some(-50.0),
            spikes_ms,
        }
    }

    #[test]
    fn panels_share_the_time_axis() {
        let curves = vec![integrate_and_fire("exc 0", 0.002), integrate_and_fire("exc 17", 0.0031)];
        let traces = Traces { title: "Membranes".into(), duration_ms: 500.0, curves };
        let svg = render::svg(&figure(&traces));
        for label in ["exc 17", "membrane (mV)", "threshold"] {
            assert!(svg.contains(label), "{label}");
        }
        assert_eq!(svg.matches("time (ms)").count(), 1);
        show("trace", &figure(&traces));
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let mut points: Vec<Point> = (0..100_000).map(|i| (f64::from(i), 0.0)).collect();
        (points[777].1, points[5555].1) = (9.0, -9.0);
        let mut thinning = Thinning::default();
        points.iter().for_each(|&point| thinning.add(points.len() as u64, point));
        let kept = thinning.finish();
        assert!(kept.len() <= POINTS + 2 && kept.contains(&(777.0, 9.0)) && kept.contains(&(5555.0, -9.0)));
    }

    #[test]
    fn probes_of_all_populations_are_drawn() {
        let sampled = |place: &str, index| Sampled {
            place: place.into(),
            index,
            synapse: false,
            variable: "v".into(),
            legend: Default::default(),
        };
        let mut all: Vec<Sampled> = (0..100).map(|index| sampled("exc", index)).collect();
        all.extend((0..3).map(|index| sampled("inh", index)));
        assert_eq!(choose(&all), [0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 101, 102]);
        assert_eq!(choose(&all[..2]), [0, 1]);
    }

    #[test]
    fn neurons_of_a_population_share_its_hue() {
        let mut curves = vec![integrate_and_fire("exc 0", 0.002); 3];
        curves[2].population = 1;
        assert_eq!([color(&curves, 0), color(&curves, 2)], [series(0), series(1)]);
        assert!(color(&curves, 1) != color(&curves, 0));
    }

    #[test]
    fn nothing_recorded_is_drawn() {
        let empty = Trace { name: "n".repeat(100), values: vec![], threshold: None, ..integrate_and_fire("", 1.0) };
        for curves in [vec![], vec![empty]] {
            let traces = Traces { title: String::new(), duration_ms: 0.0, curves };
            show("trace-none", &figure(&traces));
        }
    }
}
