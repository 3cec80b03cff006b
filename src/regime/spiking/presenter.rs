//! Presentations in the spiking regime: a batch of stimuli through layers, one after the other. A
//! projection's delay only shifts the window of the layer behind it, so a layer's trains are kept
//! relative to its own window; the simulator, which runs all layers at once, gives the same spikes
//! (`playback.rs`).
//!
//! ```text
//! activity   a = spike count / T
//! drive      z = (sum of input over the window) / T
//! gate       psi(z), the neuron kind's pseudo-derivative; 1 for output neurons that do not fire
//! ```

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use rayon::prelude::*;

use super::block::{self, BlockDynamics, BlockResponse, Currents, Lanes, Site};
use super::feedback;
use crate::decode::Output;
use crate::encode::Stimulus;
use crate::gain::{Affine, Keep};
use crate::learned::ParameterId;
use crate::matrix::Matrix;
use crate::network::linear;
use crate::network::presenter::{Carrier, Descent, Given, Presenter, descend_analog};
use crate::network::signal::{How, LayerPass, Signal, Work};
use crate::network::stack::Layer;
use crate::pool::{Pool, Pooled};
use crate::random::Purpose;
use crate::time::Resolution;
use crate::trains::{LANES, Trains};

/// Presents batches as spike trains.
#[derive(Default)]
pub struct SpikingPresenter {
    stimuli: Vec<Stimulus>,
    /// Packed weights of each projection, by block of the target layer.
    packed: HashMap<ParameterId, Vec<Vec<Lanes>>>,
    /// Scratch of the feedback phase.
    feedback: feedback::Scratch,
    linear: linear::Scratch,
}

/// Ticks of a presentation.
fn window(given: &Given<'_>) -> usize {
    ticks(given.coding.encoder.window_ms(), given.stack.resolution)
}

/// Ticks of so many ms.
pub fn ticks(ms: f64, resolution: Resolution) -> usize {
    (ms / resolution.ms()).round().max(1.0) as usize
}

impl Presenter for SpikingPresenter {
    fn encode(&mut self, given: &Given<'_>) -> Signal {
        let affines: Vec<Affine> = given.affines(0, &given.batch.values).collect();
        let keep = kept(&affines);
        self.stimulate(given, keep);
        let trains = of_stimuli(window(given), &self.stimuli);
        let currents = self.currents(&affines, given);
        let scale = keep.map_or(1.0, |keep| keep.scale);
        let mut mean = given.pool.filled(given.at(0).size(), given.batch.samples.len(), 0.0);
        count(&trains, scale / trains.window as f32, &mut mean);
        if let Some(currents) = &currents {
            for (index, mut column) in mean.column_iter_mut().enumerate() {
                column.axpy(scale, &currents.column(index.min(currents.ncols() - 1)), 1.0);
            }
        }
        Signal { mean, spikes: Some(trains), currents, scale }
    }

    fn send(&mut self, activity: &Matrix, given: &Given<'_>) -> Signal {
        let trains = evenly_spaced(activity, window(given));
        let mut mean = given.pool.filled(activity.nrows(), activity.ncols(), 0.0);
        count(&trains, 1.0 / trains.window as f32, &mut mean);
        Signal { mean, spikes: Some(trains), currents: None, scale: 1.0 }
    }

