//! Two panels of curves over epochs, side by side or below each other, with a key of the arms.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Point, Text};
use super::palette::{Color, QUIET, series};
use super::request::Request;
use crate::result::{ArmResult, Epoch, Summary};

/// Narrower figures have one panel below the other.
const SIDE_BY_SIDE: f64 = 600.0;
const LINE: f64 = 20.0;

/// A figure with title and key, and two empty panels so high unless another height is asked for.
pub(super) fn panels(title: &str, summary: &Summary, high: f64, request: &Request) -> (Figure, [Area; 2]) {
    let places = key_places(summary, request.width());
    let lines = places.last().map_or(0.0, |(_, line)| line + 1.0);
    let note = if request.width() < SIDE_BY_SIDE || !request.title { 16.0 } else { 0.0 };
    let first = request.head(40.0) + note + lines * LINE;
    let beside = request.width() >= SIDE_BY_SIDE;
    let (above, below) = (30.0, 54.0);
    let panels = if beside { 1.0 } else { 2.0 };
    let room = request.height.map(|height| ((height - first) / panels - above - below).max(20.0));
    let high = room.unwrap_or(if beside { high } else { high * 0.6 });
    let height = request.height_for(first + panels * (above + high + below));
    let mut figure = Figure::new(title, request.width(), height);
    draw_head(&mut figure, summary, request);
    draw_key(&mut figure, summary, &places, request.head(40.0) + note + LINE / 2.0);
    let wide = if beside { request.width() / 2.0 - 76.0 } else { request.width() - 94.0 };
    let area = |index: usize| match beside {
        true => Area::new(70.0 + index as f64 * (request.width() / 2.0 - 18.0), first + above, wide, high),
        false => Area::new(70.0, first + above + index as f64 * (above + high + below), wide, high),
    };
    (figure, [area(0), area(1)])
}

fn draw_head(figure: &mut Figure, summary: &Summary, request: &Request) {
    let seeds = summary.seeds.len();
    let note = match seeds {
        0 | 1 => "one seed".to_string(),
        _ => format!("line: mean of {seeds} seeds; band: lowest to highest"),
    };
    let note = Text::new(note).size(TICK_SIZE).color(QUIET);
    if request.title {
        let title = figure.title.clone();
        figure.text((16.0, 22.0), Text::new(title).size(15.0).bold().fit(request.width() - 40.0));
    }
    match request.title && request.width() >= SIDE_BY_SIDE {
        true => figure.text((request.width() - 24.0, 22.0), note.end()),
        false => figure.text((16.0, request.head(40.0) + 4.0), note.fit(request.width() - 32.0)),
    }
}

/// Where the arms stand in the key: to the right, and in which line.
fn key_places(summary: &Summary, width: f64) -> Vec<(f64, f64)> {
    let (mut x, mut line) = (16.0, 0.0);
    let mut places = Vec::new();
    for arm in &summary.arms {
        let room = label(arm).width() + 52.0;
        if x > 16.0 && x + room - 24.0 > width {
            (x, line) = (16.0, line + 1.0);
        }
        places.push((x, line));
        x += room;
    }
    places
}

fn label(arm: &ArmResult) -> Text {
    Text::new(arm.label()).fit(250.0)
}

fn draw_key(figure: &mut Figure, summary: &Summary, places: &[(f64, f64)], top: f64) {
    for (index, (arm, (x, line))) in summary.arms.iter().zip(places).enumerate() {
        let y = top + line * LINE;
        figure.line(vec![(*x, y), (x + 22.0, y)], series(index), 3.0);
        figure.text((x + 28.0, y), label(arm));
    }
}

/// Mean, lowest and highest of the seeds at one epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct At {
    pub epoch: f64,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// Over the seeds that reached an epoch.
pub(super) fn curve(arm: &ArmResult, value: impl Fn(&Epoch) -> Option<f64>) -> Vec<At> {
    let length = arm.runs.iter().map(|run| run.epochs.len()).max().unwrap_or(0);
    let at = |index: usize| {
        let values: Vec<f64> =
            arm.runs.iter().filter_map(|run| value(run.epochs.get(index)?)).filter(|v| v.is_finite()).collect();
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        (!values.is_empty()).then_some(At { epoch: index as f64 + 1.0, mean, low, high })
    };
    (0..length).filter_map(at).collect()
}

/// Its mean as a line, in its band; what lies below the scale is cut off.
pub(super) fn draw_curve(figure: &mut Figure, axes: &Axes, curve: &[At], color: Color) {
    let floor = axes.y_range().0;
    let edge = |epoch: f64, value: f64| axes.point((epoch, value));
    let upper = above(curve.iter().map(|at| (at.epoch, at.high)), floor);
    let lower = above(curve.iter().map(|at| (at.epoch, at.low)), floor);
    let start = upper.first().map_or(f64::INFINITY, |point| point.0);
    let foot = lower.first().filter(|point| point.0 > start).map(|point| [(start, floor), (point.0, floor)]);
    let lower = foot.into_iter().flatten().chain(lower).collect::<Vec<_>>();
    let band: Vec<Point> = upper.into_iter().chain(lower.into_iter().rev()).map(|(x, y)| edge(x, y)).collect();
    if curve.iter().any(|at| at.high > at.low) && curve.len() > 1 && band.len() > 2 {
        figure.polygon(band, color, 0.18);
    }
    let means: Vec<Point> =
        above(curve.iter().map(|at| (at.epoch, at.mean)), floor).into_iter().map(|(x, y)| edge(x, y)).collect();
    if curve.len() <= 30 {
        let dots = curve.iter().filter(|at| at.mean >= floor).map(|at| edge(at.epoch, at.mean));
        figure.marks(dots.collect(), color, (5.0, 0.0));
    }
    figure.line(means, color, 1.8);
}

/// The part of a curve above `floor`, from where it crosses it.
fn above(points: impl Iterator<Item = Point>, floor: f64) -> Vec<Point> {
    let points: Vec<Point> = points.collect();
    let mut kept = Vec::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| points[before]);
        if let Some((from, low)) = before.filter(|before| (before.1 < floor) != (y < floor)) {
            kept.push((from + (x - from) * (floor - low) / (y - low), floor));
        }
        if y >= floor {
            kept.push((x, y));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{Wish, summary};

    #[test]
    fn curves_are_cut_where_they_cross_the_floor() {
        let points = [(1.0, 0.0), (2.0, 10.0), (3.0, 12.0), (4.0, 4.0)];
        assert_eq!(above(points.into_iter(), 5.0), [(1.5, 5.0), (2.0, 10.0), (3.0, 12.0), (3.875, 5.0)]);
        assert_eq!(above(points.into_iter(), -1.0), points);
    }

    #[test]
    fn many_arms_take_several_lines() {
        let mut summary = summary(Wish { seeds: 1, epochs: 1, ..Wish::default() });
        let arm = summary.arms[0].clone();
        summary.arms.extend(vec![arm; 12]);
        let places = key_places(&summary, 900.0);
        assert!(places.iter().all(|(x, _)| *x < 800.0) && places.last().unwrap().1 >= 1.0);
    }
}
