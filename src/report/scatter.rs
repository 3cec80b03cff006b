//! Does a spiking neuron do what its rate twin computes? Firing rate against the rate
//! unit's activity, for the same weights and images.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Area, Figure, Point, Text};
use super::figure::{Drawn, FigureKind, Takes};
use super::number;
use super::palette::{BLUE, INK, QUIET};
use super::request::Request;
use crate::error::Result;
use crate::result::{ArmResult, Scatter, Summary};

/// The most points drawn; more are thinned evenly.
const POINTS: usize = 6000;
/// Room for the upright scale.
const LEFT: f64 = 76.0;

/// The row of this figure.
pub const KIND: FigureKind<Summary> = FigureKind {
    name: "scatter",
    summary: "Firing rates against rate units, one per spiking arm",
    heading: "Spikes against rates",
    words: "Hidden neurons, same weights and images both ways.",
    takes: Takes::WIDTH,
    draw: drawn_from,
};

fn drawn_from(summary: &Summary, request: &Request) -> Result<Drawn> {
    let drawn = |arm: &ArmResult| {
        let scatter = arm.scatter.as_ref()?;
        Some((format!("{}-{}", KIND.name, arm.label()), figure(&arm.label(), scatter, request)))
    };
    Ok(summary.arms.iter().filter_map(drawn).collect())
}

/// One dot per hidden neuron and image, with the line on which both would agree.
pub fn figure(label: &str, scatter: &Scatter, request: &Request) -> Figure {
    let title = "Firing rates against rate units";
    let side = request.width.map_or(356.0, |width| width - LEFT - 24.0);
    let area = Area::new(LEFT, request.head(62.0), side, side);
    let mut figure = Figure::new(title, request.width.unwrap_or(480.0), area.bottom() + 52.0);
    if request.title {
        figure.text((16.0, 22.0), Text::new(title).size(14.0).bold().fit(figure.width - 32.0));
    }
    let correlation = match scatter.points.is_empty() {
        true => "no pairs".to_string(),
        false => format!("Pearson’s r = {}", number::decimals(scatter.correlation, 4)),
    };
    let note = format!("{label}; {correlation}");
    let note = Text::new(note).size(TICK_SIZE).color(QUIET).fit(figure.width - 32.0);
    figure.text((16.0, request.head(42.0)), note);
    let finite = || scatter.points.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
    let top = finite().fold(0.0f32, |top, &(x, y)| top.max(x).max(y));
    let top = if top > 0.0 { f64::from(top) * 1.03 } else { 1.0 };
    let axes = Axes::new(area, (0.0, top), (0.0, top));
    axes.draw_x(&mut figure, "activity of the rate unit (spikes per tick)");
    axes.draw_y(&mut figure, "firing rate (spikes per tick)");
    let step = scatter.points.len().div_ceil(POINTS).max(1);
    let place = |&(x, y): &(f32, f32)| axes.point((f64::from(x), f64::from(y)));
    let points: Vec<Point> = finite().step_by(step).map(place).collect();
    figure.marks(points, BLUE, (if scatter.points.len() > 1000 { 1.8 } else { 3.0 }, 0.0));
    figure.dashed(axes.point((0.0, 0.0)), axes.point((top, top)), INK);
    let at = axes.point((top * 0.8, top * 0.9));
    figure.text((at.0, at.1), Text::new("equal").size(TICK_SIZE).color(QUIET).end());
    axes.draw_frame(&mut figure);
    figure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::render;
    use crate::report::sample::{Wish, show, summary};

    #[test]
    fn the_correlation_stands_in_the_figure() {
        let summary = summary(Wish::default());
        let drawn = figure("spiking-q_agrel", summary.arms[0].scatter.as_ref().unwrap(), &Request::default());
        let svg = render::svg(&drawn);
        assert!(svg.contains("r = 0.9934") && svg.contains("firing rate"));
        assert_eq!(svg.matches("<path").count(), 1);
        show("scatter", &drawn);
    }

    #[test]
    fn no_points_and_very_many_are_drawn() {
        show(
            "scatter-none",
            &figure("spiking-q_agrel", &Scatter { points: vec![], correlation: 0.0 }, &Request::default()),
        );
        let many =
            Scatter { points: (0..100_000).map(|i| (i as f32 / 1e5, i as f32 / 1e5)).collect(), correlation: 1.0 };
        assert!(render::svg(&figure("spiking-q_agrel", &many, &Request::default())).len() < 200_000);
    }
}
