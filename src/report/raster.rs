//! Spike rasters: time to the right, neurons upwards, populations stacked, and how fast each
//! population fires below. A second panel shows a few neurons over a short time, where the
//! first holds too many to see how they fire.

use super::arrays::read_spikes;
use super::axes::Axes;
use super::canvas::{Area, Figure, Text};
use super::dots::{Dots, Row};
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{Color, FRAME, QUIET, of_populations};
use super::rate_curve::Curve;
use super::request::{Neurons, Request};
use super::run_folder::{Run, SPIKES};
use super::{excluded, number, rate_strip, zoom};
use crate::error::Result;
use crate::record::course::{COLUMNS, CourseCounter};
use crate::record::recording::RunSummary;
use crate::time::Resolution;

/// The row of this figure.
pub const KIND: FigureKind<Run> = FigureKind {
    name: "raster",
    summary: "Every recorded spike, and the rates below",
    heading: "Spikes",
    words: "Each mark is a spike; where there are too many, the darker a point, the more spikes. Of many neurons, a \
            few are shown again over a short time.",
    takes: Takes::ALL,
    draw: drawn_from,
};

/// The most populations drawn.
const MOST: usize = 32;
/// Of all rows of a panel together, unless there are very many.
const ROWS_HEIGHT: f64 = 360.0;
const RATE_HEIGHT: f64 = 96.0;
/// Room for the scale of the strip and what follows.
const FOOT: f64 = 50.0;
const GAP: f64 = 6.0;

/// Which neurons over which time one panel shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub heading: Option<String>,
    pub window: (f64, f64),
    /// `None` for all.
    pub neurons: Option<Neurons>,
    /// Whether curves have to be counted from spikes.
    pub counted: bool,
}

/// A population of a panel.
struct Lane<'a> {
    population: usize,
    color: Color,
    /// Ascending; `None` for all.
    neurons: Option<Vec<u32>>,
    dots: Dots<'a>,
    counter: Option<CourseCounter>,
}

/// A panel that takes spikes one by one.
struct Panel<'a> {
    plan: Plan,
    lanes: Vec<Lane<'a>>,
    strip: Area,
}

fn drawn_from(run: &Run, request: &Request) -> Result<Drawn> {
    let shown: Vec<usize> = recorded(&run.summary, request).take(MOST).collect();
    if shown.is_empty() {
        return Ok(vec![]);
    }
    let mut drawing = Drawing::new(&run.summary, &shown, request);
    read_spikes(&run.folder.join(SPIKES), |ms, neuron, population| drawing.spike(population.into(), ms, neuron))?;
    Ok(vec![(KIND.name.into(), drawing.figure(request))])
}

fn recorded<'a>(run: &'a RunSummary, request: &'a Request) -> impl Iterator<Item = usize> + 'a {
    let wanted = |&index: &usize| run.populations[index].recorded && request.wants(&run.populations[index].name);
    (0..run.populations.len()).filter(wanted)
}

/// A raster that takes spikes one by one.
pub(super) struct Drawing<'a> {
    run: &'a RunSummary,
    panels: Vec<Panel<'a>>,
    /// For every population where it is among those shown.
    places: Vec<Option<usize>>,
    notes: Vec<String>,
    height: f64,
}

impl<'a> Drawing<'a> {
    pub fn new(run: &'a RunSummary, shown: &[usize], request: &Request) -> Self {
        let notes = notes(run, shown, request);
        let head = request.head(44.0) + 14.0 * notes.len() as f64;
        let plans = plans(run, shown, request);
        let above = |plan: &Plan| if plan.heading.is_some() { 30.0 } else { 0.0 };
        let fixed: f64 = plans.iter().map(|plan| above(plan) + GAP * shown.len() as f64 + 14.0 + FOOT).sum();
        let room = request.height.map(|height| (height - head - fixed).max(60.0) / plans.len() as f64);
        let (rows, strip) =
            (row_heights(run, shown, room.map(|room| room * 0.72)), room.map_or(RATE_HEIGHT, |r| r * 0.28));
        // A few neurons of each need as much room in all rows.
        let even = vec![rows.iter().sum::<f64>() / rows.len().max(1) as f64; rows.len()];
        let (left, mut top) = (left_room(run, shown, request.width()), head);
        let mut panels = Vec::new();
        for plan in plans {
            top += above(&plan);
            let rows = if plan.neurons.is_some() { &even } else { &rows };
            let panel = Panel::new(run, shown, plan, (left, top), (rows, strip), request);
            top = panel.strip.bottom() + FOOT;
            panels.push(panel);
        }
        let mut places = vec![None; run.populations.len()];
        shown.iter().enumerate().for_each(|(place, &population)| places[population] = Some(place));
        Self { run, panels, places, notes, height: top }
    }

