//! The simulation of a network on several threads. Time goes in windows as long as the shortest delay: within one, no
//! partition can reach another.
//!
//! ```text
//! for each window:   every partition runs its ticks              (threads, apart)
//!                    all wait for each other
//!                    every partition takes note of all spikes    (threads, apart)
//!                    the observer hears of them, in the order of (tick, population, neuron)
//! ```
//! A spike at tick t over a synapse with delay d arrives at tick t + d. At tick 0 neurons have
//! their initial state and nothing arrives: a run of time T is the ticks 1 to T / h, as in NEST.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::barrier::{Barrier, Escort};
use super::fault::{Fault, FaultSite, Names};
use super::layout::Layout;
use super::outbox::Outbox;
use super::parameters::Parameters;
use super::partition::{Partition, Probed};
use super::plastic_projection::{PlasticProjection, check_weights};
use super::population_slice::{Cells, InputAtWork, PopulationSlice};
use super::strategy::is_lazy_cheaper;
use super::table::Table;
use super::wiring::{Wiring, counted, projections};
use super::{Float, Strategy, Work};
use crate::error::{Error, Result};
use crate::id::{PopulationId, ProjectionId};
use crate::input::at_work;
use crate::input::generator::InputSlice;
use crate::model::{Model, PopulationSpec, ProjectionSpec, SpikeTimes, WEIGHT};
use crate::neuron::block::Slice;
use crate::neuron::soundness::Computation;
use crate::parameter::Values;
use crate::record::{Probe, Site, SpikeObserver};
use crate::time::Tick;

/// Ticks that a window has at most.
pub(super) const LONGEST_WINDOW: u64 = 64;

/// A network on its way through time, with membranes and weights in `R`.
#[derive(Clone)]
pub struct Simulation<R: Float> {
    layout: Arc<Layout>,
    names: Arc<Names>,
    partitions: Vec<Partition<R>>,
    threads: usize,
    /// Every tick before this one is done.
    now: u64,
    /// Ticks of a window.
    window: u64,
}

/// How to run a model.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'m> {
    pub seed: u64,
    /// Threads to run on; the spikes are the same for any number.
    pub threads: usize,
    /// Which neurons are advanced at a tick.
    pub strategy: Strategy,
    /// Weights in place of the drawn ones, by projection: sources x targets, all to all.
    pub stored: &'m [Option<&'m [f32]>],
}

impl<R: Float> Simulation<R> {
    /// `model` at tick 0, with its probes.
    ///
    /// # Errors
    /// As [`Synapses::new`](crate::network::synapses::Synapses::new); [`Error::Invalid`] when
    /// parameters that were drawn for a neuron are impossible, or weights for a rule; [`Error::Run`] when a
    /// probe does not fit, or the synapses do not fit into memory.
    pub fn new(model: &Model, setting: &Setting<'_>, probes: &[Probe]) -> Result<Self> {
        let layout = Arc::new(Layout::new(model, setting.threads.max(1)));
        let (fixed, plastic) = projections(model, setting.seed, setting.stored)?;
        let mut counts = vec![0; model.projections.len()];
        fixed.iter().chain(&plastic).for_each(|(index, synapses)| counts[*index] = synapses.expected());
        let sources = 0..layout.firsts[layout.sizes.len()];
        let tables = Wiring::new(model, &layout, fixed).tables(sources, false)?;
        let mut ruled_tables: Vec<Vec<PlasticProjection<R>>> = tables.iter().map(|_| Vec::new()).collect();
        for (projection, synapses) in plastic {
            let spec = &model.projections[projection];
            let sources = layout.firsts[spec.source.0]..layout.firsts[spec.source.0 + 1];
            let wiring = Wiring::new(model, &layout, vec![(projection, synapses)]).within_slice();
            let unit = model.populations[spec.target.0].neuron.as_ref();
            let unit = unit.map_or("", |(_, neuron)| neuron.weight_dimension().base_unit());
            for (partition, table) in wiring.tables(sources, true)?.into_iter().enumerate() {
                check_weights(spec, &table, unit)?;
                let targets = layout.slice(spec.target.0, partition).len();
                let place = (layout.base(spec.target.0, partition), targets);
                let plastic = PlasticProjection::new((projection, spec), table, place, model.simulation.resolution);
                ruled_tables[partition].push(plastic.counted(counted(model, projection)));
            }
        }
        let make = |(partition, (fixed, plastic)): (usize, (Table<R>, Vec<PlasticProjection<R>>))| {
            Ok(Partition::new(
                members(model, &layout, partition, (setting, &counts))?,
                fixed,
                plastic,
                is_precise(model),
            ))
        };
        let partitions = tables.into_iter().zip(ruled_tables).enumerate().map(make);
        let mut partitions: Vec<Partition<R>> = partitions.collect::<Result<_>>()?;
        for (index, probe) in probes.iter().enumerate() {
            place_probe(model, &layout, (index, probe), &mut partitions)?;
        }
        let window = partitions.iter().filter_map(Partition::shortest_delay).min().map_or(LONGEST_WINDOW, u64::from);
        let threads = setting.threads.clamp(1, layout.partitions);
        Ok(Self {
            layout,
            names: Arc::new(Names::new(model)),
            partitions,
            threads,
            now: 0,
            window: window.min(LONGEST_WINDOW),
        })
    }

