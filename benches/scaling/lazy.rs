//! Visited against swept: neurons without a life of their own, reached by spikes of sources.
//!
//! ```text
//! arrivals per neuron and tick    100 synapses onto each, from a tenth as many Poisson sources
//! weights                         excitation and inhibition in balance, so strong that the membrane
//!                                 has a standard deviation of 4 mV (1 mV per spike at most); threshold 15 mV
//! ```

use serde::{Deserialize, Serialize};
use twinfire::report::axes::{Axes, TICK_SIZE};
use twinfire::report::canvas::{Area, Figure, Point as Pixel, Text};
use twinfire::report::number;
use twinfire::report::palette::{BLUE, GREEN, INK, QUIET, VERMILLION};

use crate::growth::range;
use crate::measure::{Cost, How, Task};
use crate::points::{Case, Point};

const KINDS: [&str; 2] = ["lif_delta", "lif_exp"];
const SIZES: [usize; 3] = [1000, 10_000, 100_000];
const ARRIVALS: [f64; 10] = [1e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1, 0.3, 1.0];
const STRATEGIES: [How; 3] = [How::Lazy, How::Swept, How::Auto];
const SYNAPSES: f64 = 100.0;
/// Ticks of a millisecond.
const TICKS: f64 = 10.0;

/// One population of neurons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    pub kind: String,
    pub double: bool,
    pub neurons: usize,
    /// Per neuron and tick.
    pub arrivals: f64,
    pub strategy: How,
}

pub fn cases() -> Vec<Reached> {
    let mut cases = Vec::new();
    for (kind, double, neurons) in panels() {
        for arrivals in ARRIVALS {
            let case = |strategy| Reached { kind: kind.into(), double, neurons, arrivals, strategy };
            cases.extend(STRATEGIES.map(case));
        }
    }
    cases
}

/// Kind, precision and size of every panel, by rows.
fn panels() -> Vec<(&'static str, bool, usize)> {
    let rows = KINDS.into_iter().flat_map(|kind| [(kind, false), (kind, true)]);
    rows.flat_map(|(kind, double)| SIZES.map(|size| (kind, double, size))).collect()
}

impl Case for Reached {
    fn task(&self) -> Task {
        let sources = self.neurons / 20;
        let source_hz = self.arrivals * TICKS * 1000.0 / SYNAPSES;
        // sigma^2 = w^2 * arrivals per ms * tau / 2, with tau = 20 ms.
        let jump = (4.0 / (self.arrivals * TICKS * 10.0).sqrt()).min(1.0);
        // 1 pA for 5 ms into 250 pF is 0.02 mV, before it leaks.
        let (weight, unit) = if self.kind == "lif_delta" { (jump, "mV") } else { (50.0 * jump, "pA") };
        let synapses = if self.kind == "lif_delta" {
            ""
        } else {
            ", c_m = \"250 pF\", tau_syn_e = \"5 ms\", tau_syn_i = \"5 ms\""
        };
        let part = |name: &str, sign: f64| {
            format!(
                "[populations.{name}]\nsize = {sources}\nneuron = \"source\"\n\
                 [inputs.{name}]\ntarget = \"{name}\"\npoisson = {{ rate = \"{source_hz} Hz\" }}\n\
                 [projections.{name}]\nsource = \"{name}\"\ntarget = \"neurons\"\n\
                 connect.fixed_in_degree = {{ n = 50 }}\nweight = \"{} {unit}\"\ndelay = \"1 ms\"\n",
                sign * weight
            )
        };
        let model = format!(
            "[simulation]\nduration = \"1 s\"\n[populations.neurons]\nsize = {}\n\
             neuron.{} = {{ tau_m = \"20 ms\", v_rest = \"0 mV\", v_reset = \"0 mV\", v_thresh = \"15 mV\"{synapses} }}\n{}{}",
            self.neurons,
            self.kind,
            part("exciting", 1.0),
            part("inhibiting", -1.0),
        );
        Task { model, double: self.double, strategy: self.strategy }
    }

    fn words(&self) -> String {
        format!(
            "{} {}, {} neurons, {} arrivals, {:?}",
            self.kind,
            bits(self.double),
            self.neurons,
            self.arrivals,
            self.strategy
        )
    }
}

fn bits(double: bool) -> &'static str {
    if double { "f64" } else { "f32" }
}

/// What the three strategies cost at one place.
struct Trio<'a> {
    arrivals: f64,
    lazy: &'a Cost,
    swept: &'a Cost,
    auto: &'a Cost,
}

impl Trio<'_> {
    /// Seconds per second, of the choice over the better one.
    fn excess(&self) -> f64 {
        self.auto.run_s / self.lazy.run_s.min(self.swept.run_s)
    }

    /// Whether the choice was to visit: it updates as many neurons as if told to.
    fn is_lazy(&self) -> bool {
        let off = |cost: &Cost| (self.auto.neuron_updates - cost.neuron_updates).abs();
        off(self.lazy) < off(self.swept)
    }
}

