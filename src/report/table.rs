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
    for line in differences(summary).into_iter().chain(warnings(summary)) {
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

/// What is missing, and one sentence per arm and hidden layer of which most neurons are silent at the end, with
/// the seed in which it is worst.
pub fn warnings(summary: &Summary) -> Vec<String> {
    let mut sentences = Vec::new();
    if summary.missing > 0 {
        let done: usize = summary.arms.iter().map(|arm| arm.runs.len()).sum();
        let all = number::counted(done + summary.missing, "training");
        sentences.push(format!("Warning: {done} of {all} are here; the others are not done"));
    }
    for arm in &summary.arms {
        for layer in 1..summary.layers.len().saturating_sub(1) {
            let silent = |run: &Run| Some((*run.epochs.last()?.silent_fraction.get(layer - 1)?, run.seed));
            let worst = arm.runs.iter().filter_map(silent).max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((share, seed)) = worst.filter(|(share, _)| *share > 0.5) else { continue };
            let what = match share >= 1.0 {
                true => "is entirely silent".to_string(),
                false => format!("is silent in {} % of its neurons", number::decimals(100.0 * share, 0)),
            };
            let (label, name) = (arm.label(), &summary.layers[layer].name);
            sentences.push(format!("Warning: {label}: layer {name} {what} after the last epoch (seed {seed})"));
        }
    }
    sentences
}

/// `96.40 ± 0.52`; of two values the mean and both, of one that.
pub fn interval(estimate: &Estimate, places: i32) -> String {
    let mean = number::decimals(estimate.mean, places);
    match estimate.n {
        0 => "–".to_string(),
        1 => mean,
        2 => {
            // Of two values the deviation is their distance / sqrt(2).
            let reach = estimate.std / 2f64.sqrt();
            let end = |value: f64| number::decimals(value, places);
            format!("{mean} ({} to {})", end(estimate.mean - reach), end(estimate.mean + reach))
        }
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
    let cost = &arm.cost;
    let counted = match arm.regime {
        Regime::Rate => vec![(cost.multiply_accumulates, "MAC")],
        Regime::Spiking => {
            vec![(cost.synaptic_operations, "SynOp"), (cost.analog_operations, "MAC"), (cost.current_additions, "add")]
        }
    };
    let shown = counted.iter().enumerate().filter(|(index, (count, _))| *index == 0 || *count > 0.0);
    let words: Vec<String> = shown.map(|(_, (count, kind))| format!("{} {kind}", number::count(*count))).collect();
    words.join(" + ")
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
    fn two_values_are_both_shown() {
        assert_eq!(interval(&Estimate::of(&[2.0, 33.5]), 2), "17.75 (2.00 to 33.50)");
    }

    #[test]
    fn silent_layers_are_warned_of() {
        let mut summary = summary(Wish::default());
        assert!(warnings(&summary).is_empty());
        summary.arms[0].runs[1].epochs.last_mut().unwrap().silent_fraction[0] = 0.62;
        summary.arms[1].runs[2].epochs.last_mut().unwrap().silent_fraction = vec![1.0, 1.0];
        let found = warnings(&summary);
        assert!(found[0].contains("spiking-q_agrel: layer hidden is silent in 62 % of its neurons"), "{found:?}");
        assert!(found[1].contains("entirely silent after the last epoch (seed 3)") && found.len() == 2, "{found:?}");
        assert!(comparison(&summary).contains(&found[0]));
    }

    #[test]
    fn constant_currents_are_told() {
        let mut summary = summary(Wish::default());
        (summary.arms[0].cost.analog_operations, summary.arms[0].cost.current_additions) = (12_800.0, 1_600.0);
        assert_eq!(operations(&summary.arms[0]), "91,060 SynOp + 12,800 MAC + 1,600 add");
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
