//! A frame with two scales: where values lie, and the grid, ticks and labels around them.

use super::canvas::{Area, Figure, Point, Text};
use super::number;
use super::palette::{FRAME, GRID, QUIET};

/// Size of the letters at ticks and of axis names.
pub const TICK_SIZE: f64 = 11.0;

/// From the upright scale to the middle of its name, beside the numbers.
const BESIDE: f64 = 20.0;

/// Times beyond are written in seconds.
const LONG_MS: f64 = 5000.0;

/// Two linear scales over an area.
#[derive(Debug, Clone)]
pub struct Axes {
    pub area: Area,
    x: (f64, f64),
    y: (f64, f64),
    whole_x: bool,
}

impl Axes {
    /// Scales from and to the given values; widened where they are empty or not numbers.
    pub fn new(area: Area, x: (f64, f64), y: (f64, f64)) -> Self {
        Self { area, x: widened(x), y: widened(y), whole_x: false }
    }

    /// The level scale counts things: no ticks between whole numbers.
    pub fn counting(self) -> Self {
        Self { whole_x: true, ..self }
    }

    pub fn x(&self, value: f64) -> f64 {
        self.area.left + self.area.width * (value - self.x.0) / (self.x.1 - self.x.0)
    }

    pub fn y(&self, value: f64) -> f64 {
        self.area.bottom() - self.area.height * (value - self.y.0) / (self.y.1 - self.y.0)
    }

    pub fn point(&self, (x, y): Point) -> Point {
        (self.x(x), self.y(y))
    }

    /// The ends of the level scale.
    pub fn x_range(&self) -> (f64, f64) {
        self.x
    }

    /// The ends of the upright scale.
    pub fn y_range(&self) -> (f64, f64) {
        self.y
    }

    /// Upright grid lines, with numbers and a name below the area.
    pub fn draw_x(&self, figure: &mut Figure, name: &str) {
        let room = (self.area.width / 60.0).max(2.0) as usize;
        let bottom = self.area.bottom();
        for (value, label) in ticks(self.x, room) {
            if self.whole_x && value.fract() != 0.0 {
                continue;
            }
            let label = if self.whole_x { number::count(value) } else { label };
            let x = self.x(value);
            figure.line(vec![(x, self.area.top), (x, bottom)], GRID, 1.0);
            figure.line(vec![(x, bottom), (x, bottom + 4.0)], FRAME, 1.0);
            figure.text((x, bottom + 13.0), Text::new(label).size(TICK_SIZE).color(QUIET).middle());
        }
        self.draw_x_name(figure, name);
    }

    /// The name of the level scale, as much of it as the figure holds.
    pub(super) fn draw_x_name(&self, figure: &mut Figure, name: &str) {
        let middle = self.area.middle().0;
        let room = 2.0 * middle.min(figure.width - middle) - 4.0;
        let name = Text::new(name).size(TICK_SIZE).color(QUIET).middle().fit(room);
        figure.text((middle, self.area.bottom() + 31.0), name);
    }

    /// As [`draw_x`](Self::draw_x), where the level scale holds ms: long times are written in s.
    pub fn draw_time(&self, figure: &mut Figure, name: &str) {
        if self.x.1 <= LONG_MS {
            return self.draw_x(figure, &format!("{name} (ms)"));
        }
        let seconds = Self { x: (self.x.0 / 1000.0, self.x.1 / 1000.0), ..self.clone() };
        seconds.draw_x(figure, &format!("{name} (s)"));
    }

    /// Level grid lines, with numbers and a name left of the area: in thousands or millions where the room there asks
    /// for it.
    pub fn draw_y(&self, figure: &mut Figure, name: &str) {
        let units = [(1.0, ""), (1e3, " (thousands)"), (1e6, " (millions)")];
        let within = |unit: f64| Self { y: (self.y.0 / unit, self.y.1 / unit), ..self.clone() };
        let fits = |unit: f64| self.area.left - within(unit).y_numbers().1 >= BESIDE + TICK_SIZE / 2.0;
        let unit = units.into_iter().find(|(unit, _)| fits(*unit)).unwrap_or(units[0]);
        within(unit.0).draw_y_as_it_is(figure, &format!("{name}{}", unit.1));
    }

    /// Where numbers stand beside the upright scale, what they are, and how wide the widest is.
    fn y_numbers(&self) -> (Vec<(f64, String)>, f64) {
        let ticks = ticks(self.y, (self.area.height / 44.0).max(2.0) as usize);
        let widths = ticks.iter().map(|(_, label)| super::font::width(label, TICK_SIZE, false));
        let widest = widths.fold(0.0, f64::max);
        (ticks, widest)
    }

    fn draw_y_as_it_is(&self, figure: &mut Figure, name: &str) {
        let (ticks, widest) = self.y_numbers();
        for (value, label) in ticks {
            let y = self.y(value);
            figure.line(vec![(self.area.left, y), (self.area.right(), y)], GRID, 1.0);
            figure.text((self.area.left - 7.0, y), Text::new(label).size(TICK_SIZE).color(QUIET).end());
        }
        self.draw_y_name(figure, name, widest);
    }

