//! The layers of a presentation, a row each: spikes, membranes that are read out, or the activities of rate units.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Text};
use super::dots::{RasterPopulation, Row, draw_spikes};
use super::palette::{Color, FRAME, INK, PAPER, QUIET, blend};
use super::presentation::{Presentation, class, verdict_color};
use super::{font, number};
use crate::result::LayerInfo;

/// Pixels free at both ends of a row of spikes.
const INSET: f64 = 8.0;
/// Pixels between rows, those of a name above its row, and those of what the row's scale means.
const GAP: f64 = 10.0;
const HEADING: f64 = 18.0;
const ENDS: f64 = 14.0;
/// Pixels of a line of the words below the rows.
const LINE: f64 = 14.0;
/// The lowest row whose name stands beside it, and the lowest below its name.
const LEAST_BESIDE: f64 = 44.0;
const LEAST_BELOW: f64 = 26.0;

/// Where rows are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stack {
    pub area: Area,
    /// Whether names stand left of the rows, else above them.
    pub beside: bool,
    /// Dots of the paper or screen per pixel.
    pub grain: f64,
}

/// Pixels of the scale and the words below rows so wide.
pub(super) fn foot(shown: &Presentation<'_>, width: f64) -> f64 {
    match spiking(shown) {
        true => 42.0 + LINE * scale_words(width).len() as f64,
        false => 24.0 + 16.0 * activity_words(shown, width).len() as f64,
    }
}

/// The lowest that all rows together can be.
pub(super) fn least_height(shown: &Presentation<'_>, beside: bool) -> f64 {
    let row = if beside { LEAST_BESIDE } else { LEAST_BELOW } + GAP;
    row * shown.layers.len() as f64 - GAP + headings(shown, beside)
}

/// Pixels above all rows.
fn headings(shown: &Presentation<'_>, beside: bool) -> f64 {
    if beside { 0.0 } else { (0..shown.layers.len()).map(|index| heading(shown, index)).sum() }
}

/// Pixels of the name above a row.
fn heading(shown: &Presentation<'_>, index: usize) -> f64 {
    HEADING + if ends(shown, index).is_some() { ENDS } else { 0.0 }
}

fn spiking(shown: &Presentation<'_>) -> bool {
    shown.example.activities.is_empty()
}

pub(super) fn draw_layers(figure: &mut Figure, shown: &Presentation<'_>, stack: Stack) {
    let Stack { area: all, beside, .. } = stack;
    let heights = row_heights(shown, stack);
    let mut top = all.top;
    for (index, (layer, &height)) in shown.layers.iter().zip(&heights).enumerate() {
        top += if beside { 0.0 } else { heading(shown, index) };
        let area = Area::new(all.left, top, all.width, height);
        let color = shown.color(index);
        match beside {
            true => draw_name_beside(figure, layer, &area, (index, color)),
            false => draw_name_above(figure, shown, &area, (index, color)),
        }
        let last = index + 1 == shown.layers.len();
        match spiking(shown) {
            true if last && !shown.example.membranes.is_empty() => draw_membranes(figure, shown, area, beside),
            true => draw_spike_row(figure, shown, (index, area), stack.grain),
            false => draw_activities(figure, shown, (index, area)),
        }
        if let Some(ends) = ends(shown, index).filter(|_| beside) {
            draw_ends(figure, &area, ends);
        }
        if beside && index + 1 < heights.len() {
            figure.text((all.left - 50.0, top + height + 5.0), Text::new("↓").size(13.0).color(QUIET).middle());
        }
        top += height + GAP;
    }
    let rows = Area::new(all.left, all.top, all.width, top - GAP - all.top);
    match spiking(shown) {
        true => draw_time(figure, shown, rows),
        false => draw_words(figure, &activity_words(shown, all.width), (rows.middle().0, rows.bottom() + 18.0), 16.0),
    }
}

/// The scale below the rows, without a grid over them.
fn draw_time(figure: &mut Figure, shown: &Presentation<'_>, rows: Area) {
    let scale = Area::new(rows.left + INSET, rows.bottom(), rows.width - 2.0 * INSET, 2.0);
    Axes::new(scale, (0.0, shown.example.duration_ms), (0.0, 1.0)).draw_x(figure, "");
    let at = (rows.middle().0, scale.bottom() + 31.0);
    draw_words(figure, &scale_words(rows.width), at, LINE);
}

fn draw_words(figure: &mut Figure, lines: &[String], (x, y): (f64, f64), high: f64) {
    for (line, words) in lines.iter().enumerate() {
        figure.text((x, y + high * line as f64), Text::new(words).size(TICK_SIZE).color(QUIET).middle());
    }
}

fn scale_words(width: f64) -> Vec<String> {
    font::lines("time since the sample was shown (ms); each mark is a spike", TICK_SIZE, false, width + 8.0)
}

