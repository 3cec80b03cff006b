//! Fixed out-degree: as many synapses from every source.
//!
//! ```text
//! n targets, uniform, for each source
//! ```

use super::partners::{Equal, MULTIPLE_CONNECTIONS, Rule, SELF_CONNECTIONS};
use super::{Ends, Plan, Topology};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::Stream;

#[derive(Debug)]
struct FixedOutDegree {
    n: u64,
    rule: Rule,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "fixed_out_degree",
    aliases: &["fixed_outdegree", "fixed_number_post", "out_degree"],
    summary: "The same number of synapses from every source, to targets drawn at random",
    fields: &[
        Field {
            name: "n",
            aliases: &["outdegree", "out_degree"],
            form: Form::Count,
            default: None,
            range: Range::Any,
            doc: "Synapses from each source",
        },
        SELF_CONNECTIONS,
        MULTIPLE_CONNECTIONS,
    ],
    build: |v: &Values| Ok(Box::new(FixedOutDegree { n: v.count("n"), rule: Rule::from_values(v) })),
};

impl Topology for FixedOutDegree {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        let pool = self.rule.pool(ends.targets(), ends.same);
        pool.check(self.n, "targets of a source")?;
        Ok(Plan::BySource(Box::new(Equal { rows: ends.sources(), length: self.n as usize, pool })))
    }
}
