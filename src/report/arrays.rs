//! Reading back the arrays of a run, piece by piece: figures are drawn from files of any length.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::read::ZipFile;

use crate::error::{Error, Result};
use crate::numpy;
use crate::regular_file;

/// Calls `visit` with time in ms, neuron and index of the population of every spike in a
/// `spikes.npz`, in its order.
///
/// # Errors
/// [`Error::Data`] when the file is missing, cut off or something else.
pub fn read_spikes(path: &Path, mut visit: impl FnMut(f64, u32, u16)) -> Result<()> {
    let mut archives = [open(path)?, open(path)?, open(path)?];
    let [times, neurons, populations] = &mut archives;
    let mut read = || -> io::Result<()> {
        let mut times = Column::<8>::of(times, "times_ms", "<f8")?;
        let mut neurons = Column::<4>::of(neurons, "ids", "<u4")?;
        let mut populations = Column::<2>::of(populations, "population", "<u2")?;
        if times.length != neurons.length || times.length != populations.length {
            return Err(io::Error::other("its arrays differ in length"));
        }
        for _ in 0..times.length {
            let time = f64::from_le_bytes(times.next()?);
            visit(time, u32::from_le_bytes(neurons.next()?), u16::from_le_bytes(populations.next()?));
        }
        times.end().and(neurons.end()).and(populations.end())
    };
    read().map_err(|wrong| unreadable(path, &wrong))
}

/// Calls `visit` with the number of samples, then time in ms and value of every sample, for
/// two arrays of a `traces.npz`.
///
/// # Errors
/// As [`read_spikes`].
pub fn read_samples(path: &Path, (times, values): (&str, &str), mut visit: impl FnMut(u64, f64, f64)) -> Result<()> {
    let mut archives = [open(path)?, open(path)?];
    let [first, second] = &mut archives;
    let mut read = || -> io::Result<()> {
        let mut times = Column::<8>::of(first, times, "<f8")?;
        let mut values = Column::<8>::of(second, values, "<f8")?;
        if times.length != values.length {
            return Err(io::Error::other("its arrays differ in length"));
        }
        for _ in 0..times.length {
            visit(times.length, f64::from_le_bytes(times.next()?), f64::from_le_bytes(values.next()?));
        }
        times.end().and(values.end())
    };
    read().map_err(|wrong| unreadable(path, &wrong))
}

fn open(path: &Path) -> Result<ZipArchive<File>> {
    let file = regular_file::open(path).map_err(|what| Error::data(path, what))?;
    ZipArchive::new(file).map_err(|wrong| unreadable(path, &io::Error::from(wrong)))
}

fn unreadable(path: &Path, wrong: &io::Error) -> Error {
    Error::data(path, numpy::unreadable(wrong))
        .with_help("`twinfire simulate` writes it; the same command writes it again")
}

/// One array of elements of `N` bytes.
struct Column<'a, const N: usize> {
    reader: BufReader<ZipFile<'a, File>>,
    length: u64,
}

impl<'a, const N: usize> Column<'a, N> {
    fn of(archive: &'a mut ZipArchive<File>, name: &str, descr: &str) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, archive.by_name(&format!("{name}.npy"))?);
        let mut start = [0; 10];
        reader.read_exact(&mut start)?;
        if !start.starts_with(b"\x93NUMPY\x01\x00") {
            return Err(io::Error::other(format!("`{name}` is no NumPy array")));
        }
        let mut header = vec![0; usize::from(u16::from_le_bytes([start[8], start[9]]))];
        reader.read_exact(&mut header)?;
        let header = String::from_utf8_lossy(&header).into_owned();
        let length = header.split("'shape': (").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok());
        match length.filter(|_| header.contains(&format!("'descr': '{descr}'"))) {
            Some(length) => Ok(Self { reader, length }),
            None => Err(io::Error::other(format!("`{name}` is no array of {descr} in one dimension"))),
        }
    }

    fn next(&mut self) -> io::Result<[u8; N]> {
        let mut element = [0; N];
        self.reader.read_exact(&mut element)?;
        Ok(element)
    }

    /// Comes to the end, where the checksum is compared.
    fn end(&mut self) -> io::Result<()> {
        match self.reader.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(io::Error::new(ErrorKind::InvalidData, "an array is longer than its header says")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::npz;

    #[test]
    fn spikes_come_back_in_order() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spikes.npz");
        let spikes: Vec<(f64, u32, u16)> = (0..50_000).map(|i| (f64::from(i) * 0.1, i % 900, (i % 3) as u16)).collect();
        std::fs::write(&path, npz::spike_arrays(&spikes, &["a", "b", "c"], &[900; 3])).unwrap();
        let mut read = Vec::new();
        read_spikes(&path, |time, neuron, population| read.push((time, neuron, population))).unwrap();
        assert_eq!(read, spikes);
    }

    #[test]
    fn every_bit_of_the_elements_counts() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spikes.npz");
        let whole = npz::spike_arrays(&[(0.1, 2, 0); 100], &["a"], &[3]);
        let element = 0.1f64.to_le_bytes();
        let at = whole.windows(8).position(|window| window == element).unwrap();
        for bit in [0, 40] {
            let mut flipped = whole.clone();
            flipped[at + 8 * 99 + bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &flipped).unwrap();
            let refused = read_spikes(&path, |_, _, _| {}).unwrap_err();
            assert!(refused.exit_code() == 4 && refused.to_string().contains("is damaged: "), "{refused}");
            let refused = read_samples(&path, ("times_ms", "times_ms"), |_, _, _| {}).unwrap_err();
            assert!(refused.to_string().contains("is damaged: "), "{refused}");
            let read = numpy::Archive::open(&path).unwrap().array("times_ms").unwrap_err();
            assert!(read.starts_with("`times_ms` is damaged: "), "{read}");
        }
    }

    #[test]
    fn what_is_no_archive_of_spikes_is_an_error_of_data() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("spikes.npz");
        let whole = npz::spike_arrays(&[(0.1, 2, 0); 100], &["a"], &[3]);
        for length in [0, 10, 200, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(read_spikes(&path, |_, _, _| {}).unwrap_err().exit_code(), 4, "{length} bytes");
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(read_samples(&path, ("times_ms", "ids"), |_, _, _| {}).unwrap_err().to_string().contains("<f8"));
        assert!(read_samples(&path, ("times_ms", "v"), |_, _, _| {}).is_err());
    }
}
