//! The membrane of neurons with delta synapses: an arriving spike moves it at once by
//! the weight.
//!
//! ```text
//! between events   V(t) = V_rest + (V(t0) - V_rest) exp(-(t - t0) / tau_m)      (tau_m may be infinite)
//! at an event      V <- V + w, unless refractory: then the input is dropped
//! at a tick        V >= V_thresh: a spike; V <- V_reset or V <- V - (V_thresh - V_rest),
//!                  then V is held for the refractory period
//! ```
//! Conventions: all input of one tick is summed before it is added; a neuron spikes at
//! most once per tick; refractory for n ticks means that input at the n ticks after the
//! spike is dropped. Membranes are kept relative to V_rest, so the rest is 0.

/// What happens to the membrane at a spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// To the reset value, whatever the overshoot ("hard").
    ToValue,
    /// Down by the distance from rest to threshold, keeping the overshoot ("subtractive").
    Subtract,
}

/// Derived constants of a delta-synapse membrane, in f64 and relative to rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaMembrane {
    /// V_rest, in the unit of the model; membranes are stored relative to it.
    pub rest: f64,
    /// V_thresh - V_rest.
    pub threshold: f64,
    /// V_reset - V_rest.
    pub reset_value: f64,
    /// V at the start of a run, relative to rest.
    pub initial: f64,
    /// exp(-h / tau_m): the factor by which the membrane decays in one tick.
    pub decay: f64,
    pub reset: Reset,
    /// Ticks after a spike during which input is dropped.
    pub refractory: u32,
    /// What a constant current of 1 pA adds in one tick.
    pub current_gain: f64,
}
