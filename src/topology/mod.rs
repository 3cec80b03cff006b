//! Who connects to whom, one topology per file. A topology is what a user names; it
//! makes a [`Wiring`], which is all that the engine sees.
//!
//! To add one: write `my_topology.rs` with a `KIND`, add its `mod` line and its row.

use crate::parameter::Kind;
use crate::random::Stream;

/// Every topology, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Topology>] = &[];

/// A way to connect two populations.
pub trait Topology: Send + Sync + std::fmt::Debug {
    /// The connections from a population of shape `source` to one of shape `target`.
    ///
    /// # Errors
    /// A sentence when the shapes do not fit this topology.
    fn wire(&self, source: &[usize], target: &[usize], stream: &mut Stream) -> Result<Wiring, String>;
}

/// The connections of a projection, by source: immutable, and apart from the weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Wiring {
    /// Every source to every target. The weight from i to j is `weights[i * targets + j]`.
    Dense { sources: usize, targets: usize },
    /// `targets[offsets[i] .. offsets[i + 1]]` are the targets of source i, ascending;
    /// the weights stand at the same positions.
    Sparse { offsets: Vec<u64>, targets: Vec<u32> },
}

impl Wiring {
    /// Number of synapses.
    pub fn synapses(&self) -> usize {
        match self {
            Self::Dense { sources, targets } => sources * targets,
            Self::Sparse { targets, .. } => targets.len(),
        }
    }
}