    pub fn spike(&mut self, population: usize, ms: f64, neuron: u32) {
        if let Some(&Some(place)) = self.places.get(population) {
            let resolution = self.run.resolution_ms;
            self.panels.iter_mut().for_each(|panel| panel.spike(place, (ms, neuron), resolution));
        }
    }

    pub fn figure(self, request: &Request) -> Figure {
        let Self { run, panels, notes, height, .. } = self;
        let mut figure = Figure::new(run.title.clone(), request.width(), request.height_for(height));
        if request.title {
            figure.text((16.0, 22.0), Text::new(&run.title).size(15.0).bold().fit(request.width() - 40.0));
        }
        for (line, note) in notes.iter().enumerate() {
            let at = (16.0, request.head(44.0) - 4.0 + 14.0 * line as f64);
            figure.text(at, Text::new(note).size(10.0).color(QUIET).fit(request.width() - 40.0));
        }
        let seen = panels.last().map(|panel| panel.plan.window);
        let first = panels.len() - 1;
        for (index, panel) in panels.into_iter().enumerate() {
            panel.draw(&mut figure, run, seen.filter(|_| index < first));
        }
        figure
    }
}

/// What the raster leaves out.
fn notes(run: &RunSummary, shown: &[usize], request: &Request) -> Vec<String> {
    let unrecorded = run.populations.iter().filter(|p| !p.recorded && request.wants(&p.name));
    let unrecorded: Vec<String> = unrecorded.map(|p| p.name.clone()).collect();
    let more = recorded(run, request).count() - shown.len();
    let mut notes = Vec::new();
    notes.extend((!unrecorded.is_empty()).then(|| format!("not recorded: {}", number::few(&unrecorded))));
    notes.extend((more > 0).then(|| format!("the first {MOST} populations, and {} more", number::count(more as f64))));
    notes
}

/// The panels: what is asked for, or all and, of many neurons, a few over a short time.
fn plans(run: &RunSummary, shown: &[usize], request: &Request) -> Vec<Plan> {
    let window = request.window(run);
    let bare = run.populations.iter().all(|population| population.profile.psth.rates_hz.is_empty());
    let counted = bare || window != (0.0, run.duration_ms);
    let all = Plan { heading: None, window, neurons: request.neurons.clone(), counted };
    let near = if request.is_part() { None } else { zoom::plan(run, shown) };
    [Some(all), near].into_iter().flatten().collect()
}

/// Larger populations get more room, but not in proportion: ten outputs beside a thousand
/// hidden neurons must stay visible.
fn row_heights(run: &RunSummary, shown: &[usize], room: Option<f64>) -> Vec<f64> {
    let wanted = |&index: &usize| (8.0 * (run.populations[index].size as f64).sqrt()).clamp(22.0, 220.0);
    let heights: Vec<f64> = shown.iter().map(wanted).collect();
    let total: f64 = heights.iter().sum();
    match room {
        Some(room) => heights.into_iter().map(|height| height * room / total).collect(),
        None => heights.into_iter().map(|height| (height * (ROWS_HEIGHT / total).min(1.0)).max(22.0)).collect(),
    }
}

/// Room for names, and for the scale of the strip.
fn left_room(run: &RunSummary, shown: &[usize], width: f64) -> f64 {
    let room = |&index: &usize| name_of(run, index).width().max(size_of(run, index).width());
    (shown.iter().map(room).fold(0.0, f64::max) + 26.0).clamp(58.0, (width * 0.25).max(58.0))
}

fn name_of(run: &RunSummary, population: usize) -> Text {
    Text::new(&run.populations[population].name).bold()
}

fn size_of(run: &RunSummary, population: usize) -> Text {
    Text::new(number::counted(run.populations[population].size, "neuron")).size(9.5).color(QUIET)
}

