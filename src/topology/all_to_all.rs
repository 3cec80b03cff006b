//! Every source to every target.

use super::{Ends, Plan, Topology};
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
    fn plan(&self, _: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        Ok(Plan::AllToAll)
    }
}
