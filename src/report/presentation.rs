//! One sample running through a trained network, for a reader who has never seen a raster:
//! the image on the left, every layer's spikes (or activities) in the middle, the scores
//! and the decision on the right.

use std::collections::BTreeMap;

use super::FigureKind;
use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Pixels, Text};
use super::dots::{RasterPopulation, Row, draw_spikes};
use super::palette::{Color, FRAME, GREEN, INK, PAPER, QUIET, VERMILLION, blend, gray, series, written};
use super::request::Request;
use super::{font, number};
use crate::result::{ArmResult, Example, LayerInfo, Summary};

const WIDTH: f64 = 900.0;
const TOP: f64 = 76.0;
const STACK: f64 = 340.0;
const ROWS_LEFT: f64 = 312.0;
const ROWS_WIDTH: f64 = 348.0;
/// Pixels free at both ends of a row of spikes.
const INSET: f64 = 8.0;
/// The most classes whose scores are shown.
const SCORES: usize = 16;

/// The row of this figure.
pub const KIND: FigureKind = FigureKind {
    name: "presentation",
    summary: "Test samples running through all layers of a network",
    flows: false,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, _: &Request) -> Vec<(String, Figure)> {
    let mut drawn = Vec::new();
    for arm in &summary.arms {
        for (index, example) in arm.examples.iter().enumerate() {
            drawn.push((format!("{}-{}-{}", KIND.name, arm.label(), index + 1), of_arm(summary, arm, example)));
        }
    }
    drawn
}

/// One sample running through one network.
#[derive(Debug, Clone, Copy)]
pub struct Presentation<'a> {
    /// Such as `One test sample runs through the spiking network (q_agrel)`.
    pub title: &'a str,
    pub classes: &'a [String],
    /// Shape of the sample.
    pub shape: &'a [usize],
    /// Input first.
    pub layers: &'a [LayerInfo],
    /// Colours that the model gives layers, by name.
    pub colors: &'a BTreeMap<String, String>,
    pub example: &'a Example,
}

impl Presentation<'_> {
    /// The colour of a layer.
    fn color(&self, index: usize) -> Color {
        let given = self.layers.get(index).and_then(|layer| self.colors.get(&layer.name));
        given.and_then(|text| written(text)).unwrap_or(series(index))
    }
}

/// The presentation as a figure.
pub fn figure(shown: &Presentation<'_>) -> Figure {
    let mut figure = Figure::new(shown.title, WIDTH, TOP + STACK + 56.0);
    figure.text((16.0, 22.0), Text::new(shown.title).size(15.0).bold().fit(WIDTH - 40.0));
    draw_verdict(&mut figure, shown);
    draw_sample(&mut figure, shown);
    draw_layers(&mut figure, shown);
    draw_scores(&mut figure, shown);
    figure
}

/// The `example` of `arm` as a figure.
pub fn of_arm(summary: &Summary, arm: &ArmResult, example: &Example) -> Figure {
    let title = format!("One test sample runs through the {} network ({})", arm.regime.name(), arm.rule);
    let Summary { classes, shape, layers, .. } = summary;
    figure(&Presentation { title: &title, classes, shape, layers, colors: &BTreeMap::new(), example })
}

fn class(shown: &Presentation<'_>, index: usize) -> String {
    shown.classes.get(index).cloned().unwrap_or_else(|| index.to_string())
}

fn verdict_color(example: &Example) -> Color {
    if example.decision == example.label { GREEN } else { VERMILLION }
}

fn draw_verdict(figure: &mut Figure, shown: &Presentation<'_>) {
    let example = shown.example;
    let (decision, label) = (class(shown, example.decision.into()), class(shown, example.label.into()));
    let verdict = match example.decision == example.label {
        true => format!("It decides “{decision}”, which is right."),
        false => format!("It decides “{decision}”; the true label is “{label}”."),
    };
    figure.text((16.0, 44.0), Text::new(verdict).size(13.0).color(verdict_color(example)));
}

