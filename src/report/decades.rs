//! Scales of logarithms: axes whose values are powers of ten, with ticks at 1, 10, 100.

use super::axes::{Axes, TICK_SIZE};
use super::canvas::{Figure, Text};
use super::font;
use super::number;
use super::palette::{FRAME, GRID, QUIET};

impl Axes {
    /// As [`draw_x`](Axes::draw_x), where the level scale holds logarithms.
    pub fn draw_log_x(&self, figure: &mut Figure, name: &str) {
        let bottom = self.area.bottom();
        for (value, label) in decades(self.x_range(), self.area.width / 60.0) {
            let x = self.x(value);
            figure.line(vec![(x, self.area.top), (x, bottom)], GRID, 1.0);
            if let Some(label) = label {
                figure.line(vec![(x, bottom), (x, bottom + 4.0)], FRAME, 1.0);
                figure.text((x, bottom + 13.0), Text::new(label).size(TICK_SIZE).color(QUIET).middle());
            }
        }
        self.draw_x_name(figure, name);
    }

    /// As [`draw_y`](Axes::draw_y), where the upright scale holds logarithms.
    pub fn draw_log_y(&self, figure: &mut Figure, name: &str) {
        let mut widest: f64 = 0.0;
        for (value, label) in decades(self.y_range(), self.area.height / 30.0) {
            let y = self.y(value);
            figure.line(vec![(self.area.left, y), (self.area.right(), y)], GRID, 1.0);
            if let Some(label) = label {
                widest = widest.max(font::width(&label, TICK_SIZE, false));
                figure.text((self.area.left - 7.0, y), Text::new(label).size(TICK_SIZE).color(QUIET).end());
            }
        }
        self.draw_y_name(figure, name, widest);
    }
}

/// Logarithms of the grid from `low` to `high`, with a label where there is room: whole
/// powers, or 1, 2 and 5 times them where fewer than two powers are in sight.
fn decades((low, high): (f64, f64), room: f64) -> Vec<(f64, Option<String>)> {
    let inside = |value: &f64| (low - 1e-9..=high + 1e-9).contains(value);
    let powers = || (low.floor() as i32..=high.ceil() as i32).map(f64::from);
    let whole: Vec<f64> = powers().filter(inside).collect();
    if whole.len() < 2 {
        let steps = powers().flat_map(|power| [1.0f64, 2.0, 5.0].map(|step| power + step.log10())).filter(inside);
        return steps.map(|value| (value, Some(label(value)))).collect();
    }
    let every = (whole.len() as f64 / room.max(1.0)).ceil().max(1.0) as usize;
    let place = |(index, value): (usize, f64)| (value, index.is_multiple_of(every).then(|| label(value)));
    whole.into_iter().enumerate().map(place).collect()
}

/// The number itself from a thousandth to a hundred thousand, else its power.
fn label(value: f64) -> String {
    let number = 10f64.powf(value);
    match value {
        _ if (-3.5..5.5).contains(&value) && number >= 0.999 => number::count(number),
        _ if (-3.5..5.5).contains(&value) => number::decimals(number, (-value.floor()) as i32),
        _ => format!("{number:.0e}").replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_of_many_and_of_few_powers() {
        let labels = |range, room| decades(range, room).into_iter().filter_map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels((-2.0, 3.2), 8.0), ["0.01", "0.1", "1", "10", "100", "1,000"]);
        assert_eq!(labels((-8.0, 0.0), 3.0), ["1e−8", "1e−5", "0.01"]);
        assert_eq!(labels((1.1, 1.9), 8.0), ["20", "50"]);
    }
}
