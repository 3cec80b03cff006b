//! Comma-separated tables: numbers, and the name of the class in the last column.

use std::borrow::Cow;
use std::path::Path;

use crate::delimited::Records;
use crate::error::{Error, Result};

/// A table as it stands in a file.
#[derive(Debug, PartialEq)]
pub(super) struct Table {
    /// Columns without the last one.
    pub features: usize,
    /// Row after row.
    pub values: Vec<f32>,
    pub labels: Vec<u16>,
    /// Class names in the order of their first appearance.
    pub classes: Vec<String>,
}

/// Reads a table without a header; empty lines do not count. `path` names it in errors.
///
/// # Errors
/// [`Error::Data`] with the line that is wrong.
pub(super) fn parse(text: &str, path: &Path) -> Result<Table> {
    let mut table = Table { features: 0, values: Vec::new(), labels: Vec::new(), classes: Vec::new() };
    let mut records = Records::new(text);
    while let Some(record) = records.next_record().map_err(|what| Error::data(path, what))? {
        table.push(record.cells).map_err(|what| Error::data(path, format!("line {}: {what}", record.line)))?;
    }
    if table.labels.is_empty() {
        return Err(Error::data(path, "holds no samples"));
    }
    Ok(table)
}

impl Table {
    fn push(&mut self, cells: &[Cow<'_, str>]) -> std::result::Result<(), String> {
        let (class, numbers) = cells.split_last().expect("a record has at least one cell");
        if self.labels.is_empty() {
            self.features = numbers.len();
        }
        if numbers.is_empty() || class.is_empty() {
            return Err("must hold numbers and, in the last column, the name of the class".into());
        }
        if numbers.len() != self.features {
            return Err(format!("{} columns where the first line has {}", cells.len(), self.features + 1));
        }
        for (column, cell) in (1..).zip(numbers) {
            let value = cell.parse::<f32>().ok().filter(|value| value.is_finite());
            self.values.push(value.ok_or_else(|| format!("`{cell}` in column {column} is not a number"))?);
        }
        let known = self.classes.iter().position(|name| name == class);
        let label = known.unwrap_or_else(|| {
            self.classes.push(class.to_string());
            self.classes.len() - 1
        });
        self.labels.push(u16::try_from(label).map_err(|_| "more than 65536 classes".to_string())?);
        Ok(())
    }

    /// Scales each feature to [0, 1] by its least and its largest value; a constant one to 0.
    pub fn scale(&mut self) {
        for feature in 0..self.features {
            let column = || self.values[feature..].iter().step_by(self.features).copied();
            let low = column().fold(f32::INFINITY, f32::min);
            let range = column().fold(f32::NEG_INFINITY, f32::max) - low;
            for value in self.values[feature..].iter_mut().step_by(self.features) {
                *value = if range > 0.0 { (*value - low) / range } else { 0.0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_classes_and_scaling() {
        for text in ["1, 5,a\n\n3,5,b\n2,5,a\n", "\u{feff}\"1\",5,\"a\"\r\n3 , 5, b\r\n2,5,a\r\n\r\n"] {
            let mut table = parse(text, Path::new("t.csv")).unwrap();
            table.scale();
            assert_eq!(table.values, [0.0, 0.0, 1.0, 0.0, 0.5, 0.0]);
            assert_eq!((table.labels, table.classes), (vec![0, 1, 0], vec!["a".to_string(), "b".into()]));
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, known) in [
            ("1,2,a\n1,b\n", "t.csv: line 2: 2 columns where the first line has 3"),
            ("1,2,a\n\n1,x,b\n", "t.csv: line 3: `x` in column 2 is not a number"),
            ("nan,a\n", "t.csv: line 1: `nan` in column 1 is not a number"),
            ("1,2,\n", "t.csv: line 1: must hold numbers and, in the last column, the name of the class"),
            ("setosa\n", "t.csv: line 1: must hold numbers and, in the last column, the name of the class"),
            ("\n", "t.csv: holds no samples"),
        ] {
            assert_eq!(parse(text, Path::new("t.csv")).unwrap_err().to_string(), known);
        }
    }
}
