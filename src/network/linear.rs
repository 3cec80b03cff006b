//! Products of a batch with the weights of receptive fields: one mathematics for all of them.
//!
//! ```text
//! apply       z = W x      targets x B, from x: sources x B
//! transpose   f = W^T e    sources x B, from e: targets x B
//! outer       sum of e x^T over the presentations, and over the groups that share a block
//! ```
//! Dense fields are matrices. Of others, the columns that groups with a common block see are
//! gathered, about a megabyte at a time, for one matrix product each. A batch is cut in
//! the same pieces, summed in the same order, whatever the number of threads.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::matrix::{self, Matrix, piece};
use crate::topology::fields::{Fields, Group, Pairing, Stretch};

/// Numbers that are gathered for one product.
const GATHERED: usize = 1 << 18;
/// A batch is cut in as many pieces, if they do not become too small.
const PIECES: usize = 8;
/// Fewest presentations of a piece where groups share a block, and where they do not.
const FEWEST: [usize; 2] = [16, 32];
/// Numbers of a sum over pieces that one task adds up.
const SUMMED: usize = 1 << 12;

/// Memory kept between products; after the first of a shape none is taken any more.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One for each thread.
    rooms: Vec<Mutex<Room>>,
    /// Sums of the pieces of a batch.
    sums: Vec<f32>,
}

/// The columns of one product.
#[derive(Debug, Default)]
struct Room {
    /// What groups see: depth x columns.
    seen: Vec<f32>,
    /// What arrives at them: width x columns.
    arrived: Vec<f32>,
}

/// How a batch is cut.
#[derive(Clone, Copy)]
struct Cut {
    presentations: usize,
    groups: usize,
}

impl Cut {
    fn of(fields: &Fields, batch: usize) -> Self {
        let fewest = FEWEST[usize::from(fields.blocks() == fields.groups().len())];
        let presentations = batch.div_ceil(PIECES).max(fewest).min(batch).max(1);
        let groups = (GATHERED / (fields.depth() * presentations).max(1)).clamp(1, fields.groups().len());
        Self { presentations, groups }
    }
}

impl Scratch {
    fn fit(&mut self, fields: &Fields, cut: Cut) {
        self.rooms.resize_with(self.rooms.len().max(rayon::current_num_threads()), Mutex::default);
        if fields.pairing() == Pairing::Each {
            return;
        }
        let columns = cut.groups * cut.presentations;
        for room in &mut self.rooms {
            let room = room.get_mut().unwrap_or_else(PoisonError::into_inner);
            grow(&mut room.seen, fields.depth() * columns);
            grow(&mut room.arrived, fields.width() * columns);
        }
    }
}

fn grow(numbers: &mut Vec<f32>, length: usize) {
    numbers.resize(numbers.len().max(length), 0.0);
}

/// Lends the room of this thread.
fn with_room<T>(rooms: &[Mutex<Room>], work: impl FnOnce(&mut Room) -> T) -> T {
    let own = rayon::current_thread_index().unwrap_or(0);
    work(&mut rooms[own].lock().unwrap_or_else(PoisonError::into_inner))
}

/// `W x` written to `out`: targets x B.
///
/// # Panics
/// When the shapes do not fit (so do the others).
pub fn apply(fields: &Fields, weights: &[f32], x: &Matrix, out: &mut Matrix, scratch: &mut Scratch) {
    check(fields, weights.len(), out, x);
    if fields.is_dense() {
        return matrix::product_into(weights, x, out);
    }
    let cut = Cut::of(fields, x.ncols());
    scratch.fit(fields, cut);
    let outs = out.as_mut_slice().par_chunks_mut(fields.targets() * cut.presentations);
    let xs = x.as_slice().par_chunks(fields.sources() * cut.presentations);
    outs.zip(xs).for_each(|(out, x)| match fields.pairing() {
        Pairing::Every => with_room(&scratch.rooms, |room| apply_every(fields, weights, cut, (x, out), room)),
        Pairing::Each => apply_each(fields, weights, x, out),
    });
}

/// `W^T e` written to `out`: sources x B.
pub fn transpose(fields: &Fields, weights: &[f32], e: &Matrix, out: &mut Matrix, scratch: &mut Scratch) {
    check(fields, weights.len(), e, out);
    if fields.is_dense() {
        return matrix::product_of_transposed_into(weights, e, out);
    }
    let cut = Cut::of(fields, e.ncols());
    scratch.fit(fields, cut);
    let outs = out.as_mut_slice().par_chunks_mut(fields.sources() * cut.presentations);
    let es = e.as_slice().par_chunks(fields.targets() * cut.presentations);
    outs.zip(es).for_each(|(out, e)| {
        out.fill(0.0);
        match fields.pairing() {
            Pairing::Every => with_room(&scratch.rooms, |room| transpose_every(fields, weights, cut, (e, out), room)),
            Pairing::Each => transpose_each(fields, weights, e, out),
        }
    });
}

