//! The inner loop of a presentation: 64 neurons of one layer, their membranes in
//! registers, over all presentations of a batch. A spike costs one row of 64 weights, a tick
//! the step of 64 neurons; a tick without a spike costs nothing while it would leave all
//! membranes as they are (without leak).
//!
//! ```text
//! input   0 + rows of the sources that spike, ascending, + constant current
//! step    that of neuron/delta_membrane.rs, which the simulator takes too
//! ```
//! All arithmetic is lane by lane and never contracted, so every instruction set gives the
//! same bits, and so does the simulator (tests/presentations_agree.rs).

use super::trains::{LANES, Trains};
use crate::neuron::delta_membrane::{DeltaMembrane, DeltaStep};
use crate::neuron::swept::Step;
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

/// Copies block `block` of `weights` (post x pre, column-major) to `rows`, one row of 64 per
/// source, padded with zeros.
pub fn pack(weights: &[f32], post: usize, block: usize, rows: &mut [Lanes]) {
    let first = block * LANES;
    let width = LANES.min(post - first);
    for (row, column) in rows.iter_mut().zip(weights.chunks_exact(post)) {
        row[..width].copy_from_slice(&column[first..first + width]);
        row[width..].fill(0.0);
    }
}

/// Runs a block over a batch. `rows` are its packed weights; `currents` (one `Lanes` per
/// presentation, one for all, or none) act at every tick; `width` is the number of neurons that exist.
pub fn run(
    dynamics: &BlockDynamics,
    rows: &[Lanes],
    width: usize,
    trains: &Trains,
    currents: &[Lanes],
) -> BlockResponse {
    let batch = trains.batch();
    let mut response = BlockResponse {
        masks: vec![0; batch * trains.window],
        counts: vec![[0.0; LANES]; batch],
        input: vec![[0.0; LANES]; batch],
    };
    let exist = if width == LANES { u64::MAX } else { (1 << width) - 1 };
    run_widest(dynamics, rows, exist, trains, currents, &mut response);
    response
}

widest!(
    run_widest,
    run_lanes,
    (d: &BlockDynamics, rows: &[Lanes], exist: u64, trains: &Trains, currents: &[Lanes], out: &mut BlockResponse)
);
widest!(
    run_signed_widest,
    run_signed_lanes,
    (rows: &[Lanes], spikes: &SignedTrains, threshold: f32, out: &mut SignedResponse)
);

#[inline(always)]
fn run_lanes(
    d: &BlockDynamics,
    rows: &[Lanes],
    exist: u64,
    trains: &Trains,
    currents: &[Lanes],
    out: &mut BlockResponse,
) {
    let window = trains.window;
    for presentation in 0..out.counts.len() {
        let mut state = BlockState::new(d);
        let current = currents.get(presentation.min(currents.len().wrapping_sub(1)));
        let ticks = presentation * window..(presentation + 1) * window;
        for (tick, mask) in ticks.clone().zip(&mut out.masks[ticks]) {
            let sources = trains.at(tick);
            if sources.is_empty() && current.is_none() && state.at_rest {
                continue;
            }
            let mut input = [0.0; LANES];
            add_rows(&mut input, rows, sources);
            if let Some(current) = current {
                for lane in 0..LANES {
                    input[lane] += current[lane];
                }
            }
            *mask = state.step(d, &input) & exist;
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
    fn step(&mut self, d: &BlockDynamics, input: &Lanes) -> u64 {
        let (mut fired, mut rests) = ([false; LANES], [false; LANES]);
        for lane in 0..LANES {
            let input = input[lane] * d.gain;
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
            let (mut rose, mut fell) = ([false; LANES], [false; LANES]);
            for lane in 0..LANES {
                let v = u[lane] + (plus[lane] - minus[lane]);
                rose[lane] = v >= 0.5 * threshold;
                fell[lane] = v <= -0.5 * threshold;
                let sign = f32::from(i8::from(rose[lane]) - i8::from(fell[lane]));
                u[lane] = v - sign * threshold;
                count[lane] += sign;
            }
            out.up[tick] = mask_of(&rose);
            out.down[tick] = mask_of(&fell);
        }
        out.counts[presentation] = count;
    }
}
