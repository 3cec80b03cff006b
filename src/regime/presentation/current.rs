//! Constant currents into the neurons of a population, until they change. A current that
//! changes at tick s acts on the membrane from tick s + 1 on: over the tick that follows.

use crate::neuron::real::Real;

/// What flows into each neuron.
#[derive(Debug, Clone, Default)]
pub(super) struct Currents<R> {
    /// `levels[k][neuron]` is what input k sends, in pA; empty for inputs that send none.
    levels: Vec<Vec<f64>>,
    /// (neuron, what its current adds to the membrane in one tick), ascending.
    flowing: Vec<(u32, R)>,
}

impl<R: Real> Currents<R> {
    /// Whether a neuron carries a current.
    pub fn flow(&self) -> bool {
        !self.flowing.is_empty()
    }

    /// Neurons with a current, with what it adds to the membrane in one tick.
    pub fn flowing(&self) -> &[(u32, R)] {
        &self.flowing
    }

    /// Sets the current that input `source` sends into `neuron` of `size`, in pA. It flows
    /// after the next [`settle`](Self::settle).
    pub fn set(&mut self, source: usize, neuron: u32, size: usize, picoamperes: f64) {
        if self.levels.len() <= source {
            self.levels.resize(source + 1, Vec::new());
        }
        self.levels[source].resize(size, 0.0);
        self.levels[source][neuron as usize] = picoamperes;
    }

    /// Sums the currents of all inputs, by input. `gain` is what 1 pA adds in one tick.
    pub fn settle(&mut self, gain: f64) {
        let size = self.levels.iter().map(Vec::len).max().unwrap_or(0);
        let sum = |neuron: usize| self.levels.iter().filter_map(|level| level.get(neuron)).sum::<f64>();
        let flowing = (0..size).map(|neuron| (neuron as u32, sum(neuron))).filter(|&(_, sum)| sum != 0.0);
        self.flowing = flowing.map(|(neuron, sum)| (neuron, R::rounded(sum * gain))).collect();
    }
}
