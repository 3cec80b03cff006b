//! The block that every kind uses: a structure of arrays, swept sixteen neurons at a time.
//! A kind gives the step of one neuron ([`Step`]), without branches, so that the compiler
//! makes vector instructions of sixteen.
//!
//! All arithmetic is lane by lane and never contracted, so every instruction set gives the
//! same bits, and so does a neuron wherever it stands in its block.

use super::block::{Block, Slice};
use crate::parameter::Values;
use crate::real::Real;
use crate::widest::widest;

/// Neurons that are stepped at once.
const LANES: usize = 16;

/// A state variable of sixteen neighbours; in single precision, a line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Group<R>([R; LANES]);

/// The derived constants of one neuron, and what it does in a tick. `S` is the number of its
/// state variables, the refractory counter included.
pub trait Step<R: Real, const S: usize>: Copy + PartialEq + Send + Sync + 'static {
    /// How many receptors are read: 1 or 2.
    const RECEPTORS: usize;

    /// One tick, as [`Block::advance`] describes it; whether the neuron spikes.
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool;

    /// Whether [`step`](Self::step) is too coarse for a neuron in this state.
    #[inline(always)]
    fn is_stiff(&self, _: &[R; S]) -> bool {
        false
    }

    /// The tick of a neuron that is, at any cost.
    fn step_finely(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        self.step(state, arrivals, current)
    }

    /// The tick of one neuron, stiff or not.
    #[inline(always)]
    fn step_alone(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool {
        if self.is_stiff(state) {
            self.step_finely(state, arrivals, current)
        } else {
            self.step(state, arrivals, current)
        }
    }

    /// A state variable in the unit of the model.
    fn value(&self, state: &[R; S], variable: usize) -> f64;
}

/// The neurons of `slice`, swept. `uniform` has the parameters of the kind, `checked` reads
/// those of one neuron, `start` derives constants and initial state.
pub fn swept<R: Real, C: Step<R, S>, N, const S: usize>(
    slice: &Slice<'_>,
    uniform: &N,
    checked: impl Fn(&Values) -> Result<N, String>,
    start: impl Fn(&N) -> (C, [R; S]),
) -> Box<dyn Block<R>> {
    let starts = slice.each_of(uniform, checked, &start);
    let first = starts.first().map_or_else(|| start(uniform).0, |first| first.0);
    let constants = if starts.iter().all(|start| start.0 == first) {
        Constants::Uniform(first)
    } else {
        Constants::Each(starts.iter().map(|start| start.0).collect())
    };
    let mut state = vec![[Group([R::default(); LANES]); S]; starts.len().div_ceil(LANES)];
    for (neuron, start) in starts.iter().enumerate() {
        (0..S).for_each(|k| state[neuron / LANES][k].0[neuron % LANES] = start.1[k]);
    }
    Box::new(Swept { constants, state })
}

/// The neurons of a slice.
#[derive(Debug, Clone)]
struct Swept<R, C, const S: usize> {
    constants: Constants<C>,
    /// All variables of sixteen neighbours, one after the other; the last group may not be full.
    /// A sweep reads them in one stream: as a stream each, how fast they come depends on where
    /// the allocator happened to put them.
    state: Vec<[Group<R>; S]>,
}

#[derive(Debug, Clone)]
enum Constants<C> {
    /// Of every neuron.
    Uniform(C),
    Each(Vec<C>),
}

impl<R: Real, C: Step<R, S>, const S: usize> Swept<R, C, S> {
    fn constants(&self, neuron: usize) -> &C {
        match &self.constants {
            Constants::Uniform(constants) => constants,
            Constants::Each(each) => &each[neuron],
        }
    }

    fn state(&self, neuron: usize) -> [R; S] {
        std::array::from_fn(|k| self.state[neuron / LANES][k].0[neuron % LANES])
    }

    fn set_state(&mut self, neuron: usize, state: [R; S]) {
        let group = self.state[neuron / LANES].iter_mut();
        group.zip(state).for_each(|(variable, value)| variable.0[neuron % LANES] = value);
    }

    /// Steps the neurons from `start` on, one by one: those behind the last whole group.
    #[inline(always)]
    fn advance_rest(&mut self, start: usize, tick: Tick<'_, R>) {
        let Tick { arrivals: [first, second], current, spikes } = tick;
        for neuron in start..first.len() {
            let inhibiting = if C::RECEPTORS == 2 { std::mem::take(&mut second[neuron]) } else { R::default() };
            let arrived = [std::mem::take(&mut first[neuron]), inhibiting];
            let flowing = current.get(neuron).copied().unwrap_or_default();
            let mut state = self.state(neuron);
            if self.constants(neuron).step_alone(&mut state, arrived, flowing) {
                spikes.push(neuron as u32);
            }
            self.set_state(neuron, state);
        }
    }
}

