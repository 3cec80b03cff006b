//! Small panels side by side, one per population or projection, each with its name.

use super::canvas::{Area, Figure, Text};
use super::palette::{Color, QUIET};
use super::{font, number};

const WIDTH: f64 = 900.0;
const COLUMNS: usize = 2;
const HEIGHT: f64 = 134.0;
const LEFT: f64 = 78.0;
/// Room above a panel for its name and below it for its scale.
const ABOVE: f64 = 30.0;
const BELOW: f64 = 44.0;
/// The most panels of a figure.
pub(super) const MOST: usize = 24;

/// What stands above a panel.
pub(super) struct Heading {
    pub name: String,
    pub color: Color,
    /// To the right of the name, such as `CV 0.81`.
    pub note: String,
}

/// A figure with a title and a panel for each heading, up to [`MOST`]; the panels are
/// empty areas.
pub(super) fn panels(title: &str, headings: &[Heading]) -> (Figure, Vec<Area>) {
    let shown = headings.len().min(MOST);
    let rows = shown.div_ceil(COLUMNS).max(1);
    let columns = if shown == 1 { 1 } else { COLUMNS };
    let height = 44.0 + rows as f64 * (ABOVE + HEIGHT + BELOW);
    let mut figure = Figure::new(title, WIDTH, height);
    figure.text((16.0, 22.0), Text::new(font::fit(title, 15.0, WIDTH - 240.0)).size(15.0).bold());
    if shown < headings.len() {
        let note = format!("the first {shown} of {}", number::count(headings.len() as f64));
        figure.text((WIDTH - 24.0, 22.0), Text::new(note).size(9.5).color(QUIET).end());
    }
    let cell = WIDTH / columns as f64;
    let area = |index: usize| {
        let (column, row) = ((index % columns) as f64, (index / columns) as f64);
        let top = 44.0 + row * (ABOVE + HEIGHT + BELOW) + ABOVE;
        Area::new(column * cell + LEFT, top, cell - LEFT - 24.0, HEIGHT)
    };
    let areas: Vec<Area> = (0..shown).map(area).collect();
    for (heading, area) in headings.iter().zip(&areas) {
        let room = area.width - font::width(&heading.note, 9.5, false) - 12.0;
        let name = Text::new(font::fit(&heading.name, 12.0, room)).bold().color(heading.color);
        figure.text((area.left, area.top - 12.0), name);
        figure.text((area.right(), area.top - 12.0), Text::new(heading.note.clone()).size(9.5).color(QUIET).end());
    }
    (figure, areas)
}