impl<'a> Panel<'a> {
    fn new(
        run: &RunSummary,
        shown: &[usize],
        plan: Plan,
        (left, mut top): (f64, f64),
        (rows, strip): (&[f64], f64),
        request: &Request,
    ) -> Self {
        let (colors, width) = (of_populations(&run.populations), request.width() - left - 20.0);
        let mut lanes = Vec::new();
        for (&population, &height) in shown.iter().zip(rows) {
            let size = run.populations[population].size;
            let neurons = plan.neurons.as_ref().map(|neurons| neurons.of(size));
            let area = Area::new(left, top, width, height);
            let row = Row { area, window: plan.window, inset: 0.0, grain: request.grain, silence: "no spikes" };
            lanes.push(Lane {
                population,
                color: colors[population],
                dots: Dots::new(row, neurons.as_ref().map_or(size, Vec::len)),
                neurons,
                counter: if plan.counted { counter(run, plan.window) } else { None },
            });
            top += height + GAP;
        }
        Self { plan, lanes, strip: Area::new(left, top + 14.0, width, strip) }
    }

    fn spike(&mut self, place: usize, (ms, neuron): (f64, u32), resolution_ms: f64) {
        if !(self.plan.window.0..=self.plan.window.1).contains(&ms) {
            return;
        }
        let lane = &mut self.lanes[place];
        if let Some(counter) = &mut lane.counter {
            counter.spikes(place_of(ms, resolution_ms), 1);
        }
        let row = match &lane.neurons {
            None => Some(neuron),
            Some(neurons) => neurons.binary_search(&neuron).ok().map(|row| row as u32),
        };
        row.into_iter().for_each(|row| lane.dots.add(ms, row));
    }

