//! Which neurons can be computed in the precision asked for; others are refused before a run.
//!
//! ```text
//! numbers              at most 1e30 in single precision, 1e100 in double precision: sums over all synapses and
//!                      products of a few of them are finite
//! constants of a tick  finite: a neuron to which nothing arrives for two ticks still has a finite state
//! refractory period    at most 2^24 ticks, as far as single precision counts
//! precise spikes       an end of them within a tick: see precise.rs
//! ```

use super::Neuron;
use super::block::{Block, Slice};
use super::precise::{PreciseFault, endless};
use crate::parameter::{Value, Values};
use crate::time::Resolution;

/// Ticks of the longest refractory period.
const LONGEST: u64 = 1 << 24;

/// How neurons are computed.
#[derive(Debug, Clone, Copy)]
pub struct Computation {
    pub resolution: Resolution,
    /// Whether membranes are kept in f32.
    pub single: bool,
    /// Whether spikes are timed within ticks.
    pub precise: bool,
}

impl Computation {
    /// The largest number that a model may hold.
    pub fn most(&self) -> f64 {
        if self.single && !self.precise { 1e30 } else { 1e100 }
    }

    /// What it is called.
    pub fn precision(&self) -> &'static str {
        if self.single && !self.precise { "single" } else { "double" }
    }

    /// Why `neuron`, which has the parameters `values`, cannot be computed.
    pub fn refusal(&self, neuron: &dyn Neuron, values: &Values) -> Option<String> {
        let (most, precision) = (self.most(), self.precision());
        let is_large = |value: &Value| matches!(value, Value::Number(number) if number.abs() > most);
        if let Some((name, _)) = values.iter().find(|(_, value)| is_large(value)) {
            return Some(format!("{name} is more than {most:e}, the most that {precision} precision holds"));
        }
        if let Some(&Value::Number(ms)) = values.get("tau_refrac")
            && !self.precise
            && self.resolution.nearest(ms).0 > LONGEST
        {
            return Some(format!("tau_refrac is more than {LONGEST} ticks, the most that are counted"));
        }
        let fault = self.fault(neuron)?;
        Some(if fault.is_endless {
            format!("it {}", endless(self.resolution))
        } else {
            format!(
                "the constants of a tick of {} ms are no finite numbers in {precision} precision; look for a time \
                 constant, capacitance or conductance that is far too small or too large",
                self.resolution.ms()
            )
        })
    }

    /// What is wrong after two ticks.
    fn fault(&self, neuron: &dyn Neuron) -> Option<PreciseFault> {
        let slice = Slice { neurons: 0..1, resolution: self.resolution, each: None };
        if self.precise {
            let mut block = neuron.precise(&slice)?;
            (1..=2).for_each(|tick| block.advance(tick, &[], &[], &mut Vec::new()));
            return block.fault();
        }
        let neuron = if self.single { fault(neuron.single(&slice)) } else { fault(neuron.double(&slice)) };
        neuron.map(|neuron| PreciseFault { neuron, is_endless: false })
    }
}

fn fault<R: crate::real::Real>(mut block: Box<dyn Block<R>>) -> Option<usize> {
    for _ in 0..2 {
        block.advance([&mut [R::default()], &mut [R::default()]], &[R::default()], &mut Vec::new());
    }
    block.fault()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{membranes, neuron, values};
    use super::*;

    #[test]
    fn neurons_that_cannot_be_computed_are_refused_with_the_reason() {
        let refusal = |kind: &str, given: &[(&str, f64)], single| {
            let computation = Computation { resolution: Resolution::from_ms(0.1).unwrap(), single, precise: false };
            computation.refusal(&*neuron(kind, given), &values(kind, given)).unwrap_or_default()
        };
        for kind in membranes().map(|kind| kind.name) {
            assert_eq!([refusal(kind, &[], true), refusal(kind, &[], false)], ["", ""], "{kind}");
            let long = refusal(kind, &[("tau_refrac", 1e8)], true);
            assert!(long.contains("more than 16777216 ticks"), "{kind}: {long}");
            let large = [("i_offset", 1e31)];
            assert!(refusal(kind, &large, true).contains("more than 1e30, the most that single"), "{kind}");
            assert_eq!(refusal(kind, &large, false), "", "{kind}");
        }
        for kind in ["lif_delta", "lif_exp", "lif_alpha", "lif_cond_exp", "lif_cond_alpha", "alif"] {
            let tiny = [("c_m", 1e-45), ("tau_m", 1e20)];
            assert!(refusal(kind, &tiny, true).contains("no finite numbers in single"), "{kind}");
        }
    }

    /// Some of these once kept the exponential of a matrix busy for ever.
    #[test]
    fn neurons_that_are_too_fast_for_a_tick_are_refused_at_once() {
        let computation = Computation { resolution: Resolution::from_ms(0.1).unwrap(), single: false, precise: false };
        for given in [("a", 1e100), ("a", -1e60), ("a", 1e31), ("tau_w", 1e-100), ("c_m", 1e-100), ("tau_m", 1e-90)] {
            let neuron = neuron("lif_adaptive", &[given]);
            let refusal = computation.refusal(&*neuron, &values("lif_adaptive", &[given])).unwrap_or_default();
            assert!(refusal.contains("no finite numbers in double"), "{given:?}: {refusal}");
        }
    }

    #[test]
    fn neurons_that_spike_without_end_within_a_tick_are_refused_with_the_remedy() {
        let computation = Computation { resolution: Resolution::from_ms(0.1).unwrap(), single: false, precise: true };
        for kind in ["lif_delta", "lif_exp", "lif_alpha"] {
            let given = [("tau_refrac", 0.0), ("i_offset", 1e9)];
            let refusal = computation.refusal(&*neuron(kind, &given), &values(kind, &given)).unwrap_or_default();
            assert!(refusal.contains("more than 1010 times within a tick; give it a refractory"), "{kind}: {refusal}");
        }
    }
}
