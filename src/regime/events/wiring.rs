//! Draws the synapses of a network into tables, one per partition. Rows are drawn by all threads, some hundred sources at a
//! time, and added in the order of the sources: the tables do not depend on threads.

use std::ops::Range;

use rayon::prelude::*;

use super::layout::Layout;
use super::table::{Entry, Rows, Sort, Table};
use crate::error::{Error, Problem, Result};
use crate::id::ProjectionId;
use crate::model::{Model, SpikeTimes};
use crate::network::synapses::{Row, Synapses};
use crate::neuron::soundness::Computation;
use crate::real::Real;

/// Sources whose rows are drawn as one piece of work.
pub(super) const PIECE: usize = 128;
/// Pieces that are in memory before they are added.
pub(super) const PIECES: usize = 16;

/// The projections that go into one table.
pub struct Wiring<'m> {
    model: &'m Model,
    layout: &'m Layout,
    projections: Vec<(usize, Synapses<'m>)>,
    /// Whether targets are counted within the slice of the only target population, as rules
    /// count them, not within the partition.
    within_slice: bool,
}

impl<'m> Wiring<'m> {
    /// For `projections`, whose synapses share a table.
    pub fn new(model: &'m Model, layout: &'m Layout, projections: Vec<(usize, Synapses<'m>)>) -> Self {
        Self { model, layout, projections, within_slice: false }
    }

    /// The same, with targets counted within the slice of their population.
    pub fn within_slice(self) -> Self {
        Self { within_slice: true, ..self }
    }

    /// Draws the synapses of `sources`, counted over all populations: a table per partition.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a weight cannot be computed with; [`Error::Run`] when a table would have more than 2^32 synapses or 2^16 sorts of them, or does
    /// not fit into memory.
    pub fn tables<R: Real>(&self, sources: Range<u32>, keep_weights: bool) -> Result<Vec<Table<R>>> {
        let sorts = self.sorts(keep_weights);
        if sorts.len() > usize::from(u16::MAX) {
            let message = "more than 32 thousand projections of different weights; a topology `list` holds them in one";
            return Err(Error::Run(message.into()));
        }
        let weighted = sorts.iter().any(|sort| sort.weight.is_none());
        let partitions = self.layout.partitions;
        let expected: u64 = self.projections.iter().map(|(_, synapses)| synapses.expected()).sum();
        let share = expected / partitions as u64 + expected / 64 + 1024;
        let sources = self.spanned(sources);
        let mut tables = vec![Table::new(sources.clone(), sorts.clone()); partitions];
        tables.iter_mut().for_each(|table| table.reserve(share, weighted));
        let pieces: Vec<Range<u32>> =
            sources.clone().step_by(PIECE).map(|first| first..(first + PIECE as u32).min(sources.end)).collect();
        for some in pieces.chunks(PIECES) {
            let drawn = some.par_iter().map(|piece| self.piece(piece.clone(), &sorts));
            let drawn: Vec<Vec<Rows<R>>> = drawn.collect::<Result<_>>()?;
            for rows in &drawn {
                tables.iter_mut().zip(rows).for_each(|(table, rows)| table.append(rows));
            }
            if tables.iter().any(|table| table.targets.len() > u32::MAX as usize) {
                return Err(Error::Run(
                    "more than 4 thousand million synapses onto one partition; use more threads".into(),
                ));
            }
        }
        Ok(tables)
    }

    /// Those of `sources` from the first population to the last that a projection starts from: every partition
    /// keeps a number for each.
    fn spanned(&self, sources: Range<u32>) -> Range<u32> {
        let firsts = &self.layout.firsts;
        let populations =
            || self.projections.iter().map(|(projection, _)| self.model.projections[*projection].source.0);
        match (populations().min(), populations().max()) {
            (Some(first), Some(last)) => sources.start.max(firsts[first])..sources.end.min(firsts[last + 1]),
            _ => sources.start..sources.start,
        }
    }

    /// The weight that all synapses onto a population transmit, if it is one: neurons that repeat what
    /// reaches them count spikes, so they are sent 1 for each. Rules need the weights themselves.
    fn constant_weight(&self, projection: usize, synapses: &Synapses<'_>) -> Option<f64> {
        let counted = counted(self.model, projection).filter(|_| !self.within_slice);
        counted.or_else(|| synapses.constant_weight())
    }

    /// The sorts of the synapses: two for each projection, by receptor.
    fn sorts<R: Real>(&self, keep_weights: bool) -> Vec<Sort<R>> {
        let sort =
            |receptor, weight: Option<f64>| Sort { receptor, weight: weight.filter(|_| !keep_weights).map(R::rounded) };
        let mut sorts: Vec<Sort<R>> = Vec::new();
        for (projection, synapses) in &self.projections {
            let weight = self.constant_weight(*projection, synapses);
            for receptor in 0..2 {
                let sort = sort(receptor, weight);
                if !sorts.contains(&sort) {
                    sorts.push(sort);
                }
            }
        }
        sorts
    }

    /// The rows of some sources, by partition.
    fn piece<R: Real>(&self, sources: Range<u32>, sorts: &[Sort<R>]) -> Result<Vec<Rows<R>>> {
        let mut rows = vec![Rows::default(); self.layout.partitions];
        let weighted = sorts.iter().any(|sort| sort.weight.is_none());
        let mut entries: Vec<Vec<Entry<R>>> = vec![Vec::new(); self.layout.partitions];
        let mut row = Row::default();
        for source in sources {
            let population = self.layout.firsts.partition_point(|&first| first <= source) - 1;
            let neuron = (source - self.layout.firsts[population]) as usize;
            for (projection, synapses) in &self.projections {
                let spec = &self.model.projections[*projection];
                if spec.source.0 == population {
                    synapses.row(neuron, &mut row);
                    self.check_weights::<R>(*projection, &row)?;
                    self.sort_out((*projection, synapses), &row, sorts, &mut entries);
                }
            }
            for (rows, entries) in rows.iter_mut().zip(&mut entries) {
                rows.push(entries, weighted);
                entries.clear();
            }
        }
        Ok(rows)
    }

    /// Refuses weights that cannot be computed with, drawn or from a file.
    fn check_weights<R: Real>(&self, projection: usize, row: &Row) -> Result<()> {
        let simulation = &self.model.simulation;
        let computation = Computation {
            resolution: simulation.resolution,
            single: size_of::<R>() == size_of::<f32>(),
            precise: simulation.spike_times == SpikeTimes::Precise,
        };
        let most = computation.most();
        let Some(weight) = row.weights.iter().find(|weight| weight.is_nan() || weight.abs() > most) else {
            return Ok(());
        };
        Err(Error::Invalid(vec![Problem {
            message: format!(
                "projection `{}` has a weight of {weight:e}, more than {most:e}, the most that {} precision holds",
                self.model.projections[projection].name,
                computation.precision()
            ),
            place: None,
            help: Some(
                "draw weights within bounds, such as `low` and `high` of `normal`, or mend the list or file".into(),
            ),
        }]))
    }

    /// Adds the synapses of a row to the entries of their partitions.
    fn sort_out<R: Real>(
        &self,
        (projection, synapses): (usize, &Synapses<'_>),
        row: &Row,
        sorts: &[Sort<R>],
        entries: &mut [Vec<Entry<R>>],
    ) {
        let (constant_weight, constant_delay) = (self.constant_weight(projection, synapses), synapses.constant_delay());
        let target = self.model.projections[projection].target.0;
        let receptors = self.model.populations[target].receptors();
        let sort_of = |receptor: u8| {
            let is_mine = |sort: &Sort<R>| {
                sort.receptor == receptor && (sort.weight.is_none() || sort.weight == constant_weight.map(R::rounded))
            };
            sorts.iter().position(is_mine).expect("every projection has its sorts") as u16
        };
        let sort_by_receptor = [sort_of(0), sort_of(1)];
        for (index, &neuron) in row.targets.iter().enumerate() {
            let weight = constant_weight.unwrap_or_else(|| row.weights[index]);
            let delay = constant_delay.unwrap_or_else(|| row.delays[index]);
            let receptor = usize::from(receptors == 2 && weight < 0.0);
            let (partition, mut place) = self.layout.place(target, neuron as usize);
            if self.within_slice {
                place -= self.layout.base(target, partition);
            }
            entries[partition].push(Entry {
                delay,
                sort: sort_by_receptor[receptor],
                target: place as u16,
                weight: R::rounded(weight),
            });
        }
    }
}

/// What a spike over a projection counts at neurons that repeat what reaches them; `None` at others.
pub fn counted(model: &Model, projection: usize) -> Option<f64> {
    let spec = &model.projections[projection];
    model.populations[spec.target.0].repeats().then_some(if spec.repeated { 1.0 } else { 0.0 })
}

/// Synapses, by the index of their projection.
type Numbered<'m> = Vec<(usize, Synapses<'m>)>;

/// The projections of `model` that no rule changes and those that have rules, with the weights in
/// place of the drawn ones.
pub fn projections<'m>(
    model: &'m Model,
    seed: u64,
    stored: &[Option<&'m [f32]>],
) -> Result<(Numbered<'m>, Numbered<'m>)> {
    let (mut fixed, mut plastic) = (Vec::new(), Vec::new());
    for (index, spec) in model.projections.iter().enumerate() {
        let synapses = Synapses::new(model, ProjectionId(index), seed, stored.get(index).copied().flatten())?;
        if spec.rules.is_empty() { fixed.push((index, synapses)) } else { plastic.push((index, synapses)) }
    }
    Ok((fixed, plastic))
}