fn trios<'a>(points: &'a [Point<Reached>], (kind, double, neurons): (&str, bool, usize)) -> Vec<Trio<'a>> {
    let own =
        points.iter().filter(move |p| p.case.kind == kind && p.case.double == double && p.case.neurons == neurons);
    let own: Vec<_> = own.collect();
    let at = |arrivals: f64, strategy: How| {
        let point = own.iter().find(|p| p.case.arrivals == arrivals && p.case.strategy == strategy);
        point.map(|point| &point.cost)
    };
    let trio = |arrivals| {
        let (lazy, swept) = (at(arrivals, How::Lazy)?, at(arrivals, How::Swept)?);
        Some(Trio { arrivals, lazy, swept, auto: at(arrivals, How::Auto)? })
    };
    ARRIVALS.into_iter().filter_map(trio).collect()
}

/// A table and a figure.
pub fn report(points: &[Point<Reached>]) -> (String, Figure) {
    let mut table = String::from("Visited against swept, processor s per s\n\n");
    table +=
        "| kind | precision | neurons | arrivals per neuron and tick | lazy | swept | automatic | over the better |\n";
    table += "|---|---|---|---|---|---|---|---|\n";
    let mut worst: f64 = 0.0;
    for panel in panels() {
        for trio in trios(points, panel) {
            worst = worst.max(trio.excess());
            let (kind, double, neurons) = panel;
            let times = [trio.lazy.run_s, trio.swept.run_s, trio.auto.run_s].map(number::short).join(" | ");
            let chosen = if trio.is_lazy() { "lazy" } else { "swept" };
            let (bits, excess) = (bits(double), number::decimals(trio.excess(), 2));
            table += &format!("| {kind} | {bits} | {neurons} | {} | {times} ({chosen}) | {excess} |\n", trio.arrivals);
        }
    }
    table += &format!("\nat worst the choice takes {} times as long as the better one\n", number::decimals(worst, 2));
    (table, figure(points))
}

fn figure(points: &[Point<Reached>]) -> Figure {
    let title = "Neurons visited when something arrives, or swept at every tick";
    let mut figure = Figure::new(title, 900.0, 84.0 + 4.0 * 216.0);
    figure.text((16.0, 22.0), Text::new(title).size(15.0).bold());
    let mut left = 16.0;
    for (name, color) in [("visited", BLUE), ("swept", VERMILLION), ("automatic choice", GREEN)] {
        figure.marks(vec![(left + 4.0, 44.0)], color, (7.0, 0.0));
        figure.text((left + 13.0, 44.0), Text::new(name).size(TICK_SIZE));
        left += 30.0 + 6.2 * name.len() as f64;
    }
    let note = "processor s per s; dashed: where the choice changes; one thread";
    figure.text((884.0, 44.0), Text::new(note).size(TICK_SIZE).color(QUIET).end());
    for (index, panel) in panels().into_iter().enumerate() {
        let (column, row) = ((index % SIZES.len()) as f64, (index / SIZES.len()) as f64);
        let area = Area::new(60.0 + 294.0 * column, 94.0 + 216.0 * row, 230.0, 132.0);
        let (kind, double, neurons) = panel;
        let name = format!("{kind} {}, {} neurons", bits(double), number::count(neurons as f64));
        figure.text((area.left, area.top - 12.0), Text::new(name).bold());
        draw(&mut figure, &trios(points, panel), area);
    }
    figure
}

fn draw(figure: &mut Figure, trios: &[Trio<'_>], area: Area) {
    let line = |of: fn(&Trio) -> f64| trios.iter().map(|t| (t.arrivals.log10(), of(t).log10())).collect::<Vec<Pixel>>();
    let lines = [line(|t| t.lazy.run_s), line(|t| t.swept.run_s), line(|t| t.auto.run_s)];
    let heights = lines.iter().flatten().map(|point| point.1).collect::<Vec<f64>>();
    let axes = Axes::new(area, (-4.15, 0.15), range(heights.iter().copied(), 0.15));
    axes.draw_log_x(figure, "arrivals per neuron and tick");
    axes.draw_log_y(figure, "");
    let change = trios.windows(2).find(|pair| pair[0].is_lazy() && !pair[1].is_lazy());
    if let Some([before, after]) = change {
        let x = axes.x((before.arrivals * after.arrivals).sqrt().log10());
        figure.dashed((x, area.top), (x, area.bottom()), INK);
    }
    let place = |points: &[Pixel]| points.iter().map(|&point| axes.point(point)).collect::<Vec<Pixel>>();
    // A rim around the dots of the way that it takes.
    figure.marks(place(&lines[2]), GREEN, (9.0, 0.0));
    for (points, color) in lines.iter().zip([BLUE, VERMILLION]) {
        figure.line(place(points), color, 1.5);
        figure.marks(place(points), color, (4.5, 0.0));
    }
    axes.draw_frame(figure);
}
