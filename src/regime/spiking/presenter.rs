//! Presentations in the spiking regime: a batch of stimuli through a chain of layers, one
//! layer after the other. A projection's delay only shifts the window of the layer behind
//! it, so a layer's trains are kept relative to its own window; the simulator, which runs all
//! layers at once, gives the same spikes (`playback.rs`).
//!
//! ```text
//! activity   a = spike count / T
//! drive      z = (sum of input over the window) / T
//! gate       psi(z), the neuron kind's pseudo-derivative; 1 for output neurons that do not fire
//! ```

use rayon::prelude::*;

use super::block::{self, BlockDynamics, BlockResponse};
use super::feedback;
use super::trains::{LANES, Trains};
use crate::decode::Output;
use crate::encode::Stimulus;
use crate::matrix::Matrix;
use crate::network::chain::Chain;
use crate::random::Purpose;
use crate::regime::{Batch, Code, Presenter, Response, Work, descend_analog};

/// Presents batches as spike trains.
pub struct SpikingPresenter {
    code: Code,
    window: usize,
    stimuli: Vec<Stimulus>,
    /// Packed weights of each projection, by block of the target layer.
    packed: Vec<Vec<Vec<[f32; LANES]>>>,
    /// Scratch of the feedback phase.
    feedback: feedback::Scratch,
}

impl SpikingPresenter {
    /// A presenter for networks of the shape of `chain`.
    pub fn new(chain: &Chain, code: Code) -> Self {
        let window = (code.encoder.window_ms() / chain.resolution.ms()).round().max(1.0) as usize;
        let rows = |&(post, pre): &(usize, usize)| vec![vec![[0.0; LANES]; pre]; post.div_ceil(LANES)];
        let packed = chain.shapes().iter().map(rows).collect();
        Self { code, window, stimuli: Vec::new(), packed, feedback: feedback::Scratch::default() }
    }

    /// Ticks of a presentation.
    pub fn window(&self) -> usize {
        self.window
    }

    /// Encodes every sample of a batch.
    fn encode(&mut self, chain: &Chain, batch: &Batch, kept: Option<&Matrix>) {
        self.stimuli.resize_with(batch.samples.len(), Stimulus::default);
        let encoder = &self.code.encoder;
        self.stimuli.par_iter_mut().enumerate().for_each(|(column, stimulus)| {
            let mut stream = batch.stream(column, Purpose::Encoding);
            let values = batch.values.column(column);
            stimulus.clear();
            match kept {
                None => encoder.encode(values.as_slice(), chain.resolution, &mut stream, stimulus),
                Some(kept) => {
                    let silenced = |(&v, &k): (&f32, &f32)| if k == 0.0 { 0.0 } else { v };
                    let values: Vec<f32> = values.iter().zip(kept.column(column).iter()).map(silenced).collect();
                    encoder.encode(&values, chain.resolution, &mut stream, stimulus);
                }
            }
        });
    }

    /// Constant currents of the batch, if there are any: inputs x B, or inputs x 1 when they
    /// are the same for all presentations.
    fn currents(&self, inputs: usize) -> Option<Matrix> {
        let sent = self.stimuli.first().is_some_and(|first| !first.currents.is_empty());
        let offset = |i: usize| self.code.offset.get(i).copied().unwrap_or(0.0);
        match (sent, self.code.offset.is_empty()) {
            (false, true) => None,
            (false, false) => Some(Matrix::from_column_slice(inputs, 1, &self.code.offset)),
            (true, _) => {
                let current = |i: usize, b: usize| self.stimuli[b].currents[i] + offset(i);
                Some(Matrix::from_fn(inputs, self.stimuli.len(), current))
            }
        }
    }

    /// Runs one projection and its target layer.
    fn run_layer(&mut self, chain: &Chain, projection: usize, trains: &Trains, drive: Drive<'_>) -> Vec<BlockResponse> {
        let weights = &chain.weights[projection];
        let post = weights.nrows();
        let fires = projection + 2 < chain.layers() || self.code.decoder.fires();
        let mut dynamics = BlockDynamics::new(&chain.neuron(projection).membrane(chain.resolution), fires);
        dynamics.gain = drive.gain;
        let constant = drive.currents.map(|currents| constant_input(weights, currents));
        self.packed[projection]
            .par_iter_mut()
            .enumerate()
            .map(|(index, rows)| {
                block::pack(weights.as_slice(), post, index, rows);
                let currents = constant.as_ref().map_or_else(Vec::new, |c| lanes_of(c, index));
                block::run(&dynamics, rows, LANES.min(post - index * LANES), trains, &currents)
            })
            .collect()
    }

