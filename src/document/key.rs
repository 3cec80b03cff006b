//! What a table of a file may hold: rows from which unknown keys are told, and from which
//! the JSON Schema and the reference tables are made.

use crate::parameter::{Field, Kind};
use crate::unit::Dimension;

/// One key of a table.
#[derive(Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub holds: Holds,
    pub required: bool,
    /// One sentence or two, in Markdown.
    pub doc: &'static str,
}

/// What stands at a key.
#[derive(Clone, Copy)]
pub enum Holds {
    Text,
    Flag,
    Count,
    /// A quantity of this dimension.
    Quantity(Dimension),
    /// An array of whole numbers.
    Counts,
    /// A name or an array of names.
    Names,
    /// An array of these words.
    Words(&'static [&'static str]),
    /// One kind: its name, or a table of which the only key is its name.
    Kind(fn() -> Vec<KindRow>),
    /// Several kinds, each a key of a table.
    Kinds(fn() -> Vec<KindRow>),
    /// A number or one kind; `file` is a key too.
    Weight(fn() -> Vec<KindRow>),
    /// A whole number, or an array of them.
    CountOrCounts,
    /// One kind, of which lists and matrices may tell pairs of populations apart.
    KindOfPairs(fn() -> Vec<KindRow>),
    /// A time or a distribution.
    Delay(fn() -> Vec<KindRow>),
    /// Several rules, each a key of a table with the rule's parameters and these keys.
    Rules(fn() -> Vec<KindRow>, &'static [Key]),
    /// A name or one kind, whose quantities may be arrays or these distributions.
    Neuron(fn() -> Vec<KindRow>, fn() -> Vec<KindRow>),
    /// A table with these fields.
    Fields(&'static [Field]),
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table of tables with these keys, under names of the user's choice.
    Named(&'static [Key]),
    /// The same, where each table also holds tables with some of the latter keys.
    NamedWithTables(&'static [Key], &'static [&'static [Key]]),
    /// The same, where each table also holds one kind.
    NamedWithKind(&'static [Key], fn() -> Vec<KindRow>),
    /// An array of tables with these keys.
    List(&'static [Key]),
    /// A table of numbers and lists under names of the user's choice.
    Numbers,
    /// A table of anything.
    Anything,
}

/// A [`Kind`] without what it builds.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    pub name: &'static str,
    pub aliases: &'static [&'static str],
    pub summary: &'static str,
    pub fields: &'static [Field],
}

/// The rows of a list of kinds.
pub fn rows<T: ?Sized>(kinds: &'static [Kind<T>]) -> Vec<KindRow> {
    let row =
        |kind: &Kind<T>| KindRow { name: kind.name, aliases: kind.aliases, summary: kind.summary, fields: kind.fields };
    kinds.iter().map(row).collect()
}

/// The names of `keys`.
pub fn names(keys: &'static [Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}
