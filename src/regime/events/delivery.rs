//! Delivery: the weights of a segment, added to what arrives at its targets. This loop is
//! where the time of a simulation goes: it reads memory in order, and what is read next is
//! asked for ahead.

use super::prefetch::ask_for;
use super::table::{Head, Table};
use super::worklist::Worklist;
use crate::real::Real;

/// What arrives at each neuron of a partition, summed. 16 bits always lie within.
pub type Sums<R> = Box<Lines<[R; 1 << 16]>>;

/// Begins with a line of the cache, so that vectors do not lie across two.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub struct Lines<T>(pub T);

/// Sums of 0.
pub fn no_sums<R: Real>() -> Sums<R> {
    Box::new(Lines([R::default(); 1 << 16]))
}

/// How many segments ahead the memory of a segment is asked for, and that of its head.
const AHEAD: usize = 6;
const HEAD_AHEAD: usize = 16;

/// Delivers the segments of `due` to `sums`, by receptor, in their order, and notes the targets in
/// `worklist`, if anybody visits them. Gives the number of synapses.
pub fn deliver<R: Real>(
    table: &Table<R>,
    due: &[u32],
    sums: &mut [Sums<R>; 2],
    mut worklist: Option<&mut Worklist>,
) -> u64 {
    let mut synapses = 0;
    for (index, &segment) in due.iter().enumerate() {
        if let Some(&next) = due.get(index + HEAD_AHEAD) {
            ask_for(&table.heads[next as usize..=next as usize]);
        }
        if let Some(&next) = due.get(index + AHEAD) {
            ask(table, &table.heads[next as usize]);
        }
        let segment = &table.heads[segment as usize];
        let range = segment.first as usize..segment.first as usize + segment.len as usize;
        let sort = &table.sorts[usize::from(segment.sort)];
        let targets = &table.targets[range.clone()];
        let sums = &mut sums[usize::from(sort.receptor)].0;
        match sort.weight {
            Some(weight) => add_constant(sums, targets, weight),
            None => add(sums, targets, &table.weights[range]),
        }
        if let Some(worklist) = worklist.as_deref_mut() {
            targets.iter().for_each(|&target| worklist.touch(target));
        }
        synapses += u64::from(segment.len);
    }
    synapses
}

/// Adds each weight to its target.
#[inline]
pub fn add<R: Real>(sums: &mut [R; 1 << 16], targets: &[u16], weights: &[R]) {
    for (&target, &weight) in targets.iter().zip(weights) {
        sums[usize::from(target)] += weight;
    }
}

/// Adds one weight to every target.
#[inline]
fn add_constant<R: Real>(sums: &mut [R; 1 << 16], targets: &[u16], weight: R) {
    for &target in targets {
        sums[usize::from(target)] += weight;
    }
}

/// Asks for the memory of a segment.
#[inline]
fn ask<R: Real>(table: &Table<R>, head: &Head) {
    let range = head.first as usize..head.first as usize + head.len as usize;
    ask_for(&table.targets[range.clone()]);
    if table.sorts[usize::from(head.sort)].weight.is_none() {
        ask_for(&table.weights[range]);
    }
}
