//! What is asked of a figure beyond its name: how wide, which time, which neurons.

use super::canvas::Figure;
use crate::record::recording::RunSummary;

/// How a figure is to be drawn. Lengths are pixels of the figure, in which numbers at axes are
/// [`TICK_SIZE`](super::axes::TICK_SIZE) high.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// As wide as pages, or as the figure is there, where nothing is asked.
    pub width: Option<f64>,
    /// What the figure makes of it where nothing is asked.
    pub height: Option<f64>,
    /// Whether its title stands above it.
    pub title: bool,
    pub from_ms: Option<f64>,
    pub to_ms: Option<f64>,
    pub neurons: Option<Neurons>,
    /// Names; all where there are none.
    pub populations: Vec<String>,
    /// Dots of the paper or screen per pixel of the figure: how fine crowded rasters are.
    pub grain: f64,
}

/// Neurons of each population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Neurons {
    First(u32),
    /// From the first up to the last, without it.
    Range(u32, u32),
    List(Vec<u32>),
}

/// As wide as pages are.
pub const PAGE: f64 = 900.0;

/// Pixels that are lost in rounding.
pub(super) const SLACK: f64 = 0.01;

impl Default for Request {
    fn default() -> Self {
        Self {
            width: None,
            height: None,
            title: true,
            from_ms: None,
            to_ms: None,
            neurons: None,
            populations: Vec::new(),
            grain: 1.0,
        }
    }
}

impl Request {
    /// The time that is drawn.
    pub fn window(&self, run: &RunSummary) -> (f64, f64) {
        let to = self.to_ms.unwrap_or(run.duration_ms).min(run.duration_ms);
        (self.from_ms.unwrap_or(0.0).clamp(0.0, to.max(0.0)), to)
    }

    /// Whether a part of the run or of its neurons is asked for.
    pub fn is_part(&self) -> bool {
        self.from_ms.is_some() || self.to_ms.is_some() || self.neurons.is_some()
    }

    pub fn wants(&self, population: &str) -> bool {
        self.populations.is_empty() || self.populations.iter().any(|name| name == population)
    }

    /// The width of figures that fill pages.
    pub fn width(&self) -> f64 {
        self.width.unwrap_or(PAGE)
    }

    /// Whether `figure` is as large as was asked, not larger.
    pub(super) fn holds(&self, figure: &Figure) -> bool {
        let within = |asked: Option<f64>, needed: f64| asked.is_none_or(|asked| needed <= asked + SLACK);
        within(self.width, figure.width) && within(self.height, figure.height)
    }

    /// The height asked for, or the one that is needed where that is more or nothing is asked.
    pub(super) fn height_for(&self, needed: f64) -> f64 {
        self.height.filter(|asked| *asked > needed - SLACK).unwrap_or(needed)
    }

    /// Pixels above the first panel: less without a title.
    pub(super) fn head(&self, with_title: f64) -> f64 {
        if self.title { with_title } else { with_title - 26.0 }
    }
}

impl Neurons {
    /// The lowest of them.
    pub fn first(&self) -> u32 {
        match self {
            Self::First(_) => 0,
            Self::Range(from, _) => *from,
            Self::List(list) => list.iter().copied().min().unwrap_or(0),
        }
    }

    /// Those of a population of so many, ascending.
    pub fn of(&self, size: usize) -> Vec<u32> {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        match self {
            Self::First(number) => (0..size.min(*number)).collect(),
            Self::Range(from, to) => (*from..size.min(*to)).collect(),
            Self::List(list) => {
                let mut list: Vec<u32> = list.iter().copied().filter(|&neuron| neuron < size).collect();
                list.sort_unstable();
                list.dedup();
                list
            }
        }
    }
}

impl std::str::FromStr for Neurons {
    type Err = String;

    /// `50`, `100..150` or `3,17,42`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| format!("`{text}` is no number of a neuron"));
        match (text.split_once(".."), text.contains(',')) {
            (Some((from, to)), _) => match (number(from)?, number(to)?) {
                (from, to) if from < to => Ok(Self::Range(from, to)),
                _ => Err(format!("the range {text} is empty: its end does not count")),
            },
            (None, true) => {
                let list = text.split(',').map(number).collect::<Result<Vec<u32>, _>>()?;
                match list.iter().enumerate().find(|(place, neuron)| list[..*place].contains(neuron)) {
                    Some((_, neuron)) => Err(format!("neuron {neuron} is named twice")),
                    None => Ok(Self::List(list)),
                }
            }
            (None, false) => match number(text)? {
                0 => Err("0 neurons leave nothing to draw".into()),
                number => Ok(Self::First(number)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neurons_are_read_and_chosen() {
        let of = |text: &str, size| text.parse::<Neurons>().map(|neurons| neurons.of(size));
        assert_eq!((of("3", 10), of("3", 2)), (Ok(vec![0, 1, 2]), Ok(vec![0, 1])));
        assert_eq!((of("8..20", 10), of("9, 3,70", 10)), (Ok(vec![8, 9]), Ok(vec![3, 9])));
        for wrong in ["0", "5..5", "9..3", "a", "", "1,x", "-1", "3,9,3"] {
            assert!(wrong.parse::<Neurons>().is_err(), "{wrong}");
        }
    }
}
