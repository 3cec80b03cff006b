//! Layers in a row, found among the projections of a model.

use crate::id::{PopulationId, ProjectionId};
use crate::model::Model;

/// The projections of each row of layers that `model` is made of, input to output; `None` when there is a
/// branch, a loop, or a population apart. The row of the first population comes first.
pub fn chains(model: &Model) -> Option<Vec<Vec<ProjectionId>>> {
    let edges: Vec<_> = model.projections.iter().map(|projection| (projection.source, projection.target)).collect();
    chains_of(model.populations.len(), &edges)
}

/// The same by the (source, target) of each projection.
pub fn chains_of(populations: usize, edges: &[(PopulationId, PopulationId)]) -> Option<Vec<Vec<ProjectionId>>> {
    let mut next = vec![None; populations];
    let mut entered = vec![false; populations];
    for (index, &(source, target)) in edges.iter().enumerate() {
        let doubled = next[source.0].replace((ProjectionId(index), target)).is_some();
        if doubled || std::mem::replace(&mut entered[target.0], true) {
            return None;
        }
    }
    let mut rows = Vec::new();
    for first in (0..populations).filter(|&population| !entered[population]) {
        let (mut row, mut here) = (Vec::new(), first);
        while let Some((projection, PopulationId(target))) = next[here] {
            row.push(projection);
            here = target;
        }
        rows.push(row);
    }
    let all = rows.iter().map(Vec::len).sum::<usize>() == edges.len();
    (all && !rows.is_empty() && rows.iter().all(|row| !row.is_empty())).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(populations: usize, edges: &[(usize, usize)]) -> Option<Vec<Vec<usize>>> {
        let edges: Vec<_> =
            edges.iter().map(|&(source, target)| (PopulationId(source), PopulationId(target))).collect();
        let rows = chains_of(populations, &edges)?;
        Some(rows.into_iter().map(|row| row.into_iter().map(|ProjectionId(index)| index).collect()).collect())
    }

    #[test]
    fn rows_are_found_whatever_the_order_of_their_parts() {
        assert_eq!(rows(3, &[(2, 1), (0, 2)]), Some(vec![vec![1, 0]]));
        assert_eq!(rows(5, &[(3, 4), (0, 1), (1, 2)]), Some(vec![vec![1, 2], vec![0]]));
    }

    #[test]
    fn loops_branches_and_islands_are_no_rows() {
        let others: [(usize, &[(usize, usize)]); 7] = [
            (1, &[]),
            (2, &[(0, 1), (1, 1)]),
            (3, &[(0, 1), (1, 2), (2, 1)]),
            (4, &[(0, 1), (2, 3), (3, 2)]),
            (3, &[(0, 1), (0, 2)]),
            (3, &[(0, 2), (1, 2)]),
            (3, &[(0, 1)]),
        ];
        for (size, edges) in others {
            assert_eq!(rows(size, edges), None, "{edges:?}");
        }
    }
}
