//! Synaptic weights of plastic projections, before and after a run.

use serde::{Deserialize, Serialize};

/// Bins of a histogram.
const BINS: usize = 60;

/// The weights of one projection at the start and at the end of a run, synapse by synapse, in
/// the unit of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct PlasticWeights {
    /// Name of the projection.
    pub name: String,
    pub before: Vec<f64>,
    /// As many.
    pub after: Vec<f64>,
}

/// The same in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightSummary {
    pub name: String,
    /// The population that its synapses come from; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Of the weights, such as `mV`; empty for pure numbers.
    #[serde(default)]
    pub unit: String,
    pub synapses: usize,
    pub before: WeightDistribution,
    pub after: WeightDistribution,
    /// Where the first bin of both histograms starts, and how wide each bin is.
    pub low: f64,
    pub step: f64,
}

/// How the weights of a projection are distributed at one time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightDistribution {
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// Synapses per bin; weights that are not finite are in none.
    pub counts: Vec<u64>,
}

impl PlasticWeights {
    /// Distributions before and after, over the same bins.
    pub fn summary(&self) -> WeightSummary {
        let all = || self.before.iter().chain(&self.after).copied().filter(|w| w.is_finite());
        let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
        // One value alone still gets a bin that can be seen.
        let span = if high > low { high - low } else { low.abs().max(1.0) };
        let (low, step) = if high > low { (low, span / BINS as f64) } else { (low - span / 2.0, span / BINS as f64) };
        WeightSummary {
            name: self.name.clone(),
            source: String::new(),
            unit: String::new(),
            synapses: self.after.len(),
            before: distribution(&self.before, low, step),
            after: distribution(&self.after, low, step),
            low,
            step,
        }
    }
}

fn distribution(weights: &[f64], low: f64, step: f64) -> WeightDistribution {
    let finite = || weights.iter().copied().filter(|weight| weight.is_finite());
    let number = finite().count().max(1) as f64;
    let mean = finite().sum::<f64>() / number;
    let variance = finite().map(|weight| (weight - mean) * (weight - mean)).sum::<f64>() / number;
    let mut counts = vec![0; BINS];
    finite().for_each(|weight| counts[(((weight - low) / step) as usize).min(BINS - 1)] += 1);
    WeightDistribution { mean, std: variance.sqrt(), counts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_histograms_share_their_bins() {
        let weights =
            PlasticWeights { name: "w".into(), before: vec![1.0; 4], after: vec![0.0, 1.0, 2.0, 3.0, f64::NAN] };
        let summary = weights.summary();
        assert_eq!((summary.low, summary.synapses), (0.0, 5));
        assert_eq!((summary.before.mean, summary.before.std, summary.after.mean), (1.0, 0.0, 1.5));
        assert_eq!((summary.before.counts[20], summary.after.counts[0], summary.after.counts[59]), (4, 1, 1));
        let odd = PlasticWeights { name: "none".into(), before: vec![], after: vec![f64::INFINITY] }.summary();
        assert_eq!((odd.after.mean, odd.after.counts.iter().sum::<u64>()), (0.0, 0));
        let same = PlasticWeights { name: "same".into(), before: vec![2.0], after: vec![2.0] }.summary();
        assert_eq!(same.before.counts[30], 1);
    }
}
