//! A fixed number of synapses in all.
//!
//! ```text
//! K synapses, each from a uniform source to a uniform target (NEST's fixed_total_number)
//!
//! from a probability p that a pair of neurons has one synapse or more, as Potjans & Diesmann
//! (2014, Cerebral Cortex 24:785) count:  K = ln(1 - p) / ln(1 - 1 / (N_s N_t))      eq. 1
//! N_s, N_t: sizes of the full network; here (sizes) / scale, and scale K synapses
//! ```
//! How many leave each source is drawn once (binomials in sequence), the targets of a source
//! when its row is.

use std::sync::OnceLock;

use rand_distr::{Binomial, Distribution, Hypergeometric};

use super::partners::{MULTIPLE_CONNECTIONS, Pool, Rule, SELF_CONNECTIONS};
use super::{Ends, Plan, Rows, Topology};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::random::{Stream, Words};
use crate::unit::Dimension;

#[derive(Debug)]
struct FixedTotalNumber {
    number: Number,
    rule: Rule,
}

/// How many synapses there are in all.
#[derive(Debug, Clone, Copy)]
enum Number {
    Exactly(u64),
    /// As many as the probability says, between populations of this scale.
    Of {
        probability: f64,
        population_scale: f64,
    },
}

pub(super) const KIND: Kind<dyn Topology> = Kind {
    name: "fixed_total_number",
    aliases: &["total_number"],
    summary: "A number of synapses in all, from sources and to targets drawn at random",
    fields: &[
        Field {
            name: "n",
            aliases: &["total"],
            form: Form::Quantities(Dimension::None),
            default: Some("[]"),
            range: Range::NotNegative,
            doc: "Synapses in all; give this or `probability`",
        },
        Field {
            name: "probability",
            aliases: &["p"],
            form: Form::Quantities(Dimension::None),
            default: Some("[]"),
            range: Range::Within(0.0, 1.0),
            doc: "Probability that a pair has a synapse or more: n = ln(1 - p) / ln(1 - 1 / pairs)",
        },
        Field {
            name: "population_scale",
            aliases: &["scale"],
            form: Form::Quantity(Dimension::None),
            default: Some("1"),
            range: Range::Within(1e-6, 1e6),
            doc: "Size of the populations, relative to those that `probability` belongs to; in-degrees stay the same",
        },
        SELF_CONNECTIONS,
        MULTIPLE_CONNECTIONS,
    ],
    build: |v: &Values| Ok(Box::new(FixedTotalNumber { number: Number::from_values(v)?, rule: Rule::from_values(v) })),
};

impl Number {
    fn from_values(v: &Values) -> Result<Self, String> {
        match (v.numbers("n"), v.numbers("probability")) {
            (&[n], []) if n.fract() != 0.0 => Err(format!("`n` is {n}, which is no whole number")),
            (&[n], []) => Ok(Self::Exactly(n as u64)),
            ([], &[probability]) if probability < 1.0 => {
                Ok(Self::Of { probability, population_scale: v.number("population_scale") })
            }
            ([], &[_]) => Err("a probability of 1 needs endlessly many random synapses; use all_to_all".into()),
            _ => Err("either `n` or `probability` says how many synapses there are, as one number".into()),
        }
    }

    /// Synapses in all between so many sources and targets.
    fn between(self, ends: &Ends<'_>) -> u64 {
        match self {
            Self::Exactly(n) => n,
            Self::Of { probability, population_scale } => {
                let [sources, targets] = [ends.sources(), ends.targets()].map(|size| size as f64 / population_scale);
                let full = (-probability).ln_1p() / (-1.0 / (sources * targets)).ln_1p();
                (full * population_scale).round() as u64
            }
        }
    }
}

impl Topology for FixedTotalNumber {
    fn plan(&self, ends: &Ends<'_>, stream: &mut Stream) -> Result<Plan, String> {
        let pool = self.rule.pool(ends.targets(), ends.same);
        let total = self.number.between(ends);
        if total > 0 && pool.candidates() == 0 {
            return Err("there are no targets but the neuron itself".into());
        }
        let most = u64::from(pool.candidates()) * ends.sources() as u64;
        if total > most && !self.rule.multiple_connections {
            return Err(format!("{total} synapses between different pairs are wanted, but there are {most} pairs"));
        }
        if total / ends.sources().max(1) as u64 >= u64::from(u32::MAX) / 2 {
            return Err(format!("{total} synapses are too many for {} sources", ends.sources()));
        }
        let per_source = if self.rule.multiple_connections { None } else { Some(u64::from(pool.candidates())) };
        let split = Split { total, sources: ends.sources(), room: per_source, stream: stream.clone() };
        Ok(Plan::BySource(Box::new(Parts { split, counts: OnceLock::new(), pool })))
    }
}

