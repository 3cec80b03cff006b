//! A projection whose synapses change by rules on spikes, onto one partition.
//!
//! What happens at a synapse at tick t (a presynaptic spike fired then, a postsynaptic one that gets
//! there then, a rule that scales all weights then) is worked in at tick t + d, when a spike fired at t
//! would arrive (see on_spikes.rs). Who looks before that is shown a copy that has gone ahead.

use super::calendar::Calendar;
use super::delivery::{Sums, add};
use super::float::Float;
use super::table::{Head, Table};
use super::worklist::Worklist;
use crate::error::{Error, Problem, Result};
use crate::model::ProjectionSpec;
use crate::plasticity::on_spikes::{Factors, Segment, SpikePlasticity, SpikeRule, SynapseSlice, unfit};
use crate::time::Resolution;
use crate::unit::Dimension;

/// Synapses with rules, onto one slice.
pub struct PlasticProjection<R> {
    pub projection: usize,
    /// Index of the target population.
    pub target: usize,
    /// Number of the slice's first neuron within the partition.
    base: usize,
    pub table: Table<R>,
    pub due: Calendar,
    rules: Vec<Box<dyn SpikePlasticity<R>>>,
    /// What each rule has beside weights.
    variables: Vec<&'static [(&'static str, Dimension)]>,
    /// Index of the population that modulates each rule.
    modulators: Vec<Option<usize>>,
    /// Weights as they are transmitted, where a rule scales them or the targets count spikes.
    transmitted: Vec<R>,
    /// What a spike counts at targets that repeat what reaches them.
    counted: Option<R>,
    /// What some weights are still to be multiplied by, in order.
    scalings: Vec<Scaling>,
    /// Segments in the order of their delays; empty before anyone asked.
    by_delay: Vec<u32>,
    /// Whether a rule leaves weights without an upper bound.
    unbounded: bool,
    /// Whether a weight was seen that is not finite.
    pub faulty: bool,
}

/// What a rule multiplies the weights of each target by, at the end of a tick.
#[derive(Debug, Clone)]
struct Scaling {
    tick: u64,
    rule: usize,
    factors: Factors,
}

/// The synapses as they are at the end of a tick, when everything that acts there until then is worked in.
pub struct Look<R> {
    /// In the order of the table.
    pub weights: Vec<R>,
    rules: Vec<Box<dyn SpikePlasticity<R>>>,
}

/// What is to be done with a segment on the way ahead; in this order at one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A spike of its source arrives.
    Arrive,
    /// The scaling with this index is due.
    Scale(usize),
    /// It is brought up to date.
    Update,
}

/// Whether spikes can make weights as strong as numbers go.
fn is_unbounded(rule: &dyn SpikeRule) -> bool {
    rule.largest_change() > 0.0 && rule.bounds().is_some_and(|(_, high)| high.is_infinite())
}

/// Refuses drawn weights that a rule of the projection cannot work on; `unit` is that of weights.
///
/// # Errors
/// [`Error::Invalid`] that names the projection.
pub fn check_weights<R: Float>(spec: &ProjectionSpec, table: &Table<R>, unit: &str) -> Result<()> {
    for rule in &spec.rules {
        let unfit = |&weight: &R| unfit(&rule.rule, weight.into(), unit);
        if let Some((message, help)) = table.weights.iter().find_map(unfit) {
            let message = format!("projection `{}`: {message}", spec.name);
            return Err(Error::Invalid(vec![Problem { message, place: None, help: Some(help) }]));
        }
    }
    Ok(())
}