    /// Lets the neurons of a population have their initial state at `tick`, not at tick 0, and live
    /// from the next one on; what arrives before is dropped. For use before a run.
    pub fn start_at(&mut self, PopulationId(population): PopulationId, Tick(tick): Tick) {
        self.partitions.iter_mut().for_each(|partition| partition.members[population].start = tick);
    }

    /// Runs every tick before `end`, telling `observer` of spikes and samples.
    ///
    /// # Errors
    /// What the observer answers with, and [`Error::Run`] when a state is no finite number any more: the
    /// run ends there.
    pub fn run_until(&mut self, end: Tick, observer: &mut dyn SpikeObserver) -> Result<()> {
        if self.threads == 1 { self.run_alone(end.0, observer) } else { self.run_together(end.0, observer) }
    }

    /// Looks at the states of all neurons and at the weights that rules change.
    ///
    /// # Errors
    /// [`Error::Run`] that names the first neuron or projection with a number that is not finite.
    pub fn verify(&self) -> Result<()> {
        let tick = self.now.saturating_sub(1);
        let fault = self.partitions.iter().filter_map(|partition| partition.any_fault(tick)).min();
        fault.map_or(Ok(()), |fault| Err(self.names.error(fault)))
    }

    /// Refuses weights of a projection that are no finite numbers.
    ///
    /// # Errors
    /// [`Error::Run`] that names it.
    pub fn verify_weights(&self, ProjectionId(projection): ProjectionId, weights: &[f64]) -> Result<()> {
        let fault = Fault { tick: self.now.saturating_sub(1), site: FaultSite::Weight { projection } };
        if weights.iter().all(|weight| weight.is_finite()) { Ok(()) } else { Err(self.names.error(fault)) }
    }

    /// The first tick that is not done.
    pub fn now(&self) -> Tick {
        Tick(self.now)
    }

    /// What was done so far.
    pub fn work(&self) -> Work {
        let mut sum = Work::default();
        self.partitions.iter().for_each(|partition| sum += partition.work);
        sum
    }

    /// A state variable of a neuron after the last tick that is done, in the unit of the model;
    /// `None` for a spike source.
    pub fn value(&self, PopulationId(population): PopulationId, neuron: usize, variable: usize) -> Option<f64> {
        let members = self.partitions.iter().map(|partition| &partition.members[population]);
        let members = members.into_iter().find(|members| members.neurons.contains(&neuron))?;
        members.value(variable, neuron - members.neurons.start, self.now.saturating_sub(1))
    }

    /// The weights of a projection with rules at the end of the last tick that is done, in order
    /// of source, target and delay; empty for a projection without rules.
    pub fn weights(&self, projection: ProjectionId) -> Vec<f64> {
        self.by_synapse(projection, |plastic| match self.now {
            0 => Some(Cow::Borrowed(&plastic.table.weights[..])),
            now => Some(Cow::Owned(plastic.look(now).weights)),
        })
    }

