//! The feedback phase in the spiking regime: a signal travels down the layers as signed
//! spikes of integrate-and-fire feedback units, one for each neuron, over T_fb ticks.
//!
//! ```text
//! output unit k   u_k <- u_k + e_k / A at every tick;  |u_k| >= 1/2: a spike of that sign, u_k <- u_k -+ 1
//! feedback unit i u_i <- u_i + sum_j w'_ji s_j(t),  s_j = -1, 0, 1 from the open gates above
//!                 |u_i| >= theta / 2: a signed spike, u_i <- u_i -+ theta
//! signal          f_i = A theta n_i / T_fb,  n_i the signed spike count
//! ```
//! A is the largest |e| of the batch. theta is the same for all units of a layer and
//! follows the strength of what arrives: theta = 2 rms(w') sqrt(mean over presentations of
//! sum_j (n_j / T_fb)^2), so that a unit saturates at about twice the root mean square. Both
//! normalise by statistics of the batch, which set how finely f is rounded; with a batch of
//! one they are those of the presentation itself.

use rayon::prelude::*;

use super::block::{Lanes, SignedResponse, SignedTrains, run_signed, step_signed};
use crate::matrix::Matrix;
use crate::network::presenter::{Descent, Way};
use crate::pool::{Pool, Pooled};
use crate::topology::fields::{Fields, Pairing};
use crate::trains::{LANES, Trains};
use crate::widest::widest;

/// How far above the expected root mean square a feedback unit saturates.
const HEADROOM: f64 = 2.0;

/// Memory kept between batches: packed feedback weights, by way and block.
#[derive(Debug, Default)]
pub struct Scratch {
    packed: Vec<Vec<Vec<Lanes>>>,
}

