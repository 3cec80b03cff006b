//! Numbers for the neurons of a population from a file: `.npy` (one dimension, float32, float64 or
//! whole numbers of 32 or 64 bits, little-endian), or CSV.
//!
//! ```text
//! 10.5              one number a line, or, with `column`, the column under that name
//! 12                lines that are blank or start with `#` are skipped
//! ```

use std::path::Path;

/// The numbers in the file at `path`, of a CSV file those of `column`.
///
/// # Errors
/// A sentence when the file cannot be read, is of another form, or holds something else than
/// finite numbers.
pub(super) fn read(path: &Path, column: Option<&str>) -> Result<Vec<f64>, String> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    if !matches!(ending.as_str(), "npy" | "csv" | "txt") {
        return Err("values for each neuron are read from .npy and .csv".into());
    }
    let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let values = match (ending.as_str(), column) {
        ("npy", None) => npy(&bytes)?,
        ("npy", Some(_)) => return Err("an array has no `column`; leave it out".into()),
        _ => csv(std::str::from_utf8(&bytes).map_err(|_| "is not text in UTF-8")?, column)?,
    };
    match values.iter().position(|value| !value.is_finite()) {
        Some(neuron) => Err(format!("the value of neuron {neuron} is {}, which is not finite", values[neuron])),
        None => Ok(values),
    }
}

fn csv(text: &str, column: Option<&str>) -> Result<Vec<f64>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let place = match column {
        None => None,
        Some(name) => Some(place_of(name, lines.next().ok_or("there is no header")?.1)?),
    };
    lines.map(|(index, line)| value(line, place).map_err(|what| format!("line {}: {what}", index + 1))).collect()
}

/// Where the column called `name` stands.
fn place_of(name: &str, header: &str) -> Result<usize, String> {
    let names: Vec<&str> = cells(header).collect();
    let mut places = (0..names.len()).filter(|&place| names[place] == name);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (Some(_), Some(_)) => Err(format!("the column `{name}` is there twice")),
        _ => Err(format!("there is no column `{name}`; columns are {}", names.join(", "))),
    }
}

/// The number in a column of a line, or the only one of the line.
fn value(line: &str, place: Option<usize>) -> Result<f64, String> {
    let cells: Vec<&str> = cells(line).collect();
    let cell = match place {
        Some(place) => {
            *cells.get(place).ok_or(format!("there are {} columns, and {} are needed", cells.len(), place + 1))?
        }
        None if cells.len() == 1 => cells[0],
        None => return Err(format!("there are {} columns; say which with `column = \"NAME\"`", cells.len())),
    };
    let help = if place.is_none() { "; say which column of a file with a header with `column = \"NAME\"`" } else { "" };
    cell.parse().map_err(|_| format!("`{cell}` is not a number{help}"))
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(bare)
}

/// A cell without spaces and quotes around it.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

fn npy(bytes: &[u8]) -> Result<Vec<f64>, String> {
    let cut_off = "is not a .npy file, or is cut off";
    let (header, data) = split(bytes).ok_or(cut_off)?;
    let shape = after(header, "shape").and_then(|text| text.strip_prefix('(')?.split_once(')')).ok_or(cut_off)?.0;
    let sides: Vec<&str> = shape.split(',').map(str::trim).filter(|side| !side.is_empty()).collect();
    let [length] = sides.as_slice() else {
        return Err(format!("holds an array of {} dimensions, and one is needed", sides.len()));
    };
    let length: usize = length.parse().map_err(|_| cut_off)?;
    let kind = after(header, "descr").map_or("", |kind| kind.trim_start_matches(['\'', '"']));
    let (width, number): (usize, fn(&[u8]) -> f64) = match kind.get(..3) {
        Some("<f4") => (4, |word| word.try_into().map_or(f64::NAN, |word| f64::from(f32::from_le_bytes(word)))),
        Some("<f8") => (8, |word| word.try_into().map_or(f64::NAN, f64::from_le_bytes)),
        Some("<i4") => (4, |word| word.try_into().map_or(f64::NAN, |word| f64::from(i32::from_le_bytes(word)))),
        Some("<i8") => (8, |word| word.try_into().map_or(f64::NAN, |word| i64::from_le_bytes(word) as f64)),
        _ => return Err("does not hold little-endian numbers; save it with .astype(\"<f8\")".into()),
    };
    match length.checked_mul(width) {
        Some(expected) if expected == data.len() => Ok(data.chunks_exact(width).map(number).collect()),
        _ => Err(format!("holds {} bytes of data where {length} numbers of {width} bytes are announced", data.len())),
    }
}

/// The header text and the data of a `.npy` file.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (length, rest) = match *rest.first()? {
        1 => (usize::from(u16::from_le_bytes(*rest.get(2..4)?.as_array()?)), &rest[4..]),
        2 | 3 => (u32::from_le_bytes(*rest.get(2..6)?.as_array()?) as usize, &rest[6..]),
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

/// What follows `'key':` in the header, a Python dictionary.
fn after<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    Some(header.split_once(&format!("'{key}':"))?.1.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn arrays_of_one_dimension_are_read_in_any_width() {
        let doubles: Vec<u8> = [10.5f64, -2.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(npy(&array("<f8", "(2,)", &doubles)), Ok(vec![10.5, -2.0]));
        let floats: Vec<u8> = [0.5f32, 3.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(npy(&array("<f4", "(2,)", &floats)), Ok(vec![0.5, 3.0]));
        let whole: Vec<u8> = [7i64, -3].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(npy(&array("<i8", "(2,)", &whole)), Ok(vec![7.0, -3.0]));
        for wrong in [array("<f8", "(2, 1)", &doubles), array("<f8", "(3,)", &doubles), array("|S8", "(2,)", &doubles)]
        {
            assert!(npy(&wrong).is_err());
        }
        assert!(npy(&[]).is_err() && npy(b"\x93NUMPY\x01\x00\xff\xff").is_err());
    }

    #[test]
    fn a_column_is_found_by_its_name_and_the_only_one_needs_none() {
        assert_eq!(csv("10.5\n\n# a comment\n-2\n", None), Ok(vec![10.5, -2.0]));
        let table = "\u{feff}\"id\",\"tau_m\"\r\n0,10.5\r\n1,12\r\n";
        assert_eq!(csv(table, Some("tau_m")), Ok(vec![10.5, 12.0]));
        let wrong = |text, column| csv(text, column).unwrap_err();
        assert_eq!(wrong(table, Some("tau")), "there is no column `tau`; columns are id, tau_m");
        assert_eq!(wrong("1,2\n", None), "line 1: there are 2 columns; say which with `column = \"NAME\"`");
        assert!(wrong("tau_m\n1\n", None).starts_with("line 1: `tau_m` is not a number; say which column"));
        assert_eq!(wrong("a\n1\nx\n", Some("a")), "line 3: `x` is not a number");
        assert_eq!(wrong("a,b\n1,2\n3\n", Some("b")), "line 3: there are 1 columns, and 2 are needed");
    }
}