    fn layer(&mut self, layer: usize, input: &Signal, given: &Given<'_>) -> (LayerPass, Work) {
        let (at, trains) = (given.at(layer), spikes_of(input));
        let mut blocks = self.run(layer, input, given);
        let work = Work { synaptic_events: events(at, trains), ..Work::default() };
        let per_tick = 1.0 / trains.window as f32;
        let (size, batch) = (at.size(), input.mean.ncols());
        let drive = gathered(given.pool.matrix(size, batch), per_tick, at, &blocks, |block| &block.input);
        let mut gate = given.pool.filled(size, batch, 1.0);
        if at.fires {
            gate.copy_from(&drive);
            at.link().neuron().gate(given.stack.resolution, trains.window, gate.as_mut_slice());
        }
        let mut mean = gathered(given.pool.matrix(size, batch), per_tick, at, &blocks, |block| &block.counts);
        let clamp = given.conditions.nudge(layer, How::ReplaceActivity).last();
        let affines: Vec<Affine> = given.affines(layer, &mean).collect();
        let mut scale = 1.0;
        if let Some(keep) = kept(&affines) {
            silence(at, &mut blocks, &keep.factors, trains.window);
            mean.component_mul_assign(&keep.factors);
            gate.component_mul_assign(&keep.factors);
            scale = keep.scale;
        }
        let masks: Vec<Vec<u64>> = blocks.iter_mut().map(|block| std::mem::take(&mut block.masks)).collect();
        let firsts: Vec<usize> = spans(at).map(|neurons| neurons.start).collect();
        let spikes = Some(Trains::of_blocks(trains.window, trains.offsets.len() - 1, &masks, |block| firsts[block]));
        let sent = clamp.map(|values| self.send(values, given));
        let signal = sent.unwrap_or(Signal { mean, spikes, currents: None, scale });
        let fired = spikes_of(&signal).sources.len() as u64;
        (LayerPass { drive, gate, signal: Rc::new(signal) }, Work { hidden_spikes: fired, ..work })
    }

    fn decode(&mut self, last: &LayerPass, given: &Given<'_>) -> Pooled {
        let (trains, decoder) = (spikes_of(&last.signal), &given.coding.decoder);
        let mut counts = given.pool.copy(&last.signal.mean);
        *counts *= trains.window as f32;
        let mut scores = given.pool.filled(counts.nrows(), counts.ncols(), 0.0);
        for column in 0..counts.ncols() {
            let spikes = if decoder.needs_times() { trains.of_presentation(column) } else { Vec::new() };
            let (counts, drive) = (counts.column(column), last.drive.column(column));
            let output =
                Output { window: trains.window, counts: counts.as_slice(), drive: drive.as_slice(), spikes: &spikes };
            decoder.scores(output, given.stack.resolution, scores.column_mut(column).as_mut_slice());
        }
        scores
    }

    fn descend(&mut self, descent: &Descent<'_>, pool: &Pool) -> Vec<Pooled> {
        match descent.carrier {
            Carrier::Analog => descend_analog(descent, &mut self.linear, pool),
            Carrier::Spikes(ticks) => feedback::descend_spikes(&mut self.feedback, descent, ticks, pool),
        }
    }
}

impl SpikingPresenter {
    /// Encodes every sample of a batch, with 0 in place of silenced values.
    fn stimulate(&mut self, given: &Given<'_>, keep: Option<&Keep>) {
        let (batch, resolution, take) = (given.batch, given.stack.resolution, given.conditions.take);
        self.stimuli.resize_with(batch.samples.len(), Stimulus::default);
        let encoder = &given.coding.encoder;
        let keep = keep.map(|keep| &*keep.factors);
        self.stimuli.par_iter_mut().enumerate().for_each(|(column, stimulus)| {
            let mut stream = batch.stream(column, Purpose::Encoding, take);
            let values = batch.values.column(column);
            stimulus.clear();
            match keep {
                None => encoder.encode(values.as_slice(), resolution, &mut stream, stimulus),
                Some(keep) => {
                    let silenced = |(&v, &k): (&f32, &f32)| if k == 0.0 { 0.0 } else { v };
                    let values: Vec<f32> = values.iter().zip(keep.column(column).iter()).map(silenced).collect();
                    encoder.encode(&values, resolution, &mut stream, stimulus);
                }
            }
        });
    }

    /// Constant currents of the batch, if there are any: those of the encoder and the offsets of gains.
    fn currents(&self, affines: &[Affine], given: &Given<'_>) -> Option<Pooled> {
        let offset = affines.iter().find_map(|affine| affine.offset.as_ref());
        let sent = self.stimuli.first().is_some_and(|first| !first.currents.is_empty());
        if !sent {
            return offset.map(|offset| given.pool.copy(offset));
        }
        let mut currents = given.pool.matrix(given.at(0).size(), self.stimuli.len());
        for (mut column, stimulus) in currents.column_iter_mut().zip(&self.stimuli) {
            column.as_mut_slice().copy_from_slice(&stimulus.currents);
            offset.into_iter().for_each(|offset| column += &**offset);
        }
        Some(currents)
    }

