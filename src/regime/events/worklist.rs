//! The neurons of a partition that receive input at a tick, each once: those that lazy blocks update.

use std::ops::Range;

/// A list without repetitions.
#[derive(Debug, Clone)]
pub struct Worklist {
    neurons: Vec<u16>,
    is_listed: Box<[bool]>,
}

impl Default for Worklist {
    fn default() -> Self {
        Self { neurons: Vec::new(), is_listed: vec![false; 1 << 16].into() }
    }
}

impl Worklist {
    /// Lists a neuron, counted within the partition.
    #[inline]
    pub fn touch(&mut self, neuron: u16) {
        let listed = &mut self.is_listed[usize::from(neuron)];
        if !*listed {
            *listed = true;
            self.neurons.push(neuron);
        }
    }

    /// Puts the list in order.
    pub fn sort(&mut self) {
        self.neurons.sort_unstable();
    }

    /// The listed neurons that are in `range`, ascending; the list is in order.
    pub fn within(&self, range: Range<usize>) -> &[u16] {
        let position = |end: usize| self.neurons.partition_point(|&neuron| usize::from(neuron) < end);
        &self.neurons[position(range.start)..position(range.end)]
    }

    /// Empties the list.
    pub fn clear(&mut self) {
        for &neuron in &self.neurons {
            self.is_listed[usize::from(neuron)] = false;
        }
        self.neurons.clear();
    }
}