/// `scale` times the sum of `e x^T` over presentations and over the groups that share a block,
/// written to `out`: one number per weight.
pub fn outer(fields: &Fields, scale: f32, e: &Matrix, x: &Matrix, out: &mut [f32], scratch: &mut Scratch) {
    check(fields, out.len(), e, x);
    if fields.is_dense() {
        return matrix::outer_products_into(scale, e, x, out);
    }
    let cut = Cut::of(fields, x.ncols());
    scratch.fit(fields, cut);
    let Scratch { rooms, sums } = scratch;
    let pieces = if fields.blocks() >= PIECES { 1 } else { x.ncols().div_ceil(cut.presentations).max(1) };
    if pieces == 1 {
        return sum_pieces(fields, (scale, e, x), cut, out, rooms);
    }
    let weights = fields.weights();
    grow(sums, pieces * weights);
    sum_pieces(fields, (scale, e, x), cut, &mut sums[..pieces * weights], rooms);
    out.par_chunks_mut(SUMMED).enumerate().for_each(|(index, out)| {
        out.fill(0.0);
        for sums in sums[..pieces * weights].chunks_exact(weights) {
            let sums = &sums[index * SUMMED..];
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum);
        }
    });
}

fn check(fields: &Fields, weights: usize, of_targets: &Matrix, of_sources: &Matrix) {
    assert_eq!(weights, fields.weights(), "weights of the fields");
    assert_eq!(of_targets.shape(), (fields.targets(), of_sources.ncols()), "targets x B");
    assert_eq!(of_sources.nrows(), fields.sources(), "sources x B");
}

/// The columns of a piece, one after the other.
fn columns(numbers: &[f32], rows: usize) -> std::slice::ChunksExact<'_, f32> {
    numbers.chunks_exact(rows)
}

fn places(stretch: &Stretch) -> std::ops::Range<usize> {
    stretch.sources.start as usize..stretch.sources.end as usize
}

fn places_of(group: &Group) -> std::ops::Range<usize> {
    group.targets.start as usize..group.targets.end as usize
}

/// The rows of a block that the sources of a stretch take.
fn rows(stretch: &Stretch) -> std::ops::Range<usize> {
    stretch.row as usize..stretch.row as usize + stretch.sources.len()
}

/// Groups that share a block, as many as are gathered at once.
fn gatherings(fields: &Fields, block: usize, cut: Cut) -> impl Iterator<Item = &[u32]> {
    fields.sharing(block).chunks(cut.groups)
}

fn apply_every(fields: &Fields, weights: &[f32], cut: Cut, (x, out): (&[f32], &mut [f32]), room: &mut Room) {
    let (width, depth) = (fields.width(), fields.depth());
    for block in 0..fields.blocks() {
        for groups in gatherings(fields, block, cut) {
            let seen = gather_seen(fields, groups, x, &mut room.seen);
            let arrived = &mut room.arrived[..seen.len() / depth * width];
            piece::product(width, depth, &weights[fields.block(block)], seen, arrived);
            let mut arrived = columns(arrived, width);
            for &group in groups {
                let targets = places_of(&fields.groups()[group as usize]);
                let outs = out.chunks_exact_mut(fields.targets());
                outs.zip(&mut arrived).for_each(|(out, arrived)| out[targets.clone()].copy_from_slice(arrived));
            }
        }
    }
}

fn transpose_every(fields: &Fields, weights: &[f32], cut: Cut, (e, out): (&[f32], &mut [f32]), room: &mut Room) {
    let (width, depth) = (fields.width(), fields.depth());
    for block in 0..fields.blocks() {
        for groups in gatherings(fields, block, cut) {
            let arrived = gather_arrived(fields, groups, e, &mut room.arrived);
            let seen = &mut room.seen[..arrived.len() / width * depth];
            piece::product_of_transposed(depth, width, &weights[fields.block(block)], arrived, seen);
            let mut seen = columns(seen, depth);
            for &group in groups {
                let stretches = fields.stretches(&fields.groups()[group as usize]);
                for (out, seen) in out.chunks_exact_mut(fields.sources()).zip(&mut seen) {
                    stretches.iter().for_each(|stretch| add(&mut out[places(stretch)], &seen[rows(stretch)]));
                }
            }
        }
    }
}

/// `sums`, a number per weight for the whole batch or for each of its pieces, is written.
fn sum_pieces(
    fields: &Fields,
    (scale, e, x): (f32, &Matrix, &Matrix),
    cut: Cut,
    sums: &mut [f32],
    rooms: &[Mutex<Room>],
) {
    let size = fields.width() * fields.depth();
    let pieces = sums.len() / fields.weights();
    let all = x.ncols().div_ceil(cut.presentations);
    sums.par_chunks_mut(size).enumerate().for_each(|(task, sum)| {
        let (block, own) = (task % fields.blocks(), task / fields.blocks());
        sum.fill(0.0);
        for piece in if pieces == 1 { 0..all } else { own..own + 1 } {
            let part = (part_of(e, piece, cut), part_of(x, piece, cut));
            match fields.pairing() {
                Pairing::Every => with_room(rooms, |room| outer_every(fields, block, (scale, part), cut, sum, room)),
                Pairing::Each => outer_each(fields, block, scale, part, sum),
            }
        }
    });
}

