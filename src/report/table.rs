//! The result of a comparison as a table, for the terminal and for the page.

use super::{energy, number};
use crate::metric::Metric;
use crate::result::Regime;
use crate::result::{ArmResult, Difference, Epoch, Estimate, Run, Summary};

/// One column: its heading, and what stands in it for an arm.
pub struct Column {
    pub head: String,
    cell: Box<dyn Fn(&ArmResult) -> String>,
}

impl Column {
    fn new(head: impl Into<String>, cell: impl Fn(&ArmResult) -> String + 'static) -> Self {
        Self { head: head.into(), cell: Box::new(cell) }
    }

    /// What stands in it for `arm`.
    pub fn cell(&self, arm: &ArmResult) -> String {
        (self.cell)(arm)
    }
}

/// The columns of the result table.
pub fn columns(summary: &Summary) -> Vec<Column> {
    let of_metric = |metric: &Metric| {
        let (name, places, bounds) = (metric.name.to_string(), metric.places() as i32, metric.bounds());
        let cell = move |arm: &ArmResult| arm.metrics.get(&name).map_or("–".into(), |e| bounded(e, places, bounds));
        Column::new(format!("test {}", metric.heading()), cell)
    };
    let mut columns =
        vec![Column::new("regime", |arm| arm.regime.name().to_string()), Column::new("rule", |arm| arm.rule.clone())];
    columns.extend(summary.measured.iter().map(of_metric));
    let per_epoch = |head: &str, seconds: fn(&Epoch) -> f64| {
        Column::new(head, move |arm| seconds_per_epoch(arm, |run| run.epochs.iter().map(seconds).sum()))
    };
    columns.extend([
        Column::new("best epoch", |arm| bounded(&arm.epochs_to_best, 1, (1.0, f64::INFINITY))),
        per_epoch("CPU s/epoch", |epoch| epoch.cpu_s),
        per_epoch("wall s/epoch", |epoch| epoch.wall_s),
        Column::new("spikes", spikes),
        Column::new("operations", operations),
        Column::new("energy", |arm| number::energy(energy::per_presentation(arm.regime, &arm.cost))),
    ]);
    columns
}

/// The table with one line per arm and the paired differences below, for a terminal of so many columns.
pub fn comparison(summary: &Summary, width: Option<usize>) -> String {
    let columns = columns(summary);
    let heads = columns.iter().map(|column| column.head.clone()).collect();
    let row = |arm: &ArmResult| columns.iter().map(|column| column.cell(arm)).collect();
    let mut text = fitted(heads, summary.arms.iter().map(row).collect(), width);
    for line in differences(summary).into_iter().chain(warnings(summary)) {
        text += &format!("\n{line}\n");
    }
    text
}