    /// Runs one projection and its target layer.
    fn run(&mut self, layer: usize, input: &Signal, given: &Given<'_>) -> Vec<BlockResponse> {
        let (at, trains) = (given.at(layer), spikes_of(input));
        let link = at.link();
        let weights = given.parameters.values(link.weights);
        let mut dynamics = BlockDynamics::new(&link.neuron().membrane(given.stack.resolution), at.fires);
        dynamics.gain = input.scale;
        let through = input.currents.as_ref().map(|currents| through(at, weights, currents));
        let constant = constant_of(given, layer);
        let fields = &link.fields;
        let sites: Vec<Site> = Site::all(fields).collect();
        let packed = self.packed.entry(link.weights).or_default();
        packed.resize_with(sites.len(), || vec![[0.0; LANES]; fields.depth()]);
        let run = |(rows, site): (&mut Vec<Lanes>, &Site)| {
            block::pack(fields, weights.as_slice(), site, rows);
            let targets = site.targets(fields);
            let lanes = |values: &Option<Matrix>| values.as_ref().map_or_else(Vec::new, |v| lanes_of(v, &targets));
            let currents = Currents { through: lanes(&through), constant: lanes(&constant) };
            block::run(&dynamics, rows, (fields, site), trains, &currents)
        };
        packed.par_iter_mut().zip(&sites).map(run).collect()
    }
}

/// The neurons of each block of a layer.
fn spans(at: &Layer) -> impl Iterator<Item = Range<usize>> {
    let fields = &at.link().fields;
    Site::all(fields).map(|site| site.targets(fields))
}

/// The spikes of a signal of this regime.
fn spikes_of(signal: &Signal) -> &Trains {
    signal.spikes.as_ref().expect("signals of the spiking regime have spikes")
}

/// The units that gains leave.
fn kept(affines: &[Affine]) -> Option<&Keep> {
    affines.iter().find_map(|affine| affine.keep.as_ref())
}

/// Spikes times fan-out.
fn events(at: &Layer, trains: &Trains) -> u64 {
    let fields = &at.link().fields;
    match fields.is_dense() {
        true => (trains.sources.len() * fields.targets()) as u64,
        false => {
            let fan_out = fields.fan_out();
            trains.sources.iter().map(|&source| u64::from(fan_out[source as usize])).sum()
        }
    }
}

/// Bias and nudges of a layer per tick: n x 1 or n x B.
fn constant_of(given: &Given<'_>, layer: usize) -> Option<Matrix> {
    given.constant_drive(layer).fold(None, |sum: Option<Matrix>, more| match sum {
        None => Some(more.clone()),
        Some(sum) if sum.ncols() == more.ncols() => Some(sum + more),
        Some(mut sum) if more.ncols() == 1 => {
            sum.column_iter_mut().for_each(|mut column| column += more);
            Some(sum)
        }
        Some(one) => {
            let mut sum = more.clone();
            sum.column_iter_mut().for_each(|mut column| column += &one);
            Some(sum)
        }
    })
}

/// What `currents` (inputs x 1 or x B) send through the synapses of a layer at every tick, summed source by source.
pub(super) fn through(at: &Layer, weights: &Matrix, currents: &Matrix) -> Matrix {
    let fields = &at.link().fields;
    let mut sums = Matrix::zeros(fields.targets(), currents.ncols());
    if !fields.is_dense() {
        let mut pairs: Vec<(u32, u32, usize)> = fields.pairs().collect();
        pairs.sort_unstable();
        for (column, currents) in currents.column_iter().enumerate() {
            for &(source, target, weight) in &pairs {
                sums[(target as usize, column)] += weights[weight] * currents[source as usize];
            }
        }
        return sums;
    }
    let columns =
        sums.as_mut_slice().par_chunks_mut(weights.nrows()).zip(currents.as_slice().par_chunks(weights.ncols()));
    columns.for_each(|(sums, currents)| {
        for (row, &current) in weights.as_slice().chunks_exact(sums.len()).zip(currents) {
            sums.iter_mut().zip(row).for_each(|(sum, &weight)| *sum += weight * current);
        }
    });
    sums
}

