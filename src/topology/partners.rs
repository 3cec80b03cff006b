//! How the partners of one neuron are drawn: with or without itself, with or without
//! repetition.

use super::Rows;
use crate::parameter::{Field, Form, Range, Values};
use crate::random::Words;

/// Whether a neuron may be drawn for itself.
pub(super) const SELF_CONNECTIONS: Field = Field {
    name: "self_connections",
    aliases: &["allow_autapses", "allow_self_connections", "autapses"],
    form: Form::Flag,
    default: Some("true"),
    range: Range::Any,
    doc: "Whether a neuron may connect to itself, where source and target are the same population",
};

/// Whether a partner may be drawn more than once.
pub(super) const MULTIPLE_CONNECTIONS: Field = Field {
    name: "multiple_connections",
    aliases: &["allow_multapses", "multapses", "with_replacement"],
    form: Form::Flag,
    default: Some("true"),
    range: Range::Any,
    doc: "Whether a pair may have more than one synapse: partners are drawn with replacement",
};

/// What a user wants of partners.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub self_connections: bool,
    pub multiple_connections: bool,
}

impl Rule {
    /// From [`SELF_CONNECTIONS`] and [`MULTIPLE_CONNECTIONS`].
    pub fn from_values(values: &Values) -> Self {
        Self {
            self_connections: values.flag("self_connections"),
            multiple_connections: values.flag("multiple_connections"),
        }
    }

    /// Those among `size` neurons from which the partners of a neuron are drawn, which is of the
    /// `same` population or of another.
    pub fn pool(self, size: usize, same: bool) -> Pool {
        Pool { size: size as u32, others: same && !self.self_connections, repeated: self.multiple_connections }
    }
}

/// Those from which the partners of a neuron are drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pool {
    size: u32,
    /// Whether the neuron itself is left out.
    others: bool,
    repeated: bool,
}

impl Pool {
    /// How many there are for one neuron.
    pub fn candidates(&self) -> u32 {
        self.size - u32::from(self.others)
    }

    /// Refuses `count` partners (in words, such as "sources of a target") when there are not as many.
    pub fn check(&self, count: u64, partners: &str) -> Result<(), String> {
        let most = self.candidates();
        match count {
            0 => Ok(()),
            _ if most == 0 => Err(format!("there are no {partners} but the neuron itself")),
            _ if !self.repeated && count > u64::from(most) => Err(format!(
                "{count} different {partners} are wanted, but there are {most}; \
                 fewer are possible, or `multiple_connections = true`"
            )),
            _ => Ok(()),
        }
    }

    /// Appends `count` partners of the neuron `own`; ascending where none comes twice.
    pub fn draw(&self, own: usize, count: usize, words: &mut Words, ends: &mut Vec<u32>) {
        let first = ends.len();
        if self.repeated {
            let candidates = self.candidates();
            ends.extend((0..count).map(|_| words.below(candidates)));
        } else {
            draw_different(self.candidates(), count, words, ends);
        }
        if self.others {
            ends[first..].iter_mut().for_each(|end| *end += u32::from(*end as usize >= own));
        }
    }
}

/// Appends `count` different numbers below `candidates`, ascending.
fn draw_different(candidates: u32, count: usize, words: &mut Words, ends: &mut Vec<u32>) {
    // What is left out is drawn where that is less.
    let drawn = count.min(candidates as usize - count);
    if candidates as usize > 256 * drawn.max(1) && drawn == count {
        return draw_few(candidates, count, words, ends);
    }
    let mut marks = vec![0u64; candidates.div_ceil(64) as usize];
    for _ in 0..drawn {
        loop {
            let end = words.below(candidates);
            let (mark, bit) = (&mut marks[end as usize / 64], 1 << (end % 64));
            if *mark & bit == 0 {
                *mark |= bit;
                break;
            }
        }
    }
    let flip = if drawn == count { 0 } else { u64::MAX };
    for (index, mark) in marks.into_iter().enumerate() {
        let mut left = mark ^ flip;
        while left != 0 {
            ends.push(index as u32 * 64 + left.trailing_zeros());
            left &= left - 1;
        }
    }
    // Of the last word, the bits beyond the last candidate.
    while ends.last().is_some_and(|&end| flip != 0 && end >= candidates) {
        ends.pop();
    }
}

