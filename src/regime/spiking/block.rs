//! The inner loop of a presentation: up to 64 neurons of one layer with a common receptive field,
//! their membranes in registers, over all presentations of a batch. A spike costs one row of 64
//! weights, a tick the step of 64 neurons; a tick without a spike of the field costs nothing while it
//! would leave all membranes as they are (without leak).
//!
//! ```text
//! input   (0 + rows of the sources of the field that spike, ascending, + constant current) gain + bias
//! step    that of neuron/delta_membrane.rs, which the simulator takes too
//! ```
//! The simulator delivers the spikes of a tick by their source, ascending, so a neuron sums in the
//! same order: the stretches of a field ascend too. All arithmetic is lane by lane and never
//! contracted, so every instruction set gives the same bits, and so does the simulator
//! (tests/presentations_agree.rs).

use std::ops::Range;

use crate::neuron::delta_membrane::{DeltaMembrane, DeltaStep};
use crate::neuron::swept::Step;
use crate::topology::fields::{Fields, Pairing, Stretch};
use crate::trains::{LANES, Trains};
use crate::widest::widest;

/// One number for each neuron of a block.
pub type Lanes = [f32; LANES];

/// What a block of neurons does with its input.
#[derive(Debug, Clone)]
pub struct BlockDynamics {
    step: DeltaStep<f32>,
    initial: [f32; 2],
    /// Factor on all input (1, but for dropout).
    pub gain: f32,
}

impl BlockDynamics {
    /// The dynamics of `membrane`, or, when it does not fire, of one whose threshold is out of reach.
    pub fn new(membrane: &DeltaMembrane, fires: bool) -> Self {
        let threshold = if fires { membrane.threshold } else { f64::INFINITY };
        let (step, initial) = DeltaMembrane { threshold, ..*membrane }.start(0.0);
        Self { step, initial, gain: 1.0 }
    }
}

/// What a block of neurons did over a batch.
#[derive(Debug, Clone, Default)]
pub struct BlockResponse {
    /// Bit k of `masks[b T + t]`: neuron k spiked at tick t of presentation b.
    pub masks: Vec<u64>,
    /// Spike counts, one `Lanes` per presentation.
    pub counts: Vec<Lanes>,
    /// Input summed over the window, dropped input included, one `Lanes` per presentation.
    pub input: Vec<Lanes>,
}

/// Which neurons a block has: up to 64 neighbours of one group of targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Index of the group.
    pub group: usize,
    /// The neurons, counted within the group.
    pub lanes: Range<usize>,
}

impl Site {
    /// The sites of all targets of `fields`, ascending.
    pub fn all(fields: &Fields) -> impl Iterator<Item = Self> {
        let width = fields.width();
        (0..fields.groups().len()).flat_map(move |group| {
            (0..width).step_by(LANES).map(move |first| Self { group, lanes: first..width.min(first + LANES) })
        })
    }

    /// The neurons, counted within the layer.
    pub fn targets(&self, fields: &Fields) -> Range<usize> {
        let first = self.group * fields.width();
        first + self.lanes.start..first + self.lanes.end
    }
}

/// Copies the weights of a site to `rows`, one row of 64 per source of its field, padded with zeros.
/// Sites of groups that share a block, with the same lanes, have the same rows.
pub fn pack(fields: &Fields, weights: &[f32], site: &Site, rows: &mut [Lanes]) {
    let block = fields.block(fields.groups()[site.group].block as usize);
    for (row, column) in rows.iter_mut().zip(weights[block].chunks_exact(fields.width())) {
        row[..site.lanes.len()].copy_from_slice(&column[site.lanes.clone()]);
        row[site.lanes.len()..].fill(0.0);
    }
}

/// What acts on a block at every tick: one [`Lanes`] per presentation, one for all, or none.
#[derive(Debug, Clone, Default)]
pub struct Currents {
    /// What constant currents bring through synapses, scaled as spikes are.
    pub through: Vec<Lanes>,
    /// Bias, and what is added from outside.
    pub constant: Vec<Lanes>,
}

/// That of a presentation.
#[inline(always)]
fn of(currents: &[Lanes], presentation: usize) -> Option<&Lanes> {
    currents.get(presentation.min(currents.len().wrapping_sub(1)))
}

/// Runs the block at `site` over a batch. `rows` are its packed weights.
pub fn run(
    dynamics: &BlockDynamics,
    rows: &[Lanes],
    (fields, site): (&Fields, &Site),
    trains: &Trains,
    currents: &Currents,
) -> BlockResponse {
    let batch = trains.batch();
    let mut response = BlockResponse {
        masks: vec![0; batch * trains.window],
        counts: vec![[0.0; LANES]; batch],
        input: vec![[0.0; LANES]; batch],
    };
    let width = site.lanes.len();
    let exist = if width == LANES { u64::MAX } else { (1 << width) - 1 };
    let stretches = fields.stretches(&fields.groups()[site.group]);
    match fields.pairing() {
        Pairing::Every if fields.is_dense() => run_widest(dynamics, rows, All, exist, trains, currents, &mut response),
        Pairing::Every => run_widest(dynamics, rows, Every(stretches), exist, trains, currents, &mut response),
        Pairing::Each => {
            let each = Each { stretches, first: site.lanes.start as u32, lanes: width as u32 };
            run_widest(dynamics, rows, each, exist, trains, currents, &mut response);
        }
    }
    response
}

