//! All-to-all connections: every source to every target.

use super::fields::Fields;
use super::partners::SELF_CONNECTIONS;
use super::{Ends, Plan, Rows, Topology};
use crate::parameter::{Kind, Values};
use crate::random::{Stream, Words};

#[derive(Debug)]
struct AllToAll {
    self_connections: bool,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "all_to_all",
    aliases: &["dense", "full"],
    summary: "Every source to every target",
    fields: &[SELF_CONNECTIONS],
    build: |v: &Values| Ok(Box::new(AllToAll { self_connections: v.flag("self_connections") })),
};

impl Topology for AllToAll {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        match self.self_connections || !ends.same {
            true => Ok(Plan::AllToAll),
            false => Ok(Plan::BySource(Box::new(Others(ends.sources())))),
        }
    }

    fn fields(&self, ends: &Ends<'_>) -> Option<Fields> {
        (self.self_connections || !ends.same).then(|| Fields::dense(ends.sources(), ends.targets()))
    }
}

/// Every neuron of a population to all others.
struct Others(usize);

impl Rows for Others {
    fn expected(&self) -> u64 {
        self.0 as u64 * (self.0 as u64 - 1)
    }

    fn row(&self, index: usize, _: &mut Words, ends: &mut Vec<u32>) {
        ends.extend((0..self.0 as u32).filter(|&other| other as usize != index));
    }
}
