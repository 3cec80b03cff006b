//! The rate of a population as a curve for the eye, in few columns and without aliasing.
//!
//! Counting spikes in bins and drawing the bins invents oscillations: where a fast one has a
//! period p and bins a width w, the counts swing with |1/p - 1/w|. So columns are samples of
//! the rate smoothed by a cubic B-spline as wide as four of them, whose spectrum sinc^4 leaves
//! nothing of what is faster than a column (1.6e-5 of a period of 1.06 columns). What is lost so is
//! told by the extremes: the lowest and the highest of much finer bins in the five columns
//! around. An oscillation of five columns or less fills a level band, a longer one is followed.
//! Columns and bins are as narrow as leaves enough company to the average spike, not to the average
//! time: a volley is seen as short as it is, in whatever silence it stands.
//!
//! ```text
//! mean_k   = sum over spikes of B(x - k) / (neurons * width),   x the time in columns
//! low, high  of the rates in fine bins
//! company  = sum over bins of n^2 / sum of n - 1,   of spikes by chance: their mean number in a bin
//! ```

use serde::{Deserialize, Serialize};

use super::rate::RateHistogram;
use crate::time::Resolution;

/// The most columns, and those of one population where there are many populations.
pub const COLUMNS: usize = 500;
const ALL_COLUMNS: usize = 32_000;
const FEWEST_COLUMNS: usize = 50;
/// Widths of the fine bins that are tried, in ms.
const FINE_MS: [f64; 5] = [0.2, 0.5, 1.0, 2.0, 5.0];
/// Columns that are narrower show by themselves what there is.
const FINEST_MS: f64 = 1.0;
/// Other spikes in the fine bin and in the column of a spike: with fewer, chance makes the curve.
const SPIKES: f64 = 16.0;
/// What a spike adds to the square of its own column: the integral of the square of a cubic B-spline.
const OWN: f64 = 151.0 / 315.0;
/// Columns that are left however few spikes there are.
const FEWEST_WIDE: usize = 25;
/// Columns to each side over which extremes are taken.
const REACH: usize = 2;

/// The rate per neuron over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    pub from_ms: f64,
    /// Width of a column.
    pub step_ms: f64,
    /// Hz, smoothed over four columns; each value stands at the middle of its column.
    pub mean_hz: Vec<f64>,
    /// The lowest and the highest in fine bins; `None` where a column is no wider than these would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extremes: Option<Extremes>,
}

/// The lowest and the highest rates around each column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extremes {
    /// Width of the bins of which they are.
    pub bin_ms: f64,
    pub low_hz: Vec<f64>,
    pub high_hz: Vec<f64>,
}

/// How many columns a population gets where there are so many.
pub(super) fn columns(populations: usize) -> usize {
    (ALL_COLUMNS / populations.max(1)).clamp(FEWEST_COLUMNS, COLUMNS)
}

/// Takes spikes while they come.
#[derive(Debug, Clone)]
pub struct CourseCounter {
    resolution: Resolution,
    start: u64,
    end: u64,
    /// Ticks of a column.
    width: f64,
    smooth: Vec<f64>,
    fine: Vec<Fine>,
    total: u64,
}

impl CourseCounter {
    /// From place `start` (see bins.rs) to place `end`, in at most so many columns.
    pub fn new(resolution: Resolution, (start, end): (u64, u64), columns: usize) -> Self {
        let span = end.saturating_sub(start).max(1);
        let columns = (columns as u64).clamp(1, span) as usize;
        let width = span as f64 / columns as f64;
        let mut widths: Vec<u64> = FINE_MS.iter().map(|&ms| super::bins::ticks_of(ms, resolution)).collect();
        widths.dedup();
        let seen = width * resolution.ms() < FINEST_MS;
        widths.retain(|&fine| !seen && fine as f64 * 2.0 <= width);
        let fine = widths.into_iter().map(|width| Fine::new(width, columns)).collect();
        Self { resolution, start, end: start + span, width, smooth: vec![0.0; columns], fine, total: 0 }
    }

    /// Takes `number` spikes at `place`; places do not go back.
    pub fn spikes(&mut self, place: u64, number: usize) {
        if !(self.start..self.end).contains(&place) {
            return;
        }
        let since = place - self.start;
        deposit(&mut self.smooth, (since as f64 + 0.5) / self.width, number as f64);
        self.fine.iter_mut().for_each(|fine| fine.spikes(since, number, self.width));
        self.total += number as u64;
    }

