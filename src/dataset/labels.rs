//! Labels as a user's own files have them, and the classes that they come to.
//!
//! The classes are the labels of the training part: whole numbers in ascending order, names in that of the
//! alphabet, or as `classes` says. Labels that are whole numbers may get names from it.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::parameter::{Field, Form, Range};

/// Shared by all files with labels.
pub(super) const CLASSES: Field = Field {
    name: "classes",
    aliases: &[],
    form: Form::Texts,
    default: Some("[]"),
    range: Range::Any,
    doc: "Labels in the order of the output neurons, or names for labels that are whole numbers, from the least on; the labels in ascending order by default",
};

/// The most classes that there can be.
const MOST: usize = 1 << 16;
/// So many labels are shown.
const SHOWN: usize = 8;

/// The different labels of files, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Labels {
    names: Vec<String>,
    numbers: HashMap<String, u16>,
}

/// The classes of a data set.
#[derive(Debug, PartialEq)]
pub(super) struct Classes {
    pub names: Vec<String>,
    /// The class of each label, by its number; `None` for one that no training sample has.
    of: Vec<Option<u16>>,
}

impl Labels {
    /// The number of a label.
    ///
    /// # Errors
    /// A sentence when there are too many.
    pub fn number(&mut self, label: &str) -> Result<u16, String> {
        if let Some(&number) = self.numbers.get(label) {
            return Ok(number);
        }
        let number = u16::try_from(self.names.len())
            .map_err(|_| format!("there are more than {MOST} different labels: they cannot be classes"))?;
        self.names.push(label.to_owned());
        self.numbers.insert(label.to_owned(), number);
        Ok(number)
    }

    /// How a label was written.
    pub fn name(&self, number: u16) -> &str {
        &self.names[usize::from(number)]
    }

    /// The classes, where `train` are the labels of the training part and `named` those that the user names.
    ///
    /// # Errors
    /// A sentence when the user's names do not fit.
    pub fn classes(&self, train: &[u16], named: &[String]) -> Result<Classes, String> {
        let present = self.present(train);
        let names = |numbers: &[u16]| numbers.iter().map(|&number| self.name(number).to_owned()).collect::<Vec<_>>();
        if named.is_empty() {
            return Ok(self.in_order(&present, names(&present)));
        }
        let distinct: HashSet<&String> = named.iter().collect();
        if distinct.len() < named.len() {
            return Err("`classes` has a name twice".into());
        }
        if present.iter().all(|&number| distinct.contains(&self.names[usize::from(number)])) {
            return self.as_named(&present, named);
        }
        if self.numeric(&present) && named.len() == present.len() {
            return Ok(self.in_order(&present, named.to_vec()));
        }
        let (count, found) = (named.len(), shown(&names(&present)));
        Err(format!("`classes` has {count} names, but the labels of the training part are {found}"))
    }

    /// The labels that occur in `train`, in ascending order.
    fn present(&self, train: &[u16]) -> Vec<u16> {
        let mut present: Vec<u16> = train.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        if self.numeric(&present) {
            present.sort_by_key(|&number| self.name(number).parse::<i64>().unwrap_or_default());
        } else {
            present.sort_by_key(|&number| self.name(number));
        }
        present
    }

    fn numeric(&self, numbers: &[u16]) -> bool {
        numbers.iter().all(|&number| self.name(number).parse::<i64>().is_ok())
    }

    fn in_order(&self, present: &[u16], names: Vec<String>) -> Classes {
        let mut of = vec![None; self.names.len()];
        (0..).zip(present).for_each(|(class, &number)| of[usize::from(number)] = Some(class));
        Classes { names, of }
    }

    fn as_named(&self, present: &[u16], named: &[String]) -> Result<Classes, String> {
        let order: Option<Vec<u16>> = named.iter().map(|name| self.numbers.get(name).copied()).collect();
        let order = order.filter(|order| order.len() == present.len() && order.iter().all(|n| present.contains(n)));
        let order = order.ok_or_else(|| {
            let is_missing = |name: &&String| self.numbers.get(*name).is_none_or(|number| !present.contains(number));
            let missing = named.iter().find(is_missing).map_or("", String::as_str);
            format!("`classes` names `{missing}`, but no training sample is of it")
        })?;
        Ok(self.in_order(&order, named.to_vec()))
    }
}

impl Classes {
    /// The class of each sample, by the numbers of their labels; or else the first sample whose label no training
    /// sample has.
    pub fn of(&self, labels: &[u16]) -> Result<Vec<u16>, usize> {
        let class = |(sample, &label): (usize, &u16)| self.of[usize::from(label)].ok_or(sample);
        labels.iter().enumerate().map(class).collect()
    }
}

/// `a, b, c` and how many more.
fn shown(names: &[String]) -> String {
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(labels: &[&str], named: &[&str]) -> Result<(Vec<String>, Vec<u16>), String> {
        let mut all = Labels::default();
        let numbers: Vec<u16> = labels.iter().map(|label| all.number(label).unwrap()).collect();
        let named: Vec<String> = named.iter().map(|name| name.to_string()).collect();
        let classes = all.classes(&numbers, &named)?;
        let of = classes.of(&numbers).unwrap();
        Ok((classes.names, of))
    }

    fn expect(labels: &[&str], named: &[&str], names: &[&str], of: &[u16]) {
        let names = names.iter().map(|name| name.to_string()).collect();
        assert_eq!(classes(labels, named), Ok((names, of.to_vec())), "{labels:?} {named:?}");
    }

    #[test]
    fn classes_ascend_unless_the_user_says_otherwise() {
        expect(&["b", "a", "b"], &[], &["a", "b"], &[1, 0, 1]);
        expect(&["b", "a", "b"], &["b", "a"], &["b", "a"], &[0, 1, 0]);
        expect(&["10", "9", "-1"], &[], &["-1", "9", "10"], &[2, 1, 0]);
        expect(&["10", "9", "10"], &["nine", "ten"], &["nine", "ten"], &[1, 0, 1]);
        expect(&["10", "9"], &["10", "9"], &["10", "9"], &[0, 1]);
        expect(&["10", "9", "x"], &[], &["10", "9", "x"], &[0, 1, 2]);
    }

    #[test]
    fn names_that_do_not_fit_are_refused() {
        for (named, known) in [
            (&["a"][..], "`classes` has 1 names, but the labels of the training part are a, b"),
            (&["a", "c"], "`classes` has 2 names, but the labels of the training part are a, b"),
            (&["a", "b", "c"], "`classes` names `c`, but no training sample is of it"),
            (&["a", "b", "a"], "`classes` has a name twice"),
        ] {
            assert_eq!(classes(&["b", "a"], named).unwrap_err(), known);
        }
        assert_eq!(
            classes(&["1", "2"], &["x"]).unwrap_err(),
            "`classes` has 1 names, but the labels of the training part are 1, 2"
        );
    }

    #[test]
    fn a_label_that_training_lacks_is_found_and_too_many_are_refused() {
        let mut all = Labels::default();
        let (a, b) = (all.number("a").unwrap(), all.number("b").unwrap());
        assert_eq!(all.classes(&[a, a], &[]).unwrap().of(&[a, b, a]), Err(1));
        for label in 2..MOST {
            all.number(&label.to_string()).unwrap();
        }
        assert_eq!(all.number("b"), Ok(1));
        assert!(all.number("c").unwrap_err().contains("more than 65536 different labels"));
    }
}