/// What the neurons of a block see; the loop is compiled for each kind of view.
trait View: Copy {
    /// Adds what arrives from those of `sources` that are seen, ascending; whether there are any.
    fn add(self, input: &mut Lanes, rows: &[Lanes], sources: &[u32]) -> bool;
}

/// Every source.
#[derive(Clone, Copy)]
struct All;

impl View for All {
    #[inline(always)]
    fn add(self, input: &mut Lanes, rows: &[Lanes], sources: &[u32]) -> bool {
        add_rows(input, rows, sources);
        !sources.is_empty()
    }
}

/// Every source of these stretches.
#[derive(Clone, Copy)]
struct Every<'f>(&'f [Stretch]);

impl View for Every<'_> {
    #[inline(always)]
    fn add(self, input: &mut Lanes, rows: &[Lanes], sources: &[u32]) -> bool {
        let (mut sum, mut any, mut left) = (*input, false, sources);
        for stretch in self.0 {
            left = &left[left.partition_point(|&source| source < stretch.sources.start)..];
            let rows = &rows[stretch.row as usize..];
            let mut seen = 0;
            for &source in left.iter().take_while(|&&source| source < stretch.sources.end) {
                let row = &rows[(source - stretch.sources.start) as usize];
                for lane in 0..LANES {
                    sum[lane] += row[lane];
                }
                seen += 1;
            }
            any |= seen > 0;
            left = &left[seen..];
        }
        *input = sum;
        any
    }
}

/// Lane k the source `first` + k of each stretch, of so many lanes.
#[derive(Clone, Copy)]
struct Each<'f> {
    stretches: &'f [Stretch],
    first: u32,
    lanes: u32,
}

impl View for Each<'_> {
    #[inline(always)]
    fn add(self, input: &mut Lanes, rows: &[Lanes], sources: &[u32]) -> bool {
        let mut any = false;
        for stretch in self.stretches {
            let first = stretch.sources.start + self.first;
            let here = &sources[sources.partition_point(|&source| source < first)..];
            for &source in here.iter().take_while(|&&source| source < first + self.lanes) {
                let lane = (source - first) as usize;
                input[lane] += rows[stretch.row as usize][lane];
                any = true;
            }
        }
        any
    }
}

widest!(
    run_widest,
    run_lanes,
    [V: View],
    (
        d: &BlockDynamics,
        rows: &[Lanes],
        view: V,
        exist: u64,
        trains: &Trains,
        currents: &Currents,
        out: &mut BlockResponse
    )
);
widest!(
    run_signed_widest,
    run_signed_lanes,
    (rows: &[Lanes], spikes: &SignedTrains, threshold: f32, out: &mut SignedResponse)
);

#[inline(always)]
fn run_lanes<V: View>(
    d: &BlockDynamics,
    rows: &[Lanes],
    view: V,
    exist: u64,
    trains: &Trains,
    currents: &Currents,
    out: &mut BlockResponse,
) {
    let window = trains.window;
    for presentation in 0..out.counts.len() {
        let mut state = BlockState::new(d);
        let (through, constant) = (of(&currents.through, presentation), of(&currents.constant, presentation));
        let quiet = through.is_none() && constant.is_none();
        let ticks = presentation * window..(presentation + 1) * window;
        for (tick, mask) in ticks.clone().zip(&mut out.masks[ticks]) {
            let mut input = [0.0; LANES];
            let arrives = view.add(&mut input, rows, trains.at(tick));
            if !arrives && quiet && state.at_rest {
                continue;
            }
            if let Some(through) = through {
                for lane in 0..LANES {
                    input[lane] += through[lane];
                }
            }
            *mask = state.step(d, &input, constant) & exist;
        }
        out.counts[presentation] = state.count;
        out.input[presentation] = state.total;
    }
}

/// Adds the rows of `sources`, in order.
#[inline(always)]
fn add_rows(input: &mut Lanes, rows: &[Lanes], sources: &[u32]) {
    let mut sum = *input;
    for &source in sources {
        let row = &rows[source as usize];
        for lane in 0..LANES {
            sum[lane] += row[lane];
        }
    }
    *input = sum;
}

/// The neurons of a block during one presentation.
struct BlockState {
    v: Lanes,
    /// Ticks of the refractory period that are left.
    left: Lanes,
    count: Lanes,
    total: Lanes,
    /// Whether a tick without input leaves all neurons as they are.
    at_rest: bool,
}