    /// The same of the weights or of another variable, that of the first rule that has it; empty where
    /// none does.
    pub fn synapses(&self, projection: ProjectionId, variable: &str) -> Vec<f64> {
        if variable == WEIGHT {
            return self.weights(projection);
        }
        self.by_synapse(projection, |plastic| plastic.variable(variable, self.now).map(Cow::Owned))
    }

    /// What `read` gives for each table of a projection, in order of source, target and delay.
    fn by_synapse<'s, T: Copy + Into<f64> + 's>(
        &'s self,
        ProjectionId(projection): ProjectionId,
        read: impl Fn(&'s PlasticProjection<R>) -> Option<Cow<'s, [T]>>,
    ) -> Vec<f64> {
        let plastic = self.partitions.iter().flat_map(|partition| &partition.plastic);
        let plastic = plastic.filter(|plastic| plastic.projection == projection);
        let looks: Vec<_> = plastic.filter_map(|plastic| Some((&plastic.table, read(plastic)?))).collect();
        let (mut values, mut row) = (Vec::new(), Vec::new());
        for source in looks.first().map_or(0..0, |(table, _)| table.sources()) {
            row.clear();
            for (partition, (table, looked)) in looks.iter().enumerate() {
                let segments = table.segments(source);
                for (head, &delay) in table.heads[segments.clone()].iter().zip(&table.delays[segments]) {
                    let range = head.first as usize..head.first as usize + head.len as usize;
                    let synapses = table.targets[range.clone()].iter().zip(&looked[range]);
                    row.extend(synapses.map(|(&target, &value)| (partition, target, delay, value)));
                }
            }
            row.sort_by_key(|&(partition, target, delay, _)| (partition, target, delay));
            values.extend(row.iter().map(|&(.., value)| -> f64 { value.into() }));
        }
        values
    }

    /// The window that begins now.
    fn next_window(&self, end: u64) -> Range<u64> {
        self.now..end.min(self.now + self.window)
    }

    fn run_alone(&mut self, end: u64, observer: &mut dyn SpikeObserver) -> Result<()> {
        while self.now < end {
            let window = self.next_window(end);
            let ticks = (window.end - window.start) as usize;
            self.partitions.iter_mut().for_each(|partition| partition.run(window.clone()));
            let outboxes: Vec<Outbox> = self.partitions.iter_mut().map(|p| std::mem::take(&mut p.outbox)).collect();
            let borrowed: Vec<&Outbox> = outboxes.iter().collect();
            for partition in &mut self.partitions {
                partition.absorb(&self.layout, window.start, ticks, &borrowed);
            }
            self.now = window.end;
            tell(observer, window, &borrowed, (&self.layout, &self.names))?;
            self.partitions.iter_mut().zip(outboxes).for_each(|(partition, outbox)| partition.outbox = outbox);
        }
        Ok(())
    }

    fn run_together(&mut self, end: u64, observer: &mut dyn SpikeObserver) -> Result<()> {
        let (start, window) = (self.now, self.window);
        let mut hands: Vec<Vec<(usize, &mut Partition<R>)>> = (0..self.threads).map(|_| Vec::new()).collect();
        for (index, partition) in self.partitions.iter_mut().enumerate() {
            hands[index % self.threads].push((index, partition));
        }
        let crew = Crew {
            layout: &self.layout,
            names: &self.names,
            barrier: Barrier::new(self.threads),
            // Two of each: nobody writes into one that another still reads.
            outboxes: (0..self.layout.partitions).map(|_| Default::default()).collect(),
            last: AtomicU64::new(u64::MAX),
        };
        let mut hands = hands.into_iter();
        let mine = hands.next().unwrap_or_default();
        let (now, result) = std::thread::scope(|scope| {
            for hand in hands {
                let crew = &crew;
                scope.spawn(move || crew.run(hand, start..end, window, &mut |_, _| true));
            }
            let mut result = Ok(());
            let mut report = |window: Range<u64>, outboxes: &[&Outbox]| {
                result = tell(observer, window, outboxes, (crew.layout, crew.names));
                result.is_ok()
            };
            let now = crew.run(mine, start..end, window, &mut report);
            (now, result)
        });
        self.now = now;
        result
    }
}

/// What threads share.
struct Crew<'l> {
    layout: &'l Layout,
    names: &'l Names,
    barrier: Barrier,
    outboxes: Vec<[RwLock<Outbox>; 2]>,
    /// Windows that start here or later are not wanted any more.
    last: AtomicU64,
}

