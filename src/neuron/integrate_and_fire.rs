//! Integrate-and-fire: no leak. The rate twin is a rectified linear unit.
//!
//! ```text
//! V <- V + sum of weights arriving at the tick;   V >= V_thresh: spike, reset (see delta_membrane.rs; how simulations
//!                  sum, see summing_membrane.rs)
//! rate curve       a(z) = r / (1 + r n),  r = max(0, z) / D              spikes per tick at drive z per tick
//! gate             psi(z) = 1 / D  while  -m < z / D < 1 / (1 + n) + m,  m = 0.8 / T,  else 0
//! ```
//! D is what a spike takes off the membrane: V_thresh, or V_thresh - V_reset with a hard reset.
//! n is the number of ticks of which a spike takes the input away: one fewer than the refractory period has.
//! V_thresh is a pure number: weights are in units of it. With n = 0 the curve is a
//! ReLU (its slope at saturation, one spike per tick, exists only in the spiking regime).

use std::sync::Arc;

use super::block::{Block, Slice};
use super::delta_membrane::{DeltaMembrane, Reset};
use super::lazy::{LazyBlock, lazy};
use super::leaky_membrane::{I_OFFSET, refractory_ticks};
use super::summing_membrane::{SummingJump, SummingStep};
use super::swept::swept;
use super::{Neuron, Presented};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::time::Resolution;
use crate::unit::Dimension;

/// Spikes per presentation by which the gate stays open beyond silence and saturation.
const MARGIN: f64 = 0.8;

/// The margin of the gate in spikes per tick: it vanishes as presentations get long, and the
/// gate becomes the slope of the rate curve.
pub(super) fn gate_margin(window: usize) -> f64 {
    MARGIN / window.max(1) as f64
}

#[derive(Debug, Clone, Copy)]
struct IntegrateAndFire {
    threshold: f64,
    initial: f64,
    reset_value: f64,
    reset: Reset,
    refractory_ms: f64,
    offset_current: f64,
    /// Whether it is stepped as presentations do.
    presented: bool,
}

pub(super) const KIND: Kind<dyn Neuron> = Kind {
    name: "integrate_and_fire",
    aliases: &["if", "iaf", "IFNodes"],
    summary: "Integrate-and-fire without leak, delta synapses; its rate twin is a ReLU",
    fields: &[
        Field {
            name: "v_thresh",
            aliases: &["v_th", "V_th", "v_threshold", "thresh", "threshold"],
            form: Form::Quantity(Dimension::None),
            default: Some("1"),
            range: Range::Positive,
            doc: "Threshold, a pure number: weights are in units of it; rest is 0",
        },
        Field {
            name: "v_init",
            aliases: &["initial", "V_m"],
            form: Form::Quantity(Dimension::None),
            default: Some("0.5"),
            range: Range::Any,
            doc: "Membrane at the start of every presentation; half the threshold rounds counts instead of flooring them",
        },
        Field {
            name: "v_reset",
            aliases: &["V_reset"],
            form: Form::Quantity(Dimension::None),
            default: Some("0"),
            range: Range::Any,
            doc: "Membrane after a spike when reset = \"to_value\"",
        },
        RESET,
        REFRACTORY,
        Field { doc: "Constant current from the start on; 1 pA adds 1 per ms", ..I_OFFSET },
    ],
    build: |v: &Values| IntegrateAndFire::checked(v).map(|neuron| Box::new(neuron) as Box<dyn Neuron>),
};

/// How a neuron resets; shared by the kinds with delta synapses.
pub(super) const RESET: Field = Field {
    name: "reset",
    aliases: &[],
    form: Form::Choice(&["subtract", "to_value"]),
    default: Some("subtract"),
    range: Range::Any,
    doc: "At a spike, take the threshold off the membrane (keeps the overshoot), or set it to v_reset",
};

