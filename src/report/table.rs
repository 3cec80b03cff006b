//! The result of a comparison as a table, for the terminal and for the page.

use super::{energy, number};
use crate::experiment::result::{ArmResult, Estimate, Run, Summary};
use crate::regime::Regime;

/// One column: its heading, and what stands in it for an arm.
pub struct Column {
    pub head: &'static str,
    pub cell: fn(&ArmResult) -> String,
}

/// The columns of the result table.
pub const COLUMNS: &[Column] = &[
    Column { head: "regime", cell: |arm| arm.regime.name().to_string() },
    Column { head: "rule", cell: |arm| arm.rule.clone() },
    Column { head: "test accuracy (%)", cell: |arm| interval(&arm.accuracy, 2) },
    Column { head: "best epoch", cell: |arm| interval(&arm.epochs_to_best, 1) },
    Column { head: "CPU s/epoch", cell: |arm| seconds_per_epoch(arm, |run| run.epochs.iter().map(|e| e.cpu_s).sum()) },
    Column {
        head: "wall s/epoch",
        cell: |arm| seconds_per_epoch(arm, |run| run.epochs.iter().map(|e| e.wall_s).sum()),
    },
    Column { head: "spikes", cell: spikes },
    Column { head: "operations", cell: operations },
    Column { head: "energy", cell: |arm| number::energy(energy::per_presentation(arm.regime, &arm.cost)) },
];

/// The table with one line per arm and the paired differences below.
pub fn comparison(summary: &Summary) -> String {
    let heads = COLUMNS.iter().map(|column| column.head.to_string()).collect();
    let row = |arm: &ArmResult| COLUMNS.iter().map(|column| (column.cell)(arm)).collect();
    let mut text = aligned(heads, summary.arms.iter().map(row).collect());
    for line in differences(summary) {
        text += &format!("\n{line}\n");
    }
    text
}

/// One sentence per rule that ran in both regimes.
pub fn differences(summary: &Summary) -> Vec<String> {
    let sentence = |difference: &crate::experiment::result::Difference| {
        let points = difference.spiking_minus_rate;
        let sign = if points.mean > 0.0 { "+" } else { "" };
        let seeds = if points.n == 1 { "one seed".to_string() } else { format!("paired over {} seeds", points.n) };
        format!("{}: spiking minus rate {sign}{} points, {seeds}", difference.rule, interval(&points, 2))
    };
    summary.differences.iter().map(sentence).collect()
}

/// `96.40 ± 0.52`; without the half width where there is one value only.
pub fn interval(estimate: &Estimate, places: i32) -> String {
    let mean = number::decimals(estimate.mean, places);
    match estimate.n {
        0 => "–".to_string(),
        1 => mean,
        _ => format!("{mean} ± {}", number::decimals(estimate.half_width, places)),
    }
}

fn seconds_per_epoch(arm: &ArmResult, total: fn(&Run) -> f64) -> String {
    let epochs: usize = arm.runs.iter().map(|run| run.epochs.len()).sum();
    let seconds: f64 = arm.runs.iter().map(total).sum();
    if epochs == 0 { "–".to_string() } else { number::short(seconds / epochs as f64) }
}

fn spikes(arm: &ArmResult) -> String {
    match arm.regime {
        Regime::Spiking => number::count(arm.cost.input_spikes + arm.cost.hidden_spikes),
        Regime::Rate => "–".to_string(),
    }
}

fn operations(arm: &ArmResult) -> String {
    let kind = if arm.regime == Regime::Spiking { "SynOp" } else { "MAC" };
    format!("{} {kind}", number::count(energy::operations(arm.regime, &arm.cost)))
}

/// Columns of equal width, words to the left and numbers to the right, under a line.
pub fn aligned(heads: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let length = |text: &String| text.chars().count();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| rows.iter().chain([&heads]).map(|row| length(&row[column])).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cell = |(index, text): (usize, &String)| match index {
            0 | 1 => format!("{text:<width$}", width = widths[index]),
            _ => format!("{text:>width$}", width = widths[index]),
        };
        row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_string() + "\n"
    };
    let rule = "─".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1));
    line(&heads) + &rule + "\n" + &rows.iter().map(line).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Wish, summary};

    #[test]
    fn columns_line_up() {
        let text = comparison(&summary(Wish::default()));
        let lines: Vec<&str> = text.lines().take(5).collect();
        let ends = |line: &str| line.chars().count();
        assert!(lines.iter().all(|line| ends(line) == ends(lines[0])), "\n{text}");
        assert!(text.contains("q_agrel: spiking minus rate") && text.contains("paired over 3 seeds"), "\n{text}");
        assert!(text.contains("91,060 SynOp") && text.contains("14,800 MAC"), "\n{text}");
    }

    #[test]
    fn one_seed_has_no_interval() {
        let text = comparison(&summary(Wish { seeds: 1, ..Wish::default() }));
        assert!(!text.contains('±') && text.contains("one seed"), "\n{text}");
        let mut empty = summary(Wish::default());
        empty.arms.clear();
        assert!(comparison(&empty).starts_with("regime"));
    }
}
