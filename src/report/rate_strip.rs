//! The rates of populations in one frame, below a raster.

use super::axes::Axes;
use super::canvas::{Area, Figure, Text};
use super::excluded;
use super::palette::{Color, QUIET};
use super::rate_curve::{Curve, legend};

/// Over a window, with a scale for what is analysed of it: from so many ms on.
pub(super) fn draw(
    figure: &mut Figure,
    curves: &[(&str, Color, Curve<'_>)],
    area: Area,
    (window, analysed_from_ms): ((f64, f64), f64),
) -> Axes {
    let highest = |window| curves.iter().map(|(_, _, curve)| curve.top(window)).fold(0.0, f64::max);
    let top = highest(excluded::analysed(window, analysed_from_ms)) * 1.05;
    let axes = Axes::new(area, window, (0.0, if top > 0.0 { top } else { 1.0 }));
    axes.draw_time(figure, "time");
    axes.draw_y(figure, "rate (Hz)");
    curves.iter().for_each(|(_, color, curve)| curve.draw(figure, &axes, *color));
    axes.draw_frame(figure);
    let beyond = excluded::beyond(highest(window), axes.y_range().1, "Hz").map_or(String::new(), |words| words + "; ");
    let words = beyond + &legend(&curves.iter().map(|(name, _, curve)| (*name, curve)).collect::<Vec<_>>());
    figure.text((area.right(), area.top - 8.0), Text::new(words).size(9.5).color(QUIET).fit(area.width).end());
    axes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rate::RateHistogram;
    use crate::report::palette::INK;
    use crate::report::render;

    #[test]
    fn what_is_not_analysed_does_not_set_the_scale() {
        let bins = RateHistogram { bin_ms: 10.0, rates_hz: vec![900.0, 30.0, 4.0, 5.0] };
        let drawn = |from_ms| {
            let mut figure = Figure::new("", 400.0, 200.0);
            let curves = [("exc", INK, Curve::Bins(&bins))];
            let axes = draw(&mut figure, &curves, Area::new(60.0, 30.0, 300.0, 100.0), ((0.0, 40.0), from_ms));
            (axes.y_range().1, render::svg(&figure))
        };
        let (top, svg) = drawn(20.0);
        assert!((top - 5.25).abs() < 1e-9 && svg.contains("paled: up to 900 Hz"), "{top}");
        for from_ms in [0.0, 5.0, 40.0] {
            let (top, svg) = drawn(from_ms);
            assert!((top - 945.0).abs() < 1e-9 && !svg.contains("paled"), "from {from_ms}: {top}");
        }
    }
}