/// The sample as an image, or as bars where it is none, with an arrow into the network.
fn draw_sample(figure: &mut Figure, shown: &Presentation<'_>) {
    let example = shown.example;
    let middle = TOP + STACK / 2.0;
    let [rows, columns] = image_shape(shown.shape, example.values.len());
    let scale = 140.0 / rows.max(columns) as f64;
    let (width, height) = (columns as f64 * scale, (rows as f64 * scale).max(24.0));
    let area = Area::new(24.0 + (140.0 - width) / 2.0, middle - height / 2.0, width, height);
    let channels = (example.values.len() / (rows * columns).max(1)).max(1);
    let mut pixels = Pixels::filled(columns, rows, PAPER);
    for (index, values) in example.values.chunks_exact(channels).enumerate() {
        let at = |channel: usize| (f64::from(values[channel]) * 255.0).round() as u8;
        let color = if channels == 3 { (at(0), at(1), at(2)) } else { gray(f64::from(values[0])) };
        pixels.set(index % columns, index / columns, color);
    }
    figure.picture(area, pixels);
    figure.outline(area, FRAME);
    let caption = format!("test sample {}", example.sample);
    figure.text((94.0, area.top - 14.0), Text::new(caption).size(TICK_SIZE).color(QUIET).middle());
    let label = format!("label: {}", class(shown, example.label.into()));
    figure.text((94.0, area.bottom() + 15.0), Text::new(&label).size(12.0).fit(150.0).middle());
    if centred(example) {
        for (line, words) in ["the network gets it", "minus the mean sample"].into_iter().enumerate() {
            let at = (94.0, area.bottom() + 33.0 + 13.0 * line as f64);
            figure.text(at, Text::new(words).size(TICK_SIZE).color(QUIET).middle());
        }
    }
    figure.arrow((172.0, middle), (196.0, middle), QUIET);
}

/// Whether the mean sample was taken off; a rate that is negative tells it too.
fn centred(example: &Example) -> bool {
    example.centred || example.activities.first().is_some_and(|input| input.iter().any(|&value| value < 0.0))
}

/// Rows and columns of what is drawn; one row where the sample is no image.
fn image_shape(shape: &[usize], values: usize) -> [usize; 2] {
    match *shape {
        [rows, columns] | [rows, columns, _] if rows * columns > 0 && values >= rows * columns => [rows, columns],
        _ => [1, values.max(1)],
    }
}

fn draw_layers(figure: &mut Figure, shown: &Presentation<'_>) {
    let heights = row_heights(shown);
    let spiking = shown.example.activities.is_empty();
    let mut top = TOP;
    for (index, (layer, &height)) in shown.layers.iter().zip(&heights).enumerate() {
        let area = Area::new(ROWS_LEFT, top, ROWS_WIDTH, height);
        draw_layer_name(figure, layer, &area, (index, shown.color(index)));
        let last = index + 1 == shown.layers.len();
        match spiking {
            true if last && !shown.example.membranes.is_empty() => draw_membranes(figure, shown, area),
            true => draw_spike_row(figure, shown, (index, area)),
            false => draw_activities(figure, shown, (index, area)),
        }
        if index + 1 < heights.len() {
            figure.text((ROWS_LEFT - 50.0, top + height + 5.0), Text::new("↓").size(13.0).color(QUIET).middle());
        }
        top += height + 10.0;
    }
    if spiking {
        let rows = Area::new(ROWS_LEFT + INSET, TOP, ROWS_WIDTH - 2.0 * INSET, top - 10.0 - TOP);
        let name = "time since the sample was shown (ms); each mark is a spike";
        draw_scale(figure, rows, (0.0, shown.example.duration_ms), name);
    } else {
        let note = "one bar per neuron: its activity in spikes per tick,";
        let text = |words: &str| Text::new(words).size(TICK_SIZE).color(QUIET).middle();
        figure.text((ROWS_LEFT + ROWS_WIDTH / 2.0, top + 8.0), text(note));
        let negative = shown.example.activities.iter().flatten().any(|&value| value < 0.0);
        let note = match negative {
            true => "from the smallest to the largest of its layer; upright lines: 0",
            false => "from 0 to the largest of its layer",
        };
        figure.text((ROWS_LEFT + ROWS_WIDTH / 2.0, top + 24.0), text(note));
    }
}