fn activity_words(shown: &Presentation<'_>, width: f64) -> Vec<String> {
    let negative = shown.example.activities.iter().flatten().any(|&value| value < 0.0);
    let ends = match negative {
        true => "from the smallest to the largest of its layer; upright lines: 0",
        false => "from 0 to the largest of its layer",
    };
    font::sentences(&["one bar per neuron: its activity in spikes per tick,", ends], TICK_SIZE, width + 8.0)
}

fn row_heights(shown: &Presentation<'_>, stack: Stack) -> Vec<f64> {
    let last = shown.layers.len().saturating_sub(1);
    let wanted = |(index, layer): (usize, &LayerInfo)| {
        let least = match index == last {
            true if !shown.example.membranes.is_empty() => 130.0,
            true => 90.0,
            false => 40.0,
        };
        (7.0 * (size(layer) as f64).sqrt()).clamp(least, 150.0)
    };
    let heights: Vec<f64> = shown.layers.iter().enumerate().map(wanted).collect();
    let room = stack.area.height - GAP * last as f64 - headings(shown, stack.beside);
    let total: f64 = heights.iter().sum();
    let heights: Vec<f64> = heights.iter().map(|height| height * room / total).collect();
    let least = if stack.beside { LEAST_BESIDE } else { LEAST_BELOW };
    level(heights, least.min(room / shown.layers.len().max(1) as f64))
}

/// `heights` with none below `least`; higher ones give what that takes, in proportion to what they have above it.
fn level(heights: Vec<f64>, least: f64) -> Vec<f64> {
    let missing: f64 = heights.iter().map(|height| (least - height).max(0.0)).sum();
    let above: f64 = heights.iter().map(|height| (height - least).max(0.0)).sum();
    let share = if above > 0.0 { missing / above } else { 0.0 };
    heights.into_iter().map(|height| if height < least { least } else { height - (height - least) * share }).collect()
}

fn size(layer: &LayerInfo) -> usize {
    layer.shape.iter().product()
}

/// `64 pixels`.
fn counted(layer: &LayerInfo, index: usize) -> String {
    let noun = match (index, layer.shape.len()) {
        (0, 2..) => "pixel",
        (0, _) => "value",
        _ => "neuron",
    };
    number::counted(size(layer), noun)
}

fn draw_name_beside(figure: &mut Figure, layer: &LayerInfo, area: &Area, (index, color): (usize, Color)) {
    let (x, y) = (area.left - 12.0, area.middle().1);
    figure.text((x, y - 7.0), Text::new(&layer.name).bold().fit(96.0).color(color).end());
    figure.text((x, y + 8.0), Text::new(counted(layer, index)).size(10.0).color(QUIET).end());
}

/// The name at the left above a row, its size at the right, and below both what its scale means.
fn draw_name_above(figure: &mut Figure, shown: &Presentation<'_>, area: &Area, (index, color): (usize, Color)) {
    let (layer, y) = (&shown.layers[index], area.top - heading(shown, index) + 9.0);
    let name = format!("{}{}", if index > 0 { "↓ " } else { "" }, layer.name);
    let note = Text::new(counted(layer, index)).size(10.0).color(QUIET).fit(area.width / 2.0).end();
    let name = Text::new(name).bold().color(color).fit(area.width - note.width() - 8.0);
    figure.text((area.left, y), name);
    figure.text((area.right(), y), note);
    if let Some(ends) = ends(shown, index) {
        let what = if spiking(shown) { "membranes, " } else { "" };
        let words = format!("{what}{}", ends_words(ends));
        figure.text((area.left, y + ENDS), Text::new(words).size(10.0).color(QUIET).fit(area.width));
    }
}

fn membrane_words(shown: &Presentation<'_>) -> String {
    let decided = |decision: u16| font::fit(&class(shown, decision.into()), 10.0, false, 120.0);
    let words = |decision| format!("membranes; bold: “{}”, decided", decided(decision));
    shown.example.decision.map_or("membranes, one per output".into(), words)
}

/// Neuron 0 at the top here, as the rows of an image and the list of scores run.
fn draw_spike_row(figure: &mut Figure, shown: &Presentation<'_>, (index, area): (usize, Area), grain: f64) {
    let example = shown.example;
    let layer = &shown.layers[index];
    let size = size(layer);
    let flipped = |&(time, neuron): &(f64, u32)| (time, (size as u32).wrapping_sub(neuron + 1));
    let spikes = example.spikes.get(index).map_or(Vec::new(), |spikes| spikes.iter().map(flipped).collect());
    let population = RasterPopulation { name: layer.name.clone(), size, spikes };
    let last = index + 1 == shown.layers.len();
    let silence = if last { "no spikes: the membranes are read out" } else { "silent: no spikes" };
    draw_spikes(
        figure,
        &population,
        &Row { area, window: (0.0, example.duration_ms), inset: INSET, grain, silence },
        shown.color(index),
    );
}

