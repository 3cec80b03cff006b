//! The two regimes in which a network is trained.

use serde::{Deserialize, Serialize};

/// A way to train a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    Spiking,
    Rate,
}

impl Regime {
    /// Both, in the order of tables and figures.
    pub const ALL: [Self; 2] = [Self::Spiking, Self::Rate];

    /// The word users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spiking => "spiking",
            Self::Rate => "rate",
        }
    }
}
