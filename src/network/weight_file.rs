//! Initial weights from files: `.npy` and `.csv` (one line per source, one column per target).

use std::path::Path;

use crate::delimited::{self, Records, shown};
use crate::error::{Error, Result};
use crate::numpy::Array;

/// The weights in the file at `path`, `sources` x `targets`, source after source.
///
/// # Errors
/// [`Error::Data`] when the file cannot be read, is of another shape, or holds something
/// else than numbers that single precision can hold.
pub(super) fn read(path: &Path, sources: usize, targets: usize) -> Result<Vec<f64>> {
    let shape = [sources, targets];
    let weights = match path.extension().and_then(|ending| ending.to_str()) {
        Some("npy") => Array::read(path).and_then(|array| read_npy(&array, shape)),
        Some("csv") => delimited::read(path).and_then(|text| read_csv(&text, shape)),
        _ => Err("is no weight file; weights are read from .npy and .csv".into()),
    };
    let weights = weights.map_err(|what| Error::data(path, what))?;
    if let Some(at) = weights.iter().position(|&weight| !(weight as f32).is_finite()) {
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

fn read_csv(text: &str, shape: [usize; 2]) -> std::result::Result<Vec<f64>, String> {
    let (mut weights, mut rows, mut records) = (Vec::new(), 0, Records::new(text));
    while let Some(record) = records.next_record()? {
        let (line, columns) = (record.line, record.cells.len());
        for (column, cell) in (1..).zip(record.cells) {
            let weight = cell.parse::<f64>();
            weights.push(weight.map_err(|_| format!("line {line}, column {column}: {} is not a number", shown(cell)))?);
        }
        if columns != shape[1] {
            return Err(format!(
                "line {line} has {columns} columns, but the projection has {} targets (one line per source)",
                shape[1]
            ));
        }
        rows += 1;
    }
    check_shape(&[rows, shape[1]], shape)?;
    Ok(weights)
}

fn read_npy(array: &Array, shape: [usize; 2]) -> std::result::Result<Vec<f64>, String> {
    check_shape(&array.shape, shape)?;
    array.numbers()
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

    fn read_bytes(name: &str, bytes: &[u8]) -> std::result::Result<Vec<f64>, String> {
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
        assert_eq!(read_bytes("w.npy", &single).unwrap(), weights);
        assert_eq!(read_bytes("w.npy", &double).unwrap(), weights);
        let marked = b"\xef\xbb\xbf\"0.5\", -1.25 ,2\r\n0;3.5;-8e0\r\n\r\n";
        [&csv[..], marked].iter().for_each(|text| assert_eq!(read_bytes("w.csv", text).unwrap(), weights));
    }

    #[test]
    fn every_wrong_file_is_refused_with_its_reason() {
        let six = f32s(&[0.0; 6]);
        let cases: [(&str, Vec<u8>, &str); 11] = [
            ("w.npy", b"PK".to_vec(), "is not a .npy file"),
            ("w.npy", npy("<f4", "False", "(2, 3)", &six)[..30].to_vec(), "or is cut off"),
            ("w.npy", npy("<f4", "False", "(2, 3)", &six[..20]), "holds 20 bytes of data instead of 24"),
            ("w.csv", b"1,2,3\n4,1e39,6\n".to_vec(), "the weight from source 1 to target 1 is not finite"),
            ("w.npy", npy("<f4", "False", "(3, 2)", &six), "holds an array of 3 x 2, but the projection needs 2 x 3"),
            ("w.npy", npy("<f4", "False", "(6,)", &six), "holds an array of 6, but"),
            ("w.npy", npy("<f4", "True", "(2, 3)", &six), "is in Fortran order"),
            ("w.npy", npy("<c8", "False", "(2, 3)", &six), "holds elements of NumPy's type `c8`, which are no numbers"),
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
