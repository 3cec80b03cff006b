//! One sample running through a trained network, for a reader who has never seen a raster:
//! the image on the left, every layer's spikes (or activities) in the middle, the scores
//! and the decision on the right.

use std::collections::BTreeMap;

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Pixels, Point, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::layer_rows::{self, Stack};
use super::palette::{Color, FRAME, GREEN, PAPER, QUIET, VERMILLION, gray, series, written};
use super::request::Request;
use super::{font, scores};
use crate::error::Result;
use crate::result::{ArmResult, Example, LayerInfo, Summary};

/// Narrower figures have the names of layers above their rows, and still narrower ones the scores below them.
const NAMES_BESIDE: f64 = 800.0;
const SCORES_BESIDE: f64 = 520.0;
/// Of the rows, where no height is asked for.
const STACK: f64 = 340.0;
/// Pixels of the words above and below the sample.
const CAPTIONS: f64 = 100.0;
const TITLE_LINE: f64 = 19.0;
/// Pixels of the scale below the scores.
const SCORES_FOOT: f64 = 30.0;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "presentation",
    summary: "Test samples running through all layers of a network",
    heading: "Presentations",
    words: "Test samples on their way through the trained network of the first seed. Spiking: each mark is a spike. Output \
            neurons that do not fire show their membranes. Rate: each bar is the activity of a unit.",
    takes: Takes::SIZE,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let mut drawn = Vec::new();
    for arm in &summary.arms {
        for (index, example) in arm.examples.iter().enumerate() {
            let mut figure = of_arm(summary, arm, example, request);
            let (more, through) = (arm.examples.len() - 1, arm.regime.name());
            figure.folded = (index > 0).then(|| format!("{more} more through the {through} network ({})", arm.rule));
            drawn.push((format!("{}-{}-{}", KIND.name, arm.label(), index + 1), figure));
        }
    }
    Ok(drawn)
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
    pub(super) fn color(&self, index: usize) -> Color {
        let given = self.layers.get(index).and_then(|layer| self.colors.get(&layer.name));
        given.and_then(|text| written(text)).unwrap_or(series(index))
    }
}

/// Where the parts of a presentation stand.
struct Layout {
    height: f64,
    /// The column of the sample: as high as the rows.
    sample: Area,
    rows: Area,
    scores: Area,
    beside: bool,
    arrows: Vec<(Point, Point)>,
}

impl Layout {
    fn of(shown: &Presentation<'_>, request: &Request) -> Self {
        match request.width() {
            width if width < SCORES_BESIDE => Self::scores_below(shown, request, width),
            width => Self::in_columns(shown, request, width),
        }
    }

    /// Sample, rows and scores from left to right.
    fn in_columns(shown: &Presentation<'_>, request: &Request, width: f64) -> Self {
        let beside = width >= NAMES_BESIDE;
        let (sample, rows, scores) = if beside { ((24.0, 140.0), 312.0, 200.0) } else { narrowed(width) };
        let (top, wide) = (head(shown, request), width - scores - 40.0 - rows);
        let foot = layer_rows::foot(shown, wide);
        let least = layer_rows::least_height(shown, beside).max(CAPTIONS + 24.0);
        let stack = request.height.map_or(STACK, |height| height - top - foot).max(least);
        let middle = top + stack / 2.0;
        let arrow = |from: f64, to: f64| ((from, middle), (to, middle));
        let into = sample.0 + sample.1 + 8.0;
        Self {
            height: request.height_for(top + stack + foot),
            sample: Area::new(sample.0, top, sample.1, stack),
            rows: Area::new(rows, top, wide, stack),
            scores: Area::new(width - scores, top, scores - 10.0, stack),
            beside,
            arrows: vec![arrow(into, into + 24.0), arrow(width - scores - 32.0, width - scores - 10.0)],
        }
    }

