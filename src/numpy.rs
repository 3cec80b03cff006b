//! Arrays in NumPy's formats: `.npy` (versions 1 to 3, C order, little-endian) and `.npz`, a
//! zip archive of them, packed or not.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::regular_file;

use zip::ZipArchive;

use crate::delimited::read_bytes;

/// An array as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    /// Of an element: `f8`, `i4`, `u1`, `U12` and so on.
    kind: String,
    data: Vec<u8>,
}

/// Arrays by name.
#[derive(Debug)]
pub struct Archive {
    zip: ZipArchive<File>,
}

/// What stands before the elements of a `.npy` file whose elements are of NumPy's type `descr`.
pub fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let sides: String = shape.iter().map(|side| format!("{side}, ")).collect();
    let sides = if shape.len() == 1 { sides.trim_end() } else { sides.trim_end_matches(", ") };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
    // Magic, version, length and header together fill whole lines of 64 bytes.
    let padding = (64 - (header.len() + 11) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}

/// `name` as part of that of an array in an archive, where it is a path of a file: without separators, and without
/// dots at its start or side by side, so that it leads nowhere else and hides nothing.
pub fn entry_name(name: &str) -> String {
    let mut before = '.';
    let escaped = |c: char| {
        let dot = std::mem::replace(&mut before, c) == '.' && c == '.';
        match c {
            '/' | '\\' | '%' | ':' | '\0'..='\x1f' | '\x7f' => format!("%{:02X}", u32::from(c)),
            _ if dot => "%2E".to_owned(),
            _ => c.to_string(),
        }
    };
    name.chars().map(escaped).collect()
}

/// The name that [`entry_name`] made this of.
pub fn name_of_entry(entry: &str) -> String {
    let mut parts = entry.split('%');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => name.extend([char::from(code)].iter().chain(&part[2..].chars().collect::<Vec<_>>())),
            None => name.extend(['%'].iter().chain(&part.chars().collect::<Vec<_>>())),
        }
    }
    name
}

impl Array {
    /// The array in the `.npy` file at `path`.
    ///
    /// # Errors
    /// What is wrong with it, as [`from_bytes`](Self::from_bytes).
    pub fn read(path: &Path) -> Result<Self, String> {
        Self::from_bytes(read_bytes(path)?)
    }

    /// The array in the bytes of a `.npy` file.
    ///
    /// # Errors
    /// What is wrong, such as "is not a .npy file, or is cut off".
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, String> {
        let (header, start) = split(&bytes).ok_or("is not a .npy file, or is cut off")?;
        let (shape, kind) = described(header)?;
        let elements = shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side));
        let expected = elements.and_then(|elements| elements.checked_mul(width(&kind)?));
        let found = bytes.len() - start;
        match expected {
            None => return Err(format!("holds elements of NumPy's type `{kind}`, which are no numbers")),
            Some(expected) if expected != found => {
                return Err(format!("holds {found} bytes of data instead of {expected}: it is cut off or damaged"));
            }
            Some(_) => {}
        }
        bytes.drain(..start);
        Ok(Self { shape, kind, data: bytes })
    }

    /// The elements as they stand in the file.
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// The elements where they are bytes, or else the array again.
    ///
    /// # Errors
    /// The array, which holds something else.
    pub fn into_bytes(self) -> Result<Vec<u8>, Self> {
        if self.kind == "u1" { Ok(self.data) } else { Err(self) }
    }

    /// The elements, in C order, as numbers: whole ones beyond 2^53 are rounded.
    ///
    /// # Errors
    /// When they are no numbers.
    pub fn numbers(&self) -> Result<Vec<f64>, String> {
        let data = &self.data;
        Ok(match self.kind.as_str() {
            "f4" => data.as_chunks().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect(),
            "f8" => data.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect(),
            "i1" => data.as_chunks().0.iter().map(|&b| f64::from(i8::from_le_bytes(b))).collect(),
            "u1" => data.iter().map(|&b| f64::from(b)).collect(),
            "i2" => data.as_chunks().0.iter().map(|&b| f64::from(i16::from_le_bytes(b))).collect(),
            "u2" => data.as_chunks().0.iter().map(|&b| f64::from(u16::from_le_bytes(b))).collect(),
            "i4" => data.as_chunks().0.iter().map(|&b| f64::from(i32::from_le_bytes(b))).collect(),
            "u4" => data.as_chunks().0.iter().map(|&b| f64::from(u32::from_le_bytes(b))).collect(),
            "i8" => data.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b) as f64).collect(),
            "u8" => data.as_chunks().0.iter().map(|&b| u64::from_le_bytes(b) as f64).collect(),
            other => return Err(format!("holds elements of NumPy's type `{other}`, which are no numbers")),
        })
    }

    /// The elements as indices; the first that is none is told by its place.
    ///
    /// # Errors
    /// When they are no numbers, negative, not whole or beyond 2^32 - 1.
    pub fn indices(&self) -> Result<Vec<u32>, String> {
        if self.kind == "u4" {
            return Ok(self.data.as_chunks().0.iter().map(|&b| u32::from_le_bytes(b)).collect());
        }
        let index = |(place, value): (usize, f64)| {
            let whole = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value);
            whole.then_some(value as u32).ok_or_else(|| format!("element {place} is {value}, no index"))
        };
        self.numbers()?.into_iter().enumerate().map(index).collect()
    }

    /// The elements as texts.
    ///
    /// # Errors
    /// When they are none.
    pub fn texts(&self) -> Result<Vec<String>, String> {
        let letters = self.kind.strip_prefix('U').and_then(|letters| letters.parse::<usize>().ok());
        let letters = letters.filter(|&letters| letters > 0).ok_or("does not hold texts")?;
        let letter = |word: &[u8; 4]| char::from_u32(u32::from_le_bytes(*word)).filter(|&c| c != '\0');
        let text = |words: &[u8]| words.as_chunks().0.iter().filter_map(letter).collect();
        Ok(self.data.chunks_exact(4 * letters).map(text).collect())
    }
}

