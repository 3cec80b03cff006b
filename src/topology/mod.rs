//! Who connects to whom, one topology per file. A topology is what a user names; it
//! makes a [`Plan`], by which synapses are drawn row after row.
//!
//! To add one: write `my_topology.rs` with a `KIND`, add its `mod` line and its row.

mod all_to_all;
pub mod fields;
mod fixed_in_degree;
mod fixed_out_degree;
mod fixed_total_number;
mod list;
mod one_to_one;
mod pairwise_bernoulli;
mod partners;

use std::sync::Arc;

use fields::Fields;

use crate::parameter::Kind;
use crate::random::{Stream, Words};
use crate::time::Resolution;

/// Every topology, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn Topology>] = &[
    all_to_all::KIND,
    one_to_one::KIND,
    fixed_in_degree::KIND,
    fixed_out_degree::KIND,
    fixed_total_number::KIND,
    pairwise_bernoulli::KIND,
    list::KIND,
];

/// A way to connect two populations.
pub trait Topology: Send + Sync + std::fmt::Debug {
    /// How to connect the two populations: `stream` is for what concerns them as a whole.
    ///
    /// # Errors
    /// A sentence when the populations do not fit this topology.
    fn plan(&self, ends: &Ends<'_>, stream: &mut Stream) -> Result<Plan, String>;

    /// Shape of the target where the kind fixes it by that of the `source`; `None` where the target has its own.
    ///
    /// # Errors
    /// A sentence when the source has no such shape.
    fn target(&self, source: &[usize]) -> Option<Result<Vec<usize>, String>> {
        let _ = source;
        None
    }

    /// The same synapses as batches see them, for populations that [`plan`](Self::plan) connects;
    /// `None` for kinds that only simulations can run.
    fn fields(&self, ends: &Ends<'_>) -> Option<Fields> {
        let _ = ends;
        None
    }

    /// Whether every synapse has a weight of its own.
    fn gives_weights(&self) -> bool {
        false
    }

    /// What is wrong with the delays that it lists, where spikes are at most `longest` ticks on their way.
    fn misfit(&self, resolution: Resolution, longest: u64) -> Option<String> {
        let _ = (resolution, longest);
        None
    }
}

/// The two populations that a topology connects.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'a> {
    /// Shape of the source population.
    pub source: &'a [usize],
    /// Shape of the target population.
    pub target: &'a [usize],
    /// Whether both are the same population.
    pub same: bool,
}

impl Ends<'_> {
    /// Number of sources.
    pub fn sources(&self) -> usize {
        self.source.iter().product()
    }

    /// Number of targets.
    pub fn targets(&self) -> usize {
        self.target.iter().product()
    }
}

/// How the synapses of a projection come about, row after row, so that a network of any size
/// can be wired without a list of all pairs.
pub enum Plan {
    /// Every source to every target; a row per source.
    AllToAll,
    /// A row per source: its targets.
    BySource(Box<dyn Rows>),
    /// A row per target: its sources.
    ByTarget(Box<dyn Rows>),
    /// These synapses, in this order.
    Listed(Arc<Listing>),
}

/// The rows of a [`Plan`].
pub trait Rows: Send + Sync {
    /// About how many synapses there are in all, exactly where that is fixed.
    fn expected(&self) -> u64;

    /// Whether that is fixed.
    fn is_exact(&self) -> bool {
        true
    }

    /// Appends the other ends of the synapses of `index`, drawing from `words` only, which are
    /// this row's own. The same end may come more than once, in any order.
    fn row(&self, index: usize, words: &mut Words, ends: &mut Vec<u32>);
}

/// The synapses of a list, column by column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    pub sources: Vec<u32>,
    /// As many.
    pub targets: Vec<u32>,
    /// In the unit of the target's synapses; the projection's weight where not a number. Empty when
    /// the list has none.
    pub weights: Vec<f64>,
    /// In ms, likewise.
    pub delays_ms: Vec<f64>,
}

impl Plan {
    /// Whether [`expected`](Self::expected) is the number of synapses, not about that many.
    pub fn is_exact(&self) -> bool {
        match self {
            Self::AllToAll | Self::Listed(_) => true,
            Self::BySource(rows) | Self::ByTarget(rows) => rows.is_exact(),
        }
    }

    /// About how many synapses there are in all, exactly where that is fixed.
    pub fn expected(&self, ends: &Ends<'_>) -> u64 {
        match self {
            Self::AllToAll => (ends.sources() as u64).saturating_mul(ends.targets() as u64),
            Self::BySource(rows) | Self::ByTarget(rows) => rows.expected(),
            Self::Listed(list) => list.sources.len() as u64,
        }
    }

