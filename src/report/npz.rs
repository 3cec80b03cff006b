//! NumPy archives: `numpy.load` gives the arrays by name.
//!
//! ```text
//! spikes.npz   times_ms f64, ids u32, population u16: one entry per spike, in order of time;
//!              names: the name of each population, sizes u64: its neurons
//! traces.npz   "exc/17/times_ms" and "exc/17/v", f64, for neuron 17 of population exc
//! ```

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::record::recording::Recording;

/// The bytes of `spikes.npz`.
pub fn spikes(recording: &Recording) -> Vec<u8> {
    let names: Vec<&str> = recording.populations.iter().map(|p| p.name.as_str()).collect();
    let sizes: Vec<usize> = recording.populations.iter().map(|p| p.size).collect();
    spike_arrays(&recording.spikes(), &names, &sizes)
}

/// The same of spikes as (time in ms, neuron, index of the population).
pub fn spike_arrays(spikes: &[(f64, u32, u16)], names: &[&str], sizes: &[usize]) -> Vec<u8> {
    archive(&[
        ("times_ms".into(), array("<f8", spikes.len(), spikes.iter().flat_map(|s| s.0.to_le_bytes()))),
        ("ids".into(), array("<u4", spikes.len(), spikes.iter().flat_map(|s| s.1.to_le_bytes()))),
        ("population".into(), array("<u2", spikes.len(), spikes.iter().flat_map(|s| s.2.to_le_bytes()))),
        ("names".into(), texts(names)),
        ("sizes".into(), array("<u8", names.len(), sizes.iter().flat_map(|&size| (size as u64).to_le_bytes()))),
    ])
}

/// The bytes of `traces.npz`; `None` when no membrane was recorded.
pub fn traces(recording: &Recording) -> Option<Vec<u8>> {
    let mut arrays: Vec<(String, Vec<u8>)> = Vec::new();
    for (population, trace) in recording.populations.iter().flat_map(|p| p.traces.iter().map(move |trace| (p, trace))) {
        let name = format!("{}/{}", population.name, trace.neuron);
        if arrays.iter().any(|(other, _)| *other == format!("{name}/v")) {
            continue;
        }
        let times = trace.values.iter().flat_map(|&(tick, _)| recording.resolution.to_ms(tick).to_le_bytes());
        arrays.push((format!("{name}/times_ms"), array("<f8", trace.values.len(), times)));
        let values = trace.values.iter().flat_map(|(_, v)| v.to_le_bytes());
        arrays.push((format!("{name}/v"), array("<f8", trace.values.len(), values)));
    }
    (!arrays.is_empty()).then(|| archive(&arrays))
}

/// A one-dimensional array of `length` elements of NumPy's type `descr`, as a `.npy` file.
fn array(descr: &str, length: usize, data: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({length},), }}");
    // Magic, version, length and header together fill whole lines of 64 bytes.
    let padding = (64 - (header.len() + 11) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// An array of texts, which NumPy keeps in UTF-32 and pads with zeros.
fn texts(texts: &[&str]) -> Vec<u8> {
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    let padded =
        |text: &&str| text.chars().map(u32::from).chain(std::iter::repeat(0)).take(width).collect::<Vec<u32>>();
    array(&format!("<U{width}"), texts.len(), texts.iter().flat_map(padded).flat_map(u32::to_le_bytes))
}

/// An uncompressed archive of `.npy` files. The same arrays give the same bytes.
fn archive(arrays: &[(String, Vec<u8>)]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let write = |writer: &mut ZipWriter<_>| -> Result<(), std::io::Error> {
        for (name, bytes) in arrays {
            writer.start_file(format!("{name}.npy"), options)?;
            writer.write_all(bytes)?;
        }
        Ok(())
    };
    write(&mut writer).expect("names differ, and memory takes every byte");
    writer.finish().expect("memory takes every byte").into_inner()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::id::PopulationId;
    use crate::record::recorder::Recorder;
    use crate::record::recording::Outcome;
    use crate::record::setup::Setup;
    use crate::record::{Probe, SpikeObserver as _};
    use crate::time::{Resolution, Tick};

    pub(in crate::report) fn recording() -> Recording {
        let resolution = Resolution::from_ms(0.1).unwrap();
        let mut setup = Setup::new(resolution, Tick(100), &[("exc", 3), ("hémi", 3), ("quiet", 3)]);
        setup.populations[2].recorded = false;
        setup.probes = vec![Probe::membrane(PopulationId(1), 2, 5)];
        let mut recorder = Recorder::new(&setup).in_memory();
        recorder.sample(0, Tick(0), -65.0).unwrap();
        for (population, tick, neuron) in [(0, 3, 1), (1, 3, 0), (0, 15, 0)] {
            recorder.spikes(PopulationId(population), Tick(tick), &[neuron], None).unwrap();
        }
        recorder.sample(0, Tick(5), -64.25).unwrap();
        recorder.finish(Outcome { last: Tick(100), ..Outcome::default() })
    }

    fn file(archive: &[u8], name: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn arrays_hold_the_spikes_in_order_of_time() {
        let archive = spikes(&recording());
        let times = file(&archive, "times_ms.npy");
        assert!(
            times.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }")
        );
        assert_eq!(times.len(), 128 + 24);
        assert_eq!(times[128..], [0.3f64, 0.3, 1.5].map(f64::to_le_bytes).concat());
        assert_eq!(file(&archive, "ids.npy")[128..], [1u32, 0, 0].map(u32::to_le_bytes).concat());
        assert_eq!(file(&archive, "population.npy")[128..], [0u16, 1, 0].map(u16::to_le_bytes).concat());
        assert_eq!(file(&archive, "names.npy").len(), 128 + 3 * 5 * 4);
    }

    #[test]
    fn traces_are_named_by_population_and_neuron() {
        let archive = traces(&recording()).unwrap();
        assert_eq!(file(&archive, "hémi/2/v.npy")[128..], [-65.0f64, -64.25].map(f64::to_le_bytes).concat());
        assert_eq!(file(&archive, "hémi/2/times_ms.npy")[128..], [0.0f64, 0.5].map(f64::to_le_bytes).concat());
        let without = Recording { populations: vec![], ..recording() };
        assert_eq!(traces(&without), None);
    }
}