    /// The course of the rate of `size` neurons up to place `end`; `None` without a spike.
    pub fn course(&self, size: usize, end: u64) -> Option<Course> {
        let until = end.clamp(self.start, self.end) - self.start;
        if self.total == 0 || until == 0 || size == 0 {
            return None;
        }
        let columns = ((until as f64 / self.width).ceil() as usize).clamp(1, self.smooth.len());
        let most = (columns / FEWEST_WIDE).max(1);
        let mut smooth = self.smooth[..columns].to_vec();
        // Beyond the end of a run that was stopped nothing is smoothed in.
        self.smooth[columns..]
            .iter()
            .enumerate()
            .for_each(|(past, n)| smooth[columns - 1 - past.min(columns - 1)] += n);
        let enough = |group: &usize| company(&coarser(&smooth, *group), OWN) >= SPIKES;
        let seen = (1..most).find(enough).unwrap_or(most);
        let smooth = coarser(&smooth, seen);
        let hertz = |spikes: f64, ticks: f64| rounded(spikes / (ticks * self.resolution.seconds() * size as f64));
        let last = until as f64 - (smooth.len() - 1) as f64 * self.width * seen as f64;
        let wide = |column: usize| if column + 1 == smooth.len() { last } else { self.width * seen as f64 };
        let mean_hz = smooth.iter().enumerate().map(|(column, &n)| hertz(n, wide(column))).collect();
        let fine = self.fine.iter().filter(|_| seen == 1).find(|fine| fine.company() >= SPIKES);
        let extremes = fine.map(|fine| {
            let (low, high) = fine.extremes(columns, until, self.width);
            let scaled = |counts: Vec<u32>| counts.iter().map(|&n| hertz(n.into(), fine.width as f64)).collect();
            let bin_ms = fine.width as f64 * self.resolution.ms();
            Extremes { bin_ms, low_hz: scaled(low), high_hz: scaled(high) }
        });
        let ms = |ticks: f64| rounded(ticks * self.resolution.ms());
        Some(Course { from_ms: ms(self.start as f64), step_ms: ms(self.width * seen as f64), mean_hz, extremes })
    }
}

/// The course of rates in bins that are more than `columns`.
pub fn of_bins(bins: &RateHistogram, columns: usize) -> Course {
    let number = bins.rates_hz.len().max(1);
    let columns = columns.clamp(1, number);
    let width = number as f64 / columns as f64;
    let (mut smooth, mut low, mut high) = (vec![0.0; columns], vec![f64::INFINITY; columns], vec![0.0f64; columns]);
    for (bin, &rate) in bins.rates_hz.iter().enumerate() {
        let x = (bin as f64 + 0.5) / width;
        deposit(&mut smooth, x, rate / width);
        let column = (x as usize).min(columns - 1);
        (low[column], high[column]) = (low[column].min(rate), high[column].max(rate));
    }
    let around = |k: usize| k.saturating_sub(REACH)..(k + REACH + 1).min(columns);
    let low_hz = (0..columns).map(|k| low[around(k)].iter().copied().fold(f64::INFINITY, f64::min)).collect();
    let high_hz = (0..columns).map(|k| high[around(k)].iter().copied().fold(0.0, f64::max)).collect();
    let extremes = Some(Extremes { bin_ms: bins.bin_ms, low_hz, high_hz });
    Course { from_ms: 0.0, step_ms: width * bins.bin_ms, mean_hz: smooth, extremes }
}

/// Shares `amount` at `x`, in columns, among the four around it, by a cubic B-spline; what would
/// fall beyond the ends falls back inside.
fn deposit(columns: &mut [f64], x: f64, amount: f64) {
    let first = (x - 0.5).floor();
    let t = x - 0.5 - first;
    let (u, last) = (1.0 - t, columns.len() as i64 - 1);
    let shares = [u * u * u, 3.0 * t * t * t - 6.0 * t * t + 4.0, 3.0 * u * u * u - 6.0 * u * u + 4.0, t * t * t];
    for (offset, share) in shares.into_iter().enumerate() {
        let column = first as i64 - 1 + offset as i64;
        let inside = if column < 0 {
            -1 - column
        } else if column > last {
            2 * last + 1 - column
        } else {
            column
        };
        columns[inside.clamp(0, last) as usize] += amount * share / 6.0;
    }
}

