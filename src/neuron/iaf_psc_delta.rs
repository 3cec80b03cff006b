//! NEST's `iaf_psc_delta`, spike for spike: `lif_delta`, but for the end of refractory periods on the grid.
//!
//! ```text
//! refractory for n ticks after a spike at tick k     NEST drops what arrives at the ticks k + 1 to k + n
//!                                                    lif_delta those to k + n - 1: at k + n the period is over
//! ```
//! With precise spike times both, and NEST's `iaf_psc_delta_ps`, take what arrives just when the period ends.

use super::Neuron;
use super::lif_delta::{self, LifDelta};
use crate::parameter::{Kind, Values};

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "iaf_psc_delta",
    aliases: &["iaf_psc_delta_ps"],
    summary: "`lif_delta` as NEST has it on the grid: input at the last tick of a refractory period is dropped too",
    fields: lif_delta::KIND.fields,
    build: |v: &Values| LifDelta::build(v, true),
};

#[cfg(test)]
mod tests {
    use super::super::fixture::{block, tick};

    #[test]
    fn the_last_tick_of_a_refractory_period_is_what_sets_it_apart() {
        for (kind, later) in [("iaf_psc_delta", [false, true]), ("lif_delta", [true, false])] {
            let mut ours = block(kind, &[("tau_refrac", 0.2)]);
            let spikes = [(); 4].map(|()| tick(&mut *ours, [20.0, 0.0], 0.0));
            assert_eq!(spikes, [true, false, later[0], later[1]], "{kind}");
        }
    }
}
