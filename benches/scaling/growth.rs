//! Cost against neurons, synapses and rate: one network, grown in one way at a time.
//!
//! ```text
//! neurons    four fifths excitatory; delta synapses, weights and delays drawn as in the microcircuit,
//!            excitation and inhibition in balance
//! input      8,000 spikes per second that hold a neuron below threshold, and kicks at the wanted
//!            rate, each of which makes it fire: the rate is the same for any size
//! ```

use serde::{Deserialize, Serialize};
use twinfire::report::axes::{Axes, TICK_SIZE};
use twinfire::report::canvas::{Area, Figure, Point as Pixel, Text};
use twinfire::report::number;
use twinfire::report::palette::{INK, QUIET, series};

use crate::fit::power_law;
use crate::measure::{Cost, How, Task};
use crate::points::{Case, Point};

/// A network of this family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub neurons: usize,
    /// Onto each neuron.
    pub synapses: usize,
    pub rate_hz: f64,
}

impl Case for Network {
    fn task(&self) -> Task {
        let Self { neurons, synapses, rate_hz } = *self;
        let (exc, inh) = (neurons / 5 * 4, neurons / 5);
        let (from_exc, from_inh) = (synapses / 5 * 4, synapses / 5);
        let neuron =
            r#"{ tau_m = "20 ms", v_rest = "0 mV", v_reset = "0 mV", v_thresh = "20 mV", tau_refrac = "2 ms" }"#;
        let projection = |source: &str, degree: usize, weight: f64| {
            let std = 0.1 * weight.abs();
            format!(
                "[projections.from_{source}]\nsource = \"{source}\"\ntarget = [\"exc\", \"inh\"]\n\
                 connect.fixed_in_degree = {{ n = {degree} }}\n\
                 weight.normal = {{ mean = \"{weight} mV\", std = \"{std} mV\" }}\n\
                 delay.normal = {{ mean = \"1.5 ms\", std = \"0.75 ms\", low = \"0.1 ms\" }}\n"
            )
        };
        let model = format!(
            "[simulation]\nduration = \"1 s\"\n\
             [populations.exc]\nsize = {exc}\nneuron.lif_delta = {neuron}\n\
             [populations.inh]\nsize = {inh}\nneuron = \"exc\"\n{}{}\
             [inputs.background]\ntarget = [\"exc\", \"inh\"]\npoisson = {{ rate = \"8 kHz\", weight = \"0.05 mV\" }}\n\
             [inputs.kicks]\ntarget = [\"exc\", \"inh\"]\npoisson = {{ rate = \"{rate_hz} Hz\", weight = \"30 mV\" }}\n",
            projection("exc", from_exc, 0.01),
            projection("inh", from_inh, -0.04),
        );
        Task { model, double: false, strategy: How::Auto }
    }

    fn words(&self) -> String {
        format!("{} neurons, {} synapses onto each, {} Hz", self.neurons, self.synapses, self.rate_hz)
    }
}

/// One way to grow.
pub struct Growth {
    title: &'static str,
    axis: &'static str,
    values: &'static [f64],
    network: fn(f64) -> Network,
    /// What is held.
    held: &'static str,
    x: fn(&Point<Network>) -> f64,
}

/// The same in-degree and rate for any size.
pub const NEURONS: Growth = Growth {
    title: "Cost against the number of neurons",
    axis: "neurons",
    values: &[1e3, 3e3, 1e4, 3e4, 1e5, 3e5],
    network: |neurons| Network { neurons: neurons as usize, synapses: 100, rate_hz: 10.0 },
    held: "100 synapses onto each, 10 Hz",
    x: |point| point.case.neurons as f64,
};

pub const SYNAPSES: Growth = Growth {
    title: "Cost against the number of synapses",
    axis: "synapses onto a neuron",
    values: &[10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4],
    network: |synapses| Network { neurons: 10_000, synapses: synapses as usize, rate_hz: 10.0 },
    held: "10,000 neurons, 10 Hz",
    x: |point| point.case.synapses as f64,
};

pub const RATE: Growth = Growth {
    title: "Cost against the rate",
    axis: "rate of a neuron (Hz)",
    values: &[0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0],
    network: |rate_hz| Network { neurons: 10_000, synapses: 1000, rate_hz },
    held: "10,000 neurons, 1,000 synapses onto each",
    x: |point| point.cost.spikes / point.case.neurons as f64,
};