/// How many of `total` synapses each source has: each synapse falls to any source alike, or,
/// where a source has room for only so many, to any place that is left.
struct Split {
    total: u64,
    sources: usize,
    room: Option<u64>,
    stream: Stream,
}

impl Split {
    /// Synapses from each source.
    fn counts(&self) -> Vec<u32> {
        let mut words = Words::new(&self.stream);
        let mut left = self.total;
        let mut part = |index: usize| {
            let behind = (self.sources - index) as u64;
            let count = match self.room {
                _ if behind == 1 => left,
                None => Binomial::new(left, 1.0 / behind as f64).map_or(0, |drawn| drawn.sample(&mut words)),
                Some(room) => {
                    Hypergeometric::new(behind * room, room, left).map_or(0, |drawn| drawn.sample(&mut words))
                }
            };
            left -= count;
            count as u32
        };
        (0..self.sources).map(&mut part).collect()
    }
}

struct Parts {
    split: Split,
    /// Synapses from each source, drawn when the first row is: a network that is only checked needs none.
    counts: OnceLock<Vec<u32>>,
    pool: Pool,
}

impl Rows for Parts {
    fn expected(&self) -> u64 {
        self.split.total
    }

    fn row(&self, index: usize, words: &mut Words, ends: &mut Vec<u32>) {
        let counts = self.counts.get_or_init(|| self.split.counts());
        self.pool.draw(index, counts[index] as usize, words, ends);
    }
}

#[cfg(test)]
mod tests {
    use crate::parameter::Value::{self, Flag, Number, Numbers};
    use crate::topology::tests::synapses;

    fn given(n: &[f64], probability: &[f64], scale: f64, multiple: bool) -> [(&'static str, Value); 5] {
        [
            ("n", Numbers(n.to_vec())),
            ("probability", Numbers(probability.to_vec())),
            ("population_scale", Number(scale)),
            ("self_connections", Flag(true)),
            ("multiple_connections", Flag(multiple)),
        ]
    }

    #[test]
    fn out_and_in_degrees_are_multinomial() {
        let pairs = synapses("fixed_total_number", &given(&[100_000.0], &[], 1.0, true), (500, 200), false).unwrap();
        assert_eq!(pairs.len(), 100_000);
        for (size, mean, degree) in [
            (500, 200.0, pairs.iter().map(|&(i, _)| i as usize).collect::<Vec<_>>()),
            (200, 500.0, pairs.iter().map(|&(_, j)| j as usize).collect()),
        ] {
            let mut counts = vec![0.0; size];
            degree.iter().for_each(|&i| counts[i] += 1.0);
            let variance = counts.iter().map(|n: &f64| (n - mean).powi(2)).sum::<f64>() / size as f64;
            assert!((variance / mean - 1.0).abs() < 0.4, "{variance} {mean}");
        }
    }

    #[test]
    fn no_pair_comes_twice_when_that_is_asked() {
        let mut pairs = synapses("fixed_total_number", &given(&[3000.0], &[], 1.0, false), (80, 50), false).unwrap();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), 3000);
        let message = synapses("fixed_total_number", &given(&[4001.0], &[], 1.0, false), (80, 50), false).unwrap_err();
        assert_eq!(message, "4001 synapses between different pairs are wanted, but there are 4000 pairs");
    }

    #[test]
    fn a_probability_gives_the_number_that_potjans_and_diesmann_count() {
        // Layer 5i onto layer 5e, p = 0.3726 between 1065 and 4850 neurons:
        // ln(1 - 0.3726) / ln(1 - 1 / (1065 x 4850)) = 2 407 789.
        let full = synapses("fixed_total_number", &given(&[], &[0.3726], 1.0, true), (1065, 4850), false).unwrap();
        let expected = (1.0f64 - 0.3726).ln() / (1.0 - 1.0 / (1065.0 * 4850.0f64)).ln();
        assert!((full.len() as f64 - expected).abs() < 1.0, "{} {expected}", full.len());
        let tenth = synapses("fixed_total_number", &given(&[], &[0.3726], 0.1, true), (106, 485), false).unwrap();
        let degrees = [full.len() as f64 / 4850.0, tenth.len() as f64 / 485.0];
        assert!((degrees[0] / degrees[1] - 1.0).abs() < 0.01, "{degrees:?}");
        for (n, p) in [(&[][..], &[][..]), (&[5.0], &[0.5]), (&[], &[1.0]), (&[1.5], &[])] {
            assert!(synapses("fixed_total_number", &given(n, p, 1.0, true), (5, 5), false).is_err(), "{n:?} {p:?}");
        }
        assert_eq!(synapses("fixed_total_number", &given(&[], &[0.0], 1.0, true), (5, 5), false).unwrap(), []);
    }
}
