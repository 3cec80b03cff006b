//! Neuron kinds, one per file. A kind owns both its views: the membrane that the
//! simulator steps from tick to tick, and the rate curve of its rate twin.
//!
//! To add one: write `my_neuron.rs` with a `KIND`, add its `mod` line and its row.

/// Gives a kind what it has in either precision: `single` and `double` from its `block`, and
/// `lazy_single` and `lazy_double` from its `lazy`.
macro_rules! in_both_precisions {
    (block) => {
        fn single(&self, slice: &Slice<'_>) -> Box<dyn Block<f32>> {
            self.block(slice)
        }

        fn double(&self, slice: &Slice<'_>) -> Box<dyn Block<f64>> {
            self.block(slice)
        }
    };
    (block, lazy) => {
        in_both_precisions!(block);

        fn lazy_single(&self, slice: &Slice<'_>) -> Option<Box<dyn LazyBlock<f32>>> {
            Some(self.lazy(slice))
        }

        fn lazy_double(&self, slice: &Slice<'_>) -> Option<Box<dyn LazyBlock<f64>>> {
            Some(self.lazy(slice))
        }
    };
}

mod adaptive_threshold;
mod alif;
pub mod block;
mod conductance_membrane;
pub mod delta_membrane;
mod exponential_currents;
mod iaf_psc_delta;
mod integrate_and_fire;
pub mod lazy;
mod leaky_membrane;
mod lif_adaptive;
mod lif_alpha;
mod lif_cond_alpha;
mod lif_cond_exp;
mod lif_cond_threshold;
mod lif_delta;
mod lif_exp;
mod parrot;
pub mod precise;
pub mod soundness;
mod stiff_membrane;
mod summing_membrane;
pub mod swept;

use std::sync::Arc;

use block::{Block, Slice};
use lazy::LazyBlock;
use precise::PreciseBlock;

use crate::parameter::Kind;
use crate::time::Resolution;
use crate::unit::Dimension;
use delta_membrane::DeltaMembrane;

/// Every neuron kind, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Neuron>] = &[
    integrate_and_fire::KIND,
    lif_delta::KIND,
    iaf_psc_delta::KIND,
    lif_exp::KIND,
    lif_alpha::KIND,
    lif_cond_exp::KIND,
    lif_cond_alpha::KIND,
    lif_adaptive::KIND,
    alif::KIND,
    lif_cond_threshold::KIND,
    parrot::KIND,
];

/// A kind of neuron with its parameters.
pub trait Neuron: Send + Sync + std::fmt::Debug {
    /// What a synaptic weight onto this neuron measures.
    fn weight_dimension(&self) -> Dimension;

    /// How many receptors it has: 2 when excitatory (weight >= 0) and inhibitory (weight < 0)
    /// synapses act apart, else 1. A population of which neurons have parameters of their own
    /// has as many as the most demanding of them; blocks take 2 where they need 1.
    fn receptors(&self) -> usize {
        1
    }