    fn draw(self, figure: &mut Figure, run: &RunSummary, seen: Option<(f64, f64)>) {
        let Self { plan, lanes, strip } = self;
        let areas: Vec<Area> = lanes.iter().map(|lane| lane.dots.row.area).collect();
        if let Some(heading) = &plan.heading {
            figure.text((areas[0].left, areas[0].top - 10.0), Text::new(heading).bold().fit(areas[0].width));
        }
        let mut curves = Vec::new();
        for lane in lanes {
            let population = &run.populations[lane.population];
            let counted = lane.counter.as_ref().map(|counter| counter.course(population.size, u64::MAX));
            curves.push((
                population.name.as_str(),
                lane.color,
                match counted {
                    Some(course) if !run.bin_asked => {
                        course.map(|course| Curve::Smooth(std::borrow::Cow::Owned(course)))
                    }
                    _ => Some(Curve::of(run, population, strip.width)),
                },
            ));
            draw_names(figure, run, &lane);
            lane.dots.draw(figure, lane.color);
        }
        let curves: Vec<(&str, Color, Curve<'_>)> =
            curves.into_iter().filter_map(|(name, color, curve)| Some((name, color, curve?))).collect();
        let axes = rate_strip::draw(figure, &curves, strip, (plan.window, run.analysed_from_ms));
        excluded::mark(figure, &axes, &[&areas[..], &[strip]].concat(), run.analysed_from_ms);
        if let Some((from, to)) = seen {
            mark_seen(figure, &axes, areas[areas.len() - 1], (from, to));
        }
    }
}

/// The place (see record/bins.rs) of a spike at `ms`.
pub(super) fn place_of(ms: f64, resolution_ms: f64) -> u64 {
    ((ms / resolution_ms - 1e-6).ceil() as u64).saturating_sub(1)
}

/// Counts spikes of a window of `run` for a curve.
pub(super) fn counter(run: &RunSummary, (from, to): (f64, f64)) -> Option<CourseCounter> {
    let resolution = Resolution::from_ms(run.resolution_ms).ok()?;
    let place = |ms: f64| resolution.nearest(ms).0;
    Some(CourseCounter::new(resolution, (place(from), place(to)), COLUMNS))
}

fn draw_names(figure: &mut Figure, run: &RunSummary, lane: &Lane<'_>) {
    let area = lane.dots.row.area;
    let (middle, right, room) = (area.middle().1, area.left - 10.0, area.left - 16.0);
    let name = name_of(run, lane.population).fit(room).color(lane.color).end();
    if area.height < 20.0 {
        return figure.text((right, middle), name);
    }
    figure.text((right, middle - 7.0), name);
    let size = run.populations[lane.population].size;
    let text = match &lane.neurons {
        Some(neurons) if neurons.len() < size => {
            Text::new(format!("{} of {}", neurons.len(), number::count(size as f64)))
        }
        _ => size_of(run, lane.population),
    };
    figure.text((right, middle + 7.0), text.size(9.5).color(QUIET).fit(room).end());
}

/// A bar below the rows where the second panel is.
fn mark_seen(figure: &mut Figure, axes: &Axes, last: Area, (from, to): (f64, f64)) {
    let (left, right, y) = (axes.x(from), axes.x(to), last.bottom() + 4.0);
    figure.line(vec![(left, y), (right.max(left + 2.0), y)], FRAME, 3.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rate::RateHistogram;
    use crate::report::dots::RasterPopulation;
    use crate::report::render;
    use crate::report::sample::{named, population, show};

    fn run_of(populations: &[RasterPopulation]) -> RunSummary {
        let mut run = crate::report::sample::summary_of(&[]);
        (run.title, run.duration_ms) = ("A balanced network".into(), 500.0);
        for p in populations {
            let mut summary = named(&p.name);
            (summary.size, summary.firing.spikes) = (p.size, p.spikes.len() as u64);
            summary.firing.rate_hz = p.spikes.len() as f64 / p.size.max(1) as f64 / 0.5;
            summary.profile.psth = RateHistogram { bin_ms: 5.0, rates_hz: rates(p, 5.0) };
            run.populations.push(summary);
        }
        let mut input = named("input");
        input.recorded = false;
        run.populations.push(input);
        run
    }

    fn drawn(populations: &[RasterPopulation], request: &Request) -> Figure {
        let run = run_of(populations);
        let shown: Vec<usize> = recorded(&run, request).take(MOST).collect();
        let mut drawing = Drawing::new(&run, &shown, request);
        for (index, population) in populations.iter().enumerate() {
            let mut spikes = population.spikes.clone();
            spikes.sort_by(|a, b| a.0.total_cmp(&b.0));
            spikes.iter().for_each(|&(ms, neuron)| drawing.spike(index, ms, neuron));
        }
        drawing.figure(request)
    }

    fn rates(population: &RasterPopulation, bin_ms: f64) -> Vec<f64> {
        let mut rates = vec![0.0; (500.0 / bin_ms) as usize];
        let last = rates.len() - 1;
        for &(ms, _) in population.spikes.iter().filter(|(ms, _)| ms.is_finite()) {
            rates[((ms / bin_ms) as usize).min(last)] += 1000.0 / bin_ms / population.size.max(1) as f64;
        }
        rates
    }

    #[test]
    fn spikes_are_marks_and_silent_populations_are_named() {
        let populations = [population("exc", 40, 300), population("inh", 10, 0), population("one", 1, 5)];
        let drawn = drawn(&populations, &Request::default());
        let svg = render::svg(&drawn);
        assert_eq!(svg.matches("<path").count(), 2, "one path per population that fires");
        for label in ["exc", "40 neurons", "1 neuron<", "no spikes", "time (ms)", "rate (Hz)", "not recorded: input"] {
            assert!(svg.contains(label), "{label}");
        }
        assert!(svg.contains("rate in bins of 5 ms") && !svg.contains("grey bar"), "few neurons have one panel");
        show("raster", &drawn);
    }

    #[test]
    fn a_million_spikes_stay_small_and_a_few_are_seen_closely() {
        let populations = [population("exc", 10_000, 800_000), population("inh", 2_500, 200_000)];
        let drawn = drawn(&populations, &Request::default());
        let svg = render::svg(&drawn);
        assert!(svg.len() < 800_000, "{}", svg.len());
        assert_eq!(svg.matches("<image").count(), 2);
        assert!(svg.contains("grey bar") && svg.contains("25 of 10,000"), "{}", svg.len());
        show("raster-dense", &drawn);
    }

    #[test]
    fn a_part_is_one_panel_of_what_was_asked() {
        let populations = [population("exc", 10_000, 80_000), population("inh", 2_500, 20_000)];
        let mut request = Request { width: Some(330.0), height: Some(260.0), title: false, ..Request::default() };
        request.neurons = Some(Neurons::First(50));
        (request.from_ms, request.to_ms) = (Some(100.0), Some(300.0));
        let figure = drawn(&populations, &request);
        assert_eq!((figure.width, figure.height), (330.0, 260.0));
        let svg = render::svg(&figure);
        assert!(svg.contains("50 of 10,000") && !svg.contains("grey bar") && !svg.contains(">A balanced network<"));
        show("raster-part", &figure);
    }

    #[test]
    fn odd_rasters_are_drawn() {
        let stray = RasterPopulation { name: "n".repeat(200), size: 0, spikes: vec![(1.0, 7), (f64::NAN, 0)] };
        let many = (0..40).map(|i| population(&format!("population {i}"), 50, 200)).collect();
        for case in [vec![stray], many] {
            assert!(!render::png(&drawn(&case, &Request::default())).is_empty());
        }
    }
}
