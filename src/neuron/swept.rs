//! The block that every kind uses: a structure of arrays, swept sixteen neurons at a time.
//! A kind gives the step of one neuron ([`Step`]), without branches, so that the compiler
//! makes one vector instruction of sixteen.

use super::block::{Block, Slice};
use super::real::Real;

/// The derived constants of one neuron, and what it does in a tick. `S` is the number of its
/// state variables, the refractory counter included.
pub trait Step<R: Real, const S: usize>: Copy + PartialEq + Send + Sync + 'static {
    /// How many receptors are read: 1 or 2.
    const RECEPTORS: usize;

    /// The state at the start of a run.
    fn initial(&self) -> [R; S];

    /// One tick, as [`Block::advance`] describes it; whether the neuron spikes.
    fn step(&self, state: &mut [R; S], arrivals: [R; 2], current: R) -> bool;

    /// A state variable in the unit of the model.
    fn value(&self, state: &[R; S], variable: usize) -> f64;

    /// Sets a state variable, in the unit of the model.
    fn set(&self, state: &mut [R; S], variable: usize, value: f64);
}

/// The neurons of a slice.
#[derive(Debug, Clone)]
pub struct Swept<R, C, const S: usize> {
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
    /// The neurons of `slice`, at their initial state; `constants` derives those of one neuron
    /// from its parameters, `uniform` are those of the kind.
    pub fn new(slice: &Slice<'_>, uniform: C, constants: impl Fn(&crate::parameter::Values) -> C) -> Box<dyn Block<R>> {
        let mut block = Self {
            constants: Constants::Uniform(uniform),
            state: std::array::from_fn(|_| Vec::with_capacity(slice.neurons.len())),
        };
        let each: Vec<C> = match slice.each {
            Some(each) => slice.neurons.clone().map(|neuron| constants(&each(neuron))).collect(),
            None => Vec::new(),
        };
        for index in 0..slice.neurons.len() {
            let initial = each.get(index).unwrap_or(&uniform).initial();
            block.state.iter_mut().zip(initial).for_each(|(column, value)| column.push(value));
        }
        if !each.is_empty() {
            block.constants = Constants::Each(each);
        }
        Box::new(block)
    }

    fn constants(&self, neuron: usize) -> &C {
        match &self.constants {
            Constants::Uniform(constants) => constants,
            Constants::Each(each) => &each[neuron],
        }
    }

    fn state(&self, neuron: usize) -> [R; S] {
        std::array::from_fn(|k| self.state[k][neuron])
    }

    /// Neuron after neuron: what is left behind the last whole group of lanes.
    fn advance_one(&mut self, neuron: usize, arrivals: [R; 2], current: R) -> bool {
        let mut state = self.state(neuron);
        let spikes = self.constants(neuron).step(&mut state, arrivals, current);
        self.state.iter_mut().zip(state).for_each(|(column, value)| column[neuron] = value);
        spikes
    }
}

impl<R: Real, C: Step<R, S>, const S: usize> Block<R> for Swept<R, C, S> {
    fn advance(&mut self, [first, second]: [&mut [R]; 2], current: &[R], spikes: &mut Vec<u32>) {
        for neuron in 0..first.len() {
            let other = if C::RECEPTORS == 2 { second[neuron] } else { R::default() };
            let flowing = current.get(neuron).copied().unwrap_or_default();
            if self.advance_one(neuron, [first[neuron], other], flowing) {
                spikes.push(neuron as u32);
            }
        }
        first.fill(R::default());
        second.fill(R::default());
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