impl Crew<'_> {
    /// Runs some partitions; `report` says whether to go on. Gives the first tick that is not done.
    fn run<R: Float>(
        &self,
        mut partitions: Vec<(usize, &mut Partition<R>)>,
        ticks: Range<u64>,
        longest: u64,
        report: &mut dyn FnMut(Range<u64>, &[&Outbox]) -> bool,
    ) -> u64 {
        let _escort = Escort(&self.barrier);
        let mut now = ticks.start;
        let mut phase = 0;
        while now < ticks.end {
            let window = now..ticks.end.min(now + longest);
            for (index, partition) in &mut partitions {
                partition.run(window.clone());
                let mut place = self.outboxes[*index][phase].write().unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut *place, &mut partition.outbox);
            }
            if !self.barrier.wait() || self.last.load(Ordering::Acquire) <= window.start {
                break;
            }
            let guards: Vec<_> =
                self.outboxes.iter().map(|pair| pair[phase].read().unwrap_or_else(PoisonError::into_inner)).collect();
            let outboxes: Vec<&Outbox> = guards.iter().map(|guard| &**guard).collect();
            for (_, partition) in &mut partitions {
                partition.absorb(self.layout, window.start, (window.end - window.start) as usize, &outboxes);
            }
            now = window.end;
            if !report(window, &outboxes) {
                self.last.store(now, Ordering::Release);
            }
            phase = 1 - phase;
        }
        now
    }
}

/// Tells the observer of a window.
///
/// # Errors
/// What the observer answers with, or, in place of telling it, the first fault in the window.
fn tell(
    observer: &mut dyn SpikeObserver,
    window: Range<u64>,
    outboxes: &[&Outbox],
    (layout, names): (&Layout, &Names),
) -> Result<()> {
    if let Some(fault) = outboxes.iter().filter_map(|outbox| outbox.fault).min() {
        return Err(names.error(fault));
    }
    let mut samples: Vec<(u32, u64, f64)> = outboxes.iter().flat_map(|outbox| outbox.samples.iter().copied()).collect();
    samples.sort_unstable_by_key(|&(probe, tick, _)| (tick, probe));
    let mut samples = samples.into_iter().peekable();
    let (mut spikes, mut offsets) = (Vec::new(), Vec::new());
    for (index, tick) in window.enumerate() {
        for population in 0..layout.sizes.len() {
            spikes.clear();
            offsets.clear();
            for outbox in outboxes {
                spikes.extend_from_slice(outbox.list(index * layout.sizes.len() + population));
                offsets.extend_from_slice(outbox.offsets(index * layout.sizes.len() + population));
            }
            if !spikes.is_empty() {
                let offsets = (!offsets.is_empty()).then_some(&offsets[..]);
                observer.spikes(PopulationId(population), Tick(tick), &spikes, offsets)?;
            }
        }
        while let Some((probe, _, value)) = samples.next_if(|sample| sample.1 == tick) {
            observer.sample(probe as usize, Tick(tick), value)?;
        }
    }
    Ok(())
}

/// Whether spikes are timed within ticks.
fn is_precise(model: &Model) -> bool {
    model.simulation.spike_times == SpikeTimes::Precise
}

