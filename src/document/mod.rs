//! A TOML text as a tree in which every key and every value knows its place, so that
//! whoever reads it can say where a mistake stands, even after `--set` changed a value.
//!
//! `expression.rs` does the arithmetic (`measure.rs` with dimensions), `selection.rs` finds the
//! entry of a list that counts, `unit_once.rs` gives each entry the unit of its list, `parameters.rs`
//! keeps the named values, `setting.rs` works `--set` in, `reader.rs` turns nodes into checked values
//! and collects problems, `advice.rs` says what was meant, `key.rs` names what a table may hold,
//! `hidden.rs` refuses characters that cannot be seen, `schema.rs` says so to editors, `definitions.rs` without repeating itself.

pub mod advice;
mod definitions;
pub mod expression;
mod hidden;
pub mod key;
pub mod kind;
mod measure;
mod parameters;
pub mod reader;
pub mod reference;
pub mod schema;
pub mod selection;
pub mod setting;
mod unit_once;
pub mod writing;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Place, Problem, Result, Source};
use crate::regular_file;

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    pub item: Item,
    pub place: Place,
}

/// What a value is.
#[derive(Debug, Clone)]
pub enum Item {
    Text(String),
    Integer(i128),
    Float(f64),
    Flag(bool),
    Date,
    Array(Vec<Node>),
    Table(Table),
}

/// Keys and values in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub entries: Vec<Entry>,
}

/// One key of a table.
#[derive(Debug, Clone)]
pub struct Entry {
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    pub value: Node,
}

impl Table {
    /// Parses a TOML text.
    ///
    /// # Errors
    /// Every syntax error that the parser finds, else every text with characters that cannot be seen.
    pub fn parse(source: &Arc<Source>) -> std::result::Result<Self, Vec<Problem>> {
        let table = Self::parse_any(source)?;
        let problems = hidden::problems(&table);
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    /// The same, with any characters.
    fn parse_any(source: &Arc<Source>) -> std::result::Result<Self, Vec<Problem>> {
        let (table, errors) = DeTable::parse_recoverable(&source.text);
        let most = if errors.is_empty() || is_shown(&source.name) { usize::MAX } else { 1 };
        let mut problems: Vec<Problem> = errors.iter().take(most).map(|error| syntax_problem(error, source)).collect();
        let table = convert_table(table.get_ref(), source, &mut problems);
        if problems.is_empty() { Ok(table) } else { Err(problems) }
    }

    /// Whether a TOML text has one of these keys at its top; no values are looked at.
    pub fn has_any(source: &Source, keys: &[&str]) -> bool {
        let (table, _) = DeTable::parse_recoverable(&source.text);
        keys.iter().any(|key| table.get_ref().contains_key(*key))
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Takes the entry of `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let position = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(position))
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.key.as_str())
    }
}

impl Item {
    /// What it is, in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Flag(_) => "a flag (true or false)",
            Self::Date => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

impl Node {
    /// The value as a table.
    pub fn table(&self) -> Option<&Table> {
        if let Item::Table(table) = &self.item { Some(table) } else { None }
    }

    /// The value as a string.
    pub fn text(&self) -> Option<&str> {
        if let Item::Text(text) = &self.item { Some(text) } else { None }
    }

    /// Where a stretch of this string stands: inside the quotes, unless escapes make the
    /// written text differ from the string.
    pub fn place_inside(&self, span: &Range<usize>) -> Place {
        let whole = self.place.clone();
        let (Some(text), Some(written)) = (self.text(), whole.source.text.get(whole.span.clone())) else {
            return whole;
        };
        let offset = match written.find(text) {
            Some(offset) if offset <= 1 && text.get(span.clone()).is_some() => whole.span.start + offset,
            _ => return whole,
        };
        Place { span: offset + span.start..offset + span.end, ..whole }
    }
}

/// Reads the text of a model or experiment file.
///
/// # Errors
/// [`Error::Data`] when the file cannot be read or is not UTF-8.
pub fn read_source(path: &Path) -> Result<Arc<Source>> {
    let bytes = regular_file::read(path, regular_file::TEXT).map_err(|what| Error::data(path, what))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(Source { name: path.display().to_string(), text })),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            Err(Error::data(path, format!("is no text: byte {valid} is not UTF-8")))
        }
    }
}

/// Whether lines of the text may be shown though it is no TOML: those of a file that is called otherwise may
/// be nobody's business.
fn is_shown(name: &str) -> bool {
    name.ends_with(".toml") || !Path::new(name).is_file()
}

fn syntax_problem(error: &toml::de::Error, source: &Arc<Source>) -> Problem {
    let end = source.text.len();
    let span = error.span().unwrap_or(end..end);
    let place = Place { span: span.start.min(end)..span.end.min(end), source: Arc::clone(source) };
    if is_shown(&source.name) {
        return Problem { message: format!("this is not TOML: {}", error.message()), place: Some(place), help: None };
    }
    let (line, column) = place.line_column();
    let message = format!("{}, line {line}, column {column}: this is not TOML", source.name);
    Problem { message, place: None, help: Some("models and experiments are TOML, in files such as `my.toml`".into()) }
}

fn convert_table(table: &DeTable<'_>, source: &Arc<Source>, problems: &mut Vec<Problem>) -> Table {
    let entries = table.iter().map(|(key, value)| Entry {
        key: key.get_ref().to_string(),
        place: Place { span: key.span(), source: Arc::clone(source) },
        value: convert(value, source, problems),
    });
    Table { entries: entries.collect() }
}

fn convert(value: &Spanned<DeValue<'_>>, source: &Arc<Source>, problems: &mut Vec<Problem>) -> Node {
    let place = Place { span: value.span(), source: Arc::clone(source) };
    let item = match value.get_ref() {
        DeValue::String(text) => Item::Text(text.to_string()),
        DeValue::Integer(integer) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Item::Integer(integer),
            Err(_) => {
                let message = "this number is too large".to_owned();
                problems.push(Problem { message, place: Some(place.clone()), help: None });
                Item::Integer(0)
            }
        },
        DeValue::Float(float) => Item::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Item::Flag(*flag),
        DeValue::Datetime(_) => Item::Date,
        DeValue::Array(items) => Item::Array(items.iter().map(|item| convert(item, source, problems)).collect()),
        DeValue::Table(table) => Item::Table(convert_table(table, source, problems)),
    };
    unit_once::spread(Node { item, place })
}
