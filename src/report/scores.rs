//! The scores of the classes in a presentation, as bars.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Text};
use super::font;
use super::palette::{FRAME, INK, QUIET};
use super::presentation::{Presentation, class, verdict_color};
use crate::result::Example;

/// The most classes whose scores are shown.
const SCORES: usize = 16;
/// Pixels of a class, where there are few or many.
const WIDEST_LANE: f64 = 40.0;
const LANE: f64 = 18.0;
const LEAST_LANE: f64 = 13.0;
/// Pixels above the bars, and right of them for what is decided.
const HEAD: f64 = 20.0;
const MARK: f64 = 74.0;

/// Pixels of so many lanes, as far as they are shown, and the heading above them.
pub(super) fn height(shown: &Presentation<'_>) -> f64 {
    HEAD + LANE * shown.example.scores.len().min(SCORES) as f64
}

/// The least of it: for a few classes.
pub(super) fn least_height(shown: &Presentation<'_>) -> f64 {
    HEAD + LEAST_LANE * shown.example.scores.len().min(4) as f64
}

/// The classes that are shown: all, or those with the highest scores and the true one, so many.
fn shown_classes(example: &Example, most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..example.scores.len()).collect();
    if order.len() > most {
        order.sort_by(|&a, &b| {
            example.is_of(b).cmp(&example.is_of(a)).then(example.scores[b].total_cmp(&example.scores[a]))
        });
        order.truncate(most);
        order.sort_unstable();
    }
    order
}

/// Names of classes at the left of `room`, bars at the right, a scale below it.
pub(super) fn draw_scores(figure: &mut Figure, shown: &Presentation<'_>, room: Area) {
    let example = shown.example;
    let most = SCORES.min(((room.height - HEAD + 0.01) / LEAST_LANE) as usize);
    let classes = shown_classes(example, most.max(1));
    let longest = (room.width * 0.37).min(70.0);
    let names: Vec<String> = classes.iter().map(|&c| font::fit(&class(shown, c), 12.0, false, longest)).collect();
    let widest = names.iter().map(|name| font::width(name, 12.0, true)).fold(0.0, f64::max);
    let left = room.left + widest;
    let area = Area::new(left + 10.0, room.top + HEAD, room.right() - left - MARK, room.height - HEAD);
    let title = Text::new(if example.decision.is_some() { "score of each class" } else { "largest outputs" })
        .size(TICK_SIZE)
        .color(QUIET)
        .fit(figure.width - 4.0 - area.left);
    figure.text((area.left, room.top + 4.0), title);
    let scores = || classes.iter().map(|&c| f64::from(example.scores[c]));
    let axes = Axes::new(area, (scores().fold(0.0, f64::min), scores().fold(0.0, f64::max)), (0.0, 1.0));
    let lane = (area.height / classes.len().max(1) as f64).min(WIDEST_LANE);
    for (row, (&class, name)) in classes.iter().zip(names).enumerate() {
        let y = area.top + (row as f64 + 0.5) * lane;
        draw_score(figure, example, class, (&axes, y, lane * 0.62));
        let chosen = example.is_taken_for(class);
        let label = Text::new(name).end().color(if chosen { verdict_color(example) } else { INK });
        figure.text((left, y), if chosen { label.bold() } else { label });
    }
    let foot = area.top + lane * classes.len() as f64;
    figure.line(vec![(axes.x(0.0), area.top), (axes.x(0.0), foot)], FRAME, 1.0);
    let scale = Area::new(area.left, foot, area.width, 2.0);
    Axes::new(scale, axes.x_range(), (0.0, 1.0)).draw_x(figure, "");
}

fn draw_score(figure: &mut Figure, example: &Example, class: usize, (axes, y, height): (&Axes, f64, f64)) {
    let (zero, tip) = (axes.x(0.0), axes.x(f64::from(example.scores[class])));
    let (chosen, label) = (example.is_taken_for(class), example.is_of(class));
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
