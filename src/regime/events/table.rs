//! The synapses onto the neurons of one partition, for delivery in the order of memory.
//!
//! The synapses of a source that share a delay, a receptor and, where it is the same for a
//! whole projection, a weight, make a segment: a run of positions in `targets` (and in
//! `weights`). The segments of a source follow each other, so a spike walks their heads once
//! and leaves each in the list of the tick at which it is due.

use std::ops::Range;

/// The heads of the segments of a table, source after source, and their synapses.
#[derive(Debug, Clone)]
pub struct Table<R> {
    /// The sources are `base .. base + heads_of.len() - 1`, counted over all populations.
    base: u32,
    /// `heads[heads_of[i] .. heads_of[i + 1]]` belong to source `base + i`.
    heads_of: Vec<u32>,
    pub heads: Vec<Head>,
    /// Counted within the partition.
    pub targets: Vec<u16>,
    /// One per target; shorter where segments have one weight for all.
    pub weights: Vec<R>,
    pub sorts: Vec<Sort<R>>,
}

/// A segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Head {
    /// Position of its first target.
    pub first: u32,
    /// Number of its synapses.
    pub len: u32,
    /// In ticks.
    pub delay: u32,
    /// Index in [`Table::sorts`].
    pub sort: u16,
    /// Whether its targets are neighbours, ascending.
    pub contiguous: bool,
}

/// What the segments of one sort have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sort<R> {
    /// 0: excitatory, or the only one; 1: inhibitory.
    pub receptor: u8,
    /// The weight of every synapse; `None` where each has its own.
    pub weight: Option<R>,
}

impl<R: Copy> Table<R> {
    /// A table without synapses of the sources `sources`, counted over all populations.
    pub fn new(sources: Range<u32>, sorts: Vec<Sort<R>>) -> Self {
        let mut heads_of = Vec::with_capacity(sources.len() + 1);
        heads_of.push(0);
        Self { base: sources.start, heads_of, heads: Vec::new(), targets: Vec::new(), weights: Vec::new(), sorts }
    }

    /// The heads of `source`, counted over all populations; none when it has no synapses here.
    pub fn segments(&self, source: u32) -> Range<usize> {
        let index = source.wrapping_sub(self.base) as usize;
        match self.heads_of.get(index..index + 2) {
            Some(&[first, end]) => first as usize..end as usize,
            _ => 0..0,
        }
    }

    /// The sources that the table holds, counted over all populations.
    pub fn sources(&self) -> Range<u32> {
        self.base..self.base + self.heads_of.len() as u32 - 1
    }

    /// Adds what `rows` holds behind the last source.
    pub fn append(&mut self, rows: &Rows<R>) {
        let (first, synapses) = (self.heads.len() as u32, self.targets.len() as u32);
        self.heads_of.extend(rows.ends.iter().map(|end| first + end));
        self.heads.extend(rows.heads.iter().map(|head| Head { first: head.first + synapses, ..*head }));
        if !rows.weights.is_empty() {
            self.weights.resize(self.targets.len(), rows.weights[0]);
            self.weights.extend_from_slice(&rows.weights);
        }
        self.targets.extend_from_slice(&rows.targets);
    }

    /// Makes room for about so many synapses.
    pub fn reserve(&mut self, synapses: u64, weighted: bool) {
        self.targets.reserve_exact(synapses as usize);
        if weighted {
            self.weights.reserve_exact(synapses as usize);
        }
    }
}

/// Some sources' part of a table, before it is added.
#[derive(Debug, Clone)]
pub struct Rows<R> {
    /// Where the heads of each source end.
    ends: Vec<u32>,
    heads: Vec<Head>,
    targets: Vec<u16>,
    /// As long as the targets, or empty when no segment has weights of its own.
    weights: Vec<R>,
}

/// A synapse on its way into a table.
#[derive(Debug, Clone, Copy)]
pub struct Entry<R> {
    pub delay: u32,
    pub sort: u16,
    pub target: u16,
    pub weight: R,
}

impl<R: Copy> Default for Rows<R> {
    fn default() -> Self {
        Self { ends: Vec::new(), heads: Vec::new(), targets: Vec::new(), weights: Vec::new() }
    }
}

impl<R: Copy + Default> Rows<R> {
    /// Adds the synapses of the next source, in the order in which they were drawn: that is
    /// the order in which a target sums them. `weighted`: some segments keep their weights.
    pub fn push(&mut self, entries: &mut [Entry<R>], weighted: bool) {
        entries.sort_by_key(|entry| (entry.delay, entry.sort));
        for segment in entries.chunk_by(|a, b| (a.delay, a.sort) == (b.delay, b.sort)) {
            let contiguous = segment.windows(2).all(|pair| pair[1].target == pair[0].target.wrapping_add(1));
            self.heads.push(Head {
                first: self.targets.len() as u32,
                len: segment.len() as u32,
                delay: segment[0].delay,
                sort: segment[0].sort,
                contiguous: contiguous && segment.len() > 1,
            });
            self.targets.extend(segment.iter().map(|entry| entry.target));
            if weighted {
                self.weights.extend(segment.iter().map(|entry| entry.weight));
            }
        }
        self.ends.push(self.heads.len() as u32);
    }
}
