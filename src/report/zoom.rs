//! Which few neurons over which short time are seen closely below a raster.

use super::number;
use super::raster::Plan;
use super::request::Neurons;
use crate::record::recording::RunSummary;

/// Neurons in all, and the fewest of one population.
const NEURONS: usize = 50;
const FEWEST: usize = 10;
/// Lengths that are tried until there is something to see, in ms.
const LENGTHS_MS: [f64; 5] = [200.0, 500.0, 1000.0, 2000.0, 5000.0];
/// Spikes that are something to see.
const SPIKES: f64 = 60.0;

/// The second panel of a run; `None` where the first shows as much.
pub(super) fn plan(run: &RunSummary, shown: &[usize]) -> Option<Plan> {
    let each = (NEURONS / shown.len().max(1)).max(FEWEST);
    let many = shown.iter().any(|&index| run.populations[index].size > 4 * each);
    let from = run.analysed_from_ms;
    let expected = |&index: &usize| {
        let population = &run.populations[index];
        population.firing.rate_hz / 1000.0 * population.size.min(each) as f64
    };
    let per_ms: f64 = shown.iter().map(expected).sum();
    let long = |ms: &f64| *ms * 2.0 <= run.duration_ms - from;
    let lengths = LENGTHS_MS.into_iter().filter(long);
    let length = lengths.clone().find(|ms| per_ms * ms >= SPIKES).or(lengths.max_by(f64::total_cmp))?;
    let window = latest(run, shown, length)?;
    let heading =
        format!("{} neurons of each population over {}, where the grey bar is above", each, number::time(length));
    let neurons = Some(Neurons::First(each as u32));
    many.then_some(Plan { heading: Some(heading), window, neurons, counted: true })
}

/// The last stretch of the analysed time in which neurons fire at least half as much as they do
/// on average; `None` without a spike.
fn latest(run: &RunSummary, shown: &[usize], length: f64) -> Option<(f64, f64)> {
    let (from, to) = (run.analysed_from_ms, run.duration_ms);
    let number = ((to - from) / length) as usize;
    let stretches = (0..number).map(|back| (to - length * (back + 1) as f64, to - length * back as f64));
    let mean = spikes(run, shown, (from, to)) / (to - from);
    let usual = |window: &(f64, f64)| spikes(run, shown, *window) >= 0.5 * mean * length;
    if mean > 0.0 { stretches.into_iter().find(usual).or(Some((to - length, to))) } else { None }
}

/// About how many spikes there are in a window.
fn spikes(run: &RunSummary, shown: &[usize], (from, to): (f64, f64)) -> f64 {
    let mut sum = 0.0;
    for population in shown.iter().map(|&index| &run.populations[index]) {
        let bins = &population.profile.psth;
        for (bin, rate) in bins.rates_hz.iter().enumerate() {
            let (start, end) = (bin as f64 * bins.bin_ms, (bin + 1) as f64 * bins.bin_ms);
            sum += (end.min(to) - start.max(from)).max(0.0) * rate / 1000.0 * population.size as f64;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rate::RateHistogram;
    use crate::report::sample::{named, summary_of};

    #[test]
    fn the_last_stretch_that_is_as_usual_is_seen() {
        let mut population = named("exc");
        (population.size, population.firing.rate_hz) = (1000, 20.0);
        let rates_hz = (0..100).map(|bin| if bin < 80 { 25.0 } else { 0.0 }).collect();
        population.profile.psth = RateHistogram { bin_ms: 10.0, rates_hz };
        let mut run = summary_of(&[population]);
        run.duration_ms = 1000.0;
        let seen = plan(&run, &[0]).unwrap();
        assert_eq!((seen.window, seen.neurons), ((600.0, 800.0), Some(Neurons::First(50))));
        run.analysed_from_ms = 700.0;
        assert_eq!(plan(&run, &[0]), None, "no stretch fits twice");
        (run.analysed_from_ms, run.populations[0].size) = (0.0, 100);
        assert_eq!(plan(&run, &[0]), None, "a hundred neurons are seen in the first panel");
    }
}
