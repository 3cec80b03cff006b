//! The synapses onto the neurons of one partition, for delivery in the order of memory.
//!
//! The synapses of a source that share a delay, a receptor and, where it is the same for a
//! whole projection, a weight, make a segment: a run of positions in `targets` (and in
//! `weights`). The segments of a source follow each other, so a spike walks their delays once
//! and leaves each in the list of the tick at which it is due; its head is read only then.

use std::ops::Range;

use super::prefetch::{ask_for, ask_for_large_pages};

/// The heads of the segments of a table, source after source, and their synapses.
#[derive(Debug, Clone)]
pub struct Table<R> {
    /// The sources are `base .. base + heads_of.len() - 1`, counted over all populations.
    base: u32,
    /// `heads[heads_of[i] .. heads_of[i + 1]]` belong to source `base + i`.
    heads_of: Vec<u32>,
    pub heads: Vec<Head>,
    /// In ticks, by segment: all that is read when a source spikes.
    pub delays: Vec<u32>,
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
        Self {
            base: sources.start,
            heads_of,
            heads: Vec::new(),
            delays: Vec::new(),
            targets: Vec::new(),
            weights: Vec::new(),
            sorts,
        }
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

    /// Asks for the memory that is read when `source` spikes.
    #[inline]
    pub fn ask_for_delays(&self, source: u32) {
        ask_for(&self.delays[self.segments(source)]);
    }

    /// Adds what `rows` holds behind the last source.
    pub fn append(&mut self, rows: &Rows<R>) {
        let (first, synapses) = (self.heads.len() as u32, self.targets.len() as u32);
        self.heads_of.extend(rows.ends.iter().map(|end| first + end));
        self.heads.extend(rows.heads.iter().map(|head| Head { first: head.first + synapses, ..*head }));
        self.delays.extend_from_slice(&rows.delays);
        if !rows.weights.is_empty() {
            self.weights.resize(self.targets.len(), rows.weights[0]);
            self.weights.extend_from_slice(&rows.weights);
        }
        self.targets.extend_from_slice(&rows.targets);
    }

    /// Makes room for about so many synapses.
    pub fn reserve(&mut self, synapses: u64, weighted: bool) {
        self.targets.reserve_exact(synapses as usize);
        ask_for_large_pages(&mut self.targets);
        if weighted {
            self.weights.reserve_exact(synapses as usize);
            ask_for_large_pages(&mut self.weights);
        }
    }
}

/// Some sources' part of a table, before it is added.
#[derive(Debug, Clone)]
pub struct Rows<R> {
    /// Where the heads of each source end.
    ends: Vec<u32>,
    heads: Vec<Head>,
    delays: Vec<u32>,
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
        Self { ends: Vec::new(), heads: Vec::new(), delays: Vec::new(), targets: Vec::new(), weights: Vec::new() }
    }
}

impl<R: Copy + Default> Rows<R> {
    /// Adds the synapses of the next source, in the order in which they were drawn: that is
    /// the order in which a target sums them. `weighted`: some segments keep their weights.
    pub fn push(&mut self, entries: &[Entry<R>], weighted: bool) {
        let Some(shortest) = entries.iter().map(|entry| entry.delay).min() else {
            self.ends.push(self.heads.len() as u32);
            return;
        };
        let (longest, sorts) =
            entries.iter().fold((0, 0), |(d, s), e| (d.max(e.delay), s.max(usize::from(e.sort) + 1)));
        let key = |entry: &Entry<R>| (entry.delay - shortest) as usize * sorts + usize::from(entry.sort);
        let keys = ((longest - shortest) as usize + 1).saturating_mul(sorts);
        let start = self.targets.len();
        self.targets.resize(start + entries.len(), 0);
        if weighted {
            self.weights.resize(start + entries.len(), R::default());
        }
        if keys <= FEW_KEYS {
            self.count(entries, keys, key, start);
        } else {
            let mut order: Vec<usize> = (0..entries.len()).collect();
            order.sort_by_key(|&index| key(&entries[index]));
            order.iter().enumerate().for_each(|(place, &index)| self.place(start + place, &entries[index]));
            for same in order.chunk_by(|&a, &b| key(&entries[a]) == key(&entries[b])) {
                self.head(&entries[same[0]], same.len());
            }
        }
        self.ends.push(self.heads.len() as u32);
    }

    /// Puts entries in order of their keys by counting, from `start` on.
    fn count(&mut self, entries: &[Entry<R>], keys: usize, key: impl Fn(&Entry<R>) -> usize, start: usize) {
        let mut places = vec![0u32; keys + 1];
        entries.iter().for_each(|entry| places[key(entry) + 1] += 1);
        (0..keys).for_each(|k| places[k + 1] += places[k]);
        let first = places.clone();
        for entry in entries {
            let place = &mut places[key(entry)];
            let here = start + *place as usize;
            *place += 1;
            self.place(here, entry);
        }
        let mut samples: Vec<Option<&Entry<R>>> = vec![None; keys];
        entries.iter().for_each(|entry| samples[key(entry)] = Some(entry));
        for (k, sample) in samples.iter().enumerate() {
            if let Some(entry) = sample {
                self.head(entry, (first[k + 1] - first[k]) as usize);
            }
        }
    }

    #[inline]
    fn place(&mut self, position: usize, entry: &Entry<R>) {
        self.targets[position] = entry.target;
        if let Some(weight) = self.weights.get_mut(position) {
            *weight = entry.weight;
        }
    }

    /// Adds the head of the next `len` synapses, of which `entry` is one.
    fn head(&mut self, entry: &Entry<R>, len: usize) {
        let first = self.heads.last().map_or(0, |head| head.first + head.len) as usize;
        let targets = &self.targets[first..first + len];
        let contiguous = len > 1 && targets.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1));
        let (first, len) = (first as u32, len as u32);
        self.heads.push(Head { first, len, sort: entry.sort, contiguous });
        self.delays.push(entry.delay);
    }
}

/// Keys up to which synapses are put in order by counting.
const FEW_KEYS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synapses_are_kept_by_delay_and_sort_in_the_order_of_drawing() {
        let entry = |delay, sort, target| Entry { delay, sort, target, weight: f32::from(target) };
        let near = [entry(5, 0, 9), entry(2, 1, 3), entry(5, 0, 1), entry(2, 0, 7), entry(2, 1, 4)];
        let mut far = near;
        far[0].delay = 100_005;
        far[2].delay = 100_005;
        for (entries, late) in [(near, 5), (far, 100_005)] {
            let mut rows = Rows::default();
            rows.push(&[], true);
            rows.push(&entries, true);
            let mut table = Table::new(10..12, Vec::new());
            table.append(&rows);
            assert_eq!(table.segments(10), 0..0);
            let heads: Vec<_> = table.heads[table.segments(11)]
                .iter()
                .zip(&table.delays)
                .map(|(h, &delay)| (h.first, h.len, delay, h.sort, h.contiguous))
                .collect();
            assert_eq!(heads, [(0, 1, 2, 0, false), (1, 2, 2, 1, true), (3, 2, late, 0, false)]);
            assert_eq!(table.targets, [7, 3, 4, 9, 1]);
            assert_eq!(table.weights, [7.0, 3.0, 4.0, 9.0, 1.0]);
            assert_eq!((table.segments(9), table.segments(12)), (0..0, 0..0));
        }
    }
}