/// Ticks and a name below the rows, without a grid over them.
fn draw_scale(figure: &mut Figure, rows: Area, range: (f64, f64), name: &str) {
    let axes = Axes::new(Area::new(rows.left, rows.bottom(), rows.width, 2.0), range, (0.0, 1.0));
    axes.draw_x(figure, name);
}

fn row_heights(shown: &Presentation<'_>) -> Vec<f64> {
    let last = shown.layers.len().saturating_sub(1);
    let size = |layer: &LayerInfo| layer.shape.iter().product::<usize>() as f64;
    let wanted = |(index, layer): (usize, &LayerInfo)| {
        let least = match index == last {
            true if !shown.example.membranes.is_empty() => 130.0,
            true => 90.0,
            false => 40.0,
        };
        (7.0 * size(layer).sqrt()).clamp(least, 150.0)
    };
    let heights: Vec<f64> = shown.layers.iter().enumerate().map(wanted).collect();
    let room = STACK - 10.0 * last as f64;
    let total: f64 = heights.iter().sum();
    heights.iter().map(|height| height * room / total).collect()
}

fn draw_layer_name(figure: &mut Figure, layer: &LayerInfo, area: &Area, (index, color): (usize, Color)) {
    let size: usize = layer.shape.iter().product();
    let noun = match (index, layer.shape.len()) {
        (0, 2..) => "pixel",
        (0, _) => "value",
        _ => "neuron",
    };
    let (x, y) = (area.left - 12.0, area.middle().1);
    figure.text((x, y - 7.0), Text::new(&layer.name).bold().fit(96.0).color(color).end());
    figure.text((x, y + 8.0), Text::new(number::counted(size, noun)).size(10.0).color(QUIET).end());
}

/// Neuron 0 at the top here, as the rows of an image and the list of scores run.
fn draw_spike_row(figure: &mut Figure, shown: &Presentation<'_>, (index, area): (usize, Area)) {
    let example = shown.example;
    let layer = &shown.layers[index];
    let size: usize = layer.shape.iter().product();
    let flipped = |&(time, neuron): &(f64, u32)| (time, (size as u32).wrapping_sub(neuron + 1));
    let spikes = example.spikes.get(index).map_or(Vec::new(), |spikes| spikes.iter().map(flipped).collect());
    let population = RasterPopulation { name: layer.name.clone(), size, spikes };
    let last = index + 1 == shown.layers.len();
    let silence = if last { "no spikes: the membranes are read out" } else { "silent: no spikes" };
    draw_spikes(
        figure,
        &population,
        &Row { area, window: (0.0, example.duration_ms), inset: INSET, grain: 1.0, silence },
        shown.color(index),
    );
}

