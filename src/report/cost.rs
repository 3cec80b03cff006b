//! What one presentation costs: spikes, operations, and an estimate of the energy.

use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::palette::{Color, FRAME, QUIET, series};
use super::request::Request;
use super::{energy, font, number};
use crate::error::Result;
use crate::result::Regime;
use crate::result::{ArmResult, Summary};

/// Narrower figures have their panels below each other.
const SIDE_BY_SIDE: f64 = 720.0;
/// Pixels of an arm, those that are left of them in low figures, and those between bars.
const LANE: f64 = 26.0;
const LEAST_LANE: f64 = 15.0;
const BETWEEN: f64 = 10.0;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "cost",
    summary: "Spikes, operations and estimated energy per presentation",
    heading: "Cost",
    words: energy::CAVEAT,
    takes: Takes::SIZE,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    Ok(vec![(KIND.name.to_string(), figure(summary, request))])
}

const PANELS: [(&str, Quantity, Written); 3] = [
    ("spikes", spikes, number::count),
    ("operations", |arm| energy::operations(arm.regime, &arm.cost), number::count),
    ("energy, arithmetic only", |arm| energy::per_presentation(arm.regime, &arm.cost), number::energy),
];

const NOTE: &str = "operations: synaptic operations and constant currents (spiking) or multiply-accumulates (rate); \
                    energy: 0.9 pJ per addition, 4.6 pJ per multiply-accumulate, Horowitz 2014";

/// Three panels of bars, one bar per arm.
pub fn figure(summary: &Summary, request: &Request) -> Figure {
    let (arms, width) = (summary.arms.len().max(1) as f64, request.width());
    let beside = width >= SIDE_BY_SIDE;
    let (first, notes) = (request.head(48.0), font::lines(NOTE, 10.0, false, width - 28.0));
    let (above, stacked) = if beside { (24.0, 1.0) } else { (34.0, PANELS.len() as f64) };
    let fixed = first + above * stacked + 21.0 + 13.0 * notes.len() as f64;
    let lane = request.height.map_or(LANE, |height| ((height - fixed) / stacked / arms).max(LEAST_LANE));
    let height = request.height_for(fixed + stacked * arms * lane);
    let mut figure = Figure::new("Cost of one test presentation", width, height);
    if request.title {
        figure.text((16.0, 22.0), Text::new("Cost of one test presentation").size(15.0).bold().fit(width - 32.0));
    }
    let room = summary.arms.iter().map(|arm| font::width(&arm.label(), 12.0, false)).fold(60.0, f64::max);
    let room = room.min(if beside { 190.0 } else { width * 0.3 });
    let (left, step) = (room + 36.0, (width - room - 52.0) / if beside { PANELS.len() as f64 } else { 1.0 });
    for (index, panel) in PANELS.into_iter().enumerate() {
        let (column, row) = if beside { (index as f64, 0.0) } else { (0.0, index as f64) };
        let top = first + row * (above + arms * lane) + above;
        let area = Area::new(left + step * column, top, step - if beside { 20.0 } else { 0.0 }, arms * lane);
        if column == 0.0 {
            draw_arms(&mut figure, summary, (room, top, lane));
        }
        draw_panel(&mut figure, summary, panel, (area, lane));
    }
    for (line, note) in notes.iter().rev().enumerate() {
        figure.text((16.0, height - 16.0 - 13.0 * line as f64), Text::new(note).size(10.0).color(QUIET));
    }
    figure
}

/// The names of the arms, left of their bars.
fn draw_arms(figure: &mut Figure, summary: &Summary, (room, top, lane): (f64, f64, f64)) {
    for (row, arm) in summary.arms.iter().enumerate() {
        let y = top + (row as f64 + 0.5) * lane;
        figure.text((16.0, y), Text::new(arm.label()).fit(room).color(series(row)));
    }
}

/// What a panel shows of an arm.
type Quantity = fn(&ArmResult) -> f64;
/// How it is written.
type Written = fn(f64) -> String;

fn spikes(arm: &ArmResult) -> f64 {
    arm.cost.input_spikes + arm.cost.hidden_spikes
}

fn draw_panel(
    figure: &mut Figure,
    summary: &Summary,
    (title, quantity, written): (&str, Quantity, Written),
    (area, lane): (Area, f64),
) {
    figure.text((area.left, area.top - 18.0), Text::new(title).size(12.0).bold().fit(area.width));
    let words: Vec<String> = summary.arms.iter().map(|arm| label(arm, title, quantity, written)).collect();
    let room = words.iter().map(|word| font::width(word, TICK_SIZE, false)).fold(0.0, f64::max) + 10.0;
    let most = summary.arms.iter().map(quantity).fold(0.0, f64::max);
    for (row, (arm, word)) in summary.arms.iter().zip(words).enumerate() {
        let share = if most > 0.0 { quantity(arm) / most } else { 0.0 };
        let top = area.top + row as f64 * lane + BETWEEN / 2.0;
        let bar = Area::new(area.left, top, (area.width - room).max(0.0) * share, lane - BETWEEN);
        let color: Color = series(row);
        figure.rectangle(bar, color);
        figure.text((bar.right() + 6.0, bar.middle().1), Text::new(word).size(TICK_SIZE));
    }
    figure.line(vec![(area.left, area.top), (area.left, area.bottom())], FRAME, 1.0);
}

fn label(arm: &ArmResult, title: &str, quantity: Quantity, written: Written) -> String {
    match (title, arm.regime) {
        ("spikes", Regime::Rate) => "none".to_string(),
        _ => written(quantity(arm)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn the_numbers_stand_at_the_bars() {
        let summary = summary(Wish::default());
        let svg = render::svg(&figure(&summary, &Request::default()));
        for label in ["spiking-q_agrel", ">1,278<", ">14,800<", "none", "nJ"] {
            assert!(svg.contains(label), "{label}");
        }
        show("cost", &figure(&summary, &Request::default()));
    }

    #[test]
    fn nothing_and_long_names_are_drawn() {
        let mut summary = summary(Wish::default());
        summary.arms[0].rule = "a_rule_with_a_really_long_name_that_goes_on".into();
        summary.arms[0].cost = crate::result::Cost::default();
        show("cost-long", &figure(&summary, &Request::default()));
        summary.arms.clear();
        show("cost-none", &figure(&summary, &Request::default()));
    }
}
