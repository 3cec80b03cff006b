//! Small panels side by side, one per population or projection, each with its name.

use super::canvas::{Area, Figure, Text};
use super::number;
use super::palette::{Color, QUIET};
use super::request::Request;

/// Narrower figures have one column.
const TWO_COLUMNS: f64 = 600.0;
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
pub(super) fn panels(title: &str, headings: &[Heading], request: &Request) -> (Figure, Vec<Area>) {
    let shown = headings.len().min(MOST);
    let columns = if shown < 2 || request.width() < TWO_COLUMNS { 1 } else { 2 };
    let rows = shown.div_ceil(columns).max(1);
    let head = request.head(44.0);
    let room = request.height.map(|height| (height - head) / rows as f64 - ABOVE - BELOW);
    let high = room.map_or(HEIGHT, |room| room.max(20.0));
    let height = request.height_for(head + rows as f64 * (ABOVE + high + BELOW));
    let mut figure = Figure::new(title, request.width(), height);
    let more = format!("the first {shown}, and {} more", number::count((headings.len() - shown) as f64));
    let more = Text::new(if shown < headings.len() { more } else { String::new() }).size(9.5).color(QUIET).end();
    if request.title {
        let room = request.width() - 50.0 - more.width();
        figure.text((16.0, 22.0), Text::new(title).size(15.0).bold().fit(room));
    }
    figure.text((request.width() - 24.0, if request.title { 22.0 } else { 10.0 }), more);
    let cell = request.width() / columns as f64;
    let area = |index: usize| {
        let (column, row) = ((index % columns) as f64, (index / columns) as f64);
        let top = head + row * (ABOVE + high + BELOW) + ABOVE;
        Area::new(column * cell + LEFT, top, cell - LEFT - 24.0, high)
    };
    let areas: Vec<Area> = (0..shown).map(area).collect();
    for (heading, area) in headings.iter().zip(&areas) {
        // A name comes before its note, up to half of the room.
        let name = Text::new(&heading.name).bold().color(heading.color);
        let needed = name.width().min(area.width / 2.0);
        let note = Text::new(&heading.note).size(9.5).color(QUIET).fit(area.width - needed - 12.0).end();
        let room = area.width - note.width() - 12.0;
        figure.text((area.left, area.top - 12.0), name.fit(room));
        figure.text((area.right(), area.top - 12.0), note);
    }
    (figure, areas)
}
