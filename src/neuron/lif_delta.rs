//! Leaky integrate-and-fire with delta synapses (NEST's `iaf_psc_delta`).
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
use super::integrate_and_fire::{REFRACTORY, RESET, gate_margin, refractory_ticks, reset};
use super::swept::Swept;
use super::{Neuron, Presented};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::time::Resolution;
use crate::unit::Dimension;

#[derive(Debug)]
struct LifDelta {
    tau_m: f64,
    capacitance: f64,
    rest: f64,
    threshold: f64,
    reset_value: f64,
    initial: f64,
    reset: Reset,
    refractory_ms: f64,
}

const fn voltage(
    name: &'static str,
    aliases: &'static [&'static str],
    default: &'static str,
    doc: &'static str,
) -> Field {
    Field { name, aliases, form: Form::Quantity(Dimension::Voltage), default: Some(default), range: Range::Any, doc }
}

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "lif_delta",
    aliases: &["lif", "iaf_psc_delta"],
    summary: "Leaky integrate-and-fire, delta synapses: a spike moves the membrane by its weight",
    fields: &[
        Field {
            name: "tau_m",
            aliases: &[],
            form: Form::Quantity(Dimension::Time),
            default: Some("20 ms"),
            range: Range::Positive,
            doc: "Membrane time constant",
        },
        Field {
            name: "c_m",
            aliases: &["cm"],
            form: Form::Quantity(Dimension::Capacitance),
            default: Some("250 pF"),
            range: Range::Positive,
            doc: "Membrane capacitance; matters for currents only",
        },
        voltage("v_rest", &["e_l"], "-65 mV", "Resting membrane"),
        voltage("v_thresh", &["v_th", "v_threshold"], "-50 mV", "Threshold"),
        voltage("v_reset", &[], "v_rest", "Membrane after a spike when reset = \"to_value\""),
        voltage("v_init", &["initial"], "v_rest", "Membrane at the start"),
        Field { default: Some("to_value"), ..RESET },
        Field { default: Some("2 ms"), ..REFRACTORY },
    ],
    build: |v: &Values| LifDelta::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

impl LifDelta {
    fn checked(v: &Values) -> Result<Self, String> {
        let rest = v.number("v_rest");
        let neuron = Self {
            tau_m: v.number("tau_m"),
            capacitance: v.number("c_m"),
            rest,
            threshold: v.number("v_thresh") - rest,
            reset_value: v.number("v_reset") - rest,
            initial: v.number("v_init") - rest,
            reset: reset(v),
            refractory_ms: v.number("tau_refrac"),
        };
        if neuron.reset_value >= neuron.threshold {
            return Err("v_reset is not below v_thresh: the neuron would fire for ever".into());
        }
        if neuron.threshold <= 0.0 {
            return Err("v_thresh is not above v_rest: the neuron would fire without input".into());
        }
        Ok(neuron)
    }

    /// With values that were checked before.
    fn of(v: &Values) -> Self {
        Self::checked(v).expect("the values of every neuron are checked with the model")
    }

    /// The value the membrane has after a spike, relative to rest, at the rate curve's limit.
    fn after_spike(&self) -> f64 {
        match self.reset {
            Reset::Subtract => 0.0,
            Reset::ToValue => self.reset_value,
        }
    }

    /// Drive per tick that just holds the membrane at threshold.
    fn rheobase(&self, resolution: Resolution) -> f64 {
        self.threshold * resolution.ms() / self.tau_m
    }
}

impl Neuron for LifDelta {
    fn weight_dimension(&self) -> Dimension {
        Dimension::Voltage
    }

    fn single(&self, slice: &Slice<'_>) -> Box<dyn Block<f32>> {
        Swept::new(slice, self.membrane(slice.resolution).step(), |v| Self::of(v).membrane(slice.resolution).step())
    }

    fn double(&self, slice: &Slice<'_>) -> Box<dyn Block<f64>> {
        Swept::new(slice, self.membrane(slice.resolution).step(), |v| Self::of(v).membrane(slice.resolution).step())
    }

    fn presented(&self) -> Option<&dyn Presented> {
        Some(self)
    }
}

impl Presented for LifDelta {
    fn membrane(&self, resolution: Resolution) -> DeltaMembrane {
        let leak = resolution.ms() / self.tau_m;
        DeltaMembrane {
            rest: self.rest,
            threshold: self.threshold,
            reset_value: self.reset_value,
            initial: self.initial,
            leak,
            reset: self.reset,
            refractory: refractory_ticks(self.refractory_ms, resolution),
            current_gain: -(-leak).exp_m1() * self.tau_m / self.capacitance,
        }
    }

    fn activate(&self, resolution: Resolution, drive: &mut [f32], slope: &mut [f32]) {
        let h = resolution.ms();
        let (low, reset) = (self.threshold, self.after_spike());
        let refractory = f64::from(refractory_ticks(self.refractory_ms, resolution)) * h;
        for (z, s) in drive.iter_mut().zip(slope) {
            let limit = f64::from(*z) * self.tau_m / h;
            if limit <= low {
                (*z, *s) = (0.0, 0.0);
                continue;
            }
            let interval = refractory + self.tau_m * ((limit - reset) / (limit - low)).ln();
            let shrink = (self.tau_m / h) * self.tau_m * (1.0 / (limit - low) - 1.0 / (limit - reset));
            *z = (h / interval) as f32;
            *s = (h * shrink / (interval * interval)) as f32;
        }
    }

    fn gate(&self, resolution: Resolution, window: usize, drive: &mut [f32]) {
        let margin = gate_margin(window);
        let gain = 1.0 / (self.threshold - self.after_spike());
        let low = (self.rheobase(resolution) - margin / gain) as f32;
        let ticks = f64::from(1 + refractory_ticks(self.refractory_ms, resolution));
        let high = (self.rheobase(resolution) + (1.0 / ticks + margin) / gain) as f32;
        for z in drive.iter_mut() {
            *z = if *z > low && *z < high { gain as f32 } else { 0.0 };
        }
    }
}
