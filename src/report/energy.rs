//! What arithmetic costs: an estimate, not a measurement.
//!
//! ```text
//! 32-bit float addition 0.9 pJ, multiplication 3.7 pJ      (45 nm, 0.9 V)
//! a synaptic operation adds a weight:                        0.9 pJ
//! a multiply-accumulate multiplies and adds:     3.7 + 0.9 = 4.6 pJ
//! a constant current is multiplied by the weights once per presentation (4.6 pJ each), and
//! the drive that it gives is added to every first-layer neuron at every tick (0.9 pJ each)
//! ```
//!
//! Horowitz 2014, "Computing's energy problem (and what we can do about it)", ISSCC,
//! doi:10.1109/ISSCC.2014.6757323, figure 1.1.9. Memory access is left out: in the same
//! table it costs 5 pJ (8 KiB cache) to 2 nJ (DRAM) per 64 bits and can outweigh the rest.

use crate::result::Cost;
use crate::result::Regime;

/// Energy of one synaptic operation, in pJ.
pub const SYNAPTIC_OPERATION_PJ: f64 = 0.9;
/// Energy of one multiply-accumulate, in pJ.
pub const MULTIPLY_ACCUMULATE_PJ: f64 = 4.6;

/// The sentence that goes with every estimate.
pub const CAVEAT: &str = "Energy is an estimate for arithmetic only: 0.9 pJ per synaptic operation (a 32-bit float \
addition) and 4.6 pJ per multiply-accumulate, in 45 nm at 0.9 V (Horowitz 2014, ISSCC, \
doi:10.1109/ISSCC.2014.6757323). Constant currents, of the encoder or of centring, are counted: their products \
with the weights as multiply-accumulates, and one addition per first-layer neuron and tick. Memory access, encoding and neuron updates are left out; nothing was measured.";

/// The arithmetic of one presentation in this regime, in pJ.
pub fn per_presentation(regime: Regime, cost: &Cost) -> f64 {
    match regime {
        Regime::Spiking => {
            (cost.synaptic_operations + cost.current_additions) * SYNAPTIC_OPERATION_PJ
                + cost.analog_operations * MULTIPLY_ACCUMULATE_PJ
        }
        Regime::Rate => cost.multiply_accumulates * MULTIPLY_ACCUMULATE_PJ,
    }
}

/// All operations of one presentation in this regime: synaptic operations and what constant
/// currents cost, or multiply-accumulates.
pub fn operations(regime: Regime, cost: &Cost) -> f64 {
    match regime {
        Regime::Spiking => cost.synaptic_operations + cost.current_additions + cost.analog_operations,
        Regime::Rate => cost.multiply_accumulates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_regime_pays_for_its_own_operations() {
        let cost = Cost { synaptic_operations: 100.0, multiply_accumulates: 50.0, ..Cost::default() };
        assert_eq!(per_presentation(Regime::Spiking, &cost), 90.0);
        let currents = Cost { analog_operations: 10.0, current_additions: 20.0, ..cost };
        assert!((per_presentation(Regime::Spiking, &currents) - (90.0 + 46.0 + 18.0)).abs() < 1e-9);
        assert_eq!(operations(Regime::Spiking, &currents), 130.0);
        assert!((per_presentation(Regime::Rate, &cost) - 230.0).abs() < 1e-9);
    }
}