    /// Sample and rows side by side, the scores below both.
    fn scores_below(shown: &Presentation<'_>, request: &Request, width: f64) -> Self {
        let side = (width * 0.25).clamp(48.0, 120.0);
        let (top, left) = (head(shown, request), 16.0 + side + 36.0);
        let foot = layer_rows::foot(shown, width - 16.0 - left);
        let fixed = top + foot + SCORES_FOOT;
        let least = (layer_rows::least_height(shown, false).max(CAPTIONS + 24.0), scores::least_height(shown));
        let (stack, scores) = match request.height.map(|height| height - fixed) {
            None => (STACK * 0.85, scores::height(shown)),
            Some(room) => {
                let scores = scores::height(shown).min(room * 0.4).max(least.1);
                (room - scores, scores)
            }
        };
        let stack = stack.max(least.0);
        let middle = top + stack / 2.0;
        Self {
            height: request.height_for(fixed + stack + scores),
            sample: Area::new(16.0, top, side, stack),
            rows: Area::new(left, top, width - 16.0 - left, stack),
            scores: Area::new(16.0, top + stack + foot, width - 32.0, scores),
            beside: false,
            arrows: vec![((16.0 + side + 7.0, middle), (left - 7.0, middle))],
        }
    }
}

/// The lines of the title; none where none is asked for.
fn title(shown: &Presentation<'_>, request: &Request) -> Vec<String> {
    if request.title { font::lines(shown.title, 15.0, true, request.width() - 32.0) } else { vec![] }
}

/// Pixels above the rows.
fn head(shown: &Presentation<'_>, request: &Request) -> f64 {
    request.head(76.0) + TITLE_LINE * title(shown, request).len().saturating_sub(1) as f64
}

/// Left end and width of the sample, left end of the rows, and width of the scores.
fn narrowed(width: f64) -> ((f64, f64), f64, f64) {
    let side = (width * 0.18).clamp(64.0, 140.0);
    ((16.0, side), 16.0 + side + 40.0, 180.0)
}

/// The presentation as a figure.
pub fn figure(shown: &Presentation<'_>, request: &Request) -> Figure {
    let (layout, width) = (Layout::of(shown, request), request.width());
    let mut figure = Figure::new(shown.title, width, layout.height);
    let title = title(shown, request);
    for (line, words) in title.iter().enumerate() {
        figure.text((16.0, 22.0 + TITLE_LINE * line as f64), Text::new(words).size(15.0).bold());
    }
    draw_verdict(&mut figure, shown, layout.sample.top - 32.0);
    draw_sample(&mut figure, shown, layout.sample);
    let stack = Stack { area: layout.rows, beside: layout.beside, grain: request.grain };
    layer_rows::draw_layers(&mut figure, shown, stack);
    scores::draw_scores(&mut figure, shown, layout.scores);
    layout.arrows.into_iter().for_each(|(from, to)| figure.arrow(from, to, QUIET));
    figure
}

/// The `example` of `arm` as a figure.
pub fn of_arm(summary: &Summary, arm: &ArmResult, example: &Example, request: &Request) -> Figure {
    let title = format!("One test sample runs through the {} network ({})", arm.regime.name(), arm.rule);
    let Summary { classes, shape, layers, .. } = summary;
    figure(&Presentation { title: &title, classes, shape, layers, colors: &BTreeMap::new(), example }, request)
}

pub(super) fn class(shown: &Presentation<'_>, index: usize) -> String {
    shown.classes.get(index).cloned().unwrap_or_else(|| index.to_string())
}

pub(super) fn verdict_color(example: &Example) -> Color {
    if example.decision == example.label { GREEN } else { VERMILLION }
}

fn draw_verdict(figure: &mut Figure, shown: &Presentation<'_>, y: f64) {
    let example = shown.example;
    let (Some(decided), Some(labelled)) = (example.decision, example.label) else { return };
    let (decision, label) = (class(shown, decided.into()), class(shown, labelled.into()));
    let verdict = match decided == labelled {
        true => format!("It decides “{decision}”, which is right."),
        false => format!("It decides “{decision}”; the true label is “{label}”."),
    };
    let verdict = Text::new(verdict).size(13.0).color(verdict_color(example)).fit(figure.width - 32.0);
    figure.text((16.0, y), verdict);
}