/// How many others are in the bin of the average spike, of which `own` is what it adds itself.
fn company(bins: &[f64], own: f64) -> f64 {
    bins.iter().map(|n| n * n).sum::<f64>() / bins.iter().sum::<f64>().max(1.0) - own
}

/// The same in columns `group` times as wide.
fn coarser(columns: &[f64], group: usize) -> Vec<f64> {
    if group == 1 {
        return columns.to_vec();
    }
    let mut wide = vec![0.0; columns.len().div_ceil(group)];
    columns.iter().enumerate().for_each(|(column, &n)| deposit(&mut wide, (column as f64 + 0.5) / group as f64, n));
    wide
}

/// To six digits: more are noise in a file.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powi(5 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// The extremes of bins of one width in each column.
#[derive(Debug, Clone)]
struct Fine {
    width: u64,
    bin: u64,
    count: u32,
    /// Of all closed bins: of their counts and of the squares of these.
    sums: [f64; 2],
    low: Vec<u32>,
    high: Vec<u32>,
}

impl Fine {
    fn new(width: u64, columns: usize) -> Self {
        Self { width, bin: 0, count: 0, sums: [0.0; 2], low: vec![u32::MAX; columns], high: vec![0; columns] }
    }

    fn spikes(&mut self, since: u64, number: usize, column: f64) {
        let bin = since / self.width;
        if bin > self.bin {
            self.close(bin, column);
        }
        self.count = self.count.saturating_add(number as u32);
    }

    fn company(&self) -> f64 {
        let open = f64::from(self.count);
        (self.sums[1] + open * open) / (self.sums[0] + open).max(1.0) - 1.0
    }

    /// Bins up to `next` are over; those that were passed over had no spike.
    fn close(&mut self, next: u64, column: f64) {
        let last = self.low.len() - 1;
        let place = |bin: u64| (((bin as f64 + 0.5) * self.width as f64 / column) as usize).min(last);
        let (full, empty, until) = (place(self.bin), place(self.bin + 1), place(next));
        let count = f64::from(self.count);
        self.sums = [self.sums[0] + count, self.sums[1] + count * count];
        self.low[full] = self.low[full].min(self.count);
        self.high[full] = self.high[full].max(self.count);
        if next > self.bin + 1 {
            let past = place(next - 1).min(until);
            self.low[empty..=past.max(empty)].fill(0);
        }
        (self.bin, self.count) = (next, 0);
    }

