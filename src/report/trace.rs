//! Membranes and other samples over time, with thresholds and spikes: one panel per probe.

use super::arrays::{read_samples, read_spikes};
use super::axes::Axes;
use super::canvas::{Area, Figure, Point, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{Color, INK, PAPER, QUIET, blend, of_populations};
use super::request::{Neurons, Request};
use super::run_folder::{Run, SPIKES, TRACES};
use super::trace_files::array_names;
use super::{excluded, number};
use crate::error::Result;
use crate::record::setup::Sampled;

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "traces",
    summary: "Sampled membranes and other variables over time",
    heading: "Traces",
    words: "What was sampled, with the neuron's own spikes above it.",
    takes: Takes::ALL,
    draw: drawn_from,
};

/// The most probes drawn; the files hold all.
const CURVES: usize = 12;

const PANEL: f64 = 96.0;
/// Width and height of the mark of a spike.
const SPIKE: (f64, f64) = (1.4, 9.0);
/// The most points drawn per curve: the extremes of as many stretches are kept.
const POINTS: usize = 3000;

/// What a figure of traces shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    pub title: String,
    pub window: (f64, f64),
    pub analysed_from_ms: f64,
    /// What the figure leaves out; empty where that is nothing.
    pub note: String,
    pub curves: Vec<Trace>,
}

/// One recorded neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Such as `exc 17`.
    pub name: String,
    /// What is drawn upwards, with its unit: `membrane (mV)`.
    pub quantity: String,
    /// That of its population: neurons of one share a hue.
    pub color: Color,
    /// Time in ms and value, in order of time.
    pub values: Vec<(f64, f64)>,
    pub threshold: Option<f64>,
    /// Times of the neuron's spikes, in ms.
    pub spikes_ms: Vec<f64>,
}

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let sampled = &run.summary.sampled;
    let wanted = wanted(run, request);
    if wanted.is_empty() {
        return Ok(vec![]);
    }
    let chosen = choose(sampled, &wanted);
    let (arrays, window) = (array_names(sampled), request.window(&run.summary));
    let traces = chosen.iter().map(|&probe| trace_of(run, &sampled[probe], &arrays[probe], window));
    let mut curves = traces.collect::<Result<Vec<Trace>>>()?;
    let population = |s: &Sampled| run.summary.populations.iter().position(|p| p.name == s.place && !s.synapse);
    let places: Vec<_> = chosen.iter().map(|&probe| (population(&sampled[probe]), sampled[probe].index)).collect();
    if places.iter().any(|(population, _)| population.is_some_and(|p| run.summary.populations[p].recorded)) {
        read_spikes(&run.folder.join(SPIKES), |ms, neuron, population| {
            for (curve, place) in curves.iter_mut().zip(&places) {
                let seen = (window.0..=window.1).contains(&ms);
                if seen && *place == (Some(usize::from(population)), neuron as usize) {
                    curve.spikes_ms.push(ms);
                }
            }
        })?;
    }
    let more = wanted.len() - chosen.len();
    let note = if more > 0 { format!("and {} more in {TRACES}", number::count(more as f64)) } else { String::new() };
    let (title, analysed_from_ms) = (format!("{}: samples", run.summary.title), run.summary.analysed_from_ms);
    let traces = Traces { title, window, analysed_from_ms, note, curves };
    Ok(vec![(KIND.name.into(), figure(&traces, request))])
}

/// The probes that are asked for.
fn wanted(run: &Run, request: &Request) -> Vec<usize> {
    let sampled = &run.summary.sampled;
    let size = |s: &Sampled| run.summary.populations.iter().find(|p| p.name == s.place).map_or(usize::MAX, |p| p.size);
    let inside = |neurons: &Neurons, s: &Sampled| match neurons {
        Neurons::First(number) => s.index < *number as usize,
        others => others.of(size(s)).binary_search(&(s.index as u32)).is_ok(),
    };
    let asked = |s: &Sampled| request.wants(&s.place) && request.neurons.as_ref().is_none_or(|n| inside(n, s));
    (0..sampled.len()).filter(|&probe| asked(&sampled[probe])).collect()
}