/// The membranes of output neurons that do not fire: one line per class, the decided one in
/// colour and the true one in ink.
fn draw_membranes(figure: &mut Figure, shown: &Presentation<'_>, area: Area) {
    let example = shown.example;
    figure.rectangle(area, (0xf7, 0xf8, 0xf9));
    let rows = Area::new(area.left + INSET, area.top + 6.0, area.width - 2.0 * INSET, area.height - 12.0);
    let values = || example.membranes.iter().flatten().map(|&v| f64::from(v)).filter(|v| v.is_finite());
    let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    let axes = Axes::new(rows, (0.0, example.duration_ms), (low, high));
    figure.line(vec![(area.left, axes.y(0.0)), (area.right(), axes.y(0.0))], FRAME, 1.0);
    let (decision, label) = (usize::from(example.decision), usize::from(example.label));
    let mut order: Vec<usize> = (0..example.membranes.len()).collect();
    order.sort_by_key(|&class| (class == decision, class == label));
    for class in order {
        let (color, width) = match class {
            _ if class == decision => (verdict_color(example), 2.2),
            _ if class == label => (INK, 1.6),
            _ => ((0xb0, 0xb7, 0xbf), 1.0),
        };
        let at = example.membrane_ms.iter().zip(&example.membranes[class]).filter(|(_, v)| v.is_finite());
        let points = at.map(|(&time, &value)| axes.point((time, f64::from(value))));
        figure.line(points.collect(), color, width);
    }
    let note = format!("membranes; bold: “{}”, decided", font::fit(&class(shown, decision), 10.0, false, 120.0));
    figure.text((area.left + 6.0, area.top + 9.0), Text::new(note).size(10.0).color(QUIET));
    draw_ends(figure, &area, (low, high));
    figure.outline(area, (0xe0, 0xe3, 0xe7));
}

/// What the ends of a row's scale mean, below the name of its layer.
fn draw_ends(figure: &mut Figure, area: &Area, (low, high): (f64, f64)) {
    let (x, y) = (area.left - 12.0, area.middle().1);
    let text = |words: String| Text::new(words).size(10.0).color(QUIET).end();
    let words = match low < 0.0 {
        true => format!("{} to {}", number::short(low), number::short(high)),
        false => format!("largest: {}", number::short(high)),
    };
    figure.text((x, y + 22.0), text(words));
}

