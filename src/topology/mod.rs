//! Who connects to whom, one topology per file. A topology is what a user names; it
//! makes a [`Wiring`], which is all that the engine sees.
//!
//! To add one: write `my_topology.rs` with a `KIND`, add its `mod` line and its row.

mod all_to_all;
mod one_to_one;

use crate::parameter::Kind;
use crate::random::Stream;

/// Every topology, in the order `synfire list` shows them.
pub const KINDS: &[Kind<dyn Topology>] = &[all_to_all::KIND, one_to_one::KIND];

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
    /// Number of sources.
    pub fn sources(&self) -> usize {
        match self {
            Self::Dense { sources, .. } => *sources,
            Self::Sparse { offsets, .. } => offsets.len() - 1,
        }
    }

    /// The synapses of `source`, as a range of positions in the weights.
    pub fn row(&self, source: usize) -> std::ops::Range<usize> {
        match self {
            Self::Dense { targets, .. } => source * targets..(source + 1) * targets,
            Self::Sparse { offsets, .. } => offsets[source] as usize..offsets[source + 1] as usize,
        }
    }

    /// The target of the synapse at `position` of the weights.
    pub fn target(&self, position: usize) -> usize {
        match self {
            Self::Dense { targets, .. } => position % targets,
            Self::Sparse { targets, .. } => targets[position] as usize,
        }
    }

    /// Number of synapses onto each of `size` targets.
    pub fn fan_in(&self, size: usize) -> Vec<usize> {
        match self {
            Self::Dense { sources, .. } => vec![*sources; size],
            Self::Sparse { targets, .. } => {
                let mut counts = vec![0; size];
                targets.iter().for_each(|&target| counts[target as usize] += 1);
                counts
            }
        }
    }

    /// Number of synapses.
    pub fn synapses(&self) -> usize {
        match self {
            Self::Dense { sources, targets } => sources * targets,
            Self::Sparse { targets, .. } => targets.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{Values, find};
    use crate::random::Purpose;

    fn wire(kind: &str, source: &[usize], target: &[usize]) -> Result<Wiring, String> {
        let topology = (find(KINDS, kind).unwrap().build)(&Values::default()).unwrap();
        topology.wire(source, target, &mut Stream::new(1, Purpose::Wiring, 0, 0))
    }

    #[test]
    fn all_to_all_connects_every_pair_once() {
        let wiring = wire("all_to_all", &[2, 2], &[3]).unwrap();
        assert_eq!((wiring.sources(), wiring.synapses()), (4, 12));
        assert_eq!(wiring.row(2).map(|p| wiring.target(p)).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(wiring.fan_in(3), [4, 4, 4]);
    }

    #[test]
    fn one_to_one_connects_equals_and_refuses_others() {
        let wiring = wire("one_to_one", &[5], &[5, 1]).unwrap();
        assert_eq!((wiring.sources(), wiring.synapses()), (5, 5));
        assert!((0..5).all(|i| wiring.row(i).map(|p| wiring.target(p)).eq([i])));
        assert_eq!(wiring.fan_in(5), [1; 5]);
        let message = wire("one_to_one", &[5], &[6]).unwrap_err();
        assert_eq!(message, "one_to_one needs populations of the same size, not 5 and 6");
    }
}