/// The refractory period; shared by the kinds with delta synapses.
pub(super) const REFRACTORY: Field = Field {
    name: "tau_refrac",
    aliases: &["t_ref", "t_refrac", "refractory", "refrac"],
    form: Form::Quantity(Dimension::Time),
    default: Some("0 ms"),
    range: Range::NotNegative,
    doc: "Refractory period, whole ticks unless spike times are precise: input is dropped until it ends",
};

pub(super) fn reset(values: &Values) -> Reset {
    if values.text("reset") == "subtract" { Reset::Subtract } else { Reset::ToValue }
}

impl IntegrateAndFire {
    fn checked(v: &Values) -> Result<Self, String> {
        let neuron = Self {
            threshold: v.number("v_thresh"),
            initial: v.number("v_init"),
            reset_value: v.number("v_reset"),
            reset: reset(v),
            refractory_ms: v.number("tau_refrac"),
            offset_current: v.number("i_offset"),
            presented: false,
        };
        if neuron.reset_value >= neuron.threshold {
            return Err("v_reset is not below v_thresh: the neuron would fire for ever".into());
        }
        Ok(neuron)
    }

    fn block<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn Block<R>> {
        let membrane = |neuron: &Self| neuron.membrane(slice.resolution);
        if self.presented {
            return swept(slice, self, Self::checked, |neuron| membrane(neuron).start(neuron.offset_current));
        }
        swept(slice, self, Self::checked, |neuron| SummingStep::start(&membrane(neuron), neuron.offset_current))
    }

    fn lazy<R: Real>(&self, slice: &Slice<'_>) -> Box<dyn LazyBlock<R>> {
        lazy(slice, self, Self::checked, |neuron| {
            let membrane = neuron.membrane(slice.resolution);
            let (step, state) = SummingStep::start(&membrane, neuron.offset_current);
            (step, SummingJump::new(step, &membrane), state)
        })
    }

    /// Membrane that one spike takes away in the long run.
    fn distance(&self) -> f64 {
        match self.reset {
            Reset::Subtract => self.threshold,
            Reset::ToValue => self.threshold - self.reset_value,
        }
    }
}

impl Neuron for IntegrateAndFire {
    fn weight_dimension(&self) -> Dimension {
        Dimension::None
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        &[("v", Dimension::None)]
    }

    in_both_precisions!(block, lazy);

    fn as_presented(&self) -> Option<Arc<dyn Neuron>> {
        Some(Arc::new(Self { presented: true, ..*self }))
    }

    fn presented(&self) -> Option<&dyn Presented> {
        (self.offset_current == 0.0).then_some(self)
    }
}

impl Presented for IntegrateAndFire {
    fn membrane(&self, resolution: Resolution) -> DeltaMembrane {
        DeltaMembrane {
            rest: 0.0,
            threshold: self.threshold,
            reset_value: self.reset_value,
            initial: self.initial,
            leak: 0.0,
            reset: self.reset,
            refractory: refractory_ticks(self.refractory_ms, resolution),
            closed: false,
            current_gain: resolution.ms(),
        }
    }

    fn activate(&self, resolution: Resolution, drive: &mut [f32], slope: &mut [f32]) {
        let gain = (1.0 / self.distance()) as f32;
        let lost = self.membrane(resolution).lost() as f32;
        for (z, s) in drive.iter_mut().zip(slope) {
            let rate = (*z * gain).max(0.0);
            let share = 1.0 / (1.0 + rate * lost);
            *s = if *z > 0.0 { gain * share * share } else { 0.0 };
            *z = rate * share;
        }
    }

    fn gate(&self, resolution: Resolution, window: usize, drive: &mut [f32]) {
        let gain = (1.0 / self.distance()) as f32;
        let saturation = 1.0 / (1.0 + f64::from(self.membrane(resolution).lost()));
        let margin = gate_margin(window);
        let (low, high) = (-margin as f32, (saturation + margin) as f32);
        for z in drive.iter_mut() {
            let rate = *z * gain;
            *z = if rate > low && rate < high { gain } else { 0.0 };
        }
    }
}