/// The sample as an image, or as bars where it is none, with an arrow into the network.
fn draw_sample(figure: &mut Figure, shown: &Presentation<'_>, column: Area) {
    let example = shown.example;
    let (middle, room) = (column.middle(), column.width + 20.0);
    let [rows, columns] = image_shape(shown.shape, example.values.len());
    let scale = column.width.min(column.height - CAPTIONS) / rows.max(columns) as f64;
    let (width, height) = (columns as f64 * scale, (rows as f64 * scale).max(24.0));
    let area = Area::new(middle.0 - width / 2.0, middle.1 - height / 2.0, width, height);
    let channels = (example.values.len() / (rows * columns).max(1)).max(1);
    let mut pixels = Pixels::filled(columns, rows, PAPER);
    for (index, values) in example.values.chunks_exact(channels).enumerate() {
        let at = |channel: usize| (f64::from(values[channel]) * 255.0).round() as u8;
        let color = if channels == 3 { (at(0), at(1), at(2)) } else { gray(f64::from(values[0])) };
        pixels.set(index % columns, index / columns, color);
    }
    figure.picture(area, pixels);
    figure.outline(area, FRAME);
    let caption = Text::new(format!("test sample {}", example.sample)).size(TICK_SIZE).color(QUIET).fit(room);
    figure.text((middle.0, area.top - 14.0), caption.middle());
    let label = example.label.map_or(String::new(), |label| format!("label: {}", class(shown, label.into())));
    figure.text((middle.0, area.bottom() + 15.0), Text::new(&label).size(12.0).fit(room.min(150.0)).middle());
    if centred(example) {
        let words = font::sentences(&["the network gets it", "minus the mean sample"], TICK_SIZE, room);
        for (line, words) in words.iter().enumerate() {
            let at = (middle.0, area.bottom() + 33.0 + 13.0 * line as f64);
            figure.text(at, Text::new(words).size(TICK_SIZE).color(QUIET).middle());
        }
    }
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
            let drawn = of_arm(&summary, arm, &arm.examples[example], &Request::default());
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
            show(
                &format!("presentation-odd-{index}"),
                &of_arm(&summary, &summary.arms[0], &example, &Request::default()),
            );
        }
    }

    #[test]
    fn any_size_holds_all_parts() {
        let summary = summary(Wish::default());
        for (width, height) in
            [(240.0, None), (331.0, None), (561.0, None), (561.0, Some(330.0)), (1500.0, Some(700.0))]
        {
            for arm in [0, 1] {
                let request = Request { width: Some(width), height, title: false, ..Request::default() };
                let drawn = of_arm(&summary, &summary.arms[arm], &summary.arms[arm].examples[1], &request);
                assert_eq!((drawn.width, height.unwrap_or(drawn.height)), (width, drawn.height));
                let svg = render::svg(&drawn);
                assert!(!svg.contains(">One test sample") && svg.contains("200 neurons"), "{width}");
                show(&format!("presentation-{arm}-{width}-{}", height.unwrap_or(0.0)), &drawn);
            }
        }
        let low = Request { height: Some(120.0), ..Request::default() };
        assert!(of_arm(&summary, &summary.arms[0], &summary.arms[0].examples[0], &low).height > 120.5);
    }

    #[test]
    fn samples_without_spikes_scores_or_values_are_drawn() {
        let mut summary = summary(Wish::default());
        summary.shape = vec![4];
        summary.classes.clear();
        let mut example = summary.arms[0].examples[0].clone();
        example.values = vec![0.1, 0.9, 0.4, 0.2];
        example.spikes.clear();
        show("presentation-silent", &of_arm(&summary, &summary.arms[0], &example, &Request::default()));
        (example.values, example.scores, example.duration_ms) = (vec![], vec![], 0.0);
        summary.layers.clear();
        show("presentation-empty", &of_arm(&summary, &summary.arms[0], &example, &Request::default()));
    }
}
