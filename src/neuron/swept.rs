//! The block that every kind uses: a structure of arrays, swept sixteen neurons at a time.
//! A kind gives the step of one neuron ([`Step`]), without branches, so that the compiler
//! makes vector instructions of sixteen.
//!
//! All arithmetic is lane by lane and never contracted, so every instruction set gives the
//! same bits, and so does a neuron wherever it stands in its block.

use super::block::{Block, Slice};
use crate::parameter::Values;
use crate::real::Real;

/// Neurons that are stepped at once.
const LANES: usize = 16;

/// The derived constants of one neuron, and what it does in a tick. `S` is the number of its
/// state variables, the refractory counter included.
pub trait Step<R: Real, const S: usize>: Copy + PartialEq + Send + Sync + 'static {
    /// How many receptors are read: 1 or 2.
    const RECEPTORS: usize;

    /// One tick, as [`Block::advance`] describes it; whether the neuron spikes.
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool;

    /// A state variable in the unit of the model.
    fn value(&self, state: &[R; S], variable: usize) -> f64;

    /// Sets a state variable, in the unit of the model.
    fn set(&self, state: &mut [R; S], variable: usize, value: f64);
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
    Box::new(Swept { constants, state: std::array::from_fn(|k| starts.iter().map(|start| start.1[k]).collect()) })
}

/// The neurons of a slice.
#[derive(Debug, Clone)]
struct Swept<R, C, const S: usize> {
    constants: Constants<C>,
    state: [Vec<R>; S],
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
        std::array::from_fn(|k| self.state[k][neuron])
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

    fn set(&mut self, variable: usize, neuron: usize, value: f64) {
        let mut state = self.state(neuron);
        self.constants(neuron).set(&mut state, variable, value);
        self.state.iter_mut().zip(state).for_each(|(column, value)| column[neuron] = value);
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

/// Runs [`run`] compiled for the widest vectors this machine has.
fn run_widest<R: Real, C: Step<R, S>, const S: usize>(block: &mut Swept<R, C, S>, tick: Tick<'_, R>) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
        fn avx512<R: Real, C: Step<R, S>, const S: usize>(block: &mut Swept<R, C, S>, tick: Tick<'_, R>) {
            run(block, tick);
        }
        #[target_feature(enable = "avx2")]
        fn avx2<R: Real, C: Step<R, S>, const S: usize>(block: &mut Swept<R, C, S>, tick: Tick<'_, R>) {
            run(block, tick);
        }
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
        if wide && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: all four instruction sets were just detected.
            return unsafe { avx512(block, tick) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the instruction set was just detected.
            return unsafe { avx2(block, tick) };
        }
    }
    run(block, tick);
}

#[inline(always)]
fn run<R: Real, C: Step<R, S>, const S: usize>(block: &mut Swept<R, C, S>, tick: Tick<'_, R>) {
    match &block.constants {
        Constants::Uniform(constants) => sweep(|_| *constants, &mut block.state, tick),
        Constants::Each(each) => sweep(|neuron| each[neuron], &mut block.state, tick),
    }
}

/// Sixteen neurons on their way through a tick.
struct Group<R, const S: usize> {
    state: [[R; LANES]; S],
    arrivals: [[R; LANES]; 2],
    current: [R; LANES],
}

impl<R: Real, const S: usize> Group<R, S> {
    #[inline(always)]
    fn step<C: Step<R, S>>(&mut self, constants: impl Fn(usize) -> C) -> [bool; LANES] {
        let mut spikes = [false; LANES];
        for lane in 0..LANES {
            let mut state = [R::default(); S];
            for k in 0..S {
                state[k] = self.state[k][lane];
            }
            let arrivals = [self.arrivals[0][lane], self.arrivals[1][lane]];
            spikes[lane] = constants(lane).step(&mut state, arrivals, self.current[lane]);
            for k in 0..S {
                self.state[k][lane] = state[k];
            }
        }
        spikes
    }
}

#[inline(always)]
fn sweep<R: Real, C: Step<R, S>, const S: usize>(
    constants: impl Fn(usize) -> C,
    state: &mut [Vec<R>; S],
    tick: Tick<'_, R>,
) {
    let Tick { arrivals: [first, second], current, spikes } = tick;
    let size = first.len();
    let zeros = [R::default(); LANES];
    let mut start = 0;
    while start < size {
        let width = LANES.min(size - start);
        let here = start..start + width;
        let mut group = Group { state: [zeros; S], arrivals: [zeros; 2], current: zeros };
        for k in 0..S {
            group.state[k][..width].copy_from_slice(&state[k][here.clone()]);
        }
        group.arrivals[0][..width].copy_from_slice(&first[here.clone()]);
        first[here.clone()].fill(R::default());
        if C::RECEPTORS == 2 {
            group.arrivals[1][..width].copy_from_slice(&second[here.clone()]);
            second[here.clone()].fill(R::default());
        }
        if !current.is_empty() {
            group.current[..width].copy_from_slice(&current[here.clone()]);
        }
        let fired = group.step(|lane| constants((start + lane).min(size - 1)));
        for k in 0..S {
            state[k][here.clone()].copy_from_slice(&group.state[k][..width]);
        }
        for lane in 0..width {
            if fired[lane] {
                spikes.push((start + lane) as u32);
            }
        }
        start += LANES;
    }
}
