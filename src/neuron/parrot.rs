//! A neuron that repeats what reaches it (NEST's `parrot_neuron`).
//!
//! ```text
//! n spikes that arrive at a tick, over synapses or from inputs: n spikes at that tick, whatever their weights
//! ```
//! Plastic synapses onto it change as onto any neuron, though it takes no note of their weights: between
//! two of them a rule sees spikes at the times one has listed, if the projection says `receptor_type = 1`:
//! what arrives over it is not repeated. With precise spike times the repeated spike keeps its time within the
//! tick. The engine gives every arrival a weight of 1, or 0 where it is not repeated, and fires what inputs send.

use super::Neuron;
use super::block::{Block, Slice};
use super::precise::{PreciseBlock, PreciseEvent, PreciseFault};
use crate::parameter::Kind;
use crate::real::Real;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "parrot",
    aliases: &["parrot_neuron", "parrot_neuron_ps"],
    summary: "Repeats every spike that reaches it, at the tick at which it arrives and whatever its weight",
    fields: &[],
    build: |_| Ok(Box::new(Parrot)),
};

#[derive(Debug, Clone, Copy)]
struct Parrot;

impl Parrot {
    fn block<R: Real>(self, _: &Slice<'_>) -> Box<dyn Block<R>> {
        Box::new(self)
    }
}

impl Neuron for Parrot {
    fn weight_dimension(&self) -> Dimension {
        Dimension::None
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        &[]
    }

    fn repeats(&self) -> bool {
        true
    }

    in_both_precisions!(block);

    fn precise(&self, _: &Slice<'_>) -> Option<Box<dyn PreciseBlock>> {
        Some(Box::new(*self))
    }
}

impl<R: Real> Block<R> for Parrot {
    fn advance(&mut self, arrivals: [&mut [R]; 2], _: &[R], spikes: &mut Vec<u32>) {
        for (neuron, arrived) in (0..).zip(arrivals[0].iter_mut()) {
            let count: f64 = std::mem::take(arrived).into();
            spikes.extend(std::iter::repeat_n(neuron, count as usize));
        }
    }

    fn value(&self, _: usize, _: usize) -> f64 {
        0.0
    }

    fn fault(&self) -> Option<usize> {
        None
    }

    fn duplicate(&self) -> Box<dyn Block<R>> {
        Box::new(*self)
    }
}

impl PreciseBlock for Parrot {
    fn advance(&mut self, _: u64, events: &[PreciseEvent], _: &[f64], spikes: &mut Vec<(u32, f64)>) {
        spikes.extend(events.iter().filter(|event| event.weight != 0.0).map(|event| (event.neuron, event.offset)));
    }

    fn value(&self, _: usize, _: usize) -> f64 {
        0.0
    }

    fn fault(&self) -> Option<PreciseFault> {
        None
    }

    fn duplicate(&self) -> Box<dyn PreciseBlock> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{neuron, resolution};
    use super::*;

    #[test]
    fn it_spikes_as_often_as_spikes_arrive() {
        let slice = Slice { neurons: 0..3, resolution: resolution(), each: None };
        let mut ours = neuron("parrot", &[]).single(&slice);
        let (mut arrivals, mut spikes) = ([2.0, 0.0, 1.0], Vec::new());
        ours.advance([&mut arrivals, &mut []], &[], &mut spikes);
        assert_eq!((arrivals, spikes), ([0.0; 3], vec![0, 0, 2]));
    }
}
