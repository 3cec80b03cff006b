//! Every source to every target.

use super::{Topology, Wiring};
use crate::parameter::{Kind, Values};
use crate::random::Stream;

#[derive(Debug)]
struct AllToAll;

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "all_to_all",
    aliases: &["dense", "full"],
    summary: "Every source to every target, a neuron to itself included",
    fields: &[],
    build: |_: &Values| Ok(Box::new(AllToAll)),
};

impl Topology for AllToAll {
    fn wire(&self, source: &[usize], target: &[usize], _: &mut Stream) -> Result<Wiring, String> {
        Ok(Wiring::Dense { sources: source.iter().product(), targets: target.iter().product() })
    }
}
