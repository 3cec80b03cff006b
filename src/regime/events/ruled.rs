//! A projection whose synapses change by rules on spikes, onto one partition.

use super::delivery::{Sums, add};
use super::due::Calendar;
use super::float::Float;
use super::table::Table;
use super::touched::Touched;
use crate::model::ProjectionSpec;
use crate::plasticity::on_spikes::{Scope, Segment, SpikePlasticity};
use crate::time::Resolution;

/// Synapses with rules, onto one slice.
pub struct Ruled<R> {
    pub projection: usize,
    /// Index of the target population.
    pub target: usize,
    /// Number of the slice's first neuron within the partition.
    base: usize,
    pub table: Table<R>,
    pub due: Calendar,
    rules: Vec<Box<dyn SpikePlasticity<R>>>,
    /// Index of the population that modulates each rule.
    modulators: Vec<Option<usize>>,
    /// Weights as they are transmitted, where a rule scales them.
    transmitted: Vec<R>,
}

impl<R: Float> Ruled<R> {
    /// The synapses of `table`, with the rules of `spec`, onto `targets` neurons that begin at
    /// `base` within the partition.
    pub fn new(
        (projection, spec): (usize, &ProjectionSpec),
        table: Table<R>,
        (base, targets): (usize, usize),
        resolution: Resolution,
    ) -> Self {
        let longest_delay = table.delays.iter().copied().max().unwrap_or(1);
        let (segments, synapses) = (table.heads.len(), table.targets.len());
        let scope = Scope { resolution, targets, segments, synapses, longest_delay };
        Self {
            projection,
            target: spec.target.0,
            base,
            due: Calendar::new(longest_delay),
            rules: spec.rules.iter().map(|rule| R::plasticity(&*rule.rule.1, &scope)).collect(),
            modulators: spec.rules.iter().map(|rule| rule.modulator.map(|id| id.0)).collect(),
            table,
            transmitted: Vec::new(),
        }
    }

    /// Visits the synapses on which spikes arrive at `tick` and delivers them. Gives their number.
    pub fn deliver(&mut self, tick: u64, sums: &mut [Sums<R>; 2], mut touched: Option<&mut Touched>) -> u64 {
        let due = self.due.take(tick);
        let mut synapses = 0;
        for &segment_due in &due {
            let index = segment_due as usize;
            let head = self.table.heads[index];
            let receptor = usize::from(self.table.sorts[usize::from(head.sort)].receptor);
            let pre = tick - u64::from(self.table.delays[index]);
            let gain = self.rules.iter_mut().map(|rule| rule.on_pre(pre, segment(&mut self.table, index)));
            let gain = gain.fold(R::from(1.0), |product, factor| product * factor);
            let here = segment(&mut self.table, index);
            let weights = if gain == R::from(1.0) {
                &*here.weights
            } else {
                self.transmitted.clear();
                self.transmitted.extend(here.weights.iter().map(|&weight| weight * gain));
                &self.transmitted
            };
            let sums = &mut sums[receptor].0;
            if head.contiguous {
                let first = self.base + usize::from(here.targets[0]);
                sums[first..first + weights.len()].iter_mut().zip(weights).for_each(|(sum, &weight)| *sum += weight);
            } else if self.base == 0 {
                add(sums, here.targets, weights);
            } else {
                let targets = here.targets.iter().map(|&target| self.base + usize::from(target));
                targets.zip(weights).for_each(|(target, &weight)| sums[target] += weight);
            }
            if let Some(touched) = touched.as_deref_mut() {
                here.targets.iter().for_each(|&target| touched.touch((self.base + usize::from(target)) as u16));
            }
            synapses += u64::from(head.len);
        }
        self.due.restore(tick, due);
        synapses
    }

    /// Tells the rules which neurons of the slice spiked at `tick`, and lets them settle.
    pub fn after(&mut self, tick: u64, spikes: &[u32]) {
        self.rules.iter_mut().for_each(|rule| rule.on_post(tick, spikes));
        if self.rules.iter().any(|rule| rule.wants_to_settle(tick)) {
            self.settle(tick);
        }
    }

    /// Brings every synapse up to `tick`.
    pub fn settle(&mut self, tick: u64) {
        for rule in &mut self.rules {
            for pass in 0..rule.passes() {
                for index in 0..self.table.heads.len() {
                    rule.settle(tick, pass, segment(&mut self.table, index));
                }
            }
            rule.settled(tick);
        }
    }

    /// Tells the rules that `population` modulates how many of its neurons spiked.
    pub fn modulate(&mut self, population: usize, tick: u64, spikes: usize) {
        for (rule, modulator) in self.rules.iter_mut().zip(&self.modulators) {
            if *modulator == Some(population) {
                rule.on_modulator(tick, spikes);
            }
        }
    }
}

/// The segment with this index.
fn segment<R>(table: &mut Table<R>, index: usize) -> Segment<'_, R> {
    let head = table.heads[index];
    let range = head.first as usize..head.first as usize + head.len as usize;
    Segment {
        index,
        first: range.start,
        delay: table.delays[index],
        targets: &table.targets[range.clone()],
        weights: &mut table.weights[range],
    }
}

impl<R: Float> Clone for Ruled<R> {
    fn clone(&self) -> Self {
        Self {
            projection: self.projection,
            target: self.target,
            base: self.base,
            table: self.table.clone(),
            due: self.due.clone(),
            rules: self.rules.iter().map(|rule| rule.duplicate()).collect(),
            modulators: self.modulators.clone(),
            transmitted: Vec::new(),
        }
    }
}