impl Archive {
    /// The archive at `path`.
    ///
    /// # Errors
    /// What is wrong with it: "is no regular file", "cannot be read: ...".
    pub fn open(path: &Path) -> Result<Self, String> {
        let zip = ZipArchive::new(regular_file::open(path)?);
        Ok(Self { zip: zip.map_err(|wrong| format!("cannot be read: {wrong}"))? })
    }

    /// Names of the arrays, in the order of the file.
    pub fn names(&self) -> Vec<String> {
        let files = self.zip.file_names().flatten();
        files.filter_map(|name| name.strip_suffix(".npy").map(str::to_owned)).collect()
    }

    /// Shape and type of elements (`f8`, `u1`, `U12`) of the array called `name`, of which no more is read; `None`
    /// when there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn header(&mut self, name: &str) -> Result<Option<(Vec<usize>, String)>, String> {
        let entry = match self.zip.by_name(&format!("{name}.npy")) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(wrong) => return Err(format!("`{name}` cannot be read: {wrong}")),
        };
        let mut bytes = Vec::new();
        let read = entry.take(HEADER).read_to_end(&mut bytes);
        read.map_err(|wrong| format!("`{name}` {}", unreadable(&wrong)))?;
        let (header, _) = split(&bytes).ok_or_else(|| format!("`{name}` is not a .npy file, or is cut off"))?;
        described(header).map(Some).map_err(|what| format!("`{name}` {what}"))
    }

    /// The array called `name`; `None` when there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn array(&mut self, name: &str) -> Result<Option<Array>, String> {
        let mut entry = match self.zip.by_name(&format!("{name}.npy")) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(wrong) => return Err(format!("`{name}` cannot be read: {wrong}")),
        };
        let (mut bytes, size) = (Vec::new(), entry.size());
        regular_file::require_room(size.saturating_mul(COPIES)).map_err(|what| format!("`{name}` {what}"))?;
        // The checksum is compared where a reader comes to the end, which a limit of `size` would not.
        let read = entry.by_ref().take(size.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|wrong| format!("`{name}` {}", unreadable(&wrong)))?;
        Array::from_bytes(bytes).map(Some).map_err(|what| format!("`{name}` {what}"))
    }
}

/// The most bytes that are read of an array for its header.
const HEADER: u64 = 1 << 16;

/// Why a part of an archive cannot be read.
pub fn unreadable(wrong: &std::io::Error) -> String {
    match wrong.kind() {
        ErrorKind::InvalidData | ErrorKind::InvalidInput => format!("is damaged: {wrong}"),
        _ => format!("cannot be read: {wrong}"),
    }
}

/// Bytes in memory for a byte of an array, together with what is read from it.
const COPIES: u64 = 4;

