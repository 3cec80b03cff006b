//! NumPy arrays and archives, checkpoints, and IDX files plain and packed.

use std::io::Write as _;

use bolero::check;
use twinfire::dataset;
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::position::Position;
use twinfire::model::Model;
use twinfire::network::snapshot;
use twinfire::numpy::{self, Archive, Array};
use twinfire::regime::events::run::simulate;

use super::mutation::Mutant;
use super::timely;

/// An array of 64-bit numbers.
fn npy(values: &[f64]) -> Vec<u8> {
    let mut bytes = numpy::header("<f8", &[values.len() as u64]);
    values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
    bytes
}

#[test]
fn arrays() {
    let mut square = numpy::header("<f4", &[2, 2]);
    square.extend([0; 16]);
    let whole = [npy(&[0.0, 1.5, -2.0]), square, numpy::header("<i8", &[0])];
    check!().with_type::<Mutant>().for_each(|mutant| {
        let bytes = mutant.of_bytes(&whole[mutant.file(whole.len())]);
        if let Ok(array) = timely(|| Array::from_bytes(bytes)) {
            let _ = (array.numbers(), array.indices(), array.texts());
        }
    });
}

/// What a short run writes.
fn archive() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, values) in [("x.source.npy", [1.0, 0.0]), ("x.target.npy", [0.0, 2.0]), ("x.weight.npy", [0.5, -3.0])] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&npy(&values)).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn archives() {
    let place = tempfile::tempdir().unwrap();
    let (path, whole) = (place.path().join("synapses.npz"), archive());
    let list = format!("connect.list = {{ file = \"{}\" }}", path.display());
    let model = format!(
        "[simulation]\nduration = \"1 ms\"\n[populations.x]\nsize = 3\nneuron = \"lif_exp\"\n\
         [projections.x]\nsource = \"x\"\ntarget = \"x\"\nweight = 1\n{list}\n"
    );
    check!().with_type::<Mutant>().for_each(|mutant| {
        std::fs::write(&path, mutant.of_bytes(&whole)).unwrap();
        let _ = timely(|| Model::from_text("m.toml", &model, &[]).and_then(|model| simulate(&model, 1)));
        if let Ok(mut archive) = timely(|| Archive::open(&path)) {
            archive.names().iter().for_each(|name| drop(timely(|| archive.array(name))));
        }
    });
}

#[test]
fn checkpoints() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("c.twinfire");
    let matrix = twinfire::matrix::Matrix::zeros(3, 2);
    let whole = snapshot::to_bytes(&"header".to_string(), &[("weights/x", &matrix)]).unwrap();
    check!().with_type::<Mutant>().for_each(|mutant| {
        let bytes = mutant.of_bytes(&whole);
        let _ = timely(|| snapshot::from_bytes::<String>(&bytes).map(drop));
        let _ = timely(|| snapshot::from_bytes::<Position>(&bytes).map(drop));
        std::fs::write(&path, &bytes).unwrap();
        assert!(timely(|| Saved::read(&path, &[])).is_err());
    });
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Data sets are only accepted as published, so every file here is refused, whatever it says of its size.
#[test]
fn idx_files() {
    let place = tempfile::tempdir().unwrap();
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28];
    images.extend(vec![7; 2 * 28 * 28]);
    let set = dataset::find("mnist").unwrap();
    let plain = place.path().join("train-images-idx3-ubyte");
    let gzip = place.path().join("train-images-idx3-ubyte.gz");
    for file in &set.files[1..] {
        std::fs::write(place.path().join(file.path.rsplit('/').next().unwrap()), b"").unwrap();
    }
    let whole = [images.clone(), packed(&images)];
    check!().with_type::<Mutant>().for_each(|mutant| {
        let which = mutant.file(2);
        let _ = (std::fs::remove_file(&plain), std::fs::remove_file(&gzip));
        std::fs::write([&plain, &gzip][which], mutant.of_bytes(&whole[which])).unwrap();
        assert!(timely(|| (set.load)(&[place.path().to_path_buf()])).is_err());
    });
}
