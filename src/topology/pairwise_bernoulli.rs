//! Pairwise Bernoulli connections: every pair with the same probability.
//!
//! ```text
//! number of targets of a source ~ Binomial(possible targets, p);  which: uniform, all different
//! ```
//! which is the same as a coin thrown for every pair, at the cost of the synapses alone.

use rand_distr::{Binomial, Distribution};

use super::partners::{Pool, Rule, SELF_CONNECTIONS};
use super::{Ends, Plan, Rows, Topology};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::{Stream, Words};
use crate::unit::Dimension;

#[derive(Debug)]
struct PairwiseBernoulli {
    probability: f64,
    rule: Rule,
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "pairwise_bernoulli",
    aliases: &["fixed_probability", "bernoulli", "probability"],
    summary: "Every pair with the same probability, independently, once at most",
    fields: &[
        Field {
            name: "p",
            aliases: &["p_connect", "probability"],
            form: Form::Quantity(Dimension::None),
            default: None,
            range: Range::Within(0.0, 1.0),
            doc: "Probability of a synapse, for each pair",
        },
        SELF_CONNECTIONS,
    ],
    build: |v: &Values| {
        let rule = Rule { self_connections: v.flag("self_connections"), multiple_connections: false };
        Ok(Box::new(PairwiseBernoulli { probability: v.number("p"), rule }))
    },
};

impl Topology for PairwiseBernoulli {
    fn plan(&self, ends: &Ends<'_>, _: &mut Stream) -> Result<Plan, String> {
        let pool = self.rule.pool(ends.targets(), ends.same);
        let lengths =
            Binomial::new(u64::from(pool.candidates()), self.probability).map_err(|error| error.to_string())?;
        let expected = ends.sources() as f64 * f64::from(pool.candidates()) * self.probability;
        Ok(Plan::BySource(Box::new(Coins { lengths, expected: expected as u64, probability: self.probability, pool })))
    }
}

struct Coins {
    lengths: Binomial,
    expected: u64,
    probability: f64,
    pool: Pool,
}

impl Rows for Coins {
    fn expected(&self) -> u64 {
        self.expected
    }

    fn is_exact(&self) -> bool {
        [0.0, 1.0].contains(&self.probability)
    }

    fn row(&self, index: usize, words: &mut Words, ends: &mut Vec<u32>) {
        let length = self.lengths.sample(words) as usize;
        self.pool.draw(index, length, words, ends);
    }
}

#[cfg(test)]
mod tests {
    use crate::parameter::Value::{Flag, Number};
    use crate::topology::tests::synapses;

    #[test]
    fn pairs_are_connected_once_with_their_probability() {
        let given = [("p", Number(0.1)), ("self_connections", Flag(false))];
        let pairs = synapses("pairwise_bernoulli", &given, (400, 400), true).unwrap();
        let expected: f64 = 400.0 * 399.0 * 0.1;
        assert!((pairs.len() as f64 - expected).abs() < 5.0 * (expected * 0.9).sqrt(), "{}", pairs.len());
        assert!(pairs.is_sorted_by(|a, b| a < b) && pairs.iter().all(|(i, j)| i != j));
        let mut in_degrees = vec![0.0; 400];
        pairs.iter().for_each(|&(_, j)| in_degrees[j as usize] += 1.0);
        let variance = in_degrees.iter().map(|n: &f64| (n - 39.9).powi(2)).sum::<f64>() / 399.0;
        assert!((variance - 35.9).abs() < 12.0, "{variance}");
    }

    #[test]
    fn probabilities_0_and_1_are_none_and_all() {
        let all =
            |p| synapses("pairwise_bernoulli", &[("p", Number(p)), ("self_connections", Flag(true))], (7, 5), false);
        assert_eq!(all(0.0).unwrap(), []);
        assert_eq!(all(1.0).unwrap().len(), 35);
    }
}