/// A quantity that a panel shows.
type Quantity = (&'static str, fn(&Cost) -> f64);

const QUANTITIES: [Quantity; 3] = [
    ("run: processor s per s", |cost| cost.run_s),
    ("set up: processor s", |cost| cost.build_s),
    ("peak memory: MB", |cost| cost.peak_bytes as f64 / 1e6),
];

/// Points at the upper end through which the power law is laid.
const UPPER: usize = 3;

impl Growth {
    pub fn cases(&self) -> Vec<Network> {
        self.values.iter().map(|&value| (self.network)(value)).collect()
    }

    /// A table and a figure.
    pub fn report(&self, points: &[Point<Network>]) -> (String, Figure) {
        let mut table = format!("{} ({})\n\n", self.title, self.held);
        table += &format!("| {} | processor s per s | M events per s | set up, s | peak MB |\n", self.axis);
        table += "|---|---|---|---|---|\n";
        for point in points {
            let Cost { run_s, build_s, .. } = point.cost;
            let events = point.cost.synaptic_events / run_s / 1e6;
            let cells = [(self.x)(point), run_s, events, build_s, point.cost.peak_bytes as f64 / 1e6];
            table += &format!("| {} |\n", cells.map(number::short).join(" | "));
        }
        for (name, quantity) in QUANTITIES {
            let all = self.series(points, quantity);
            let exponent =
                |points: &[(f64, f64)]| power_law(points).map_or("–".into(), |(_, b)| number::decimals(b, 2));
            table += &format!("{name}: exponent {}, over all points {}\n", exponent(upper(&all)), exponent(&all));
        }
        (table, self.figure(points))
    }

    fn series(&self, points: &[Point<Network>], quantity: fn(&Cost) -> f64) -> Vec<(f64, f64)> {
        points.iter().map(|point| ((self.x)(point), quantity(&point.cost))).collect()
    }

    fn figure(&self, points: &[Point<Network>]) -> Figure {
        let mut figure = Figure::new(self.title, 900.0, 330.0);
        figure.text((16.0, 22.0), Text::new(self.title).size(15.0).bold());
        figure.text((16.0, 42.0), Text::new(format!("{}; one thread, single precision", self.held)).color(QUIET));
        for (index, (name, quantity)) in QUANTITIES.into_iter().enumerate() {
            let area = Area::new(70.0 + 294.0 * index as f64, 94.0, 220.0, 180.0);
            figure.text((area.left, 72.0), Text::new(name).bold().color(series(index)));
            self.panel(&mut figure, &self.series(points, quantity), area, index);
        }
        figure
    }

    fn panel(&self, figure: &mut Figure, points: &[(f64, f64)], area: Area, index: usize) {
        let logs: Vec<Pixel> = points.iter().map(|(x, y)| (x.log10(), y.log10())).collect();
        let axes = Axes::new(area, range(logs.iter().map(|log| log.0), 0.12), range(logs.iter().map(|log| log.1), 0.2));
        axes.draw_log_x(figure, self.axis);
        axes.draw_log_y(figure, "");
        if let Some((a, b)) = power_law(upper(points)) {
            let law = |log_x: f64| axes.point((log_x, a.log10() + b * log_x));
            // Only as far down as the scale reaches.
            let lowest = (axes.y_range().0 - a.log10()) / b;
            let from = if b > 0.0 { lowest.max(axes.x_range().0) } else { axes.x_range().0 };
            let ends = (from, logs.last().map_or(0.0, |log| log.0));
            if ends.1 > ends.0 {
                figure.dashed(law(ends.0), law(ends.1), INK);
            }
            let note = format!("exponent {}", number::decimals(b, 2));
            figure.text((area.left + 8.0, area.top + 10.0), Text::new(note).size(TICK_SIZE));
        }
        figure.marks(logs.iter().map(|&log| axes.point(log)).collect(), series(index), (7.0, 0.0));
        axes.draw_frame(figure);
    }
}

/// The last points, where what is fixed does not count.
fn upper(points: &[(f64, f64)]) -> &[(f64, f64)] {
    &points[points.len().saturating_sub(UPPER)..]
}

/// From the least to the greatest value, and some more.
pub fn range(values: impl Iterator<Item = f64> + Clone, margin: f64) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    (low - margin, high + margin)
}
