//! How networks run. `events` simulates any network of a model. To train, samples are presented with
//! spikes (`spiking`) or with rates (`rate`): both are a [`Presenter`] of the same form, which is all
//! that a rule sees of a regime, through its bench (`network/bench.rs`).

pub mod events;
pub mod rate;
pub mod spiking;

use crate::network::presenter::Presenter;
pub use crate::result::Regime;

/// Something that presents batches in a regime.
pub fn presenter(regime: Regime) -> Box<dyn Presenter> {
    match regime {
        Regime::Spiking => Box::<spiking::presenter::SpikingPresenter>::default(),
        Regime::Rate => Box::<rate::RatePresenter>::default(),
    }
}
