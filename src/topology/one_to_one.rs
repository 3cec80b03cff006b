//! Source i to target i.

use super::{Topology, Wiring};
use crate::parameter::{Kind, Values};
use crate::random::Stream;

#[derive(Debug)]
struct OneToOne;

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "one_to_one",
    aliases: &[],
    summary: "Source i to target i; both populations have the same size",
    fields: &[],
    build: |_: &Values| Ok(Box::new(OneToOne)),
};

impl Topology for OneToOne {
    fn wire(&self, source: &[usize], target: &[usize], _: &mut Stream) -> Result<Wiring, String> {
        let (sources, targets): (usize, usize) = (source.iter().product(), target.iter().product());
        if sources != targets {
            return Err(format!("one_to_one needs populations of the same size, not {sources} and {targets}"));
        }
        Ok(Wiring::Sparse { offsets: (0..=sources as u64).collect(), targets: (0..sources as u32).collect() })
    }
}