/// The membranes of output neurons that do not fire: one line per class, the decided one in
/// colour and the true one in ink.
fn draw_membranes(figure: &mut Figure, shown: &Presentation<'_>, area: Area, beside: bool) {
    let example = shown.example;
    figure.rectangle(area, (0xf7, 0xf8, 0xf9));
    let rows = Area::new(area.left + INSET, area.top + 6.0, area.width - 2.0 * INSET, area.height - 12.0);
    let (low, high) = membrane_ends(shown);
    let axes = Axes::new(rows, (0.0, example.duration_ms), (low, high));
    figure.line(vec![(area.left, axes.y(0.0)), (area.right(), axes.y(0.0))], FRAME, 1.0);
    let mut order: Vec<usize> = (0..example.membranes.len()).collect();
    order.sort_by_key(|&class| (example.is_taken_for(class), example.is_of(class)));
    for class in order {
        let (color, width) = match class {
            _ if example.is_taken_for(class) => (verdict_color(example), 2.2),
            _ if example.is_of(class) => (INK, 1.6),
            _ => ((0xb0, 0xb7, 0xbf), 1.0),
        };
        let at = example.membrane_ms.iter().zip(&example.membranes[class]).filter(|(_, v)| v.is_finite());
        let points = at.map(|(&time, &value)| axes.point((time, f64::from(value))));
        figure.line(points.collect(), color, width);
    }
    if beside {
        figure.text((area.left + 6.0, area.top + 9.0), Text::new(membrane_words(shown)).size(10.0).color(QUIET));
    }
    figure.outline(area, (0xe0, 0xe3, 0xe7));
}

fn membrane_ends(shown: &Presentation<'_>) -> (f64, f64) {
    let values = || shown.example.membranes.iter().flatten().map(|&v| f64::from(v)).filter(|v| v.is_finite());
    (values().fold(0.0, f64::min), values().fold(0.0, f64::max))
}

/// The smallest and the largest, or 0.
fn extremes(values: &[f32]) -> (f32, f32) {
    values.iter().fold((0.0f32, 0.0f32), |(low, high), &v| (low.min(v), high.max(v)))
}

/// The ends of the scale of a row; `None` where it holds spikes.
fn ends(shown: &Presentation<'_>, index: usize) -> Option<(f64, f64)> {
    let last = index + 1 == shown.layers.len();
    match spiking(shown) {
        true => (last && !shown.example.membranes.is_empty()).then(|| membrane_ends(shown)),
        false => {
            let (low, high) = extremes(shown.example.activities.get(index).map_or(&[][..], Vec::as_slice));
            Some((low.into(), high.into()))
        }
    }
}

fn ends_words((low, high): (f64, f64)) -> String {
    match low < 0.0 {
        true => format!("{} to {}", number::short(low), number::short(high)),
        false => format!("largest: {}", number::short(high)),
    }
}

/// What the ends of a row's scale mean, below the name of its layer.
fn draw_ends(figure: &mut Figure, area: &Area, ends: (f64, f64)) {
    let at = (area.left - 12.0, area.middle().1 + 22.0);
    figure.text(at, Text::new(ends_words(ends)).size(10.0).color(QUIET).end());
}

/// One bar per neuron, neuron 0 at the top, from 0 to its activity; neurons that share a row
/// of pixels show the largest and the smallest of theirs.
fn draw_activities(figure: &mut Figure, shown: &Presentation<'_>, (index, area): (usize, Area)) {
    let values = shown.example.activities.get(index).map_or(&[][..], Vec::as_slice);
    let (low, high) = extremes(values);
    let axes = Axes::new(area, (low.into(), high.into()), (0.0, 1.0));
    let zero = if high > low { axes.x(0.0) } else { area.left };
    figure.rectangle(area, (0xf7, 0xf8, 0xf9));
    let lanes = values.len().min((area.height * 2.0) as usize).max(1);
    let lane = area.height / lanes as f64;
    for row in 0..lanes {
        let (least, most) = extremes(&values[row * values.len() / lanes..(row + 1) * values.len() / lanes]);
        if most > least {
            let (left, right) = (axes.x(least.into()), axes.x(most.into()));
            let bar = (lane * 0.8).max(0.5);
            let top = area.top + (row as f64 + 0.5) * lane - bar / 2.0;
            figure.rectangle(Area::new(left, top, right - left, bar), blend(PAPER, shown.color(index), 0.8));
        }
    }
    figure.line(vec![(zero, area.top), (zero, area.bottom())], FRAME, 1.0);
    figure.outline(area, (0xe0, 0xe3, 0xe7));
}
