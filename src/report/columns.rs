//! Columns of unknown length that grow side by side in one unnamed file, each in blocks:
//! memory stays at one block per column, and the system deletes the file whatever happens.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes kept of all columns together before they go to the file.
const MEMORY: usize = 1 << 25;
const LARGEST: usize = 1 << 17;
const SMALLEST: usize = 1 << 9;

/// Growing columns of bytes.
pub(super) struct Columns {
    file: File,
    end: u64,
    block: usize,
    columns: Vec<Column>,
}

/// One column: what is in the file, as (place, length), and what is not yet.
#[derive(Default)]
struct Column {
    blocks: Vec<(u64, usize)>,
    rest: Vec<u8>,
    length: u64,
}

impl Columns {
    /// So many empty columns, in a file in `folder`.
    pub fn new(folder: &Path, number: usize) -> io::Result<Self> {
        let block = (MEMORY / number.max(1)).clamp(SMALLEST, LARGEST);
        let columns = std::iter::repeat_with(Column::default).take(number).collect();
        Ok(Self { file: tempfile::tempfile_in(folder)?, end: 0, block, columns })
    }

    /// Appends to a column.
    pub fn push(&mut self, column: usize, bytes: impl IntoIterator<Item = u8>) -> io::Result<()> {
        let column = &mut self.columns[column];
        let before = column.rest.len();
        column.rest.extend(bytes);
        column.length += (column.rest.len() - before) as u64;
        if column.rest.len() >= self.block {
            self.file.write_all(&column.rest)?;
            column.blocks.push((self.end, column.rest.len()));
            self.end += column.rest.len() as u64;
            column.rest.clear();
        }
        Ok(())
    }

    /// Bytes of a column.
    pub fn length(&self, column: usize) -> u64 {
        self.columns[column].length
    }

    /// Writes a whole column to `to`. Nothing may be appended after that.
    pub fn copy(&mut self, column: usize, to: &mut dyn Write) -> io::Result<()> {
        let mut block = Vec::new();
        for &(place, length) in &self.columns[column].blocks {
            block.resize(length, 0);
            self.file.seek(SeekFrom::Start(place))?;
            self.file.read_exact(&mut block)?;
            to.write_all(&block)?;
        }
        to.write_all(&self.columns[column].rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back_whole_however_they_grew() {
        let place = tempfile::tempdir().unwrap();
        let mut columns = Columns::new(place.path(), 3).unwrap();
        let mut expected = [Vec::new(), Vec::new(), Vec::new()];
        for step in 0u32..200_000 {
            let column = (step % 7 % 2) as usize;
            columns.push(column, step.to_le_bytes()).unwrap();
            expected[column].extend(step.to_le_bytes());
        }
        assert!(columns.columns[0].blocks.len() > 1, "some of it went to the file");
        for (column, expected) in expected.iter().enumerate() {
            let mut copy = Vec::new();
            columns.copy(column, &mut copy).unwrap();
            assert!(copy == *expected && columns.length(column) == expected.len() as u64);
        }
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "the file has no name");
    }
}
