//! How a pluggable thing (a neuron, a rule, an encoder ...) describes its parameters.
//!
//! A thing is one [`Kind`]: its name, one sentence, its [`Field`]s and a function that
//! builds it from checked [`Values`]. Parsing, defaults, ranges, units, "did you mean",
//! `twinfire list`, the JSON Schema and the reference tables all come from these rows.

use std::collections::BTreeMap;
use std::path::Path;

use crate::unit::Dimension;

/// What may stand for a parameter in a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// A number, or a string with a unit of this dimension. Read with [`Values::number`].
    Quantity(Dimension),
    /// One quantity, or an array of them. Read with [`Values::numbers`].
    Quantities(Dimension),
    /// One quantity, or none (the default is `[]`). Read with [`Values::optional`].
    Optional(Dimension),
    /// One quantity for all neurons, or an array with one for each. Read with [`Values::numbers`].
    OneOrEach(Dimension),
    /// A whole number, 0 and up. Read with [`Values::count`].
    Count,
    /// `true` or `false`. Read with [`Values::flag`].
    Flag,
    /// One of these words. Read with [`Values::text`].
    Choice(&'static [&'static str]),
    /// Any text. Read with [`Values::text`].
    Text,
    /// An array of texts, or one of them. Read with [`Values::texts`].
    Texts,
    /// A file, relative to the folder of the file that names it; empty for none. Read with
    /// [`Values::path`].
    Path,
}

impl Form {
    /// The dimension of its numbers; `None` for what is no quantity.
    pub fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Quantity(dimension)
            | Self::Optional(dimension)
            | Self::Quantities(dimension)
            | Self::OneOrEach(dimension) => Some(dimension),
            Self::Count | Self::Flag | Self::Choice(_) | Self::Text | Self::Texts | Self::Path => None,
        }
    }
}

/// Which numbers are possible, in base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Any finite number.
    Any,
    /// Above 0.
    Positive,
    /// 0 and above.
    NotNegative,
    /// From the first to the second, both included.
    Within(f64, f64),
}

impl Range {
    /// Whether `value` is possible.
    pub fn contains(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Any => true,
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::Within(low, high) => (low..=high).contains(&value),
            }
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => write!(f, "a finite number"),
            Self::Positive => write!(f, "above 0"),
            Self::NotNegative => write!(f, "0 or above"),
            Self::Within(low, high) => write!(f, "from {low} to {high}"),
        }
    }
}

/// One parameter of a [`Kind`], or one key of a table in a file.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    /// Other names that are accepted (PyNN's, for one).
    pub aliases: &'static [&'static str],
    pub form: Form,
    /// The default as it would stand in a file (`"20 ms"` without the quotes, `0.02`,
    /// `true`, `[1, 2]`), or the name of an earlier field whose value it takes; `None` when
    /// the user has to give a value.
    pub default: Option<&'static str>,
    pub range: Range,
    /// One sentence, shown by `twinfire list`, the schema and the reference.
    pub doc: &'static str,
}

impl Field {
    /// The field of `fields` whose value is the default of this one.
    pub fn follows<'f>(&self, fields: &'f [Self]) -> Option<&'f Self> {
        fields.iter().find(|other| Some(other.name) == self.default && other.name != self.name)
    }
}

/// A checked value in base units.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Number(f64),
    Numbers(Vec<f64>),
    Count(u64),
    Flag(bool),
    Text(String),
    Texts(Vec<String>),
}

/// Checked parameters: one value for every [`Field`] of a kind.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// Sets the value of the field called `name`.
    pub fn set(&mut self, name: &'static str, value: Value) {
        self.0.insert(name, value);
    }

    /// The value called `name`, if the field exists.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(&name, value)| (name, value))
    }

    /// The number of a [`Form::Quantity`] field, in its base unit.
    ///
    /// # Panics
    /// The readers panic when `name` is no field of that form: a bug of ours, not of a user.
    pub fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(&Value::Number(number)) => number,
            other => panic!("field `{name}` holds {other:?}, not a number"),
        }
    }

    /// The numbers of a [`Form::Quantities`] or [`Form::OneOrEach`] field; a single quantity is an array of one.
    pub fn numbers(&self, name: &str) -> &[f64] {
        match self.0.get(name) {
            Some(Value::Numbers(numbers)) => numbers,
            other => panic!("field `{name}` holds {other:?}, not numbers"),
        }
    }

    /// The number of a [`Form::Optional`] field, if there is one.
    pub fn optional(&self, name: &str) -> Option<f64> {
        match self.0.get(name) {
            Some(&Value::Number(number)) => Some(number),
            _ => self.numbers(name).first().copied(),
        }
    }

    /// The whole number of a [`Form::Count`] field.
    pub fn count(&self, name: &str) -> u64 {
        match self.0.get(name) {
            Some(&Value::Count(count)) => count,
            other => panic!("field `{name}` holds {other:?}, not a count"),
        }
    }

    /// The answer of a [`Form::Flag`] field.
    pub fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(&Value::Flag(flag)) => flag,
            other => panic!("field `{name}` holds {other:?}, not a flag"),
        }
    }

    /// The word of a [`Form::Choice`] or [`Form::Text`] field.
    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Text(text)) => text,
            other => panic!("field `{name}` holds {other:?}, not a text"),
        }
    }

    /// The texts of a [`Form::Texts`] field.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Value::Texts(texts)) => texts,
            other => panic!("field `{name}` holds {other:?}, not texts"),
        }
    }

    /// The file of a [`Form::Path`] field, if one is named.
    pub fn path(&self, name: &str) -> Option<&Path> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(Path::new)
    }
}

/// One row in the list of a pluggable folder.
pub struct Kind<T: ?Sized + 'static> {
    /// The key users write, in snake case.
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    /// One sentence, shown by `twinfire list`.
    pub summary: &'static str,
    pub fields: &'static [Field],
    /// Builds the thing; refuses, in a sentence, values that are impossible together.
    pub build: fn(&Values) -> Result<Box<T>, String>,
}

impl<T: ?Sized> Kind<T> {
    /// The field called `name`, by its own name or an alias.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name || field.aliases.contains(&name))
    }
}

/// The kind called `name` (or with that alias) in `kinds`.
pub fn find<'k, T: ?Sized>(kinds: &'k [Kind<T>], name: &str) -> Option<&'k Kind<T>> {
    kinds.iter().find(|kind| kind.name == name || kind.aliases.contains(&name))
}

/// A choice a user made: which kind, with which values. Kept beside what was built
/// from it, so that a resolved model or experiment can be written out again.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    pub kind: &'static str,
    pub values: Values,
}