impl<R: Float> PlasticProjection<R> {
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
        let scope = SynapseSlice { resolution, targets, segments, synapses, longest_delay };
        Self {
            projection,
            target: spec.target.0,
            base,
            due: Calendar::new(longest_delay),
            rules: spec.rules.iter().map(|rule| R::plasticity(&*rule.rule.1, &scope)).collect(),
            variables: spec.rules.iter().map(|rule| rule.rule.1.variables()).collect(),
            modulators: spec.rules.iter().map(|rule| rule.modulator.map(|id| id.0)).collect(),
            table,
            transmitted: Vec::new(),
            counted: None,
            scalings: Vec::new(),
            by_delay: Vec::new(),
            unbounded: spec.rules.iter().any(|rule| is_unbounded(&*rule.rule.1)),
            faulty: false,
        }
    }

    /// The same, onto targets at which a spike counts so much, whatever its weight.
    pub fn counted(self, counted: Option<f64>) -> Self {
        Self { counted: counted.map(R::rounded), ..self }
    }

    /// Visits the synapses on which spikes arrive at `tick` and delivers them. Gives their number.
    pub fn deliver(&mut self, tick: u64, sums: &mut [Sums<R>; 2], mut worklist: Option<&mut Worklist>) -> u64 {
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
            if self.unbounded {
                self.faulty |= !here.weights.iter().all(|weight| weight.is_finite());
            }
            let weights = if gain == R::from(1.0) && self.counted.is_none() {
                &*here.weights
            } else {
                let counted = self.counted;
                self.transmitted.clear();
                self.transmitted.extend(here.weights.iter().map(|&weight| counted.unwrap_or(weight * gain)));
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
            if let Some(worklist) = worklist.as_deref_mut() {
                here.targets.iter().for_each(|&target| worklist.touch((self.base + usize::from(target)) as u16));
            }
            synapses += u64::from(head.len);
        }
        self.due.restore(tick, due);
        if !self.scalings.is_empty() {
            self.scale(tick);
        }
        synapses
    }

    /// Does the scalings that are worked in at `tick`, after its arrivals.
    fn scale(&mut self, tick: u64) {
        for scaling in &self.scalings {
            let delay = (tick - scaling.tick) as u32;
            for &index in with_delay(&self.by_delay, &self.table.delays, delay) {
                for rule in &mut self.rules {
                    rule.update(segment(&mut self.table, index as usize));
                }
                let Factors::Known(factors) = &scaling.factors else { continue };
                let here = segment(&mut self.table, index as usize);
                self.rules[scaling.rule].scale(factors, here);
                let here = segment(&mut self.table, index as usize);
                self.faulty |= !here.weights.iter().all(|weight| weight.is_finite());
            }
        }
        let longest = self.longest_delay();
        self.scalings.retain(|scaling| scaling.tick + longest > tick);
    }

    fn longest_delay(&self) -> u64 {
        self.by_delay.last().map_or(0, |&index| u64::from(self.table.delays[index as usize]))
    }

    /// Tells the rules which neurons of the slice spiked at `tick`, and lets them forget.
    pub fn after(&mut self, tick: u64, spikes: &[u32]) {
        self.rules.iter_mut().for_each(|rule| rule.on_post(tick, spikes));
        if self.rules.iter().any(|rule| rule.wants_to_settle(tick)) {
            self.settle(tick);
        }
        for rule in 0..self.rules.len() {
            if self.rules[rule].is_due(tick) {
                let factors = self.rules[rule].factors(tick);
                self.scalings.push(Scaling { tick, rule, factors });
                self.sort_by_delay();
            }
        }
    }

    /// Works in what an arrival at the tick after `tick` would find, at every synapse.
    fn settle(&mut self, tick: u64) {
        for rule in &mut self.rules {
            for index in 0..self.table.heads.len() {
                rule.settle(segment(&mut self.table, index));
            }
            rule.settled(tick);
        }
    }

    /// Looks up once which segments have which delay.
    fn sort_by_delay(&mut self) {
        if self.by_delay.is_empty() {
            self.by_delay = (0..self.table.heads.len() as u32).collect();
            self.by_delay.sort_by_key(|&index| self.table.delays[index as usize]);
        }
    }

    /// All spikes of the ticks before `now` are told: finds the factors that follow from weights.
    pub fn close(&mut self, now: u64) {
        for place in 0..self.scalings.len() {
            let Scaling { tick, factors: Factors::TotalOverSum(total), .. } = self.scalings[place] else { continue };
            let mut sums = Vec::new();
            let weights = self.ahead(tick, now, place).weights;
            for (&target, &weight) in self.table.targets.iter().zip(&weights) {
                let target = usize::from(target);
                sums.resize(sums.len().max(target + 1), 0.0);
                sums[target] += weight.into();
            }
            let factor = |sum: f64| if sum * total > 0.0 { total / sum } else { 1.0 };
            self.scalings[place].factors = Factors::Known(sums.into_iter().map(factor).collect());
        }
    }

    /// The synapses at the end of the last tick that is done, the one before `now`.
    pub fn look(&self, now: u64) -> Look<R> {
        match now.checked_sub(1) {
            Some(tick) => self.ahead(tick, now, self.scalings.len()),
            None => Look { weights: self.table.weights.clone(), rules: self.duplicates() },
        }
    }

    /// A variable of the first rule that has it, at the same time, in the order of the table.
    pub fn variable(&self, name: &str, now: u64) -> Option<Vec<f64>> {
        let place = |own: &&[(&str, Dimension)]| own.iter().position(|(variable, _)| *variable == name);
        let (rule, variable) = self.variables.iter().enumerate().find_map(|(rule, own)| Some((rule, place(own)?)))?;
        let Look { mut weights, rules } = self.look(now);
        let mut values = vec![0.0; weights.len()];
        for index in 0..self.table.heads.len() {
            let segment = segment_of(&self.table, &mut weights, index);
            let own = &mut values[segment.first..segment.first + segment.targets.len()];
            rules[rule].read(variable, now.saturating_sub(1), &segment, own);
        }
        Some(values)
    }

    fn duplicates(&self) -> Vec<Box<dyn SpikePlasticity<R>>> {
        self.rules.iter().map(|rule| rule.duplicate()).collect()
    }

    /// The synapses at the end of `tick`, when every tick before `now` is done, with the first few
    /// scalings.
    fn ahead(&self, tick: u64, now: u64, scalings: usize) -> Look<R> {
        let mut look = Look { weights: self.table.weights.clone(), rules: self.duplicates() };
        let mut told = now;
        for (arrival, step, index) in self.steps(tick, now, &self.scalings[..scalings]) {
            if arrival > told {
                look.rules.iter_mut().for_each(|rule| rule.on_post(arrival - 1, &[]));
                told = arrival;
            }
            look.take(self, arrival, step, index as usize);
        }
        look
    }

    /// What is to be done from `now` on with what acts at synapses until `tick`, in order of time.
    fn steps(&self, tick: u64, now: u64, scalings: &[Scaling]) -> Vec<(u64, Step, u32)> {
        let delay = |index: u32| u64::from(self.table.delays[index as usize]);
        let arrivals = self.due.from(now).map(|(arrival, &index)| (arrival, Step::Arrive, index));
        let mut steps: Vec<_> = arrivals.filter(|&(arrival, _, index)| arrival - delay(index) <= tick).collect();
        for index in 0..self.table.heads.len() as u32 {
            let scale = |(place, scaling): (usize, &Scaling)| (scaling.tick + delay(index), Step::Scale(place), index);
            steps.extend(scalings.iter().enumerate().map(scale).filter(|&(arrival, ..)| arrival >= now));
            steps.push((tick + delay(index), Step::Update, index));
        }
        steps.sort_unstable();
        steps
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

impl<R: Float> Look<R> {
    /// Takes one step at `arrival`.
    fn take(&mut self, plastic: &PlasticProjection<R>, arrival: u64, step: Step, index: usize) {
        let Self { weights, rules, .. } = self;
        if step == Step::Arrive {
            let pre = arrival - u64::from(plastic.table.delays[index]);
            for rule in rules {
                rule.on_pre(pre, segment_of(&plastic.table, weights, index));
            }
            return;
        }
        for rule in &mut *rules {
            rule.update(segment_of(&plastic.table, weights, index));
        }
        if let Step::Scale(place) = step
            && let Scaling { rule, factors: Factors::Known(factors), .. } = &plastic.scalings[place]
        {
            rules[*rule].scale(factors, segment_of(&plastic.table, weights, index));
        }
    }
}

/// The segments with this delay.
fn with_delay<'a>(by_delay: &'a [u32], delays: &[u32], delay: u32) -> &'a [u32] {
    let start = by_delay.partition_point(|&index| delays[index as usize] < delay);
    let end = start + by_delay[start..].partition_point(|&index| delays[index as usize] == delay);
    &by_delay[start..end]
}

