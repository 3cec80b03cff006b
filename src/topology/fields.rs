//! Receptive fields: who sees whom as data, in groups of neighbouring targets that see the same
//! stretches of sources through one block of weights each.
//!
//! ```text
//! dense          one group of all targets, one stretch of all sources
//! one to one     one group, one stretch, target i the i-th source
//! convolution    a group per position, a stretch per row of the kernel, one block for all groups
//! local          the same, a block per group
//! ```
//! A block is `width` targets x `depth` sources, column by column, as a matrix. The stretches of
//! a group say which of its rows each source takes; a row without a source, at a border, is not seen.

use std::ops::Range;

/// Which targets of a group see which sources of its stretches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// Every target every source: source r of a stretch takes row `row` + r of the block.
    Every,
    /// Target i the i-th of each stretch, which takes row `row` of the block.
    Each,
}

/// Neighbouring sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub sources: Range<u32>,
    /// The row of the block that the first of them takes.
    pub row: u32,
}

/// Neighbouring targets with a common receptive field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub targets: Range<u32>,
    pub block: u32,
    /// Where its stretches begin and end.
    first: u32,
    end: u32,
}

/// A group with its stretches, for [`Fields::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub targets: Range<u32>,
    pub block: u32,
    /// By their first source, ascending.
    pub stretches: Vec<Stretch>,
}

/// The receptive fields of all targets of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    sources: u32,
    pairing: Pairing,
    groups: Vec<Group>,
    stretches: Vec<Stretch>,
    /// The groups by block, then as they stand.
    by_block: Vec<u32>,
    blocks: usize,
    width: usize,
    depth: usize,
}

impl Fields {
    /// Every target sees every source.
    ///
    /// # Panics
    /// When a population is too large to be numbered in 32 bits (so does `one_to_one`).
    pub fn dense(sources: usize, targets: usize) -> Self {
        Self::of_one_group(sources, targets, Pairing::Every, sources)
    }

    /// Target i sees source i.
    pub fn one_to_one(size: usize) -> Self {
        Self::of_one_group(size, size, Pairing::Each, 1)
    }

    fn of_one_group(sources: usize, targets: usize, pairing: Pairing, depth: usize) -> Self {
        let numbered = |size: usize| u32::try_from(size).expect("neurons of a population are numbered in 32 bits");
        let sources = numbered(sources);
        Self {
            sources,
            pairing,
            groups: vec![Group { targets: 0..numbered(targets), block: 0, first: 0, end: 1 }],
            stretches: vec![Stretch { sources: 0..sources, row: 0 }],
            by_block: vec![0],
            blocks: 1,
            width: targets,
            depth,
        }
    }

    /// The fields of `patches`, with blocks of `depth` sources.
    ///
    /// # Errors
    /// A sentence when targets are not numbered on from patch to patch, a source or a row is out of
    /// bounds or taken twice by a target, or a block of weights is nobody's.
    pub fn new(sources: usize, depth: usize, pairing: Pairing, patches: &[Patch]) -> Result<Self, String> {
        let limit = u32::try_from(sources).map_err(|_| format!("{sources} sources are too many to be numbered"))?;
        let width = patches.first().map_or(0, |patch| patch.targets.len());
        if width == 0 {
            return Err("there are no targets".into());
        }
        let blocks = patches.iter().map(|patch| patch.block as usize + 1).max().unwrap_or(0);
        let mut fields = Self {
            sources: limit,
            pairing,
            groups: Vec::with_capacity(patches.len()),
            stretches: Vec::new(),
            by_block: (0..patches.len() as u32).collect(),
            blocks,
            width,
            depth,
        };
        for (index, patch) in patches.iter().enumerate() {
            fields.push(patch).map_err(|what| format!("group {index}: {what}"))?;
        }
        fields.by_block.sort_by_key(|&group| patches[group as usize].block);
        match (0..blocks).find(|&block| fields.sharing(block).is_empty()) {
            Some(unused) => Err(format!("no group has block {unused} of {blocks}")),
            None => Ok(fields),
        }
    }

    fn push(&mut self, patch: &Patch) -> Result<(), String> {
        let (width, next) = (self.width, self.groups.last().map_or(0, |group| group.targets.end));
        if patch.targets.start != next || patch.targets.len() != width {
            let end = u64::from(next) + width as u64;
            return Err(format!("its targets are {:?}, not the {width} next ones, {next}..{end}", patch.targets));
        }
        let mut rows = vec![false; self.depth];
        let mut before: Option<&Stretch> = None;
        for stretch in &patch.stretches {
            self.check(stretch, before, &mut rows)?;
            before = Some(stretch);
        }
        let first = self.stretches.len() as u32;
        self.stretches.extend_from_slice(&patch.stretches);
        let end = self.stretches.len() as u32;
        self.groups.push(Group { targets: patch.targets.clone(), block: patch.block, first, end });
        Ok(())
    }