    /// The whole wiring, kept in memory: for chains that learn. Only for plans by source; `words`
    /// gives those of a row.
    pub fn wiring(&self, ends: &Ends<'_>, words: impl Fn(usize) -> Words) -> Option<Wiring> {
        match self {
            Self::AllToAll => Some(Wiring::Dense { sources: ends.sources(), targets: ends.targets() }),
            Self::BySource(rows) => {
                let (mut offsets, mut targets) = (vec![0], Vec::new());
                for source in 0..ends.sources() {
                    let first = targets.len();
                    rows.row(source, &mut words(source), &mut targets);
                    targets[first..].sort_unstable();
                    offsets.push(targets.len() as u64);
                }
                Some(Wiring::Sparse { offsets, targets })
            }
            Self::ByTarget(_) | Self::Listed(_) => None,
        }
    }
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
    use crate::parameter::Value::{Count, Flag};
    use crate::parameter::{Value, Values, find};
    use crate::random::Purpose;

    fn words(row: usize) -> Words {
        Words::new(&Stream::new(1, Purpose::Wiring, 0, row as u64 + 1))
    }

    fn plan(kind: &str, given: &[(&'static str, Value)], ends: &Ends<'_>) -> Result<Plan, String> {
        let mut values = Values::default();
        given.iter().for_each(|(name, value)| values.set(name, value.clone()));
        let topology = (find(KINDS, kind).unwrap().build)(&values)?;
        topology.plan(ends, &mut Stream::new(1, Purpose::Wiring, 0, 0))
    }

    /// (source, target) of every synapse, row after row, between populations of these sizes.
    pub(super) fn synapses(
        kind: &str,
        given: &[(&'static str, Value)],
        (sources, targets): (usize, usize),
        same: bool,
    ) -> Result<Vec<(u32, u32)>, String> {
        let ends = Ends { source: &[sources], target: &[targets], same };
        let rows = |rows: &dyn Rows, count: usize| {
            let row = |index: usize| {
                let mut ends = Vec::new();
                rows.row(index, &mut words(index), &mut ends);
                ends.into_iter().map(move |end| (index as u32, end))
            };
            (0..count).flat_map(row).collect::<Vec<_>>()
        };
        Ok(match plan(kind, given, &ends)? {
            Plan::AllToAll => (0..sources as u32).flat_map(|i| (0..targets as u32).map(move |j| (i, j))).collect(),
            Plan::BySource(by_source) => rows(&*by_source, sources),
            Plan::ByTarget(by_target) => rows(&*by_target, targets).into_iter().map(|(j, i)| (i, j)).collect(),
            Plan::Listed(list) => list.sources.iter().copied().zip(list.targets.iter().copied()).collect(),
        })
    }

    fn wire(kind: &str, source: &[usize], target: &[usize]) -> Result<Wiring, String> {
        let ends = Ends { source, target, same: false };
        Ok(plan(kind, &[("self_connections", Flag(true))], &ends)?.wiring(&ends, words).unwrap())
    }

    #[test]
    fn all_to_all_connects_every_pair_once() {
        let wiring = wire("all_to_all", &[2, 2], &[3]).unwrap();
        assert_eq!((wiring.sources(), wiring.synapses()), (4, 12));
        assert_eq!(wiring.row(2).map(|p| wiring.target(p)).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(wiring.fan_in(3), [4, 4, 4]);
        let others = synapses("all_to_all", &[("self_connections", Flag(false))], (3, 3), true).unwrap();
        assert_eq!(others, [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
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

    #[test]
    fn degrees_are_fixed_on_their_side_and_binomial_on_the_other() {
        let given = [("n", Count(20)), ("self_connections", Flag(false)), ("multiple_connections", Flag(true))];
        for (kind, fixed) in [("fixed_in_degree", 1), ("fixed_out_degree", 0)] {
            let pairs = synapses(kind, &given, (600, 600), true).unwrap();
            let mut degrees = [[0.0f64; 600]; 2];
            for (i, j) in pairs {
                assert_ne!(i, j, "a neuron is connected to itself");
                degrees[0][i as usize] += 1.0;
                degrees[1][j as usize] += 1.0;
            }
            let variance = degrees.map(|side| side.iter().map(|n| (n - 20.0).powi(2)).sum::<f64>() / 600.0);
            assert_eq!(variance[fixed], 0.0);
            assert!((variance[1 - fixed] - 20.0).abs() < 6.0, "{variance:?}");
        }
    }
}