impl Scratch {
    fn fit(&mut self, ways: &[Way<'_>]) {
        self.packed.resize_with(ways.len(), Vec::new);
        for (packed, way) in self.packed.iter_mut().zip(ways).filter(|(_, way)| way.fields.is_dense()) {
            packed.resize_with(way.fields.sources().div_ceil(LANES), Vec::new);
            packed.iter_mut().for_each(|rows| rows.resize(way.fields.targets(), [0.0; LANES]));
        }
    }
}

/// `f` of every layer that the ways lead down to, the lowest first; see
/// [`Presenter::descend`](crate::network::presenter::Presenter::descend).
pub fn descend_spikes(scratch: &mut Scratch, descent: &Descent<'_>, ticks: usize, pool: &Pool) -> Vec<Pooled> {
    scratch.fit(descent.ways);
    let (mut amplitude, mut spikes) = emit(&descent.signal.component_mul(descent.gate), ticks);
    let mut factors = Vec::with_capacity(descent.ways.len());
    for (index, way) in descent.ways.iter().enumerate().rev() {
        let threshold = threshold(way.fields, way.weights.as_slice(), &spikes);
        let blocks = match way.fields.is_dense() {
            true => carry(&mut scratch.packed[index], way.weights, &spikes, threshold),
            false => carry_along(way.fields, way.weights.as_slice(), &spikes, threshold),
        };
        let scale = amplitude * threshold / ticks as f32;
        factors.push(signed_counts(&blocks, pool.matrix(way.gate.nrows(), way.gate.ncols()), scale));
        amplitude *= threshold * way.gate.max();
        spikes = gated(&blocks, way.gate, ticks);
    }
    factors.reverse();
    factors
}

/// The output units' spikes, and what one spike per tick stands for.
fn emit(signal: &Matrix, ticks: usize) -> (f32, SignedTrains) {
    let amplitude = signal.amax().max(f32::MIN_POSITIVE);
    let mut spikes = SignedTrains::with_window(ticks);
    for column in signal.column_iter() {
        let mut membranes = vec![0.0; column.len()];
        for _ in 0..ticks {
            for (unit, (u, e)) in membranes.iter_mut().zip(column.iter()).enumerate() {
                *u += e / amplitude;
                if u.abs() >= 0.5 {
                    spikes.push(unit as u32, *u > 0.0);
                    *u -= u.signum();
                }
            }
            spikes.end_tick();
        }
    }
    (amplitude, spikes)
}

/// theta of the feedback units of a layer of sources, to which `spikes` of its targets travel.
pub fn threshold(fields: &Fields, weights: &[f32], spikes: &SignedTrains) -> f32 {
    // A source is seen by as many targets, of all.
    let seen = fields.depth() as f64 / fields.sources().max(1) as f64;
    (HEADROOM * root_mean_square(weights) * strength(spikes, fields.targets()) * seen.sqrt()) as f32
}

fn root_mean_square(weights: &[f32]) -> f64 {
    let sum: f64 = weights.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
    (sum / weights.len().max(1) as f64).sqrt()
}

/// sqrt(mean over presentations of sum_j (n_j / T)^2).
fn strength(spikes: &SignedTrains, units: usize) -> f64 {
    let (window, batch) = (spikes.up.window, spikes.up.batch());
    let mut counts = vec![0.0f64; units];
    let mut sum = 0.0;
    for presentation in 0..batch {
        counts.fill(0.0);
        for (trains, sign) in [(&spikes.up, 1.0), (&spikes.down, -1.0)] {
            for (_, unit) in trains.of_presentation(presentation) {
                counts[unit as usize] += sign;
            }
        }
        sum += counts.iter().map(|n| n * n).sum::<f64>();
    }
    (sum / batch.max(1) as f64).sqrt() / window as f64
}

/// Delivers signed spikes through `weights` (post x pre) to the feedback units of the pre layer.
fn carry(packed: &mut [Vec<Lanes>], weights: &Matrix, spikes: &SignedTrains, threshold: f32) -> Vec<SignedResponse> {
    packed
        .par_iter_mut()
        .enumerate()
        .map(|(block, rows)| {
            pack_transposed(weights, block, rows);
            run_signed(rows, spikes, threshold)
        })
        .collect()
}

/// Row j of `rows` becomes the weights from post neuron j to the pre neurons of a block.
fn pack_transposed(weights: &Matrix, block: usize, rows: &mut [Lanes]) {
    let post = weights.nrows();
    let columns = weights.as_slice().chunks_exact(post).skip(block * LANES).take(LANES);
    for (lane, column) in columns.enumerate() {
        for (row, &weight) in rows.iter_mut().zip(column) {
            row[lane] = weight;
        }
    }
}

/// Delivers signed spikes of the targets of any `fields` to the feedback units of their sources,
/// spike by spike. Answers block by block of the sources; of dense fields as [`carry`] does.
pub fn carry_along(fields: &Fields, weights: &[f32], spikes: &SignedTrains, threshold: f32) -> Vec<SignedResponse> {
    let rows = by_target(fields, weights);
    let (window, batch) = (spikes.up.window, spikes.up.batch());
    let blocks = fields.sources().div_ceil(LANES);
    let run = |presentation: usize| {
        let mut out = Units::new(blocks, window);
        run_along_widest(fields, &rows, spikes, presentation, threshold, &mut out);
        out
    };
    let all: Vec<Units> = (0..batch).into_par_iter().map(run).collect();
    let block = |block: usize| SignedResponse {
        up: all.iter().flat_map(|out| out.masks.iter().map(move |tick| tick[block][0])).collect(),
        down: all.iter().flat_map(|out| out.masks.iter().map(move |tick| tick[block][1])).collect(),
        counts: all.iter().map(|out| out.counts[block]).collect(),
    };
    (0..blocks).map(block).collect()
}

/// The weights onto each target of a block side by side: the blocks transposed.
fn by_target(fields: &Fields, weights: &[f32]) -> Vec<f32> {
    let (width, depth) = (fields.width(), fields.depth());
    let mut rows = vec![0.0; weights.len()];
    for block in 0..fields.blocks() {
        let (from, to) = (&weights[fields.block(block)], &mut rows[fields.block(block)]);
        for (lane, row) in to.chunks_exact_mut(depth).enumerate() {
            row.iter_mut().zip(from[lane..].iter().step_by(width)).for_each(|(to, from)| *to = *from);
        }
    }
    rows
}

/// What the feedback units of a layer do during one presentation, by block.
struct Units {
    membranes: Vec<Lanes>,
    counts: Vec<Lanes>,
    /// Spikes up and down, `[tick][block]`.
    masks: Vec<Vec<[u64; 2]>>,
    /// What arrives at a tick, with either sign.
    arrived: [Vec<f32>; 2],
}

impl Units {
    fn new(blocks: usize, window: usize) -> Self {
        let none = vec![[0.0; LANES]; blocks];
        let arrived = || vec![0.0; blocks * LANES];
        Self {
            counts: none.clone(),
            membranes: none,
            masks: vec![vec![[0; 2]; blocks]; window],
            arrived: [arrived(), arrived()],
        }
    }
}

widest!(
    run_along_widest,
    run_along,
    (fields: &Fields, rows: &[f32], spikes: &SignedTrains, presentation: usize, threshold: f32, out: &mut Units)
);

#[inline(always)]
fn run_along(
    fields: &Fields,
    rows: &[f32],
    spikes: &SignedTrains,
    presentation: usize,
    threshold: f32,
    out: &mut Units,
) {
    let Units { membranes, counts, masks, arrived: [plus, minus] } = out;
    for (tick, masks) in masks.iter_mut().enumerate() {
        let tick = presentation * spikes.up.window + tick;
        let (up, down) = (spikes.up.at(tick), spikes.down.at(tick));
        if up.is_empty() && down.is_empty() {
            continue;
        }
        for (sums, targets) in [(&mut *plus, up), (&mut *minus, down)] {
            sums.fill(0.0);
            targets.iter().for_each(|&target| add_target(fields, rows, target as usize, sums));
        }
        let arrived = plus.as_chunks::<LANES>().0.iter().zip(minus.as_chunks::<LANES>().0);
        for (((membranes, counts), mask), (plus, minus)) in
            membranes.iter_mut().zip(counts.iter_mut()).zip(masks).zip(arrived)
        {
            *mask = step_signed(membranes, counts, plus, minus, threshold);
        }
    }
}

/// Adds the weights onto `target` to what arrives at its sources.
#[inline(always)]
fn add_target(fields: &Fields, rows: &[f32], target: usize, sums: &mut [f32]) {
    let (group, lane) = (&fields.groups()[target / fields.width()], target % fields.width());
    let first = (group.block as usize * fields.width() + lane) * fields.depth();
    let row = &rows[first..first + fields.depth()];
    for stretch in fields.stretches(group) {
        let (sources, weights) = match fields.pairing() {
            Pairing::Every => (stretch.sources.clone(), stretch.sources.len()),
            Pairing::Each => (stretch.sources.start + lane as u32..stretch.sources.start + lane as u32 + 1, 1),
        };
        let weights = &row[stretch.row as usize..][..weights];
        let sums = &mut sums[sources.start as usize..sources.end as usize];
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
    }
}

fn signed_counts(blocks: &[SignedResponse], mut counts: Pooled, scale: f32) -> Pooled {
    let size = counts.nrows();
    for (column, values) in counts.as_mut_slice().chunks_exact_mut(size).enumerate() {
        for (chunk, block) in values.chunks_mut(LANES).zip(blocks) {
            for (value, count) in chunk.iter_mut().zip(&block.counts[column]) {
                *value = count * scale;
            }
        }
    }
    counts
}

/// The spikes of units whose neuron's gate is open.
fn gated(blocks: &[SignedResponse], gate: &Matrix, ticks: usize) -> SignedTrains {
    let open: Vec<Vec<u64>> = (0..blocks.len()).map(|block| open_gates(gate, block)).collect();
    let through = |masks: &[u64], open: &[u64]| -> Vec<u64> {
        masks.iter().enumerate().map(|(tick, mask)| mask & open[tick / ticks]).collect()
    };
    let up: Vec<Vec<u64>> = blocks.iter().zip(&open).map(|(b, open)| through(&b.up, open)).collect();
    let down: Vec<Vec<u64>> = blocks.iter().zip(&open).map(|(b, open)| through(&b.down, open)).collect();
    let total = ticks * gate.ncols();
    SignedTrains { up: Trains::of_masks(ticks, total, &up), down: Trains::of_masks(ticks, total, &down) }
}

/// One mask of open gates per presentation.
fn open_gates(gate: &Matrix, block: usize) -> Vec<u64> {
    let lanes = |column: &[f32]| {
        let open = column.iter().skip(block * LANES).take(LANES).enumerate();
        open.fold(0, |mask, (lane, &g)| mask | u64::from(g > 0.0) << lane)
    };
    gate.as_slice().chunks_exact(gate.nrows()).map(lanes).collect()
}
