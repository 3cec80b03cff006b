//! The rate of a population over time as a curve: the bins that the user chose, or else a
//! smoothed line in a band from the lowest to the highest of fine bins (see record/course.rs).

use std::borrow::Cow;

use super::axes::Axes;
use super::canvas::{Figure, Point};
use super::number;
use super::palette::Color;
use crate::record::course::{self, Course};
use crate::record::rate::RateHistogram;
use crate::record::recording::{PopulationSummary, RunSummary};

/// A rate over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve<'a> {
    Bins(&'a RateHistogram),
    Smooth(Cow<'a, Course>),
}

impl<'a> Curve<'a> {
    /// Of a whole run, for a frame so many pixels wide.
    pub fn of(run: &RunSummary, population: &'a PopulationSummary, width: f64) -> Self {
        let bins = &population.profile.psth;
        match &population.profile.course {
            Some(course) if !run.bin_asked => Self::Smooth(Cow::Borrowed(course)),
            _ if bins.rates_hz.len() as f64 > width => Self::Smooth(Cow::Owned(course::of_bins(bins, width as usize))),
            _ => Self::Bins(bins),
        }
    }

    /// The highest rate that it shows within `window`.
    pub fn top(&self, window: (f64, f64)) -> f64 {
        let highest = |points: Vec<Point>| points.into_iter().map(|(_, rate)| rate).fold(0.0, f64::max);
        match self {
            Self::Bins(bins) => highest(steps(bins, window)),
            Self::Smooth(course) => {
                let band = course.extremes.as_ref().map_or(0.0, |e| highest(points(course, &e.high_hz, window)));
                band.max(highest(points(course, &course.mean_hz, window)))
            }
        }
    }

    pub fn draw(&self, figure: &mut Figure, axes: &Axes, color: Color) {
        let (window, top) = (axes.x_range(), axes.y_range().1);
        match self {
            Self::Bins(bins) => draw_line(figure, axes, steps(bins, window), (color, 1.4)),
            Self::Smooth(course) => {
                if let Some(extremes) = &course.extremes {
                    let edge = |values: &[f64]| {
                        let edge = crossed(points(course, values, window), top).into_iter();
                        edge.map(|(at, rate)| axes.point((at, rate.min(top)))).collect::<Vec<_>>()
                    };
                    let mut band = edge(&extremes.high_hz);
                    band.extend(edge(&extremes.low_hz).into_iter().rev());
                    figure.polygon(band, color, 0.22);
                }
                draw_line(figure, axes, points(course, &course.mean_hz, window), (color, 1.5));
            }
        }
    }

    pub fn has_band(&self) -> bool {
        matches!(self, Self::Smooth(course) if course.extremes.is_some())
    }

    /// What is drawn, in words.
    fn words(&self) -> (Option<f64>, f64) {
        match self {
            Self::Bins(bins) => (None, bins.bin_ms),
            // As wide as a box that smooths as much.
            Self::Smooth(course) => (Some(2.0 * course.step_ms), course.extremes.as_ref().map_or(0.0, |e| e.bin_ms)),
        }
    }
}

/// What of a line lies below the top of the scale.
fn draw_line(figure: &mut Figure, axes: &Axes, points: Vec<Point>, (color, width): (Color, f64)) {
    let top = axes.y_range().1;
    for piece in crossed(points, top).split(|(_, rate)| *rate > top) {
        figure.line(piece.iter().map(|&point| axes.point(point)).collect(), color, width);
    }
}

/// `points`, with those between them where they cross `level`.
fn crossed(points: Vec<Point>, level: f64) -> Vec<Point> {
    let mut crossed: Vec<Point> = Vec::with_capacity(points.len());
    for (x, y) in points {
        if let Some(&(before, low)) = crossed.last().filter(|(_, before)| (*before > level) != (y > level)) {
            crossed.push((before + (x - before) * (level - low) / (y - low), level));
        }
        crossed.push((x, y));
    }
    crossed
}

/// What curves are, in a line: `line: rate over about 4 ms; band: extremes in 0.5 ms`, with the names of those that
/// have a band where others have none.
pub(super) fn legend(curves: &[(&str, &Curve<'_>)]) -> String {
    let words: Vec<(Option<f64>, f64)> = curves.iter().map(|(_, curve)| curve.words()).collect();
    let banded = curves.iter().filter(|(_, curve)| curve.has_band()).map(|(name, _)| name.to_string());
    let banded: Vec<String> = banded.collect();
    let whose = if banded.len() < curves.len() { format!(" of {}", number::few(&banded)) } else { String::new() };
    let bins = words.iter().filter(|(smooth, _)| smooth.is_none()).map(|(_, bin)| *bin);
    let smooth = words.iter().filter_map(|(smooth, _)| *smooth);
    let fine = words.iter().filter(|(smooth, bin)| smooth.is_some() && *bin > 0.0).map(|(_, bin)| *bin);
    let parts = [
        range(bins).map(|bins| format!("rate in bins of {bins}")),
        range(smooth).map(|width| format!("line: rate over about {width}")),
        range(fine).map(|bins| format!("band{whose}: extremes in {bins}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// `4 ms`, or `4 ms to 80 ms`.
fn range(values: impl Iterator<Item = f64>) -> Option<String> {
    let (low, high) = values.fold((f64::INFINITY, 0.0), |(low, high), v| (v.min(low), v.max(high)));
    let about = |ms: f64| number::time(if ms >= 10.0 { ms.round() } else { (ms * 10.0).round() / 10.0 });
    match (low <= high, about(low) == about(high)) {
        (false, _) => None,
        (true, true) => Some(about(low)),
        (true, false) => Some(format!("{} to {}", about(low), about(high))),
    }
}

/// The corners of bins within `window`.
fn steps(bins: &RateHistogram, (from, to): (f64, f64)) -> Vec<Point> {
    let edge = |bin: usize| (bin as f64 * bins.bin_ms).clamp(from, to);
    let seen = |bin: &usize| *bin as f64 * bins.bin_ms < to && (*bin + 1) as f64 * bins.bin_ms > from;
    let corners = |bin: usize| [(edge(bin), bins.rates_hz[bin]), (edge(bin + 1), bins.rates_hz[bin])];
    (0..bins.rates_hz.len()).filter(seen).flat_map(corners).collect()
}

/// `values` at the middles of their columns, the first and the last drawn out to the ends.
fn points(course: &Course, values: &[f64], (from, to): (f64, f64)) -> Vec<Point> {
    let middle = |column: usize| course.from_ms + (column as f64 + 0.5) * course.step_ms;
    let inside: Vec<Point> = (0..values.len()).map(|k| (middle(k), values[k])).collect();
    let inside: Vec<Point> = inside.into_iter().filter(|(at, _)| (from..=to).contains(at)).collect();
    let ends = |end: f64, point: Option<&Point>| point.map(|(_, value)| (end, *value));
    let last = (course.from_ms + values.len() as f64 * course.step_ms).min(to);
    let start = ends(course.from_ms.max(from), inside.first());
    let end = ends(last, inside.last());
    start.into_iter().chain(inside.iter().copied()).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::course::Extremes;
    use crate::report::canvas::{Area, Shape};
    use crate::report::palette::INK;

    #[test]
    fn bins_and_courses_are_drawn_within_their_window() {
        let bins = RateHistogram { bin_ms: 5.0, rates_hz: vec![1.0, 2.0, 3.0, 4.0] };
        assert_eq!(steps(&bins, (7.0, 12.0)), [(7.0, 2.0), (10.0, 2.0), (10.0, 3.0), (12.0, 3.0)]);
        let course = Course { from_ms: 0.0, step_ms: 2.0, mean_hz: vec![1.0, 5.0, 2.0], extremes: None };
        assert_eq!(points(&course, &course.mean_hz, (0.0, 6.0)).len(), 5);
        assert_eq!(Curve::Smooth(Cow::Borrowed(&course)).top((0.0, 6.0)), 5.0);
        assert_eq!(Curve::Smooth(Cow::Borrowed(&course)).top((4.0, 6.0)), 2.0);
    }

    #[test]
    fn curves_end_where_they_leave_the_scale() {
        let course = Course {
            from_ms: 0.0,
            step_ms: 2.0,
            mean_hz: vec![10.0, 10.0, 0.0, 2.0, 1.0],
            extremes: Some(Extremes { bin_ms: 0.5, low_hz: vec![0.0; 5], high_hz: vec![40.0, 20.0, 4.0, 2.0, 2.0] }),
        };
        assert_eq!(
            crossed(vec![(1.0, 10.0), (2.0, 0.0), (3.0, 5.0)], 5.0),
            [(1.0, 10.0), (1.5, 5.0), (2.0, 0.0), (3.0, 5.0)]
        );
        let mut figure = Figure::new("", 100.0, 100.0);
        let axes = Axes::new(Area::new(0.0, 10.0, 100.0, 80.0), (0.0, 10.0), (0.0, 5.0));
        Curve::Smooth(Cow::Borrowed(&course)).draw(&mut figure, &axes, INK);
        let highest = figure.shapes.iter().flat_map(|shape| match shape {
            Shape::Line { points, .. } | Shape::Polygon { points, .. } => points.clone(),
            _ => vec![],
        });
        assert_eq!(highest.map(|(_, y)| y).fold(f64::INFINITY, f64::min), 10.0);
    }

    #[test]
    fn the_legend_says_what_is_drawn() {
        let bins = RateHistogram { bin_ms: 5.0, rates_hz: vec![1.0] };
        let course = |step_ms| Course { from_ms: 0.0, step_ms, mean_hz: vec![], extremes: None };
        assert_eq!(legend(&[("exc", &Curve::Bins(&bins))]), "rate in bins of 5 ms");
        let smooth = [2.0, 40.0].map(|step| Curve::Smooth(Cow::Owned(course(step))));
        assert_eq!(legend(&[("exc", &smooth[0]), ("inh", &smooth[1])]), "line: rate over about 4 ms to 80 ms");
        let extremes = Some(Extremes { bin_ms: 1.0, low_hz: vec![], high_hz: vec![] });
        let banded = Curve::Smooth(Cow::Owned(Course { extremes, ..course(2.0) }));
        let line = "line: rate over about 4 ms; band";
        assert_eq!(legend(&[("exc", &banded)]), format!("{line}: extremes in 1 ms"));
        assert_eq!(legend(&[("exc", &smooth[0]), ("inh", &banded)]), format!("{line} of inh: extremes in 1 ms"));
    }
}