impl BlockState {
    #[inline(always)]
    fn new(d: &BlockDynamics) -> Self {
        Self {
            v: [d.initial[0]; LANES],
            left: [d.initial[1]; LANES],
            count: [0.0; LANES],
            total: [0.0; LANES],
            at_rest: d.step.rests(&d.initial),
        }
    }

    /// One tick; the mask of those that spike.
    #[inline(always)]
    fn step(&mut self, d: &BlockDynamics, input: &Lanes, constant: Option<&Lanes>) -> u64 {
        let (mut fired, mut rests) = ([false; LANES], [false; LANES]);
        for lane in 0..LANES {
            let input = match constant {
                Some(constant) => input[lane] * d.gain + constant[lane],
                None => input[lane] * d.gain,
            };
            self.total[lane] += input;
            let mut state = [self.v[lane], self.left[lane]];
            fired[lane] = d.step.step(&mut state, [input, 0.0], 0.0);
            rests[lane] = d.step.rests(&state);
            [self.v[lane], self.left[lane]] = state;
            self.count[lane] += if fired[lane] { 1.0 } else { 0.0 };
        }
        self.at_rest = mask_of(&rests) == u64::MAX;
        mask_of(&fired)
    }
}

#[inline(always)]
fn mask_of(fired: &[bool; LANES]) -> u64 {
    fired.iter().enumerate().fold(0, |mask, (lane, &fired)| mask | u64::from(fired) << lane)
}

/// Spikes with a sign, as two trains.
#[derive(Debug, Clone, Default)]
pub struct SignedTrains {
    pub up: Trains,
    pub down: Trains,
}

impl SignedTrains {
    /// No presentation yet.
    pub fn with_window(window: usize) -> Self {
        let empty = Trains { window, offsets: vec![0], sources: Vec::new() };
        Self { up: empty.clone(), down: empty }
    }

    /// Adds a spike to the current tick.
    pub fn push(&mut self, unit: u32, positive: bool) {
        if positive { self.up.sources.push(unit) } else { self.down.sources.push(unit) }
    }

    /// Ends the current tick.
    pub fn end_tick(&mut self) {
        self.up.offsets.push(self.up.sources.len() as u32);
        self.down.offsets.push(self.down.sources.len() as u32);
    }
}

/// What a block of feedback units did over a batch.
#[derive(Debug, Clone, Default)]
pub struct SignedResponse {
    pub up: Vec<u64>,
    pub down: Vec<u64>,
    /// Signed spike counts, one `Lanes` per presentation.
    pub counts: Vec<Lanes>,
}

/// Runs a block of feedback units over a batch (equations in `feedback.rs`).
pub fn run_signed(rows: &[Lanes], spikes: &SignedTrains, threshold: f32) -> SignedResponse {
    let (window, batch) = (spikes.up.window, spikes.up.batch());
    let mut response = SignedResponse {
        up: vec![0; batch * window],
        down: vec![0; batch * window],
        counts: vec![[0.0; LANES]; batch],
    };
    run_signed_widest(rows, spikes, threshold, &mut response);
    response
}

#[inline(always)]
fn run_signed_lanes(rows: &[Lanes], spikes: &SignedTrains, threshold: f32, out: &mut SignedResponse) {
    let window = spikes.up.window;
    for presentation in 0..out.counts.len() {
        let (mut u, mut count) = ([0.0; LANES], [0.0; LANES]);
        for tick in presentation * window..(presentation + 1) * window {
            let (up, down) = (spikes.up.at(tick), spikes.down.at(tick));
            if up.is_empty() && down.is_empty() {
                continue;
            }
            let (mut plus, mut minus) = ([0.0; LANES], [0.0; LANES]);
            add_rows(&mut plus, rows, up);
            add_rows(&mut minus, rows, down);
            [out.up[tick], out.down[tick]] = step_signed(&mut u, &mut count, &plus, &minus, threshold);
        }
        out.counts[presentation] = count;
    }
}

/// One tick of a block of feedback units; the masks of those that spike up and down.
#[inline(always)]
pub fn step_signed(u: &mut Lanes, count: &mut Lanes, plus: &Lanes, minus: &Lanes, threshold: f32) -> [u64; 2] {
    let (mut rose, mut fell) = ([false; LANES], [false; LANES]);
    for lane in 0..LANES {
        let v = u[lane] + (plus[lane] - minus[lane]);
        rose[lane] = v >= 0.5 * threshold;
        fell[lane] = v <= -0.5 * threshold;
        let sign = f32::from(i8::from(rose[lane]) - i8::from(fell[lane]));
        u[lane] = v - sign * threshold;
        count[lane] += sign;
    }
    [mask_of(&rose), mask_of(&fell)]
}
