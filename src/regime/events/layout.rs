//! How a network is cut by target: each partition has a slice of every population.

use std::ops::Range;

use crate::model::Model;

/// Neurons that a partition can have, so that 16 bits number them.
pub(super) const LARGEST: usize = 1 << 16;
/// Slices begin at multiples of this, so that vectors of neurons lie in lines of the cache.
const GROUP: usize = 16;

/// Where every neuron is.
#[derive(Debug, Clone)]
pub struct Layout {
    pub partitions: usize,
    /// Number of the first neuron of each population, counted over all; then their number.
    pub firsts: Vec<u32>,
    /// Sizes of the populations.
    pub sizes: Vec<usize>,
    /// `cuts[population][partition]`: where the slice of a partition begins; one more at the end.
    cuts: Vec<Vec<usize>>,
    /// `bases[population][partition]`: number of the first neuron of the slice in its partition.
    bases: Vec<Vec<usize>>,
}

impl Layout {
    /// Cuts the populations of `model` into one partition for each of `threads`, or more where
    /// the network is too large.
    pub fn new(model: &Model, threads: usize) -> Self {
        let sizes: Vec<usize> = model.populations.iter().map(|p| p.shape.iter().product()).collect();
        let is_source: Vec<bool> = model.populations.iter().map(|p| p.neuron.is_none()).collect();
        let neurons: usize = sizes.iter().zip(&is_source).filter(|(_, source)| !**source).map(|(size, _)| size).sum();
        let mut partitions = threads.max(neurons.div_ceil(LARGEST)).max(1);
        let (cuts, bases) = loop {
            let cuts = cut(&sizes, partitions);
            // Slices do not come out equal, and begin with a group.
            match bases(&cuts, &is_source) {
                Some(bases) => break (cuts, bases),
                None => partitions += partitions.div_ceil(8),
            }
        };
        let mut firsts = vec![0];
        sizes.iter().for_each(|&size| firsts.push(firsts[firsts.len() - 1] + size as u32));
        Self { partitions, firsts, sizes, cuts, bases }
    }

    /// The neurons of `population` that are in `partition`.
    pub fn slice(&self, population: usize, partition: usize) -> Range<usize> {
        self.cuts[population][partition]..self.cuts[population][partition + 1]
    }

    /// Number of the first neuron of `population`'s slice within `partition`.
    pub fn base(&self, population: usize, partition: usize) -> usize {
        self.bases[population][partition]
    }

    /// The partition of a neuron, and its number there.
    #[inline]
    pub fn place(&self, population: usize, neuron: usize) -> (usize, usize) {
        let cuts = &self.cuts[population];
        let mut partition = 0;
        while cuts[partition + 1] <= neuron {
            partition += 1;
        }
        (partition, self.bases[population][partition] + neuron - cuts[partition])
    }
}

/// Where slices begin and end. Where a population does not divide evenly, another partition than for
/// the one before has one neuron more.
fn cut(sizes: &[usize], partitions: usize) -> Vec<Vec<usize>> {
    let cut = |index: usize, size: usize| {
        let extra = index % partitions;
        (0..=partitions).map(move |partition| (size * partition + extra) / partitions)
    };
    sizes.iter().enumerate().map(|(index, &size)| cut(index, size).collect()).collect()
}

/// Where slices begin within their partition; `None` when a partition would have too many neurons.
fn bases(cuts: &[Vec<usize>], is_source: &[bool]) -> Option<Vec<Vec<usize>>> {
    let mut ends = vec![0; cuts.first().map_or(1, |cuts| cuts.len() - 1)];
    let bases = cuts.iter().zip(is_source).map(|(cuts, &source)| {
        let slices = cuts.windows(2).zip(&mut ends);
        let base = |(slice, end): (&[usize], &mut usize)| {
            let base = *end;
            *end += if source { 0 } else { (slice[1] - slice[0]).next_multiple_of(GROUP) };
            base
        };
        slices.map(base).collect()
    });
    let bases = bases.collect();
    ends.iter().all(|&end| end <= LARGEST).then_some(bases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_neuron_has_a_place_of_its_own_however_many_populations() {
        for (sizes, partitions) in [(vec![1; 5000], 2), (vec![100, 7, 0, 33], 3), (vec![40_000], 1)] {
            let cuts = cut(&sizes, partitions);
            let bases = bases(&cuts, &vec![false; sizes.len()]).unwrap();
            let mut seen = vec![std::collections::HashSet::new(); partitions];
            for (cuts, bases) in cuts.iter().zip(&bases) {
                for p in 0..partitions {
                    assert!((bases[p]..bases[p] + cuts[p + 1] - cuts[p]).all(|place| seen[p].insert(place)));
                }
            }
            assert_eq!(seen.iter().map(|seen| seen.len()).sum::<usize>(), sizes.iter().sum::<usize>());
            assert!(seen.iter().flatten().all(|&place| place < LARGEST));
        }
        assert!(bases(&cut(&[65_537], 1), &[false]).is_none() && bases(&cut(&[1; 5000], 1), &[false; 5000]).is_none());
    }
}