    /// Lowest and highest within [`REACH`] columns of each of `columns`, of whole bins up to `until`.
    fn extremes(&self, columns: usize, until: u64, column: f64) -> (Vec<u32>, Vec<u32>) {
        let mut done = self.clone();
        if until / self.width > self.bin {
            done.close(until / self.width, column);
        }
        let around = |k: usize| k.saturating_sub(REACH)..(k + REACH + 1).min(columns);
        let low = (0..columns).map(|k| done.low[around(k)].iter().copied().min().unwrap_or(0));
        let low = low.map(|low| if low == u32::MAX { 0 } else { low }).collect();
        let high = (0..columns).map(|k| done.high[around(k)].iter().copied().max().unwrap_or(0)).collect();
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(end: u64, columns: usize, number: impl Fn(u64) -> usize) -> CourseCounter {
        let mut counter = CourseCounter::new(Resolution::from_ms(0.1).unwrap(), (0, end), columns);
        (0..end).filter(|&place| number(place) > 0).for_each(|place| counter.spikes(place, number(place)));
        counter
    }

    /// The widest swing among the inner columns, as a part of their mean.
    fn swing(values: &[f64]) -> f64 {
        let inner = &values[4..values.len() - 4];
        let (low, high) = inner.iter().fold((f64::MAX, 0.0f64), |(l, h), &v| (l.min(v), h.max(v)));
        (high - low) / (inner.iter().sum::<f64>() / inner.len() as f64)
    }

    #[test]
    fn a_fast_oscillation_makes_no_slow_one() {
        // Volleys of 400 spikes every 5.3 ms, in columns of 2, 4, 5, 5.2, 20 and 200 ms.
        for column in [20, 40, 50, 52, 200, 2000] {
            let course = counted(column * 500, 500, |place| if place % 53 == 0 { 400 } else { 0 });
            let course = course.course(1000, u64::MAX).unwrap();
            assert_eq!(course.mean_hz.len(), 500);
            if column >= 50 {
                assert!(swing(&course.mean_hz) < 1e-3, "{column}: {}", swing(&course.mean_hz));
            }
            let extremes = course.extremes.unwrap();
            assert_eq!((swing(&extremes.high_hz), extremes.low_hz[9]), (0.0, 0.0), "{column}");
            assert!(extremes.bin_ms <= 1.0 && course.mean_hz.iter().all(|&rate| rate < extremes.high_hz[9] * 0.9));
            let mean = course.mean_hz.iter().sum::<f64>() / 500.0;
            assert!((mean - 400.0 / 0.0053 / 1000.0).abs() < 0.01 * mean, "{mean}");
        }
    }

    #[test]
    fn a_short_volley_in_silence_is_seen_as_short_and_high_as_it_is() {
        // 92 spikes of 90 neurons within 10 ms of a second, and of ten seconds.
        let volley = |end: u64, start: u64| {
            let course = counted(end, 500, |place| usize::from((start..start + 92).contains(&place)));
            course.course(90, end).unwrap()
        };
        for start in [7000, 7003, 7011] {
            let course = volley(10_000, start);
            let highest = course.mean_hz.iter().copied().fold(0.0, f64::max);
            assert!((85.0..=115.0).contains(&highest) && course.step_ms <= 4.0, "{highest}: {}", course.step_ms);
        }
        let long = volley(100_000, 70_000);
        let highest = long.extremes.unwrap().high_hz.iter().copied().fold(0.0, f64::max);
        assert!((100.0..=115.0).contains(&highest) && long.step_ms == 20.0, "{highest}: {}", long.step_ms);
    }

    #[test]
    fn narrow_columns_need_no_band() {
        let course = counted(2000, 500, |place| if place % 53 == 0 { 400 } else { 0 }).course(1000, 2000).unwrap();
        assert_eq!((course.extremes, course.step_ms), (None, 0.4));
        assert!(swing(&course.mean_hz) > 2.0);
    }

    #[test]
    fn bins_that_are_too_many_are_smoothed_too() {
        let rates_hz = (0..100_000).map(|bin| if bin % 53 == 0 { 1000.0 } else { 0.0 }).collect();
        let course = of_bins(&RateHistogram { bin_ms: 0.1, rates_hz }, 700);
        assert!(swing(&course.mean_hz) < 1e-3 && course.mean_hz.len() == 700);
        assert!(course.extremes.unwrap().high_hz.iter().all(|&rate| rate == 1000.0));
    }

    #[test]
    fn bins_of_five_ms_would_have_made_one() {
        let mut bins = vec![0.0; 200];
        (0..10_000).filter(|place| place % 53 == 0).for_each(|place: usize| bins[place / 50] += 400.0);
        assert!(swing(&bins) > 0.9);
    }

    #[test]
    fn a_slow_oscillation_is_followed() {
        let rate = |place: u64| (10.0 * (1.0 + (place as f64 * 1e-4 * std::f64::consts::TAU * 10.0).sin())) as usize;
        let course = counted(10_000, 500, rate).course(1000, 10_000).unwrap();
        let extremes = course.extremes.as_ref().unwrap();
        assert!((swing(&course.mean_hz) - 2.0).abs() < 0.15, "{}", swing(&course.mean_hz));
        // In the trough, 75 ms into the period, the highest around are low too.
        assert!(extremes.high_hz[37] < 0.2 * extremes.high_hz[12], "{:?}", extremes.high_hz);
    }

    #[test]
    fn quiet_populations_get_wide_columns_and_stopped_runs_end() {
        let quiet = counted(10_000, 500, |place| usize::from(place % 100 == 7)).course(10, 10_000).unwrap();
        assert_eq!((quiet.mean_hz.len(), quiet.step_ms, quiet.extremes), (25, 20.0 * 2.0, None));
        let stopped = counted(10_000, 500, |place| if place < 5000 { 4 } else { 0 }).course(100, 5000).unwrap();
        assert_eq!(stopped.mean_hz.len(), 250);
        assert!(stopped.mean_hz.iter().all(|rate| (rate - 400.0).abs() < 10.0), "{:?}", stopped.mean_hz);
        assert_eq!(counted(100, 500, |_| 0).course(10, 100), None);
        assert_eq!((columns(1), columns(100), columns(100_000)), (500, 320, 50));
    }
}