    /// Scores of every presentation.
    fn decode(&self, chain: &Chain, response: &Response) -> Matrix {
        let last = chain.layers() - 1;
        let trains = &response.trains[last];
        let (counts, drive) = (&response.activity[last] * self.window as f32, &response.drive[last]);
        let mut scores = Matrix::zeros(counts.nrows(), counts.ncols());
        for column in 0..counts.ncols() {
            let spikes = if self.code.decoder.needs_times() { trains.of_presentation(column) } else { Vec::new() };
            let (counts, drive) = (counts.column(column), drive.column(column));
            let output =
                Output { window: self.window, counts: counts.as_slice(), drive: drive.as_slice(), spikes: &spikes };
            self.code.decoder.scores(output, chain.resolution, scores.column_mut(column).as_mut_slice());
        }
        scores
    }
}

/// What acts on a layer beside spikes.
#[derive(Clone, Copy)]
struct Drive<'a> {
    gain: f32,
    currents: Option<&'a Matrix>,
    /// What dropout leaves of the target layer.
    keep: Option<&'a Matrix>,
}

impl Presenter for SpikingPresenter {
    fn present(&mut self, chain: &Chain, batch: &Batch) -> Response {
        let kept = batch.kept(&chain.sizes);
        self.encode(chain, batch, kept.as_ref().map(|kept| &kept[0]));
        let currents = self.currents(chain.sizes[0]);
        let gain = batch.dropout_gain();
        let mut response = self.begin(chain, currents.as_ref(), gain);
        for projection in 0..chain.weights.len() {
            let currents = currents.as_ref().filter(|_| projection == 0);
            let keep = kept.as_ref().and_then(|kept| kept.get(projection + 1));
            self.present_layer(chain, projection, Drive { gain, currents, keep }, &mut response);
        }
        response.scores = self.decode(chain, &response);
        response
    }

    fn descend(
        &mut self,
        response: &Response,
        feedback: &[&Matrix],
        signal: &Matrix,
        ticks: Option<usize>,
    ) -> Vec<Matrix> {
        match ticks {
            None => descend_analog(response, feedback, signal),
            Some(ticks) => feedback::descend_spikes(&mut self.feedback, response, feedback, signal, ticks),
        }
    }
}

impl SpikingPresenter {
    /// A response that holds the input layer.
    fn begin(&self, chain: &Chain, currents: Option<&Matrix>, gain: f32) -> Response {
        let trains = Trains::of_stimuli(self.window, &self.stimuli);
        let mut activity = counts_of_trains(&trains, chain.sizes[0], gain / self.window as f32);
        if let Some(currents) = currents {
            for (index, mut column) in activity.column_iter_mut().enumerate() {
                column.axpy(gain, &currents.column(index.min(currents.ncols() - 1)), 1.0);
            }
        }
        Response {
            activity: vec![activity],
            gate: vec![Matrix::zeros(0, 0)],
            drive: vec![Matrix::zeros(0, 0)],
            scores: Matrix::zeros(0, 0),
            work: Work { input_spikes: trains.sources.len() as u64, ..Work::default() },
            trains: vec![trains],
        }
    }

    /// Runs one projection and appends its target layer to the response.
    fn present_layer(&mut self, chain: &Chain, projection: usize, drive: Drive<'_>, response: &mut Response) {
        let layer = projection + 1;
        let trains = &response.trains[projection];
        response.work.synaptic_events += (trains.sources.len() * chain.sizes[layer]) as u64;
        let mut blocks = self.run_layer(chain, projection, trains, drive);
        if let Some(keep) = drive.keep {
            silence(&mut blocks, keep, self.window);
        }
        let masks: Vec<Vec<u64>> = blocks.iter_mut().map(|block| std::mem::take(&mut block.masks)).collect();
        let trains = Trains::of_masks(self.window, trains.offsets.len() - 1, &masks);
        if layer + 1 < chain.layers() {
            response.work.hidden_spikes += trains.sources.len() as u64;
        }
        response.trains.push(trains);
        self.gather(chain, layer, &blocks, drive.keep, response);
    }

