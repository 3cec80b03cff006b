//! The part of a run that its statistics leave out (`--from`), paled, with a line at its end.

use super::axes::Axes;
use super::canvas::{Area, Figure, Text};
use super::number;
use super::palette::{INK, PAPER, QUIET};

/// The part of `window` that is analysed, which scales are made for; all of it where none is.
pub(super) fn analysed((from, to): (f64, f64), from_ms: f64) -> (f64, f64) {
    if from_ms < to { (from.max(from_ms), to) } else { (from, to) }
}

/// How far the paled part reaches beyond a scale up to `top`; `None` where it does not.
pub(super) fn beyond(highest: f64, top: f64, unit: &str) -> Option<String> {
    (highest > top).then(|| format!("paled: up to {} {unit}", number::short(highest)))
}

/// Marks in panels above each other, that share the scale of `axes`, what comes before
/// `from_ms`; nothing where that is outside.
pub(super) fn shade(figure: &mut Figure, axes: &Axes, panels: &[Area], from_ms: f64) {
    let (low, high) = axes.x_range();
    if from_ms <= low {
        return;
    }
    let x = axes.x(from_ms.min(high));
    for area in panels {
        let corners = [(area.left, area.top), (x, area.top), (x, area.bottom()), (area.left, area.bottom())];
        figure.polygon(corners.to_vec(), PAPER, 0.55);
        figure.dashed((x, area.top), (x, area.bottom()), INK);
    }
}

/// The same, and says so above the first panel.
pub(super) fn mark(figure: &mut Figure, axes: &Axes, panels: &[Area], from_ms: f64) {
    shade(figure, axes, panels, from_ms);
    let Some(area) = panels.first().filter(|_| from_ms > axes.x_range().0) else { return };
    let x = axes.x(from_ms.min(axes.x_range().1));
    let words = format!("not analysed before {} (--from)", number::time(from_ms));
    let text = Text::new(words).size(9.5).color(QUIET);
    let fits = x + text.width() < area.right();
    figure.text((x, area.top - 7.0), if fits { text } else { text.end() });
}
