//! How every population fired, as rows of a table.

use super::number;
use crate::record::recording::PopulationSummary;

/// Names of the columns.
pub const HEADS: [&str; 9] =
    ["population", "neurons", "spikes", "rate (Hz)", "CV", "LV", "correlation", "synchrony", "silent"];

/// What the columns mean, in a sentence each.
pub const LEGEND: &str = "CV and LV: coefficient of variation and local variation of interspike intervals, means over \
                          neurons with three spikes or more. Correlation: mean over pairs of spike counts in bins of \
                          2 ms. Synchrony: variance over mean of the population's spike counts in bins of 3 ms.";

/// A row per population.
pub fn rows(populations: &[PopulationSummary]) -> Vec<Vec<String>> {
    populations.iter().map(row).collect()
}

fn row(population: &PopulationSummary) -> Vec<String> {
    let firing = &population.firing;
    let value = |value: Option<f64>, places| value.map_or("–".into(), |value| number::decimals(value, places));
    vec![
        population.name.clone(),
        number::count(population.size as f64),
        number::count(firing.spikes as f64),
        number::short(firing.rate_hz),
        value(firing.cv_isi, 2),
        value(firing.lv_isi, 2),
        value(firing.correlation, 4),
        firing.synchrony.map_or("–".into(), number::short),
        format!("{} %", number::decimals(100.0 * firing.silent_fraction, 1)),
    ]
}
