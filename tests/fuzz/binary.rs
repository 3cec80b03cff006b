//! NumPy arrays and archives, checkpoints, and IDX files plain and packed.

use std::io::Write as _;

use bolero::check;
use twinfire::dataset;
use twinfire::experiment::Experiment;
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

/// An experiment on a user's own files, which is read with all its data.
fn own(dataset: &str) {
    let model = "model_text = \"[[layers]]\\nsize = 2\\n[[layers]]\\ndense = 2\"";
    let text =
        format!("{model}\ndataset.{dataset}\nencoder.regular = {{}}\ndecoder.membrane = {{}}\nrule.q_agrel = {{}}\n");
    match timely(|| Experiment::from_text("x.toml", &text, &[]).and_then(|experiment| experiment.load(&[]))) {
        Err(error) => assert!([3, 4].contains(&error.exit_code()), "{error}"),
        Ok(data) => {
            let mut values = [0.0; 2];
            for samples in [&data.train, &data.test] {
                assert!(!samples.is_empty() && samples.len() == samples.labels.len());
                assert!(samples.labels.iter().all(|&label| label < 2));
                for index in 0..samples.len() {
                    samples.read(index, &mut values);
                    assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{values:?}");
                }
            }
        }
    }
}

#[test]
fn own_tables() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("t.csv");
    let texts = [
        "a,b,k\n0,1,x\n1,0.5,y\n0.25,0,x\n0,0,y\n0,1,x\n1,1,y\n",
        "\u{feff}\"a\";k;b\r\n0;1;1e-3\r\n# x\r\n1;2;\"1\"\r\n0;1;0\r\n1;2;0.5\r\n",
    ];
    check!().with_type::<Mutant>().for_each(|mutant| {
        let which = mutant.file(texts.len());
        std::fs::write(&path, mutant.of_text(texts[which])).unwrap();
        for more in ["", ", min_max = true", ", standardise = true"] {
            own(&format!("csv = {{ file = \"{}\", label = \"k\", test = 0.4{more} }}", path.display()));
        }
    });
}

#[test]
fn own_images_and_arrays() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    let mut images = vec![0, 0, 8, 2, 0, 0, 0, 4, 0, 0, 0, 2];
    images.extend([0, 255, 3, 4, 5, 6, 7, 8]);
    let labels = [0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 1, 2];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let x = [numpy::header("|u1", &[4, 2]), images[12..].to_vec()].concat();
    for (name, bytes) in [("x.npy", x), ("y.npy", npy(&[1.0, 2.0, 2.0, 1.0]))] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let whole = [images, labels.to_vec(), packed(&labels), zip.finish().unwrap().into_inner()];
    let names = ["i", "l", "l", "x.npz"];
    check!().with_type::<Mutant>().for_each(|mutant| {
        names.iter().zip(&whole).for_each(|(name, bytes)| std::fs::write(path(name), bytes).unwrap());
        let which = mutant.file(whole.len());
        std::fs::write(path(names[which]), mutant.of_bytes(&whole[which])).unwrap();
        own(&format!("idx = {{ train_images = \"{}\", train_labels = \"{}\", test = 0.5 }}", path("i"), path("l")));
        own(&format!("npz = {{ file = \"{}\", y = \"y\", test = 0.5 }}", path("x.npz")));
    });
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