/// The header of a `.npy` file, and where its data begin.
fn split(bytes: &[u8]) -> Option<(&str, usize)> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (length, before): (usize, usize) = match *rest.first()? {
        1 => (usize::from(u16::from_le_bytes(*rest.get(2..4)?.as_array()?)), 10),
        2 | 3 => (u32::from_le_bytes(*rest.get(2..6)?.as_array()?) as usize, 12),
        _ => return None,
    };
    let header = bytes.get(before..before.checked_add(length)?)?;
    Some((std::str::from_utf8(header).ok()?, before + length))
}

/// Shape and type of elements.
fn described(header: &str) -> Result<(Vec<usize>, String), String> {
    if entry(header, "fortran_order").is_none_or(|order| !order.starts_with("False")) {
        return Err("is in Fortran order; save it with numpy.ascontiguousarray".into());
    }
    let shape = entry(header, "shape").and_then(dimensions).ok_or("has a header without a shape")?;
    let kind = entry(header, "descr").and_then(kind).ok_or("is not little-endian; save it with .astype(\"<f8\")")?;
    Ok((shape, kind))
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

/// The type of the elements, without their byte order; `None` when that is another than ours.
fn kind(text: &str) -> Option<String> {
    let text = text.strip_prefix(['\'', '"'])?;
    let text = &text[..text.find(['\'', '"'])?];
    match text.strip_prefix(['<', '|']) {
        Some(kind) => Some(kind.to_owned()),
        None => (!text.starts_with('>')).then(|| text.to_owned()),
    }
}

/// Bytes of an element; `None` for what is neither number nor text.
fn width(kind: &str) -> Option<usize> {
    let size: usize = kind.get(1..)?.parse().ok()?;
    match (kind.as_bytes().first()?, size) {
        (b'f', 4 | 8) | (b'i' | b'u', 1 | 2 | 4 | 8) => Some(size),
        (b'U', size) => size.checked_mul(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(descr: &str, shape: &[u64], data: &[u8]) -> Result<Array, String> {
        Array::from_bytes([header(descr, shape), data.to_vec()].concat())
    }

    #[test]
    fn every_type_of_number_is_read() {
        let minus_two = (-2i64).to_le_bytes();
        for (descr, data, expected) in [
            ("<f8", 0.1f64.to_le_bytes().to_vec(), 0.1),
            ("<f4", 0.5f32.to_le_bytes().to_vec(), 0.5),
            ("<i8", minus_two.to_vec(), -2.0),
            ("<i4", minus_two[..4].to_vec(), -2.0),
            ("<i2", minus_two[..2].to_vec(), -2.0),
            ("|i1", minus_two[..1].to_vec(), -2.0),
            ("<u8", 7u64.to_le_bytes().to_vec(), 7.0),
            ("<u4", 7u32.to_le_bytes().to_vec(), 7.0),
            ("<u2", 7u16.to_le_bytes().to_vec(), 7.0),
            ("|u1", vec![200], 200.0),
        ] {
            let array = array(descr, &[1], &data).unwrap();
            assert_eq!(array.numbers().unwrap(), [expected], "{descr}");
            assert_eq!(array.indices().is_ok(), expected >= 1.0, "{descr}");
        }
        assert_eq!(array("<u4", &[2, 3], &[0; 24]).unwrap().shape, [2, 3]);
        assert_eq!(array("<f8", &[], &[0; 8]).unwrap().shape, [0; 0]);
        let text: Vec<u8> = ['é', '\0', 'a', 'b'].iter().flat_map(|&c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(array("<U2", &[2], &text).unwrap().texts().unwrap(), ["é", "ab"]);
    }

    #[test]
    fn what_is_no_array_is_refused() {
        assert_eq!(
            array("<f8", &[2], &[0; 8]).unwrap_err(),
            "holds 8 bytes of data instead of 16: it is cut off or damaged"
        );
        assert!(array(">f8", &[1], &[0; 8]).unwrap_err().contains("little-endian"));
        assert!(array("|O", &[1], &[0; 8]).unwrap_err().contains("no numbers"));
        assert!(array("<f8", &[u64::MAX, u64::MAX], &[]).is_err());
        assert_eq!(
            array("<f8", &[1], &1.5f64.to_le_bytes()).unwrap().indices().unwrap_err(),
            "element 0 is 1.5, no index"
        );
        assert!(Array::from_bytes(b"PK".to_vec()).unwrap_err().contains("is not a .npy file"));
        assert!(Archive::open(Path::new("no/such.npz")).unwrap_err().starts_with("cannot be read: "));
    }

    #[test]
    fn headers_fill_whole_lines() {
        let header = header("<f8", &[3]);
        assert!(
            header.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }")
        );
        assert_eq!(header.len(), 128);
    }
}