/// The neurons of a partition, with their inputs.
fn members<R: Float>(
    model: &Model,
    layout: &Layout,
    partition: usize,
    (setting, synapses): (&Setting<'_>, &[u64]),
) -> Result<Vec<PopulationSlice<R>>> {
    let member = |(population, spec): (usize, &PopulationSpec)| {
        let neurons = layout.slice(population, partition);
        let first_entity = layout.firsts[population];
        let mut inputs = Vec::new();
        for (index, input) in model.inputs.iter().enumerate() {
            if input.targets.contains(&PopulationId(population)) {
                let source = Arc::clone(&input.input.1);
                let scope = InputSlice {
                    neurons: neurons.clone(),
                    first_entity,
                    input: index,
                    resolution: model.simulation.resolution,
                    precise: is_precise(model),
                    seed: setting.seed,
                };
                inputs.push(InputAtWork {
                    weight: R::rounded(source.weight()),
                    levels: if source.sends_currents() { vec![0.0; neurons.len()] } else { Vec::new() },
                    generator: at_work(&source, scope),
                });
            }
        }
        let lazy = match setting.strategy {
            Strategy::Auto => is_lazy_cheaper::<R>(model, population, synapses),
            Strategy::Lazy => true,
            Strategy::Swept => false,
        };
        let driven = inputs.iter().any(|input| !input.levels.is_empty());
        Ok(PopulationSlice {
            base: layout.base(population, partition),
            receptors: spec.receptors(),
            repeats: spec.repeats(),
            start: 0,
            cells: cells(model, spec, (neurons.clone(), first_entity), (setting, lazy))?,
            current: if driven { vec![R::default(); neurons.len()] } else { Vec::new() },
            neurons,
            inputs,
        })
    };
    model.populations.iter().enumerate().map(member).collect()
}

/// What a slice is made of.
fn cells<R: Float>(
    model: &Model,
    spec: &PopulationSpec,
    (neurons, first): (Range<usize>, u32),
    (setting, lazy): (&Setting<'_>, bool),
) -> Result<Cells<R>> {
    let Some((base, neuron)) = &spec.neuron else {
        return Ok(Cells::Sources);
    };
    let computation = Computation {
        resolution: model.simulation.resolution,
        single: size_of::<R>() == size_of::<f32>(),
        precise: is_precise(model),
    };
    let own = Parameters { population: spec, base, first, seed: setting.seed, computation };
    own.check(neurons.clone())?;
    let each = |neuron: usize| own.of(neuron);
    let each = (!spec.varied.is_empty()).then_some(&each as &dyn Fn(usize) -> Values);
    let slice = Slice { neurons, resolution: model.simulation.resolution, each };
    if is_precise(model) {
        let block = neuron.precise(&slice).ok_or_else(|| {
            Error::Run(format!(
                "population `{}`: `{}` has no precise spike times; use `lif_delta`, `iaf_psc_delta`, `lif_exp`, `lif_alpha` \
                 or `parrot`, or \"grid\"",
                spec.name, base.kind
            ))
        })?;
        return Ok(Cells::Precise(block));
    }
    if lazy && let Some(block) = R::lazy(&**neuron, &slice) {
        // Who may spike without any input is found at the first visit.
        return Ok(Cells::Lazy { block, awake: (0..slice.neurons.len() as u32).collect() });
    }
    Ok(Cells::Swept(R::block(&**neuron, &slice)))
}

/// Refuses a variable that the synapses of a projection do not have.
fn check_variable(projection: &ProjectionSpec, variable: &str) -> Result<()> {
    if variable == WEIGHT || projection.variables().any(|(name, _)| name == variable) {
        return Ok(());
    }
    Err(Error::Run(format!("projection `{}` has no variable `{variable}`", projection.name)))
}

/// Gives a probe to the partition where its neuron is.
fn place_probe<R: Float>(
    model: &Model,
    layout: &Layout,
    (index, probe): (usize, &Probe),
    partitions: &mut [Partition<R>],
) -> Result<()> {
    let (population, neuron) = match probe.site {
        Site::Neuron { population: PopulationId(population), neuron } => (population, neuron),
        // Synapses are read between stretches of a run.
        Site::Synapse { projection, .. } => return check_variable(&model.projections[projection.0], &probe.variable),
    };
    let spec = &model.populations[population];
    let variables = spec.neuron.as_ref().map_or(&[][..], |(_, neuron)| neuron.variables());
    let Some(variable) = variables.iter().position(|(name, _)| *name == probe.variable) else {
        return Err(Error::Run(format!("population `{}` has no variable `{}`", spec.name, probe.variable)));
    };
    for (partition, holder) in partitions.iter_mut().enumerate() {
        let slice = layout.slice(population, partition);
        if slice.contains(&neuron) {
            let (probe, every) = (index as u32, probe.every.max(1));
            holder.probes.push(Probed { probe, every, population, variable, neuron: neuron - slice.start });
        }
    }
    Ok(())
}
