//! Initial weights from files: `.npy` (NumPy's format, versions 1 to 3, float32 or
//! float64, C order) and `.csv` (one line per source, one column per target, `#` comments).

use std::path::Path;

use crate::error::{Error, Result};

/// The weights in the file at `path`, `sources` x `targets`, source after source.
///
/// # Errors
/// [`Error::Data`] when the file cannot be read, is of another shape, or holds something
/// else than finite numbers.
pub(super) fn read(path: &Path, sources: usize, targets: usize) -> Result<Vec<f32>> {
    let bytes = std::fs::read(path).map_err(|error| Error::data(path, format!("cannot be read: {error}")))?;
    let shape = [sources, targets];
    let weights = match path.extension().and_then(|ending| ending.to_str()) {
        Some("npy") => read_npy(&bytes, shape),
        Some("csv") => read_csv(&bytes, shape),
        _ => Err("is no weight file; weights are read from .npy and .csv".into()),
    };
    let weights = weights.map_err(|what| Error::data(path, what))?;
    if let Some(at) = weights.iter().position(|weight| !weight.is_finite()) {
        let what = format!("the weight from source {} to target {} is not finite", at / targets, at % targets);
        return Err(Error::data(path, what));
    }
    Ok(weights)
}

/// Checks the shape found against the one needed.
fn check_shape(found: &[usize], needed: [usize; 2]) -> std::result::Result<(), String> {
    if found == needed {
        return Ok(());
    }
    let found = found.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
    Err(format!(
        "holds an array of {found}, but the projection needs {} x {} (sources x targets)",
        needed[0], needed[1]
    ))
}

fn read_csv(bytes: &[u8], shape: [usize; 2]) -> std::result::Result<Vec<f32>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_string())?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let mut weights = Vec::new();
    let mut rows = 0;
    for (number, line) in lines {
        let before = weights.len();
        for (column, cell) in line.split(',').enumerate() {
            let weight = cell.trim().parse::<f64>().map_err(|_| {
                format!("line {}, column {}: `{}` is not a number", number + 1, column + 1, cell.trim())
            })?;
            weights.push(weight as f32);
        }
        let columns = weights.len() - before;
        if columns != shape[1] {
            return Err(format!(
                "line {} has {columns} columns, but the projection has {} targets (one line per source)",
                number + 1,
                shape[1]
            ));
        }
        rows += 1;
    }
    check_shape(&[rows, shape[1]], shape)?;
    Ok(weights)
}

fn read_npy(bytes: &[u8], shape: [usize; 2]) -> std::result::Result<Vec<f32>, String> {
    let (header, data) = split_npy(bytes).ok_or("is not a .npy file, or is cut off")?;
    if entry(header, "fortran_order").is_none_or(|order| !order.starts_with("False")) {
        return Err("is in Fortran order; save it with numpy.ascontiguousarray".into());
    }
    let found = entry(header, "shape").and_then(dimensions).ok_or("has a header without a shape")?;
    check_shape(&found, shape)?;
    let kind = entry(header, "descr").map_or("", |kind| kind.trim_start_matches(['\'', '"']));
    let width = match kind.get(..3) {
        Some("<f4") => 4,
        Some("<f8") => 8,
        _ => return Err("does not hold little-endian float32 or float64; save it with .astype(\"<f4\")".into()),
    };
    let expected = shape[0] * shape[1] * width;
    if data.len() != expected {
        return Err(format!("holds {} bytes of data instead of {expected}: it is cut off or damaged", data.len()));
    }
    let weights = match width {
        4 => data.as_chunks().0.iter().map(|&word| f32::from_le_bytes(word)).collect(),
        _ => data.as_chunks().0.iter().map(|&word| f64::from_le_bytes(word) as f32).collect(),
    };
    Ok(weights)
}

/// The header text and the data of a `.npy` file.
fn split_npy(bytes: &[u8]) -> Option<(&str, &[u8])> {
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
fn entry<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    Some(rest.trim_start())
}

/// The numbers of a Python tuple at the start of `text`.
fn dimensions(text: &str) -> Option<Vec<usize>> {
    let (inside, _) = text.strip_prefix('(')?.split_once(')')?;
    inside.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn f32s(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn f64s(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn read_bytes(name: &str, bytes: &[u8]) -> std::result::Result<Vec<f32>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let prefix = format!("{}: ", path.display());
        read(&path, 2, 3).map_err(|error| error.to_string().replace(&prefix, ""))
    }

    #[test]
    fn both_precisions_and_csv_give_the_same_weights() {
        let weights = [0.5, -1.25, 2.0, 0.0, 3.5, -8.0];
        let single = npy("<f4", "False", "(2, 3)", &f32s(&weights.map(|w| w as f32)));
        let double = npy("<f8", "False", "(2, 3)", &f64s(&weights));
        let csv = b"# from three to two\n0.5, -1.25,2\n\n0,3.5,-8e0\n";
        let expected = weights.map(|w| w as f32);
        assert_eq!(read_bytes("w.npy", &single).unwrap(), expected);
        assert_eq!(read_bytes("w.npy", &double).unwrap(), expected);
        assert_eq!(read_bytes("w.csv", csv).unwrap(), expected);
    }

    #[test]
    fn every_wrong_file_is_refused_with_its_reason() {
        let six = f32s(&[0.0; 6]);
        let cases: [(&str, Vec<u8>, &str); 10] = [
            ("w.npy", b"PK".to_vec(), "is not a .npy file"),
            ("w.npy", npy("<f4", "False", "(2, 3)", &six)[..30].to_vec(), "or is cut off"),
            ("w.npy", npy("<f4", "False", "(2, 3)", &six[..20]), "holds 20 bytes of data instead of 24"),
            ("w.npy", npy("<f4", "False", "(3, 2)", &six), "holds an array of 3 x 2, but the projection needs 2 x 3"),
            ("w.npy", npy("<f4", "False", "(6,)", &six), "holds an array of 6, but"),
            ("w.npy", npy("<f4", "True", "(2, 3)", &six), "is in Fortran order"),
            ("w.npy", npy("<i8", "False", "(2, 3)", &six), "does not hold little-endian float32"),
            ("w.csv", b"1,2,3\n4,x,6\n".to_vec(), "line 2, column 2: `x` is not a number"),
            ("w.csv", b"1,2,3\n4,5\n".to_vec(), "line 2 has 2 columns, but the projection has 3 targets"),
            ("w.csv", b"1,2,3\n4,inf,6\n".to_vec(), "the weight from source 1 to target 1 is not finite"),
        ];
        for (name, bytes, reason) in cases {
            let message = read_bytes(name, &bytes).unwrap_err();
            assert!(message.contains(reason), "{message} instead of {reason}");
        }
        assert!(read_bytes("w.txt", b"").unwrap_err().contains("read from .npy and .csv"));
        let missing = read(Path::new("no/such.npy"), 1, 1).unwrap_err().to_string();
        assert!(missing.starts_with("no/such.npy: cannot be read"), "{missing}");
    }
}