impl<R: Real, C: Step<R, S>, const S: usize> Block<R> for Swept<R, C, S> {
    fn advance(&mut self, [first, second]: [&mut [R]; 2], current: &[R], spikes: &mut Vec<u32>) {
        if C::RECEPTORS == 1 {
            first.iter_mut().zip(&*second).for_each(|(sum, &other)| *sum += other);
            second.fill(R::default());
        }
        run_widest(self, Tick { arrivals: [first, second], current, spikes });
    }

    fn value(&self, variable: usize, neuron: usize) -> f64 {
        self.constants(neuron).value(&self.state(neuron), variable)
    }

    fn fault(&self) -> Option<usize> {
        let is_faulty = |group: &Group<R>| group.0.iter().fold(false, |faulty, value| faulty | !value.is_finite());
        let group = self.state.iter().position(|variables| variables.iter().any(is_faulty))?;
        let faulty = |lane: &usize| self.state[group].iter().any(|variable| !variable.0[*lane].is_finite());
        (0..LANES).find(faulty).map(|lane| group * LANES + lane)
    }

    fn duplicate(&self) -> Box<dyn Block<R>> {
        Box::new(self.clone())
    }
}

/// What goes into and comes out of a block in one tick.
struct Tick<'a, R> {
    arrivals: [&'a mut [R]; 2],
    current: &'a [R],
    spikes: &'a mut Vec<u32>,
}

widest!(run_widest, run, [R: Real, C: Step<R, S>, const S: usize], (block: &mut Swept<R, C, S>, tick: Tick<'_, R>));

#[inline(always)]
fn run<R: Real, C: Step<R, S>, const S: usize>(block: &mut Swept<R, C, S>, mut tick: Tick<'_, R>) {
    let groups = tick.arrivals[0].len() / LANES;
    match &block.constants {
        Constants::Uniform(constants) => {
            let constants = *constants;
            sweep(groups, |_, _| &constants, &mut block.state, &mut tick);
        }
        Constants::Each(each) => {
            let chunks = &each.as_chunks::<LANES>().0[..groups];
            sweep(groups, |group, lane| &chunks[group][lane], &mut block.state, &mut tick);
        }
    }
    block.advance_rest(groups * LANES, tick);
}

/// Steps `groups` groups; `constants` are those of a lane of a group.
#[inline(always)]
fn sweep<'c, R: Real, C: Step<R, S>, const S: usize>(
    groups: usize,
    constants: impl Fn(usize, usize) -> &'c C,
    state: &mut [[Group<R>; S]],
    tick: &mut Tick<'_, R>,
) {
    let Tick { arrivals: [first, second], current, spikes } = tick;
    let zeros = [R::default(); LANES];
    let state = &mut state[..groups];
    let first = &mut first.as_chunks_mut::<LANES>().0[..groups];
    let both = C::RECEPTORS == 2;
    let second = &mut second.as_chunks_mut::<LANES>().0[..if both { groups } else { 0 }];
    let flows = !current.is_empty();
    let current = &current.as_chunks::<LANES>().0[..if flows { groups } else { 0 }];
    for group in 0..groups {
        let inhibiting = if both { &mut second[group] } else { &mut [R::default(); LANES] };
        let flowing = if flows { &current[group] } else { &zeros };
        let fired =
            advance_group(|lane| constants(group, lane), &mut state[group], &mut first[group], inhibiting, flowing);
        if let Some(fired) = fired {
            spikes.extend((0..LANES).filter(|&lane| fired[lane]).map(|lane| (group * LANES + lane) as u32));
        }
    }
}

/// Steps a group; which of it spike, if any.
#[inline(always)]
fn advance_group<'c, R: Real, C: Step<R, S>, const S: usize>(
    constants: impl Fn(usize) -> &'c C,
    variables: &mut [Group<R>; S],
    first: &mut [R; LANES],
    second: &mut [R; LANES],
    flowing: &[R; LANES],
) -> Option<[bool; LANES]> {
    // `any` is gathered in the loop: a look at `fired` would wait until all of it is written.
    let (mut fired, mut any, mut alone) = ([false; LANES], false, false);
    for lane in 0..LANES {
        alone |= constants(lane).is_stiff(&own(variables, lane));
    }
    // What any of them needs is done for one after the other, so that all others lose no time.
    if alone {
        for lane in 0..LANES {
            let mut own = own(variables, lane);
            fired[lane] = constants(lane).step_alone(&mut own, [first[lane], second[lane]], flowing[lane]);
            any |= fired[lane];
            put(variables, lane, own);
        }
    } else {
        for lane in 0..LANES {
            let mut own = own(variables, lane);
            fired[lane] = constants(lane).step(&mut own, [first[lane], second[lane]], flowing[lane]);
            any |= fired[lane];
            put(variables, lane, own);
        }
    }
    first.fill(R::default());
    second.fill(R::default());
    any.then_some(fired)
}

/// The state of a lane.
#[inline(always)]
fn own<R: Real, const S: usize>(variables: &[Group<R>; S], lane: usize) -> [R; S] {
    let mut own = [R::default(); S];
    for k in 0..S {
        own[k] = variables[k].0[lane];
    }
    own
}

