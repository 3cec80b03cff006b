//! What one presentation costs: spikes, operations, and an estimate of the energy.

use super::FigureKind;
use super::axes::TICK_SIZE;
use super::canvas::{Area, Figure, Text};
use super::palette::{Color, FRAME, QUIET, series};
use super::request::Request;
use super::{energy, font, number};
use crate::result::Regime;
use crate::result::{ArmResult, Summary};

const WIDTH: f64 = 900.0;
const LANE: f64 = 26.0;

/// The row of this figure.
pub const KIND: FigureKind = FigureKind {
    name: "cost",
    summary: "Spikes, operations and estimated energy per presentation",
    flows: false,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, _: &Request) -> Vec<(String, Figure)> {
    vec![(KIND.name.to_string(), figure(summary))]
}

/// Three panels of bars, one bar per arm.
pub fn figure(summary: &Summary) -> Figure {
    let arms = summary.arms.len() as f64;
    let mut figure = Figure::new("Cost of one test presentation", WIDTH, 72.0 + arms.max(1.0) * LANE + 34.0);
    figure.text((16.0, 22.0), Text::new("Cost of one test presentation").size(15.0).bold());
    let room = summary.arms.iter().map(|arm| font::width(&arm.label(), 12.0, false)).fold(60.0, f64::max).min(190.0);
    for (row, arm) in summary.arms.iter().enumerate() {
        let y = 72.0 + (row as f64 + 0.5) * LANE;
        figure.text((16.0, y), Text::new(arm.label()).fit(room).color(series(row)));
    }
    let panels: [(&str, Quantity, Written); 3] = [
        ("spikes", spikes, number::count),
        ("operations", |arm| energy::operations(arm.regime, &arm.cost), number::count),
        ("energy, arithmetic only", |arm| energy::per_presentation(arm.regime, &arm.cost), number::energy),
    ];
    let width = (WIDTH - room - 52.0) / 3.0;
    for (index, panel) in panels.into_iter().enumerate() {
        let left = room + 36.0 + width * index as f64;
        draw_panel(&mut figure, summary, panel, Area::new(left, 72.0, width - 20.0, arms * LANE));
    }
    let note = "operations: synaptic operations and constant currents (spiking) or multiply-accumulates (rate); \
                energy: 0.9 pJ per addition, 4.6 pJ per multiply-accumulate, Horowitz 2014";
    figure.text((16.0, figure.height - 16.0), Text::new(note).size(10.0).color(QUIET));
    figure
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
    area: Area,
) {
    figure.text((area.left, 54.0), Text::new(title).size(12.0).bold());
    let words: Vec<String> = summary.arms.iter().map(|arm| label(arm, title, quantity, written)).collect();
    let room = words.iter().map(|word| font::width(word, TICK_SIZE, false)).fold(0.0, f64::max) + 10.0;
    let most = summary.arms.iter().map(quantity).fold(0.0, f64::max);
    for (row, (arm, word)) in summary.arms.iter().zip(words).enumerate() {
        let share = if most > 0.0 { quantity(arm) / most } else { 0.0 };
        let bar = Area::new(area.left, area.top + row as f64 * LANE + 5.0, (area.width - room) * share, LANE - 10.0);
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
        let svg = render::svg(&figure(&summary));
        for label in ["spiking-q_agrel", ">1,278<", ">14,800<", "none", "nJ"] {
            assert!(svg.contains(label), "{label}");
        }
        show("cost", &figure(&summary));
    }

    #[test]
    fn nothing_and_long_names_are_drawn() {
        let mut summary = summary(Wish::default());
        summary.arms[0].rule = "a_rule_with_a_really_long_name_that_goes_on".into();
        summary.arms[0].cost = crate::result::Cost::default();
        show("cost-long", &figure(&summary));
        summary.arms.clear();
        show("cost-none", &figure(&summary));
    }
}
