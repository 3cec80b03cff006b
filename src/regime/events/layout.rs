//! How a network is cut by target: each partition has a slice of every population.

use std::ops::Range;

use crate::model::Model;

/// Neurons that a partition can have, so that 16 bits number them.
const LARGEST: usize = 1 << 16;

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
        // A slice may be one neuron larger than its share.
        let partitions = threads.max(neurons.div_ceil(LARGEST - sizes.len().min(LARGEST / 2))).max(1);
        let mut firsts = vec![0];
        sizes.iter().for_each(|&size| firsts.push(firsts[firsts.len() - 1] + size as u32));
        let cut = |&size: &usize| (0..=partitions).map(|p| size * p / partitions).collect();
        let cuts: Vec<Vec<usize>> = sizes.iter().map(cut).collect();
        let mut ends = vec![0; partitions];
        let bases = cuts.iter().zip(&is_source).map(|(cuts, &source)| {
            let base = |(partition, end): (usize, &mut usize)| {
                let base = *end;
                *end += if source { 0 } else { cuts[partition + 1] - cuts[partition] };
                base
            };
            ends.iter_mut().enumerate().map(base).collect()
        });
        let bases = bases.collect();
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
