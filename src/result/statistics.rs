//! Means with intervals.
//!
//! ```text
//! half width of the 95 % interval = t_{0.975, n-1} s / sqrt(n)          Student 1908, Biometrika 6:1
//! ```

use super::Estimate;

/// Quantiles t_{0.975, df} for df = 1 ..= 30.
const T: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

impl Estimate {
    /// The mean of `values` with its 95 % interval.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n.max(1) as f64;
        if n < 2 {
            return Self { mean, half_width: 0.0, std: 0.0, n };
        }
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1) as f64;
        let quantile = T.get(n - 2).copied().unwrap_or_else(|| quantile(n - 1));
        Self { mean, half_width: quantile * (variance / n as f64).sqrt(), std: variance.sqrt(), n }
    }
}

/// t_{0.975, df} beyond the table, from the normal quantile z (Abramowitz & Stegun 26.7.5).
fn quantile(df: usize) -> f64 {
    let (z, df): (f64, f64) = (1.959_964, df as f64);
    z + (z.powi(3) + z) / (4.0 * df) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df)
}

/// Pearson's correlation of pairs; 0 when either side does not vary.
pub fn correlation(pairs: &[(f32, f32)]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let mean = |side: fn(&(f32, f32)) -> f32| pairs.iter().map(|p| f64::from(side(p))).sum::<f64>() / n;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for &(x, y) in pairs {
        let (dx, dy) = (f64::from(x) - mx, f64::from(y) - my);
        (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_of_three_values_uses_two_degrees_of_freedom() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]);
        assert_eq!((estimate.mean, estimate.std, estimate.n), (2.0, 1.0, 3));
        assert!((estimate.half_width - 4.303 / 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(Estimate::of(&[5.0]).half_width, 0.0);
    }

    #[test]
    fn quantiles_go_on_behind_the_table() {
        assert!((quantile(30) - T[29]).abs() < 1e-3);
        assert!((quantile(120) - 1.980).abs() < 1e-3);
    }

    #[test]
    fn correlation_knows_its_signs() {
        assert!((correlation(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) - 1.0).abs() < 1e-12);
        assert!((correlation(&[(0.0, 1.0), (1.0, -1.0)]) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&[(1.0, 1.0), (1.0, 2.0)]), 0.0);
    }
}