    /// The name of the upright scale, left of numbers so wide, as much of it as the figure holds.
    pub(super) fn draw_y_name(&self, figure: &mut Figure, name: &str, numbers: f64) {
        let left = (self.area.left - numbers - BESIDE).max(TICK_SIZE / 2.0 + 1.0);
        let middle = self.area.middle().1;
        let room = 2.0 * middle.min(figure.height - middle) - 4.0;
        figure.text((left, middle), Text::new(name).size(TICK_SIZE).color(QUIET).middle().upwards().fit(room));
    }

    /// The lines at the left and at the bottom, above what was drawn inside.
    pub fn draw_frame(&self, figure: &mut Figure) {
        let Area { left, top, .. } = self.area;
        let (right, bottom) = (self.area.right(), self.area.bottom());
        figure.line(vec![(left, top), (left, bottom), (right, bottom)], FRAME, 1.0);
    }
}

/// Round numbers from `low` to `high` and how they are written; at most about `room`.
pub fn ticks((low, high): (f64, f64), room: usize) -> Vec<(f64, String)> {
    let (points, step) = round_points((low, high), room.max(2));
    let whole = |places: &i32| {
        let scaled = step * 10f64.powi(*places);
        (scaled - scaled.round()).abs() < 1e-6 * scaled
    };
    let places = if step > 0.0 { (0..12).find(whole).unwrap_or(12) } else { 0 };
    let label = |value: f64| if places == 0 { number::count(value) } else { number::decimals(value, places) };
    let exact = |value: f64| if value.abs() < step * 1e-6 { 0.0 } else { value };
    points.into_iter().map(|value| (exact(value), label(exact(value)))).collect()
}

/// Multiples of 1, 2 or 5 times a power of ten: at most about `room`, but two where there can be.
fn round_points((low, high): (f64, f64), room: usize) -> (Vec<f64>, f64) {
    let least = (high - low) / room as f64;
    let decade = 10f64.powf(least.log10().floor());
    let wide = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade).into_iter().find(|step| *step >= least * 0.999);
    let wide = wide.unwrap_or(10.0 * decade);
    let points = |step: f64| -> Vec<f64> {
        let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
        (first..=last.min(first.saturating_add(1000))).map(|k| k as f64 * step).collect()
    };
    // A scale with one number says nothing.
    let closer = [wide, wide / 2.0, wide / 5.0, wide / 10.0];
    let closer = closer.into_iter().find(|step| is_round(*step) && points(*step).len() >= 2);
    let step = closer.unwrap_or(wide);
    (points(step), step)
}

/// Whether the first digit is 1, 2 or 5.
fn is_round(step: f64) -> bool {
    let digit = step / 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].iter().any(|round| (digit - round).abs() < 1e-6)
}

fn widened((low, high): (f64, f64)) -> (f64, f64) {
    match (low.is_finite() && high.is_finite(), high > low) {
        (true, true) => (low, high),
        (true, false) => (low - 0.5, low + 0.5),
        (false, _) => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let labels: Vec<String> = ticks((0.0, 1.0), 6).into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert!(ticks((0.0, 12_000.0), 6).iter().any(|(_, label)| label == "10,000"));
        assert!(!ticks((0.0, 1e-9), 5).is_empty());
        for range in [(0.328, 1.792), (0.37, 1.77), (-65.0, 31.0), (0.2, 0.9)] {
            let ticks = ticks(range, 2);
            assert!(ticks.iter().all(|(value, _)| (range.0..=range.1).contains(value)), "{range:?}: {ticks:?}");
            assert!(ticks.iter().all(|(_, label)| label.chars().count() < 5), "{range:?}: {ticks:?}");
        }
    }

    #[test]
    fn numbers_too_wide_for_their_room_are_written_in_thousands_or_millions() {
        let svg = |left: f64, high: f64| {
            let mut figure = Figure::new("", 300.0, 200.0);
            Axes::new(Area::new(left, 20.0, 150.0, 134.0), (0.0, 1.0), (0.0, high)).draw_y(&mut figure, "synapses");
            crate::report::render::svg(&figure)
        };
        assert!(svg(78.0, 12_000.0).contains(">10,000<") && svg(78.0, 12_000.0).contains(">synapses<"));
        let narrow = svg(78.0, 1.2e6);
        assert!(narrow.contains(">1,000<") && narrow.contains(">synapses (thousands)<"), "{narrow}");
        assert!(svg(78.0, 3e9).contains(">synapses (millions)<") && svg(120.0, 1.2e6).contains(">1,000,000<"));
        let lefts = |svg: &str| -> Vec<f64> {
            let turned = svg.split("rotate(-90 ").skip(1);
            turned.map(|rest| rest.split(' ').next().unwrap().parse().unwrap()).collect()
        };
        assert!(lefts(&narrow).iter().all(|x| *x >= 8.0 * TICK_SIZE * 0.7), "{narrow}");
    }

    #[test]
    fn empty_and_broken_ranges_still_give_axes() {
        for range in [(3.0, 3.0), (f64::NAN, 1.0), (5.0, 1.0)] {
            let axes = Axes::new(Area::new(0.0, 0.0, 100.0, 100.0), range, range);
            assert!(axes.x(3.0).is_finite() && axes.y(3.0).is_finite());
        }
    }
}