/// The segment with this index.
fn segment<R>(table: &mut Table<R>, index: usize) -> Segment<'_, R> {
    let head = table.heads[index];
    let Table { delays, targets, weights, .. } = table;
    part((index, head), delays, targets, weights)
}

/// The segment with this index, with weights in place of the table's.
fn segment_of<'a, R>(table: &'a Table<R>, weights: &'a mut [R], index: usize) -> Segment<'a, R> {
    part((index, table.heads[index]), &table.delays, &table.targets, weights)
}

fn part<'a, R>(
    (index, head): (usize, Head),
    delays: &[u32],
    targets: &'a [u16],
    weights: &'a mut [R],
) -> Segment<'a, R> {
    let range = head.first as usize..head.first as usize + head.len as usize;
    let (targets, weights) = (&targets[range.clone()], &mut weights[range.clone()]);
    Segment { index, first: range.start, delay: delays[index], targets, weights }
}

impl<R: Float> Clone for PlasticProjection<R> {
    fn clone(&self) -> Self {
        Self {
            projection: self.projection,
            target: self.target,
            base: self.base,
            table: self.table.clone(),
            due: self.due.clone(),
            rules: self.duplicates(),
            variables: self.variables.clone(),
            modulators: self.modulators.clone(),
            counted: self.counted,
            transmitted: Vec::new(),
            scalings: self.scalings.clone(),
            by_delay: self.by_delay.clone(),
            unbounded: self.unbounded,
            faulty: self.faulty,
        }
    }
}