/// The values of these neurons in every column, padded with zeros.
fn lanes_of(values: &Matrix, neurons: &Range<usize>) -> Vec<Lanes> {
    let lanes = |column: usize| {
        let mut lanes = [0.0; LANES];
        lanes[..neurons.len()].copy_from_slice(&values.column(column).as_slice()[neurons.clone()]);
        lanes
    };
    (0..values.ncols()).map(lanes).collect()
}

/// A layer's matrix (n x B) from what its blocks recorded, times `scale`.
fn gathered(
    mut matrix: Pooled,
    scale: f32,
    at: &Layer,
    blocks: &[BlockResponse],
    part: impl Fn(&BlockResponse) -> &Vec<Lanes>,
) -> Pooled {
    let size = matrix.nrows();
    for (column, values) in matrix.as_mut_slice().chunks_exact_mut(size).enumerate() {
        for (neurons, block) in spans(at).zip(blocks) {
            for (value, recorded) in values[neurons].iter_mut().zip(&part(block)[column]) {
                *value = recorded * scale;
            }
        }
    }
    matrix
}

/// Adds the spike counts of each presentation, times `scale`, to `counts` (n x B).
fn count(trains: &Trains, scale: f32, counts: &mut Matrix) {
    let size = counts.nrows();
    for (column, counts) in counts.as_mut_slice().chunks_exact_mut(size).enumerate() {
        let ends = (trains.offsets[column * trains.window], trains.offsets[(column + 1) * trains.window]);
        for &source in &trains.sources[ends.0 as usize..ends.1 as usize] {
            counts[source as usize] += scale;
        }
    }
}

/// The stimuli of a batch, one after the other.
fn of_stimuli(window: usize, stimuli: &[Stimulus]) -> Trains {
    let spikes = stimuli.iter().map(|s| s.sources.len()).sum();
    let mut trains =
        Trains { window, offsets: Vec::with_capacity(window * stimuli.len() + 1), sources: Vec::with_capacity(spikes) };
    trains.offsets.push(0);
    for stimulus in stimuli {
        let before = trains.sources.len() as u32;
        trains.offsets.extend(stimulus.offsets[1..].iter().map(|end| before + end));
        trains.sources.extend_from_slice(&stimulus.sources);
    }
    trains
}

/// Spikes of units that sum up their rate (n x B, per tick) from one half on and spike at every whole number.
fn evenly_spaced(rates: &Matrix, window: usize) -> Trains {
    let mut trains = Trains { window, offsets: vec![0], sources: Vec::new() };
    for column in rates.column_iter() {
        let mut sums = vec![0.5f32; column.len()];
        for _ in 0..window {
            for (unit, (sum, &rate)) in sums.iter_mut().zip(column.iter()).enumerate() {
                *sum += rate.clamp(0.0, 1.0);
                if *sum >= 1.0 {
                    *sum -= 1.0;
                    trains.sources.push(unit as u32);
                }
            }
            trains.offsets.push(trains.sources.len() as u32);
        }
    }
    trains
}

/// Takes the spikes of silenced neurons away.
fn silence(at: &Layer, blocks: &mut [BlockResponse], keep: &Matrix, window: usize) {
    for (neurons, block) in spans(at).zip(blocks) {
        for (column, kept) in lanes_of(keep, &neurons).iter().enumerate() {
            let mask = kept.iter().enumerate().fold(0, |mask, (k, &kept)| mask | u64::from(kept > 0.0) << k);
            for spikes in &mut block.masks[column * window..(column + 1) * window] {
                *spikes &= mask;
            }
        }
    }
}