/// Which probes are drawn: in turn one of each population and variable, until there are enough.
fn choose(sampled: &[Sampled], wanted: &[usize]) -> Vec<usize> {
    let before = |probe: usize| {
        let same = |other: &&Sampled| other.place == sampled[probe].place && other.variable == sampled[probe].variable;
        wanted.iter().take_while(|&&other| other < probe).map(|&other| &sampled[other]).filter(same).count()
    };
    let mut probes: Vec<(usize, usize)> = wanted.iter().take(1000).map(|&probe| (before(probe), probe)).collect();
    probes.sort_unstable();
    probes.truncate(CURVES);
    let mut chosen: Vec<usize> = probes.into_iter().map(|(_, probe)| probe).collect();
    chosen.sort_unstable();
    chosen
}

/// What a probe sampled within `window`, without spikes.
fn trace_of(run: &Run, sampled: &Sampled, (times, values): &(String, String), (from, to): (f64, f64)) -> Result<Trace> {
    let mut thinning = Thinning::default();
    let share = if run.summary.duration_ms > 0.0 { (to - from) / run.summary.duration_ms } else { 1.0 };
    read_samples(&run.folder.join(TRACES), (times, values), |number, ms, value| {
        if (from..=to).contains(&ms) {
            thinning.add((number as f64 * share) as u64, (ms, value));
        }
    })?;
    let variable = if sampled.variable == "v" { "membrane" } else { &sampled.variable };
    let unit = if sampled.legend.unit.is_empty() { String::new() } else { format!(" ({})", sampled.legend.unit) };
    let population = run.summary.populations.iter().position(|population| population.name == sampled.place);
    let color = population.map(|population| of_populations(&run.summary.populations)[population]);
    Ok(Trace {
        name: format!("{} {}", sampled.place, sampled.index),
        quantity: format!("{variable}{unit}"),
        color: color.unwrap_or(INK),
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
pub fn figure(traces: &Traces, request: &Request) -> Figure {
    let (panels, head) = (traces.curves.len().max(1) as f64, request.head(62.0));
    let high = request.height.map_or(PANEL, |height| ((height - head - 40.0) / panels - 22.0).max(12.0));
    let height = request.height_for(head - 14.0 + panels * (high + 22.0) + 40.0);
    let mut figure = Figure::new(traces.title.clone(), request.width(), height);
    let note = Text::new(&traces.note).size(9.5).color(QUIET).end();
    if request.title {
        figure
            .text((16.0, 22.0), Text::new(&traces.title).size(15.0).bold().fit(request.width() - 50.0 - note.width()));
    }
    figure.text((request.width() - 24.0, if request.title { 22.0 } else { 10.0 }), note);
    if traces.curves.is_empty() {
        figure.text((request.width() / 2.0, 90.0), Text::new("nothing was recorded").color(QUIET).middle());
    }
    for (index, trace) in traces.curves.iter().enumerate() {
        let top = head + index as f64 * (high + 22.0);
        let axes = Axes::new(Area::new(84.0, top, request.width() - 108.0, high), traces.window, range(trace));
        axes.draw_y(&mut figure, &trace.quantity);
        if index + 1 == traces.curves.len() {
            axes.draw_time(&mut figure, "time");
        }
        let color = color(&traces.curves, index);
        draw_panel(&mut figure, trace, &axes, color);
        excluded::shade(&mut figure, &axes, &[axes.area], traces.analysed_from_ms);
        axes.draw_frame(&mut figure);
        draw_names(&mut figure, trace, &axes, (color, traces.analysed_from_ms));
    }
    figure
}

/// The name at the left above a panel, what its signs mean at the right.
fn draw_names(figure: &mut Figure, trace: &Trace, axes: &Axes, (color, from_ms): (Color, f64)) {
    let area = axes.area;
    let mut words = Vec::new();
    words.extend((from_ms > axes.x_range().0).then(|| format!("pale: before {}, not analysed", number::time(from_ms))));
    words.extend(trace.threshold.map(|_| "dashed: threshold; marks: spikes".to_string()));
    let note = Text::new(words.join("; ")).size(9.5).color(QUIET).fit(area.width * 0.6).end();
    let name = Text::new(&trace.name).bold().color(color).fit(area.width - note.width() - 12.0);
    figure.text((area.left, area.top - 9.0), name);
    figure.text((area.right(), area.top - 9.0), note);
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
    let of_it = |curve: &&Trace| curve.color == curves[index].color;
    let (before, all) = (curves[..index].iter().filter(of_it).count(), curves.iter().filter(of_it).count());
    blend(curves[index].color, PAPER, 0.45 * before as f64 / all as f64)
}

fn draw_panel(figure: &mut Figure, trace: &Trace, axes: &Axes, color: Color) {
    let finite: Vec<Point> = trace.values.iter().copied().filter(|(t, v)| t.is_finite() && v.is_finite()).collect();
    if let Some(threshold) = trace.threshold {
        let y = axes.y(threshold);
        figure.dashed((axes.area.left, y), (axes.area.right(), y), QUIET);
    }
    figure.line(finite.into_iter().map(|point| axes.point(point)).collect(), color, 1.3);
    let place = |&time: &f64| axes.area.hold((axes.x(time), axes.area.top + 6.0), SPIKE);
    figure.marks(trace.spikes_ms.iter().map(place).collect(), INK, SPIKE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::{BLUE, VERMILLION};
    use crate::report::render;
    use crate::report::sample::show;

    fn traces(curves: Vec<Trace>) -> Traces {
        Traces { title: "Membranes".into(), window: (0.0, 0.0), analysed_from_ms: 100.0, note: String::new(), curves }
    }

    fn integrate_and_fire(name: &str, step: f64) -> Trace {
        let values: Vec<Point> =
            (0..5000).map(|i| (f64::from(i) * 0.1, (f64::from(i) * step) % 1.0 * 15.0 - 65.0)).collect();
        let spikes_ms = values.windows(2).filter(|pair| pair[1].1 < pair[0].1).map(|pair| pair[1].0).collect();
        Trace {
            name: name.into(),
            quantity: "membrane (mV)".into(),
            color: BLUE,
            values,
            threshold: Some(-50.0),
            spikes_ms,
        }
    }

    #[test]
    fn panels_share_the_time_axis() {
        let curves = vec![integrate_and_fire("exc 0", 0.002), integrate_and_fire("exc 17", 0.0031)];
        let traces = Traces { window: (0.0, 500.0), ..traces(curves) };
        let svg = render::svg(&figure(&traces, &Request::default()));
        for label in ["exc 17", "membrane (mV)", "threshold"] {
            assert!(svg.contains(label), "{label}");
        }
        assert_eq!(svg.matches("time (ms)").count(), 1);
        show("trace", &figure(&traces, &Request::default()));
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
        let every: Vec<usize> = (0..all.len()).collect();
        assert_eq!(choose(&all, &every), [0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 101, 102]);
        assert_eq!(choose(&all, &every[..2]), [0, 1]);
    }

    #[test]
    fn neurons_of_a_population_share_its_hue() {
        let mut curves = vec![integrate_and_fire("exc 0", 0.002); 3];
        curves[2].color = VERMILLION;
        assert_eq!([color(&curves, 0), color(&curves, 2)], [BLUE, VERMILLION]);
        assert!(color(&curves, 1) != color(&curves, 0));
    }

    #[test]
    fn nothing_recorded_is_drawn() {
        let empty = Trace { name: "n".repeat(100), values: vec![], threshold: None, ..integrate_and_fire("", 1.0) };
        for curves in [vec![], vec![empty]] {
            let traces = traces(curves);
            show("trace-none", &figure(&traces, &Request::default()));
        }
    }
}
