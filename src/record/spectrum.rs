//! Power spectrum of the population rate.
//!
//! ```text
//! x_k     rate per neuron in Hz, in bins of 1 ms
//! P(f)    2 dt / sum(w^2) * |sum over k of w_k (x_k - mean(x)) exp(-2 pi i f k dt)|^2
//! ```
//! averaged over segments of up to 1,024 bins that overlap by half, w the Hann window (Welch
//! 1967, IEEE Trans. Audio Electroacoust. 15:70). P is one-sided and in Hz^2/Hz: its integral
//! over f is the variance of x. N independent Poisson neurons of rate r have P = 2 r / N.

use serde::{Deserialize, Serialize};

use super::bins::Bins;
use crate::time::Resolution;

const BIN_MS: f64 = 1.0;
/// Bins of the longest and of the shortest segment.
const LONGEST: u64 = 1024;
const SHORTEST: u64 = 64;

/// The power of the rate per neuron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// From one frequency to the next, and the first one, in Hz.
    pub step_hz: f64,
    /// Hz^2/Hz.
    pub power: Vec<f64>,
}

/// Averages spectra of segments while spikes come.
#[derive(Debug, Clone)]
pub(super) struct Welch {
    bins: Bins,
    /// Seconds of a bin.
    dt: f64,
    size: usize,
    /// Spikes in the bin that is filled.
    count: u64,
    /// Rates in the bins of the segment that is filled.
    segment: Vec<f64>,
    length: usize,
    power: Vec<f64>,
    segments: u64,
}

impl Welch {
    /// For `size` neurons in a run from place `start` to `end`.
    pub fn new(size: usize, resolution: Resolution, start: u64, end: u64) -> Self {
        let bins = Bins::new(BIN_MS, resolution, start);
        let all = end.saturating_sub(start) / bins.width();
        let length = if all < SHORTEST { 0 } else { 1 << all.min(LONGEST).ilog2() };
        let dt = bins.width() as f64 * resolution.seconds();
        let power = vec![0.0; length / 2];
        Self { bins, dt, size, count: 0, segment: Vec::with_capacity(length), length, power, segments: 0 }
    }

    /// Takes `number` spikes at `place` (see bins.rs).
    pub fn spikes(&mut self, place: u64, number: usize) {
        self.pass(place);
        self.count += number as u64;
    }

    /// Every place before this one is done.
    pub fn pass(&mut self, place: u64) {
        if self.length == 0 || self.size == 0 {
            return;
        }
        for _ in 0..self.bins.pass(place) {
            self.segment.push(self.count as f64 / (self.dt * self.size as f64));
            self.count = 0;
            if self.segment.len() == self.length {
                self.take_segment();
                self.segment.drain(..self.length / 2);
            }
        }
    }

    fn take_segment(&mut self) {
        let length = self.length as f64;
        let mean = self.segment.iter().sum::<f64>() / length;
        let hann = |k: usize| 0.5 - 0.5 * (std::f64::consts::TAU * k as f64 / length).cos();
        let mut points: Vec<Complex> =
            self.segment.iter().enumerate().map(|(k, x)| (hann(k) * (x - mean), 0.0)).collect();
        transform(&mut points);
        let squares: f64 = (0..self.length).map(|k| hann(k) * hann(k)).sum();
        for (power, (re, im)) in self.power.iter_mut().zip(&points[1..]) {
            *power += 2.0 * self.dt / squares * (re * re + im * im);
        }
        self.segments += 1;
    }

    /// The mean over segments; `None` where the run was too short for one.
    pub fn result(&self) -> Option<Spectrum> {
        let segments = Some(self.segments).filter(|&number| number > 0)? as f64;
        let step_hz = 1.0 / (self.length as f64 * self.dt);
        Some(Spectrum { step_hz, power: self.power.iter().map(|power| power / segments).collect() })
    }
}

/// Real and imaginary part.
type Complex = (f64, f64);

/// The discrete Fourier transform in place (Cooley & Tukey 1965); the number of points is a power of two.
fn transform(points: &mut [Complex]) {
    let number = points.len();
    let bits = number.trailing_zeros();
    for i in 0..number {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if i < j {
            points.swap(i, j);
        }
    }
    let mut half = 1;
    while half < number {
        for k in 0..half {
            let (sin, cos) = (-std::f64::consts::PI * k as f64 / half as f64).sin_cos();
            for even in (k..number).step_by(2 * half) {
                let (a, b) = (points[even], points[even + half]);
                let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                points[even] = (a.0 + turned.0, a.1 + turned.1);
                points[even + half] = (a.0 - turned.0, a.1 - turned.1);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn the_transform_is_that_of_the_definition() {
        let mut stream = Stream::new(1, Purpose::Input, 0, 0);
        let mut draw = || f64::from(stream.uniform()) - 0.5;
        let points: Vec<Complex> = (0..64).map(|_| (draw(), draw())).collect();
        let mut fast = points.clone();
        transform(&mut fast);
        for (f, fast) in fast.iter().enumerate() {
            let term = |(k, p): (usize, &Complex)| {
                let (sin, cos) = (-std::f64::consts::TAU * (f * k) as f64 / 64.0).sin_cos();
                (p.0 * cos - p.1 * sin, p.0 * sin + p.1 * cos)
            };
            let slow = points.iter().enumerate().map(term).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
            assert!((slow.0 - fast.0).abs() + (slow.1 - fast.1).abs() < 1e-12);
        }
    }

    fn spectrum(size: usize, ticks: u64, number: impl Fn(u64) -> usize) -> Option<Spectrum> {
        let mut welch = Welch::new(size, Resolution::from_ms(0.5).unwrap(), 0, ticks);
        (0..ticks).for_each(|tick| welch.spikes(tick, number(tick)));
        welch.pass(ticks);
        welch.result()
    }

    #[test]
    fn poisson_neurons_have_a_flat_spectrum() {
        let spikes = |tick: u64| (0..100).filter(|&n| Stream::new(1, Purpose::Input, n, tick).chance(0.01)).count();
        let spectrum = spectrum(100, 20_000, spikes).unwrap();
        assert_eq!(spectrum.power.len(), 512);
        let mean = spectrum.power[1..].iter().sum::<f64>() / 511.0;
        assert!((mean - 2.0 * 20.0 / 100.0).abs() < 0.03, "{mean}");
    }

    #[test]
    fn an_oscillation_peaks_at_its_frequency_with_its_power() {
        // 100 neurons, 10 Hz amplitude around 20 Hz, at 40 Hz: variance 50.
        let wave = |tick: u64| 1.0 + 0.5 * (std::f64::consts::TAU * 40.0 * tick as f64 * 0.0005).sin();
        let spectrum = spectrum(100_000, 20_000, |tick| (1000.0 * wave(tick)).round() as usize).unwrap();
        let peak = (0..512).max_by(|&a, &b| spectrum.power[a].total_cmp(&spectrum.power[b])).unwrap();
        assert!(((peak + 1) as f64 * spectrum.step_hz - 40.0).abs() < 1.0);
        let variance = spectrum.power.iter().sum::<f64>() * spectrum.step_hz;
        assert!((variance - 50.0).abs() < 1.0, "{variance}");
    }

    #[test]
    fn a_short_run_has_none() {
        assert_eq!(spectrum(10, 100, |_| 1), None);
    }
}