/// One sentence per rule that ran in both regimes, and metric.
pub fn differences(summary: &Summary) -> Vec<String> {
    let sentence = |difference: &Difference, metric: &Metric| {
        let found = difference.spiking_minus_rate.get(&*metric.name)?;
        let sign = if found.mean > 0.0 { "+" } else { "" };
        let seeds = if found.n == 1 { "one seed".to_string() } else { format!("paired over {} seeds", found.n) };
        let shown = interval(found, metric.places() as i32);
        let what = if metric.unit == "%" { "points".to_string() } else { format!("in {}", metric.heading()) };
        Some(format!("{}: spiking minus rate {sign}{shown} {what}, {seeds}", difference.rule))
    };
    let all = |difference| summary.measured.iter().filter_map(move |metric| sentence(difference, metric));
    summary.differences.iter().flat_map(all).collect()
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

/// As [`interval`], of a quantity that is never outside these bounds: where the interval is, both of
/// its ends are written, cut there: `99.10 (97.80 to 100)`.
pub fn bounded(estimate: &Estimate, places: i32, (least, most): (f64, f64)) -> String {
    let (low, high) = (estimate.mean - estimate.half_width, estimate.mean + estimate.half_width);
    if estimate.n < 3 || (low >= least && high <= most) {
        return interval(estimate, places);
    }
    let end = |value: f64, bound: f64, out: bool| {
        number::decimals(if out { bound } else { value }, if out { 0 } else { places })
    };
    let mean = number::decimals(estimate.mean, places);
    format!("{mean} ({} to {})", end(low, least, low < least), end(high, most, high > most))
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

fn seconds_per_epoch(arm: &ArmResult, total: impl Fn(&Run) -> f64) -> String {
    let epochs: usize = arm.runs.iter().map(|run| run.epochs.len()).sum();
    let seconds: f64 = arm.runs.iter().map(&total).sum();
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

/// As [`aligned`], in a terminal of so many columns: what does not fit goes below, with the first two columns
/// again, and names are cut.
pub fn fitted(heads: Vec<String>, mut rows: Vec<Vec<String>>, width: Option<usize>) -> String {
    let Some(width) = width else { return aligned(heads, rows) };
    rows.iter_mut().filter_map(|row| row.first_mut()).for_each(|name| *name = shortened(name, (width / 3).max(8)));
    let whole = aligned(heads.clone(), rows.clone());
    if whole.lines().all(|line| line.chars().count() <= width) {
        return whole;
    }
    let wide = |column: usize| rows.iter().chain([&heads]).map(|row| row[column].chars().count()).max().unwrap_or(0);
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for column in (2..heads.len()).filter(|&column| wide(column) > 0) {
        match blocks.last_mut().filter(|_| wide(column) + 2 <= room) {
            Some(block) => block.push(column),
            None => {
                blocks.push(vec![0, 1, column]);
                room = width.saturating_sub(wide(0) + wide(1) + 2);
            }
        }
        room = room.saturating_sub(wide(column) + 2);
    }
    let part = |row: &Vec<String>, block: &[usize]| block.iter().map(|&column| row[column].clone()).collect();
    let text = |block: &Vec<usize>| aligned(part(&heads, block), rows.iter().map(|row| part(row, block)).collect());
    blocks.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// `text` in at most so many letters, cut with an ellipsis.
pub fn shortened(text: &str, letters: usize) -> String {
    match text.chars().count() > letters {
        true => text.chars().take(letters.saturating_sub(1)).collect::<String>() + "…",
        false => text.to_string(),
    }
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
        let text = comparison(&summary(Wish::default()), None);
        let lines: Vec<&str> = text.lines().take(5).collect();
        let ends = |line: &str| line.chars().count();
        assert!(lines.iter().all(|line| ends(line) == ends(lines[0])), "\n{text}");
        assert!(text.contains("q_agrel: spiking minus rate") && text.contains("paired over 3 seeds"), "\n{text}");
        assert!(text.contains("91,060 SynOp") && text.contains("14,800 MAC"), "\n{text}");
    }

    #[test]
    fn narrow_terminals_get_the_table_in_parts() {
        let summary = summary(Wish::default());
        let text = comparison(&summary, Some(60));
        let table: Vec<&str> = text.split("\n\n\n").next().unwrap().lines().collect();
        assert!(table.iter().all(|line| line.starts_with("q_agrel:") || line.chars().count() <= 60), "{text}");
        assert_eq!(text.matches("regime").count(), text.matches("─\n").count(), "{text}");
        assert!(columns(&summary).iter().all(|column| text.contains(&column.head)), "{text}");
        assert_eq!(shortened("a very long name", 8), "a very …");
    }

    #[test]
    fn two_values_are_both_shown() {
        assert_eq!(interval(&Estimate::of(&[2.0, 33.5]), 2), "17.75 (2.00 to 33.50)");
    }

    #[test]
    fn intervals_end_where_there_is_nothing() {
        let shown = |values: &[f64]| bounded(&Estimate::of(values), 2, (0.0, 100.0));
        assert_eq!(shown(&[99.0, 99.5, 100.0]), "99.50 (98.26 to 100)");
        assert_eq!(shown(&[0.0, 1.0, 0.5]), "0.50 (0 to 1.74)");
        assert_eq!(shown(&[96.0, 96.5, 97.0]), "96.50 ± 1.24");
        assert_eq!(bounded(&Estimate::of(&[1.0, 2.0, 2.0]), 1, (1.0, f64::INFINITY)), "1.7 (1 to 3.1)");
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
        assert!(comparison(&summary, None).contains(&found[0]));
    }

    #[test]
    fn constant_currents_are_told() {
        let mut summary = summary(Wish::default());
        (summary.arms[0].cost.analog_operations, summary.arms[0].cost.current_additions) = (12_800.0, 1_600.0);
        assert_eq!(operations(&summary.arms[0]), "91,060 SynOp + 12,800 MAC + 1,600 add");
    }

    #[test]
    fn one_seed_has_no_interval() {
        let text = comparison(&summary(Wish { seeds: 1, ..Wish::default() }), None);
        assert!(!text.contains('±') && text.contains("one seed"), "\n{text}");
        let mut empty = summary(Wish::default());
        empty.arms.clear();
        assert!(comparison(&empty, None).starts_with("regime"));
    }
}
