//! One-to-one connections: source i to target i.

use super::fields::Fields;
use super::{Ends, Plan, Rows, Topology};
use crate::parameter::{Kind, Values};
use crate::random::{Stream, Words};

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
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        let (sources, targets) = (ends.sources(), ends.targets());
        if sources != targets {
            return Err(format!("one_to_one needs populations of the same size, not {sources} and {targets}"));
        }
        Ok(Plan::BySource(Box::new(Pairs(sources))))
    }

    fn fields(&self, ends: &Ends<'_>) -> Option<Fields> {
        (ends.sources() == ends.targets()).then(|| Fields::one_to_one(ends.sources()))
    }
}

/// As many pairs.
struct Pairs(usize);

impl Rows for Pairs {
    fn expected(&self) -> u64 {
        self.0 as u64
    }

    fn row(&self, index: usize, _: &mut Words, ends: &mut Vec<u32>) {
        ends.push(index as u32);
    }
}