/// Puts the state of a lane back.
#[inline(always)]
fn put<R: Real, const S: usize>(variables: &mut [Group<R>; S], lane: usize, own: [R; S]) {
    for k in 0..S {
        variables[k].0[lane] = own[k];
    }
}

#[cfg(test)]
mod tests {
    use super::super::Neuron;
    use super::super::fixture::{membranes, neuron, resolution, values};
    use super::*;
    use crate::unit::Dimension;

    const TICKS: usize = 600;

    /// What arrives at `neuron` in `tick`: often nothing, else excitation or inhibition.
    fn arrivals(cell: &dyn Neuron, tick: usize, neuron: usize) -> [f64; 2] {
        let strength = match cell.weight_dimension() {
            Dimension::Voltage => 4.0,
            Dimension::Current => 700.0,
            Dimension::Conductance => 6.0,
            _ => 0.3,
        };
        let drawn = (tick * 7919 + neuron * 104_729).wrapping_mul(2_654_435_761) >> 7;
        [strength * drawn.is_multiple_of(11) as u8 as f64, -0.5 * strength * drawn.is_multiple_of(23) as u8 as f64]
    }

    /// Spikes as (tick, neuron), and the membranes at the end, of a block that stands for the
    /// neurons from `first` on.
    fn run<R: Real>(
        mut block: Box<dyn Block<R>>,
        cell: &dyn Neuron,
        first: usize,
        size: usize,
    ) -> (Vec<(usize, u32)>, Vec<f64>) {
        let (mut spikes, mut fired) = (Vec::new(), Vec::new());
        for tick in 0..TICKS {
            let at = |k: usize| (0..size).map(move |neuron| R::rounded(arrivals(cell, tick, first + neuron)[k]));
            let (mut one, mut other): (Vec<R>, Vec<R>) = (at(0).collect(), at(1).collect());
            let current = vec![R::rounded(20.0); if tick % 100 < 50 { size } else { 0 }];
            block.advance([&mut one, &mut other], &current, &mut fired);
            assert!(one.iter().chain(&other).all(|&left| left == R::default()));
            spikes.extend(fired.drain(..).map(|neuron| (tick, first as u32 + neuron)));
        }
        (spikes, (0..size).map(|neuron| block.value(0, neuron)).collect())
    }

    fn slice(neurons: std::ops::Range<usize>) -> Slice<'static> {
        Slice { neurons, resolution: resolution(), each: None }
    }

    /// Neurons alone are stepped one by one, those in groups sixteen at a time.
    #[test]
    fn a_neuron_does_the_same_wherever_it_stands() {
        for kind in membranes() {
            let cell = neuron(kind.name, &[]);
            let together = run(cell.single(&slice(0..37)), &*cell, 0, 37);
            let mut apart = (Vec::new(), Vec::new());
            for index in 0..37 {
                let (spikes, membranes) = run(cell.single(&slice(index..index + 1)), &*cell, index, 1);
                apart.0.extend(spikes);
                apart.1.extend(membranes);
            }
            apart.0.sort_unstable();
            assert_eq!(together, apart, "{}", kind.name);
            assert!(together.0.len() > 30, "{}: {} spikes", kind.name, together.0.len());
        }
    }

    #[test]
    fn neurons_with_parameters_of_their_own_do_as_in_blocks_of_their_own() {
        for kind in membranes() {
            let threshold = values(kind.name, &[]).number("v_thresh");
            let given = |neuron: usize| [("v_thresh", threshold + 0.05 * (neuron % 7) as f64)];
            let each = |neuron: usize| values(kind.name, &given(neuron));
            let cell = neuron(kind.name, &[]);
            let together = run(cell.double(&Slice { each: Some(&each), ..slice(0..37) }), &*cell, 0, 37);
            for index in 0..37 {
                let own = neuron(kind.name, &given(index));
                let (spikes, membranes) = run(own.double(&slice(index..index + 1)), &*own, index, 1);
                let same: Vec<_> = together.0.iter().copied().filter(|spike| spike.1 as usize == index).collect();
                assert_eq!((same, together.1[index]), (spikes, membranes[0]), "{} {index}", kind.name);
            }
        }
    }

    #[test]
    fn neurons_that_only_start_apart_share_their_constants() {
        let each = |neuron: usize| values("lif_delta", &[("v_init", -65.0 + neuron as f64 / 4.0)]);
        let cell = neuron("lif_delta", &[]);
        let block = cell.single(&Slice { each: Some(&each), ..slice(0..20) });
        assert_eq!([block.value(0, 0), block.value(0, 18)], [-65.0, -60.5]);
    }

    #[test]
    fn single_precision_stays_near_double() {
        for kind in membranes() {
            let cell = neuron(kind.name, &[]);
            let (single, double) =
                (run(cell.single(&slice(0..20)), &*cell, 0, 20), run(cell.double(&slice(0..20)), &*cell, 0, 20));
            let common = single.0.iter().filter(|spike| double.0.contains(spike)).count();
            assert!(common as f64 > 0.95 * double.0.len() as f64, "{}: {common} of {}", kind.name, double.0.len());
        }
    }
}