fn part_of(numbers: &Matrix, piece: usize, cut: Cut) -> &[f32] {
    let size = numbers.nrows() * cut.presentations;
    let end = numbers.len().min((piece + 1) * size);
    &numbers.as_slice()[piece * size..end]
}

fn outer_every(
    fields: &Fields,
    block: usize,
    (scale, (e, x)): (f32, (&[f32], &[f32])),
    cut: Cut,
    sum: &mut [f32],
    room: &mut Room,
) {
    for groups in gatherings(fields, block, cut) {
        let arrived = gather_arrived(fields, groups, e, &mut room.arrived);
        let seen = gather_seen(fields, groups, x, &mut room.seen);
        piece::add_outer_products(scale, fields.width(), arrived, seen, sum);
    }
}

/// What each of `groups` sees of each column of `x`, group by group: depth x columns.
fn gather_seen<'r>(fields: &Fields, groups: &[u32], x: &[f32], seen: &'r mut [f32]) -> &'r [f32] {
    let depth = fields.depth();
    let presentations = x.len() / fields.sources();
    let seen = &mut seen[..groups.len() * presentations * depth];
    for (&group, seen) in groups.iter().zip(seen.chunks_exact_mut(presentations * depth)) {
        let stretches = fields.stretches(&fields.groups()[group as usize]);
        if stretches.iter().map(|stretch| stretch.sources.len()).sum::<usize>() < depth {
            seen.fill(0.0);
        }
        for (x, seen) in columns(x, fields.sources()).zip(seen.chunks_exact_mut(depth)) {
            stretches.iter().for_each(|stretch| seen[rows(stretch)].copy_from_slice(&x[places(stretch)]));
        }
    }
    seen
}

/// The targets of each of `groups` in each column of `e`, group by group: width x columns.
fn gather_arrived<'r>(fields: &Fields, groups: &[u32], e: &[f32], arrived: &'r mut [f32]) -> &'r [f32] {
    let width = fields.width();
    let presentations = e.len() / fields.targets();
    let arrived = &mut arrived[..groups.len() * presentations * width];
    for (&group, arrived) in groups.iter().zip(arrived.chunks_exact_mut(presentations * width)) {
        let targets = places_of(&fields.groups()[group as usize]);
        for (e, arrived) in columns(e, fields.targets()).zip(arrived.chunks_exact_mut(width)) {
            arrived.copy_from_slice(&e[targets.clone()]);
        }
    }
    arrived
}

/// Every stretch of every group of `block`, with the places of its weights among those of the block.
fn paired<'f>(
    fields: &'f Fields,
    groups: impl Iterator<Item = &'f Group>,
) -> impl Iterator<Item = (&'f Group, &'f Stretch, std::ops::Range<usize>)> {
    groups.flat_map(move |group| {
        fields.stretches(group).iter().map(move |stretch| {
            let first = stretch.row as usize * fields.width();
            (group, stretch, first..first + fields.width())
        })
    })
}

fn apply_each(fields: &Fields, weights: &[f32], x: &[f32], out: &mut [f32]) {
    for (x, out) in columns(x, fields.sources()).zip(out.chunks_exact_mut(fields.targets())) {
        out.fill(0.0);
        for (group, stretch, own) in paired(fields, fields.groups().iter()) {
            let weights = &weights[fields.block(group.block as usize)][own];
            add_products(&mut out[places_of(group)], weights, &x[places(stretch)]);
        }
    }
}

fn transpose_each(fields: &Fields, weights: &[f32], e: &[f32], out: &mut [f32]) {
    for (e, out) in columns(e, fields.targets()).zip(out.chunks_exact_mut(fields.sources())) {
        for (group, stretch, own) in paired(fields, fields.groups().iter()) {
            let weights = &weights[fields.block(group.block as usize)][own];
            add_products(&mut out[places(stretch)], weights, &e[places_of(group)]);
        }
    }
}

fn outer_each(fields: &Fields, block: usize, scale: f32, (e, x): (&[f32], &[f32]), sum: &mut [f32]) {
    let groups = fields.sharing(block).iter().map(|&group| &fields.groups()[group as usize]);
    for (e, x) in columns(e, fields.targets()).zip(columns(x, fields.sources())) {
        for (group, stretch, own) in paired(fields, groups.clone()) {
            let both = e[places_of(group)].iter().zip(&x[places(stretch)]);
            sum[own].iter_mut().zip(both).for_each(|(sum, (e, x))| *sum += scale * (e * x));
        }
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

fn add_products(sums: &mut [f32], a: &[f32], b: &[f32]) {
    sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
}