/// The same for a small part of many: what comes twice is drawn anew.
fn draw_few(candidates: u32, count: usize, words: &mut Words, ends: &mut Vec<u32>) {
    let mut few = Vec::with_capacity(count);
    while few.len() < count {
        while few.len() < count {
            few.push(words.below(candidates));
        }
        few.sort_unstable();
        few.dedup();
    }
    ends.extend(few);
}

/// Rows of the same length.
pub(super) struct Equal {
    pub rows: usize,
    pub length: usize,
    pub pool: Pool,
}

impl Rows for Equal {
    fn expected(&self) -> u64 {
        (self.rows as u64).saturating_mul(self.length as u64)
    }

    fn row(&self, index: usize, words: &mut Words, ends: &mut Vec<u32>) {
        self.pool.draw(index, self.length, words, ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn more_synapses_than_can_be_counted_are_as_many_as_can() {
        let pool = Rule { self_connections: true, multiple_connections: true }.pool(3, false);
        assert_eq!(Equal { rows: 1 << 33, length: 1 << 33, pool }.expected(), u64::MAX);
    }

    fn drawn(rule: (bool, bool), size: usize, count: usize, rounds: u64) -> Vec<Vec<u32>> {
        let rule = Rule { self_connections: rule.0, multiple_connections: rule.1 };
        let pool = rule.pool(size, true);
        let draw = |round| {
            let mut ends = Vec::new();
            pool.draw(3, count, &mut Words::new(&Stream::new(1, Purpose::Wiring, 0, round)), &mut ends);
            ends
        };
        (0..rounds).map(draw).collect()
    }

    #[test]
    fn every_candidate_is_as_likely_and_a_neuron_is_left_out_when_asked() {
        for (own, multiple, count) in [(true, true, 5), (false, true, 5), (true, false, 3), (false, false, 8)] {
            let mut seen = [0u32; 10];
            let rows = drawn((own, multiple), 10, count, 9000);
            rows.iter().flatten().for_each(|&end| seen[end as usize] += 1);
            assert_eq!(seen[3] > 0, own);
            let expected = (9000 * count) as f64 / if own { 10.0 } else { 9.0 };
            let fair = |n: u32| (f64::from(n) - expected).abs() < 5.0 * expected.sqrt();
            assert!(seen.iter().enumerate().all(|(i, &n)| (!own && i == 3) || fair(n)), "{seen:?} {expected}");
        }
    }

    #[test]
    fn different_partners_are_ascending_whatever_their_share() {
        for (size, count) in [(100, 0), (100, 1), (100, 50), (100, 51), (100, 99), (10_000, 7), (130, 130)] {
            for row in drawn((true, false), size, count, 50) {
                assert_eq!(row.len(), count);
                assert!(row.is_sorted_by(|a, b| a < b) && row.iter().all(|&end| (end as usize) < size), "{row:?}");
            }
        }
    }

    #[test]
    fn too_many_partners_are_refused_in_a_sentence() {
        let pool =
            |own, multiple, size| Rule { self_connections: own, multiple_connections: multiple }.pool(size, true);
        assert!(pool(true, true, 5).check(100, "sources").is_ok());
        assert!(pool(false, false, 5).check(4, "sources").is_ok());
        let message = pool(false, false, 5).check(5, "sources of a target").unwrap_err();
        assert!(message.starts_with("5 different sources of a target are wanted, but there are 4;"), "{message}");
        let message = pool(false, true, 1).check(1, "sources").unwrap_err();
        assert_eq!(message, "there are no sources but the neuron itself");
    }
}
