//! Leaky integrate-and-fire with delta synapses (NEST's `iaf_psc_delta`, but for the end of refractory
//! periods on the grid: see `iaf_psc_delta.rs`).
//!
//! ```text
//! tau_m dV/dt = -(V - V_rest) + R I,  R = tau_m / C_m;     an arriving spike adds its weight (mV) to V
//! V >= V_thresh: spike, reset, refractory for tau_refrac (see delta_membrane.rs)
//! rate curve   drive z mV per tick h:  V_inf = z tau_m / h  (relative to rest, in the limit of fine ticks)
//!              a(z) = h / (t_ref + tau_m ln((V_inf - V_reset) / (V_inf - V_thresh)))  for V_inf > V_thresh, else 0
//! gate         psi(z) = 1 / (V_thresh - V_reset)  between a little under rheobase and saturation, else 0
//! ```

use super::block::{Block, Slice};
use super::delta_membrane::{DeltaMembrane, Reset};
use super::integrate_and_fire::{REFRACTORY, RESET, gate_margin, reset};
use super::lazy::{LazyBlock, lazy};
use super::leaky_membrane::{
    C_M, G_L, I_OFFSET, LeakyMembrane, TAU_M, V_INIT, V_RESET, V_REST, V_THRESH, refractory_ticks,
};
use super::precise::{Flow, PreciseBlock, precise};
use super::swept::swept;
use super::{Neuron, Presented};
use crate::parameter::{Field, Kind, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_delta",
    aliases: &["lif", "LIFNodes", "Leaky"],
    summary: "Leaky integrate-and-fire, delta synapses: a spike moves the membrane by its weight",
    fields: &[
        TAU_M,
        Field { doc: "Membrane capacitance; matters for currents only", ..C_M },
        G_L,
        V_REST,
        V_THRESH,
        Field { doc: "Membrane after a spike when reset = \"to_value\"", ..V_RESET },
        V_INIT,
        Field { default: Some("to_value"), ..RESET },
        Field { default: Some("2 ms"), ..REFRACTORY },
        I_OFFSET,
    ],
    build: |v: &Values| LifDelta::build(v, false),
};

#[derive(Debug)]
pub(super) struct LifDelta {
    leaky: LeakyMembrane,
    reset: Reset,
    /// Whether what arrives just when a refractory period ends is dropped on the grid.
    closed: bool,
}

impl LifDelta {
    fn checked(v: &Values, closed: bool) -> Result<Self, String> {
        Ok(Self { leaky: LeakyMembrane::checked(v)?, reset: reset(v), closed })
    }

    /// A kind of these neurons.
    pub fn build(v: &Values, closed: bool) -> Result<Box<dyn Neuron>, String> {
        Ok(Box::new(Self::checked(v, closed)?))
    }

    /// The same kind with other values.
    fn with(&self, v: &Values) -> Result<Self, String> {
        Self::checked(v, self.closed)
    }

    /// The value the membrane has after a spike, relative to rest, at the rate curve's limit.
    fn after_spike(&self) -> f64 {
        match self.reset {
            Reset::Subtract => 0.0,
            Reset::ToValue => self.leaky.reset_value,
        }
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        let start = |neuron: &Self| neuron.membrane(slice.resolution).start(neuron.leaky.offset_current);
        swept(slice, self, |v| self.with(v), start)
    }

    fn lazy<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn LazyBlock<R>> {
        lazy(
            slice,
            self,
            |v| self.with(v),
            |neuron| {
                let membrane = neuron.membrane(slice.resolution);
                let (step, state) = membrane.start(neuron.leaky.offset_current);
                (step, membrane.jump(neuron.leaky.offset_current), state)
            },
        )
    }

    /// Drive per tick that just holds the membrane at threshold.
    fn rheobase(&self, resolution: Resolution) -> f64 {
        self.leaky.threshold * resolution.ms() / self.leaky.tau_m
    }
}

impl Neuron for LifDelta {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Voltage
    }

    in_both_precisions!(block, lazy);

    fn precise(&self, slice: &Slice<'_>) -> Option<Box<dyn PreciseBlock>> {
        Some(precise(
            slice,
            self,
            |v| self.with(v),
            |neuron| {
                let (membrane, ms) = (neuron.leaky, slice.resolution.ms());
                let tick = [ms, membrane.decay(ms), membrane.current_gain(ms)];
                let flow = DeltaFlow { membrane, reset: neuron.reset, tick };
                (flow, [neuron.leaky.initial])
            },
        ))
    }

    fn presented(&self) -> Option<&dyn Presented> {
        // Presentations know no neuron that fires without input.
        (self.leaky.offset_current == 0.0 && self.leaky.threshold > 0.0).then_some(self)
    }
}

impl Presented for LifDelta {
    fn membrane(&self, resolution: Resolution) -> DeltaMembrane {
        let leaky = &self.leaky;
        DeltaMembrane {
            rest: leaky.rest,
            threshold: leaky.threshold,
            reset_value: leaky.reset_value,
            initial: leaky.initial,
            leak: resolution.ms() / leaky.tau_m,
            reset: self.reset,
            refractory: refractory_ticks(leaky.refractory_ms, resolution),
            closed: self.closed,
            current_gain: leaky.current_gain(resolution.ms()),
        }
    }