    /// Its state variables by name, the membrane `v` first, with their dimensions.
    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        &[("v", Dimension::Voltage)]
    }

    /// Whether it spikes once for every spike that reaches it, whatever its weight.
    fn repeats(&self) -> bool {
        false
    }

    /// The neurons of a slice, with membranes in f32.
    fn single(&self, slice: &Slice<'_>) -> Box<dyn Block<f32>>;

    /// The neurons of a slice, with membranes in f64.
    fn double(&self, slice: &Slice<'_>) -> Box<dyn Block<f64>>;

    /// The neurons of a slice, with precise spike times; `None` for kinds that have them on the
    /// grid only.
    fn precise(&self, _: &Slice<'_>) -> Option<Box<dyn PreciseBlock>> {
        None
    }

    /// The neurons of a slice, visited only when something happens to them, with membranes in
    /// f32; `None` for kinds without a closed solution.
    fn lazy_single(&self, _: &Slice<'_>) -> Option<Box<dyn LazyBlock<f32>>> {
        None
    }

    /// The same in f64.
    fn lazy_double(&self, _: &Slice<'_>) -> Option<Box<dyn LazyBlock<f64>>> {
        None
    }

    /// The neuron as presentations have it, where simulations sum more carefully than these do.
    fn as_presented(&self) -> Option<Arc<dyn Neuron>> {
        None
    }

    /// What presentations need of it; `None` for kinds that only simulations can run.
    fn presented(&self) -> Option<&dyn Presented> {
        None
    }
}

/// A kind that presentations run too, in both regimes: delta synapses and a rate twin.
pub trait Presented: Send + Sync + std::fmt::Debug {
    /// The membrane as presentations step it.
    fn membrane(&self, resolution: Resolution) -> DeltaMembrane;

    /// The rate view. `drive` holds mean synaptic input per tick; it is replaced by the
    /// activity in spikes per tick that a constant drive of that size sustains, in the
    /// limit of fine ticks, and `slope` is filled with the derivative of that curve.
    fn activate(&self, resolution: Resolution, drive: &mut [f32], slope: &mut [f32]);

    /// The pseudo-derivative that gates plasticity in the spiking regime: `drive` holds
    /// the mean synaptic input per tick that a neuron got over a presentation of `window`
    /// ticks, and is replaced by the gate. It is open where one more input could change the spike
    /// count, and closes when a neuron is far below threshold or fires at every tick.
    fn gate(&self, resolution: Resolution, window: usize, drive: &mut [f32]);
}

/// Neurons for the tests of the files beside this one.
#[cfg(test)]
mod fixture {
    use super::block::{Block, Slice};
    use super::{KINDS, Neuron};
    use crate::parameter::{Form, Kind, Value, Values, find};
    use crate::time::Resolution;
    use crate::unit::find_unit;

    pub const H: f64 = 0.1;

    pub fn resolution() -> Resolution {
        Resolution::from_ms(H).unwrap()
    }

    /// The defaults of the kind called `name`, but for what is `given`, in base units.
    pub fn values(name: &str, given: &[(&str, f64)]) -> Values {
        let kind = find(KINDS, name).unwrap();
        let mut values = Values::default();
        for field in kind.fields {
            let default = field.default.unwrap();
            let number = |text: &str| {
                let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
                number.parse::<f64>().unwrap() * find_unit(unit).map_or(1.0, |unit| unit.1)
            };
            let given = given.iter().find(|given| given.0 == field.name).map(|given| given.1);
            let value = match (field.form, field.follows(kind.fields)) {
                (Form::Optional(_), _) => Value::Numbers(given.into_iter().collect()),
                (Form::Choice(_), _) => Value::Text(default.into()),
                (Form::Flag, _) => Value::Flag(given.map_or(default == "true", |given| given != 0.0)),
                (_, Some(other)) => Value::Number(given.unwrap_or_else(|| values.number(other.name))),
                _ => Value::Number(given.unwrap_or_else(|| number(default))),
            };
            values.set(field.name, value);
        }
        values
    }

    pub fn neuron(name: &str, given: &[(&str, f64)]) -> Box<dyn Neuron> {
        (find(KINDS, name).unwrap().build)(&values(name, given)).unwrap()
    }

    /// The kinds that have a membrane: all but parrots.
    pub fn membranes() -> impl Iterator<Item = &'static Kind<dyn Neuron>> {
        KINDS.iter().filter(|kind| kind.name != "parrot")
    }

    /// One neuron in f64.
    pub fn block(name: &str, given: &[(&str, f64)]) -> Box<dyn Block<f64>> {
        neuron(name, given).double(&Slice { neurons: 0..1, resolution: resolution(), each: None })
    }

    /// Advances one neuron of two receptors by a tick; whether it spikes.
    pub fn tick(block: &mut dyn Block<f64>, arrivals: [f64; 2], current: f64) -> bool {
        let ([mut first, mut second], mut spikes) = (arrivals.map(|weight| [weight]), Vec::new());
        block.advance([&mut first, &mut second], &[current], &mut spikes);
        assert_eq!((first, second), ([0.0], [0.0]));
        !spikes.is_empty()
    }
}
