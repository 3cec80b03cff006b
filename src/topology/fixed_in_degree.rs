//! Fixed in-degree: as many synapses onto every target.
//!
//! ```text
//! n sources, uniform, for each target
//! ```

use super::partners::{Equal, MULTIPLE_CONNECTIONS, Rule, SELF_CONNECTIONS};
use super::{Ends, Plan, Topology};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::Stream;

#[derive(Debug)]
struct FixedInDegree {
    n: u64,
    rule: Rule,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "fixed_in_degree",
    aliases: &["fixed_indegree", "fixed_number_pre", "in_degree"],
    summary: "The same number of synapses onto every target, from sources drawn at random",
    fields: &[
        Field {
            name: "n",
            aliases: &["indegree", "in_degree"],
            form: Form::Count,
            default: None,
            range: Range::Any,
            doc: "Synapses onto each target",
        },
        SELF_CONNECTIONS,
        MULTIPLE_CONNECTIONS,
    ],
    build: |v: &Values| Ok(Box::new(FixedInDegree { n: v.count("n"), rule: Rule::from_values(v) })),
};

impl Topology for FixedInDegree {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        let pool = self.rule.pool(ends.sources(), ends.same);
        pool.check(self.n, "sources of a target")?;
        Ok(Plan::ByTarget(Box::new(Equal { rows: ends.targets(), length: self.n as usize, pool })))
    }
}