    fn activate(&self, resolution: Resolution, drive: &mut [f32], slope: &mut [f32]) {
        let h = resolution.ms();
        let (low, reset) = (self.leaky.threshold, self.after_spike());
        let refractory = f64::from(refractory_ticks(self.leaky.refractory_ms, resolution)) * h;
        for (z, s) in drive.iter_mut().zip(slope) {
            let limit = f64::from(*z) * self.leaky.tau_m / h;
            if limit <= low {
                (*z, *s) = (0.0, 0.0);
                continue;
            }
            let interval = refractory + self.leaky.tau_m * ((limit - reset) / (limit - low)).ln();
            let shrink = (self.leaky.tau_m / h) * self.leaky.tau_m * (1.0 / (limit - low) - 1.0 / (limit - reset));
            *z = (h / interval) as f32;
            *s = (h * shrink / (interval * interval)) as f32;
        }
    }

    fn gate(&self, resolution: Resolution, window: usize, drive: &mut [f32]) {
        let margin = gate_margin(window);
        let gain = 1.0 / (self.leaky.threshold - self.after_spike());
        let low = (self.rheobase(resolution) - margin / gain) as f32;
        let ticks = f64::from(1 + self.membrane(resolution).lost());
        let high = (self.rheobase(resolution) + (1.0 / ticks + margin) / gain) as f32;
        for z in drive.iter_mut() {
            *z = if *z > low && *z < high { gain as f32 } else { 0.0 };
        }
    }
}

/// A neuron with precise spike times: V(t) = V_inf + (V - V_inf) exp(-t / tau_m), which is computed in this form, crosses the
/// threshold at t = tau_m ln((V_inf - V) / (V_inf - V_thresh)). State: membrane relative to rest.
#[derive(Debug, Clone)]
struct DeltaFlow {
    membrane: LeakyMembrane,
    reset: Reset,
    /// A tick in ms, the decay over it, what 1 pA adds in it.
    tick: [f64; 3],
}

impl Flow<1> for DeltaFlow {
    fn pass(&self, [v]: &mut [f64; 1], ms: f64, current: f64) {
        let flowing = current + self.membrane.offset_current;
        let [tick, decay, gain] = self.tick;
        let own = || (self.membrane.decay(ms), self.membrane.current_gain(ms));
        let (decay, gain) = if ms == tick { (decay, gain) } else { own() };
        *v = self.membrane.flow(*v, flowing, (decay, gain));
    }

    fn hold(&self, _: &mut [f64; 1], _: f64) {}

    fn crossing(&self, &[v]: &[f64; 1], ms: f64, current: f64) -> Option<f64> {
        let LeakyMembrane { tau_m, threshold, offset_current, .. } = self.membrane;
        let limit = self.membrane.limit(current + offset_current);
        if v >= threshold {
            return Some(0.0);
        }
        let after = tau_m * ((threshold - v) / (limit - threshold)).ln_1p();
        (limit > threshold && after <= ms).then_some(after)
    }

    fn receive(&self, [v]: &mut [f64; 1], weight: f64, held: bool) {
        *v += if held { 0.0 } else { weight };
    }

    fn is_above(&self, &[v]: &[f64; 1]) -> bool {
        v >= self.membrane.threshold
    }

    fn reset(&self, [v]: &mut [f64; 1]) {
        *v = if self.reset == Reset::Subtract { *v - self.membrane.threshold } else { self.membrane.reset_value };
    }

    fn refractory_ms(&self) -> f64 {
        self.membrane.refractory_ms
    }

    fn value(&self, state: &[f64; 1], _: usize) -> f64 {
        self.membrane.rest + state[0]
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::neuron;
    use super::super::precise::PreciseEvent;
    use super::*;

    fn precise_spikes(given: &[(&str, f64)], h: f64, events: &[PreciseEvent]) -> Vec<f64> {
        let slice = Slice { neurons: 0..1, resolution: Resolution::from_ms(h).unwrap(), each: None };
        let mut spikes = Vec::new();
        neuron("lif_delta", given).precise(&slice).unwrap().advance(1, events, &[], &mut spikes);
        spikes.into_iter().map(|(_, offset)| h - offset).collect()
    }

    #[test]
    fn a_constant_current_gives_the_interval_of_the_formula_in_one_tick_of_any_length() {
        let spikes = precise_spikes(&[("i_offset", 400.0), ("v_reset", -70.0), ("tau_refrac", 1.3)], 500.0, &[]);
        let limit = 400.0 * 20.0 / 250.0;
        let first = 20.0 * (limit / (limit - 15.0f64)).ln();
        let interval = 1.3 + 20.0 * ((limit + 5.0) / (limit - 15.0f64)).ln();
        assert_eq!(spikes.len(), ((500.0 - first) / interval) as usize + 1);
        for (k, spike) in spikes.iter().enumerate() {
            assert!((spike - first - k as f64 * interval).abs() < 1e-10, "{k}: {spike}");
        }
    }

    #[test]
    fn input_is_dropped_until_the_refractory_period_ends() {
        let event = |at: f64| PreciseEvent { neuron: 0, offset: 10.0 - at, weight: 20.0 };
        let spikes = precise_spikes(&[], 10.0, &[1.25, 3.0, 3.25, 4.0, 5.5].map(event));
        assert_eq!(spikes, [1.25, 3.25, 5.5]);
        // What arrives at one time is summed first.
        let both = [PreciseEvent { weight: -10.0, ..event(2.0) }, event(2.0)];
        assert_eq!(precise_spikes(&[], 10.0, &both), [0.0; 0]);
    }
}
