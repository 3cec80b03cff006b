//! Numbers for the neurons of a population from a file: `.npy` of one dimension, or CSV.
//!
//! ```text
//! 10.5              one number a line, or, with `column`, the column under that name
//! 12                lines that are blank or start with `#` are skipped
//! ```

use std::path::Path;

use crate::delimited::{self, Record, Records};
use crate::numpy::Array;

/// The numbers in the file at `path`, of a CSV file those of `column`.
///
/// # Errors
/// A sentence when the file cannot be read, is of another form, or holds something else than
/// finite numbers.
pub(super) fn read(path: &Path, column: Option<&str>) -> Result<Vec<f64>, String> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    match (ending.as_str(), column) {
        ("npy", None) => npy(&Array::read(path)?),
        ("npy", Some(_)) => Err("an array has no `column`; leave it out".into()),
        ("csv" | "txt", column) => csv(&delimited::read(path)?, column),
        _ => Err("values for each neuron are read from .npy and .csv".into()),
    }
}

fn npy(array: &Array) -> Result<Vec<f64>, String> {
    if array.shape.len() != 1 {
        return Err(format!("holds an array of {} dimensions, and one is needed", array.shape.len()));
    }
    let values = array.numbers()?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(neuron) => Err(format!("the value of neuron {neuron} is {}, which is not finite", values[neuron])),
        None => Ok(values),
    }
}

fn csv(text: &str, column: Option<&str>) -> Result<Vec<f64>, String> {
    let mut records = Records::new(text);
    let place = match column {
        None => None,
        Some(name) => Some(place_of(name, &records.next_record()?.ok_or("there is no header")?)?),
    };
    let mut values = Vec::new();
    while let Some(record) = records.next_record()? {
        values.push(value(&record, place).map_err(|what| format!("line {}: {what}", record.line))?);
    }
    Ok(values)
}

/// Where the column called `name` stands.
fn place_of(name: &str, header: &Record<'_>) -> Result<usize, String> {
    let mut places = (0..header.cells.len()).filter(|&place| header.cells[place] == name);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (Some(_), Some(_)) => Err(format!("the column `{name}` is there twice")),
        _ => Err(format!(
            "there is no column `{name}`; columns are {}",
            header
                .cells
                .iter()
                .take(20)
                .map(|cell| delimited::shown(cell).replace('`', ""))
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

/// The number in a column of a record, or the only one of the record.
fn value(record: &Record<'_>, place: Option<usize>) -> Result<f64, String> {
    let cells = record.cells;
    let (cell, help) = match place {
        Some(place) => {
            let missing = || format!("there are {} columns, and {} are needed", cells.len(), place + 1);
            (cells.get(place).ok_or_else(missing)?, "")
        }
        None if cells.len() == 1 => (&cells[0], "; say which column of a file with a header with `column = \"NAME\"`"),
        None => return Err(format!("there are {} columns; say which with `column = \"NAME\"`", cells.len())),
    };
    delimited::number(cell).ok_or_else(|| format!("{} is not a finite number{help}", delimited::shown(cell)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_of_one_dimension_are_read() {
        let array = |shape: &[u64], values: &[f64]| {
            let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            Array::from_bytes([crate::numpy::header("<f8", shape), data].concat()).unwrap()
        };
        assert_eq!(npy(&array(&[2], &[10.5, -2.0])), Ok(vec![10.5, -2.0]));
        assert!(npy(&array(&[2, 1], &[10.5, -2.0])).unwrap_err().contains("2 dimensions"));
        assert!(npy(&array(&[2], &[1.0, f64::NAN])).unwrap_err().contains("neuron 1 is NaN"));
    }

    #[test]
    fn a_column_is_found_by_its_name_and_the_only_one_needs_none() {
        assert_eq!(csv("10.5\n\n# a comment\n-2\n", None), Ok(vec![10.5, -2.0]));
        let table = "\u{feff}\"id\",\"tau_m\"\r\n0,10.5\r\n1,12\r\n";
        assert_eq!(csv(table, Some("tau_m")), Ok(vec![10.5, 12.0]));
        let wrong = |text, column| csv(text, column).unwrap_err();
        assert_eq!(wrong(table, Some("tau")), "there is no column `tau`; columns are id, tau_m");
        assert_eq!(wrong("1,2\n", None), "line 1: there are 2 columns; say which with `column = \"NAME\"`");
        assert!(wrong("tau_m\n1\n", None).starts_with("line 1: `tau_m` is not a finite number; say which column"));
        assert_eq!(wrong("a\n1\nx\n", Some("a")), "line 3: `x` is not a finite number");
        assert_eq!(wrong("a,b\n1,2\n3\n", Some("b")), "line 3: there are 1 columns, and 2 are needed");
    }
}
