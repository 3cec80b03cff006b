//! Checkpoint files: what is written is read back, and nothing else is.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use twinfire::error::Error;
use twinfire::matrix::Matrix;
use twinfire::network::snapshot::{self, Damage, Snapshot};
use twinfire::random::{Purpose, Stream};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Header {
    experiment: String,
    seed: u64,
    epoch: u32,
    accuracy: Vec<f64>,
    best: Option<(u32, f64)>,
}

fn header() -> Header {
    Header {
        experiment: "dataset = \"digits\"\n".into(),
        seed: u64::MAX,
        epoch: 3,
        accuracy: vec![91.5, f64::NEG_INFINITY, 96.25],
        best: Some((2, 96.25)),
    }
}

fn matrices() -> Vec<(String, Matrix)> {
    let counting = |rows, columns| Matrix::from_fn(rows, columns, |i, j| i as f32 - 0.5 * j as f32);
    vec![("weights/0".into(), counting(3, 5)), ("momentum/0".into(), counting(1, 4)), ("empty".into(), counting(0, 7))]
}

fn bytes() -> Vec<u8> {
    let matrices = matrices();
    let borrowed: Vec<(&str, &Matrix)> = matrices.iter().map(|(name, matrix)| (name.as_str(), matrix)).collect();
    snapshot::to_bytes(&header(), &borrowed).unwrap()
}

fn read(bytes: &[u8]) -> Result<Snapshot<Header>, Damage> {
    snapshot::from_bytes(bytes)
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.twinfire");
    let odd = Matrix::from_column_slice(2, 2, &[f32::MIN_POSITIVE / 2.0, -0.0, f32::INFINITY, 1.0e-7]);
    for epoch in [1, 2] {
        snapshot::write(&path, &Header { epoch, ..header() }, &[("odd", &odd)], || Ok(())).unwrap();
        let back: Snapshot<Header> = snapshot::read(&path).unwrap();
        assert_eq!(back.header, Header { epoch, ..header() });
        assert_eq!(back.matrices.len(), 1);
        let bits = |matrix: &Matrix| matrix.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back.matrices[0].1), bits(&odd));
    }
    assert!(snapshot::is_checkpoint(&path));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn the_bytes_are_pinned() {
    let mut text = String::new();
    let bytes = bytes();
    for line in bytes.chunks(16) {
        line.iter().for_each(|byte| text.push_str(&format!("{byte:02x} ")));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
    assert_eq!(read(&bytes).unwrap(), Snapshot { header: header(), matrices: matrices() });
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = bytes();
    for length in 0..bytes.len() {
        match read(&bytes[..length]) {
            Err(Damage::NotACheckpoint) if length < 8 => {}
            Err(Damage::Truncated { found, .. }) if length >= 8 => assert_eq!(found, length as u64),
            other => panic!("{length} bytes: {other:?}"),
        }
    }
}

#[test]
fn every_flipped_bit_is_an_error() {
    let good = bytes();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&bad).is_err(), "bit {bit}");
    }
}

#[test]
fn a_thousand_scrambled_files_are_errors() {
    let good = bytes();
    for case in 0..1000 {
        let mut stream = Stream::new(7, Purpose::Perturbation, case, 0);
        let mut bad = good.clone();
        for _ in 0..1 + stream.word() % 40 {
            let place = stream.word() as usize % bad.len();
            bad[place] = bad[place].wrapping_add(1 + (stream.word() % 255) as u8);
        }
        if bad != good {
            assert!(read(&bad).is_err(), "case {case}");
        }
    }
}

#[test]
fn files_of_the_former_name_are_refused_by_name() {
    let mut old = bytes();
    old[..8].copy_from_slice(b"SYNFIRE\0");
    assert_eq!(read(&old), Err(Damage::Former));
}

#[test]
fn more_bytes_than_the_file_says_are_an_error() {
    let mut bad = bytes();
    bad.push(0);
    assert_eq!(read(&bad), Err(Damage::TooLong(1)));
}

/// A forged header whose checksums fit: sizes that overflow or exceed the file are refused
/// before anything of that size is allocated.
#[test]
fn forged_sizes_allocate_nothing() {
    for (rows, columns) in [(u64::MAX, 2), (1 << 40, 1 << 20), (1 << 33, 1)] {
        let entries = vec![("weights/0".to_string(), rows, columns, 0_u32)];
        let header = bincode_of(&(header(), entries));
        assert!(matches!(read(&framed(&header)), Err(Damage::OtherHeader(_))), "{rows} x {columns}");
    }
    let endless = [vec![0xfd; 9], vec![0xff; 64]].concat();
    assert!(matches!(read(&framed(&endless)), Err(Damage::OtherHeader(_))));
}

#[test]
fn a_header_of_another_shape_is_an_error() {
    let other = snapshot::to_bytes(&BTreeMap::from([(1_u8, "x")]), &[]).unwrap();
    assert!(matches!(read(&other), Err(Damage::OtherHeader(_))));
}

#[test]
fn messages_name_the_file_and_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.twinfire");
    let good = bytes();
    let last = good.len() - 1;
    let mut newer = good.clone();
    newer[8] = 3;
    let mut earlier = good.clone();
    earlier[8] = 1;
    let mut damaged = good.clone();
    damaged[last] ^= 1;
    let cases: [(&[u8], &str); 6] = [
        (b"weights,bias\n", "is not a checkpoint of twinfire"),
        (&newer, "was made by a newer twinfire: format 3, this one reads up to 2"),
        (&earlier, "was made by an earlier twinfire, whose parameters had no names"),
        (&good[..100], &format!("is truncated: 100 bytes of {}", good.len())),
        (&damaged, "is damaged: the checksum of `momentum/0` does not fit"),
        (&good[..20], "is truncated: 20 bytes of 36"),
    ];
    for (bytes, expected) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = snapshot::read::<Header>(&path).unwrap_err();
        let Error::Data { path: named, what, help } = &error else { panic!("{error:?}") };
        assert_eq!((named.as_path(), what.as_str()), (path.as_path(), expected));
        assert!(help.is_some());
    }
    let missing = snapshot::read::<Header>(&folder.path().join("b.twinfire")).unwrap_err();
    assert!(missing.to_string().contains("b.twinfire: cannot be read"), "{missing}");
}

#[test]
fn a_folder_that_is_not_there_is_an_output_error() {
    let error = snapshot::write(Path::new("no/such/folder/a.twinfire"), &header(), &[], || Ok(())).unwrap_err();
    assert_eq!(error.exit_code(), 5);
}

/// The header bytes of a checkpoint, cut out of a file without matrices.
fn bincode_of<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes = snapshot::to_bytes(value, &[]).unwrap();
    // Without matrices the list of matrices is one byte, a zero, at the end.
    bytes[36..bytes.len() - 1].to_vec()
}

/// A file with this header, checksums and lengths right.
fn framed(header: &[u8]) -> Vec<u8> {
    let mut bytes = b"TWINFIRE\x02\0\0\0\x01\0\0\0".to_vec();
    bytes.extend((36 + header.len() as u64).to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    let covered = [&bytes[8..], header].concat();
    bytes.extend(crc32fast::hash(&covered).to_le_bytes());
    bytes.extend(header);
    bytes
}