    /// Refuses a stretch that does not fit behind the one before; notes the rows that it takes.
    fn check(&self, stretch: &Stretch, before: Option<&Stretch>, taken: &mut [bool]) -> Result<(), String> {
        let Stretch { sources, row } = stretch;
        let rows = if self.pairing == Pairing::Every { sources.len() } else { 1 };
        if sources.is_empty() {
            return Err(format!("the sources {sources:?} are none"));
        }
        if self.pairing == Pairing::Each && sources.len() != self.width {
            return Err(format!(
                "the sources {sources:?} are {}, not one for each of {} targets",
                sources.len(),
                self.width
            ));
        }
        if sources.end > self.sources {
            return Err(format!("the sources {sources:?} are beyond the last of {}", self.sources));
        }
        let is_behind = before.is_none_or(|before| match self.pairing {
            Pairing::Every => before.sources.end <= sources.start,
            Pairing::Each => before.sources.start < sources.start,
        });
        if !is_behind {
            return Err(format!("the sources {sources:?} do not come behind those before"));
        }
        let row = *row as usize;
        let Some(rows) = taken.get_mut(row..row + rows) else {
            return Err(format!("the sources {sources:?} take rows beyond the last of {}", self.depth));
        };
        if rows.contains(&true) {
            return Err(format!("the sources {sources:?} take a row that is taken"));
        }
        rows.fill(true);
        Ok(())
    }

    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.sources as usize
    }

    /// Number of targets.
    pub fn targets(&self) -> usize {
        self.groups.len() * self.width
    }

    /// Which targets of a group see which sources of its stretches.
    pub fn pairing(&self) -> Pairing {
        self.pairing
    }

    /// The groups, by their targets, ascending.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What the targets of `group` see, by the first source, ascending.
    #[inline]
    pub fn stretches(&self, group: &Group) -> &[Stretch] {
        &self.stretches[group.first as usize..group.end as usize]
    }

    /// Number of blocks of weights.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Targets of a group, and of a block.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Sources of a block.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Indices of the groups that have `block`, ascending.
    pub fn sharing(&self, block: usize) -> &[u32] {
        let end = |block: usize| self.by_block.partition_point(|&g| (self.groups[g as usize].block as usize) < block);
        &self.by_block[end(block)..end(block + 1)]
    }

    /// Where the weights of `block` are among all.
    #[inline]
    pub fn block(&self, block: usize) -> Range<usize> {
        let size = self.width * self.depth;
        block * size..(block + 1) * size
    }

    /// Number of weights.
    pub fn weights(&self) -> usize {
        self.blocks.saturating_mul(self.width).saturating_mul(self.depth)
    }

    /// Synapses in all: pairs of a source and a target.
    pub fn synapses(&self) -> usize {
        self.fan_out().into_iter().map(|count| count as usize).sum()
    }

    /// Number of synapses onto a target; fewer at a border.
    pub fn fan_in(&self) -> usize {
        self.depth
    }

    /// Number of synapses of each source.
    pub fn fan_out(&self) -> Vec<u32> {
        let each = if self.pairing == Pairing::Every { self.width as u32 } else { 1 };
        let mut counts = vec![0; self.sources()];
        for stretch in &self.stretches {
            counts[stretch.sources.start as usize..stretch.sources.end as usize].iter_mut().for_each(|n| *n += each);
        }
        counts
    }

    /// Whether every target sees every source through a weight of its own, as a matrix has them.
    pub fn is_dense(&self) -> bool {
        let all = Stretch { sources: 0..self.sources, row: 0 };
        self.pairing == Pairing::Every
            && self.groups.len() == 1
            && self.stretches == [all]
            && self.depth == self.sources()
    }

    /// Where the weight from `source` to `target` is among all, if they are connected.
    pub fn weight_of(&self, source: usize, target: usize) -> Option<usize> {
        let group = self.groups.get(target.checked_div(self.width)?)?;
        let lane = target - group.targets.start as usize;
        self.stretches(group).iter().find_map(|stretch| {
            let place = source.checked_sub(stretch.sources.start as usize)?;
            if place >= stretch.sources.len() {
                return None;
            }
            let row = match self.pairing {
                Pairing::Every => stretch.row as usize + place,
                Pairing::Each if place == lane => stretch.row as usize,
                Pairing::Each => return None,
            };
            Some(self.weight(group, row, lane))
        })
    }

    /// Where the weight of `row` to the target `lane` of `group` is among all.
    #[inline]
    pub fn weight(&self, group: &Group, row: usize, lane: usize) -> usize {
        (group.block as usize * self.depth + row) * self.width + lane
    }

    /// (source, target, place of the weight) of every synapse: target by target, sources ascending.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32, usize)> {
        let of_target = move |group: &'_ Group, lane: usize| {
            let target = group.targets.start + lane as u32;
            let (group, stretches) = (group.clone(), self.stretches(group));
            stretches.iter().flat_map(move |stretch| {
                let (sources, rows) = match self.pairing {
                    Pairing::Every => (stretch.sources.clone(), stretch.row..),
                    Pairing::Each => {
                        (stretch.sources.start + lane as u32..stretch.sources.start + lane as u32 + 1, stretch.row..)
                    }
                };
                let group = group.clone();
                sources.zip(rows).map(move |(source, row)| (source, target, self.weight(&group, row as usize, lane)))
            })
        };
        self.groups.iter().flat_map(move |group| (0..self.width).flat_map(move |lane| of_target(group, lane)))
    }
}