/// One bar per neuron, neuron 0 at the top, from 0 to its activity; neurons that share a row
/// of pixels show the largest and the smallest of theirs.
fn draw_activities(figure: &mut Figure, shown: &Presentation<'_>, (index, area): (usize, Area)) {
    let values = shown.example.activities.get(index).map_or(&[][..], Vec::as_slice);
    let ends = |values: &[f32]| values.iter().fold((0.0f32, 0.0f32), |(low, high), &v| (low.min(v), high.max(v)));
    let (low, high) = ends(values);
    let axes = Axes::new(area, (low.into(), high.into()), (0.0, 1.0));
    let zero = if high > low { axes.x(0.0) } else { area.left };
    draw_ends(figure, &area, (low.into(), high.into()));
    figure.rectangle(area, (0xf7, 0xf8, 0xf9));
    let lanes = values.len().min((area.height * 2.0) as usize).max(1);
    let lane = area.height / lanes as f64;
    for row in 0..lanes {
        let (least, most) = ends(&values[row * values.len() / lanes..(row + 1) * values.len() / lanes]);
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

/// The classes that are shown: all, or those with the highest scores and the true one.
fn shown_classes(example: &Example) -> Vec<usize> {
    let mut order: Vec<usize> = (0..example.scores.len()).collect();
    if order.len() > SCORES {
        let label = usize::from(example.label);
        order.sort_by(|&a, &b| (b == label).cmp(&(a == label)).then(example.scores[b].total_cmp(&example.scores[a])));
        order.truncate(SCORES);
        order.sort_unstable();
    }
    order
}

fn draw_scores(figure: &mut Figure, shown: &Presentation<'_>) {
    let example = shown.example;
    let classes = shown_classes(example);
    let names: Vec<String> = classes.iter().map(|&c| font::fit(&class(shown, c), 12.0, false, 70.0)).collect();
    let widest = names.iter().map(|name| font::width(name, 12.0, true)).fold(0.0, f64::max);
    let left = 700.0 + widest;
    let area = Area::new(left + 10.0, TOP + 20.0, 890.0 - left - 74.0, STACK - 20.0);
    figure.arrow((668.0, TOP + STACK / 2.0), (690.0, TOP + STACK / 2.0), QUIET);
    figure.text((area.left, TOP + 4.0), Text::new("score of each class").size(TICK_SIZE).color(QUIET));
    let scores = || classes.iter().map(|&c| f64::from(example.scores[c]));
    let axes = Axes::new(area, (scores().fold(0.0, f64::min), scores().fold(0.0, f64::max)), (0.0, 1.0));
    let lane = (area.height / classes.len().max(1) as f64).min(40.0);
    for (row, (&class, name)) in classes.iter().zip(names).enumerate() {
        let y = area.top + (row as f64 + 0.5) * lane;
        draw_score(figure, example, class, (&axes, y, lane * 0.62));
        let chosen = class == usize::from(example.decision);
        let label = Text::new(name).end().color(if chosen { verdict_color(example) } else { INK });
        figure.text((left, y), if chosen { label.bold() } else { label });
    }
    let foot = area.top + lane * classes.len() as f64;
    figure.line(vec![(axes.x(0.0), area.top), (axes.x(0.0), foot)], FRAME, 1.0);
    let scale = Area::new(area.left, area.top, area.width, foot - area.top);
    draw_scale(figure, scale, axes.x_range(), "");
}

fn draw_score(figure: &mut Figure, example: &Example, class: usize, (axes, y, height): (&Axes, f64, f64)) {
    let (zero, tip) = (axes.x(0.0), axes.x(f64::from(example.scores[class])));
    let (chosen, label) = (class == usize::from(example.decision), class == usize::from(example.label));
    let color = if chosen { verdict_color(example) } else { (0xc3, 0xc9, 0xd0) };
    figure.rectangle(Area::new(zero.min(tip), y - height / 2.0, (tip - zero).abs().max(1.0), height), color);
    let mark = match (chosen, label) {
        (true, _) => "decided",
        (false, true) => "true label",
        (false, false) => return,
    };
    let at = (zero.max(tip) + 6.0, y);
    figure.text(at, Text::new(mark).size(TICK_SIZE).color(if chosen { color } else { INK }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn a_stranger_finds_image_layers_and_decision() {
        let summary = summary(Wish::default());
        for (arm, example) in [(0, 0), (0, 2), (1, 0)] {
            let arm = &summary.arms[arm];
            let drawn = of_arm(&summary, arm, &arm.examples[example]);
            let svg = render::svg(&drawn);
            for label in ["64 pixels", "hidden", "200 neurons", "output", "score of each class", "decided"] {
                assert!(svg.contains(label), "{label}");
            }
            show(&format!("presentation-{}-{example}", arm.label()), &drawn);
        }
    }

    #[test]
    fn odd_samples_are_drawn() {
        let wishes = [
            Wish { classes: 100, ..Wish::default() },
            Wish { classes: 1, hidden: 1, side: 1, ..Wish::default() },
            Wish { side: 28, hidden: 3000, ..Wish::default() },
        ];
        for (index, wish) in wishes.into_iter().enumerate() {
            let mut summary = summary(wish);
            summary.classes[0] = "a class with quite a long name".into();
            let example = summary.arms[0].examples[0].clone();
            show(&format!("presentation-odd-{index}"), &of_arm(&summary, &summary.arms[0], &example));
        }
    }

    #[test]
    fn samples_without_spikes_scores_or_values_are_drawn() {
        let mut summary = summary(Wish::default());
        summary.shape = vec![4];
        summary.classes.clear();
        let mut example = summary.arms[0].examples[0].clone();
        example.values = vec![0.1, 0.9, 0.4, 0.2];
        example.spikes.clear();
        show("presentation-silent", &of_arm(&summary, &summary.arms[0], &example));
        (example.values, example.scores, example.duration_ms) = (vec![], vec![], 0.0);
        summary.layers.clear();
        show("presentation-empty", &of_arm(&summary, &summary.arms[0], &example));
    }
}