    /// Appends activity, drive and gate of a layer to the response.
    fn gather(
        &self,
        chain: &Chain,
        layer: usize,
        blocks: &[BlockResponse],
        keep: Option<&Matrix>,
        response: &mut Response,
    ) {
        let (size, batch) = (chain.sizes[layer], response.activity[0].ncols());
        let per_tick = 1.0 / self.window as f32;
        let mut activity = matrix_of(size, batch, per_tick, blocks, |block| &block.counts);
        let drive = matrix_of(size, batch, per_tick, blocks, |block| &block.input);
        let mut gate = Matrix::from_element(size, batch, 1.0);
        if layer + 1 < chain.layers() || self.code.decoder.fires() {
            gate.copy_from(&drive);
            chain.neuron(layer - 1).gate(chain.resolution, self.window, gate.as_mut_slice());
        }
        if let Some(keep) = keep {
            activity.component_mul_assign(keep);
            gate.component_mul_assign(keep);
        }
        response.activity.push(activity);
        response.drive.push(drive);
        response.gate.push(gate);
    }
}

/// What `currents` (inputs x 1 or x B) send through `weights` at every tick, summed source by
/// source.
pub(super) fn constant_input(weights: &Matrix, currents: &Matrix) -> Matrix {
    let mut sums = Matrix::zeros(weights.nrows(), currents.ncols());
    let columns =
        sums.as_mut_slice().par_chunks_mut(weights.nrows()).zip(currents.as_slice().par_chunks(weights.ncols()));
    columns.for_each(|(sums, currents)| {
        for (row, &current) in weights.as_slice().chunks_exact(sums.len()).zip(currents) {
            sums.iter_mut().zip(row).for_each(|(sum, &weight)| *sum += weight * current);
        }
    });
    sums
}

/// Block `index` of every column of `values`, padded with zeros.
fn lanes_of(values: &Matrix, index: usize) -> Vec<[f32; LANES]> {
    let first = index * LANES;
    let width = LANES.min(values.nrows() - first);
    let lanes = |column: usize| {
        let mut lanes = [0.0; LANES];
        lanes[..width].copy_from_slice(&values.column(column).as_slice()[first..first + width]);
        lanes
    };
    (0..values.ncols()).map(lanes).collect()
}

/// A layer's matrix (n x B) from what its blocks recorded, times `scale`.
fn matrix_of(
    size: usize,
    batch: usize,
    scale: f32,
    blocks: &[BlockResponse],
    part: impl Fn(&BlockResponse) -> &Vec<[f32; LANES]>,
) -> Matrix {
    let mut matrix = Matrix::zeros(size, batch);
    for (column, values) in matrix.as_mut_slice().chunks_exact_mut(size).enumerate() {
        for (chunk, block) in values.chunks_mut(LANES).zip(blocks) {
            for (value, recorded) in chunk.iter_mut().zip(&part(block)[column]) {
                *value = recorded * scale;
            }
        }
    }
    matrix
}

/// Spike counts of each presentation, n x B, times `scale`.
fn counts_of_trains(trains: &Trains, size: usize, scale: f32) -> Matrix {
    let mut counts = Matrix::zeros(size, trains.batch());
    for (column, counts) in counts.as_mut_slice().chunks_exact_mut(size).enumerate() {
        let ends = (trains.offsets[column * trains.window], trains.offsets[(column + 1) * trains.window]);
        for &source in &trains.sources[ends.0 as usize..ends.1 as usize] {
            counts[source as usize] += scale;
        }
    }
    counts
}

/// Takes the spikes of silenced neurons away.
fn silence(blocks: &mut [BlockResponse], keep: &Matrix, window: usize) {
    for (index, block) in blocks.iter_mut().enumerate() {
        for (column, kept) in lanes_of(keep, index).iter().enumerate() {
            let mask = kept.iter().enumerate().fold(0, |mask, (k, &kept)| mask | u64::from(kept > 0.0) << k);
            for spikes in &mut block.masks[column * window..(column + 1) * window] {
                *spikes &= mask;
            }
        }
    }
}
