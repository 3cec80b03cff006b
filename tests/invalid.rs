//! Wrong files of every sort: each is refused with the message that is pinned here, and
//! none makes the program panic. A file in `tests/invalid/models` or `.../experiments` is
//! one case; after adding one, `INSTA_UPDATE=always cargo test --test invalid` writes its
//! messages into `tests/snapshots`, to be read before they are committed.

use std::fmt::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use twinfire::error::Error;
use twinfire::experiment::Experiment;
use twinfire::experiment::checkpoint::Saved;
use twinfire::model::Model;
use twinfire::network::snapshot;

/// The `.toml` files right in `folder`, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    files.sort();
    files
}

/// Every file of `folder` with what is said about it.
fn messages(folder: &str, check: fn(&Path) -> Result<(), Error>) -> String {
    let mut all = String::new();
    for path in files(folder) {
        let outcome = catch_unwind(|| check(&path)).unwrap_or_else(|_| panic!("{} panics", path.display()));
        let error = outcome.err().unwrap_or_else(|| panic!("{} is accepted", path.display()));
        let text = error.to_string().replace(&format!("{folder}/"), "");
        let name = path.file_stem().unwrap().to_string_lossy();
        writeln!(all, "# {name} (exit code {})\n{text}\n", error.exit_code()).unwrap();
    }
    all
}

#[test]
fn wrong_models() {
    insta::assert_snapshot!(messages("tests/invalid/models", |path| Model::from_file(path, &[]).map(|_| ())));
}

#[test]
fn wrong_experiments() {
    insta::assert_snapshot!(messages("tests/invalid/experiments", |path| Experiment::from_file(path, &[]).map(|_| ())));
}

#[test]
fn wrong_settings() {
    let cases: [&[&str]; 10] = [
        &["hidden"],
        &["=3"],
        &["hidden="],
        &["hiden=3"],
        &["parameters.hiden=3"],
        &["layers.1.dense=ten"],
        &["layers.7.dense=3"],
        &["layers.0=3"],
        &["simulation.resolution=20 mV", "simulation.sed=1"],
        &["a.b.c=1"],
    ];
    let mut all = String::new();
    for case in cases {
        let arguments: Vec<String> = case.iter().map(|argument| argument.to_string()).collect();
        let error = Model::from_file(Path::new("tests/invalid/good/iris.toml"), &arguments).expect_err(case[0]);
        writeln!(all, "# {}\n{error}\n", case.join("  ")).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn files_that_are_no_text_or_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let binary = folder.path().join("m.toml");
    std::fs::write(&binary, b"title = \"\xff\"").unwrap();
    let message = |path: &Path| Model::from_file(path, &[]).unwrap_err();
    assert!(message(&binary).to_string().ends_with("m.toml: is no text: byte 9 is not UTF-8"));
    assert_eq!(message(&binary).exit_code(), 4);
    let missing = Experiment::from_file(Path::new("no/such.toml"), &[]).err().unwrap();
    assert!(missing.to_string().starts_with("no/such.toml: cannot be read"), "{missing}");
}

/// The shipped files, experiments with the model they name inside.
fn shipped() -> Vec<String> {
    let models = files("models").into_iter().map(|path| std::fs::read_to_string(path).unwrap());
    let experiments =
        files("experiments").into_iter().map(|path| Experiment::from_file(&path, &[]).unwrap().resolved());
    models.chain(experiments).collect()
}

/// Reads `text` both as a model and as an experiment.
fn read(text: &str) {
    for outcome in [Model::from_text("m", text, &[]).err(), Experiment::from_text("x", text, &[]).err()] {
        outcome.iter().for_each(|error| assert!(!error.to_string().is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(which in any::<prop::sample::Index>(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8), 1..8)) {
        let texts = shipped();
        let mut bytes = which.get(&texts).clone().into_bytes();
        for (here, there, what) in damage {
            let (i, j) = (here.index(bytes.len()), there.index(bytes.len()));
            match what {
                0 => { bytes.remove(i); }
                1 => bytes.swap(i, j),
                2 => bytes[i] = b"\"'[]{}=.#\n-+*/()e09_"[j % 20],
                _ => { bytes.drain(i.min(j)..i.max(j).min(i.min(j) + 40)); }
            }
            if bytes.is_empty() { break; }
        }
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_arithmetic_never_panics(text in "[-+*/() .0-9a-z_µ]{0,40}") {
        let model = format!("[parameters]\na = '{text}'\nb = 'a + {text}'\n[populations.p]\nsize = 'a'\nneuron = 'source'\n");
        read(&model);
    }
}

/// What is said about `contents` in the place of a data file or checkpoint.
fn said(name: &str, file: &str, contents: &[u8], check: &dyn Fn(&Path) -> Result<(), Error>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    for other in [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ] {
        if file.starts_with("mnist/") && !file.contains(other.trim_end_matches(".gz")) {
            std::fs::write(path.with_file_name(other), gzip(&idx(0x0801, &[1], 1))).unwrap();
        }
    }
    std::fs::write(&path, contents).unwrap();
    let outcome = catch_unwind(std::panic::AssertUnwindSafe(|| check(&path)));
    let error = outcome.unwrap_or_else(|_| panic!("{name} panics")).err();
    let error = error.unwrap_or_else(|| panic!("{name} is accepted"));
    let text = error.to_string().replace(&folder.path().display().to_string(), "FOLDER");
    format!("# {name} (exit code {})\n{text}\n\n", error.exit_code())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// An IDX file: magic number, sizes, contents.
fn idx(magic: u32, sizes: &[u32], contents: usize) -> Vec<u8> {
    let numbers = std::iter::once(magic).chain(sizes.iter().copied());
    numbers.flat_map(u32::to_be_bytes).chain(std::iter::repeat_n(7, contents)).collect()
}

#[test]
fn wrong_data_files() {
    const IMAGES: &str = "mnist/train-images-idx3-ubyte.gz";
    let whole = gzip(&idx(0x0803, &[60_000, 28, 28], 5_000));
    let cases: [(&str, &str, Vec<u8>); 8] = [
        ("an empty file", IMAGES, Vec::new()),
        ("no gzip", IMAGES, b"these are no images".to_vec()),
        ("a gzip cut short", IMAGES, whole[..whole.len() / 2].to_vec()),
        ("no IDX file", "mnist/train-images-idx3-ubyte", idx(0xdead_beef, &[], 100)),
        ("labels in the place of images", IMAGES, gzip(&idx(0x0801, &[60_000], 60_000))),
        ("fewer pixels than it says", IMAGES, whole),
        ("sizes beyond all memory", IMAGES, gzip(&idx(0x0803, &[u32::MAX, u32::MAX, u32::MAX], 10))),
        ("a home-made file", IMAGES, gzip(&idx(0x0803, &[2, 28, 28], 2 * 784))),
    ];
    let mnist = twinfire::dataset::find("mnist").unwrap();
    let load = |path: &Path| (mnist.load)(&[path.ancestors().nth(2).unwrap().to_path_buf()]).map(|_| ());
    let all: String = cases.iter().map(|(name, file, contents)| said(name, file, contents, &load)).collect();
    insta::assert_snapshot!(all);
}

#[test]
fn wrong_checkpoints() {
    let position = serde_json::json!({ "not": "what a training keeps" }).to_string();
    let weights = twinfire::matrix::Matrix::from_element(3, 4, 0.5);
    let good = snapshot::to_bytes(&position, &[("weights/0", &weights)]).unwrap();
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    let cases: [(&str, Vec<u8>); 8] = [
        ("an empty file", Vec::new()),
        ("a text", b"title = 'no checkpoint'".to_vec()),
        ("a picture", b"\x89PNG\r\n\x1a\n and so on, for longer than a checkpoint begins".to_vec()),
        ("cut in the prefix", good[..20].to_vec()),
        ("cut in the weights", good[..good.len() - 9].to_vec()),
        ("bytes behind its end", [good.clone(), vec![0; 3]].concat()),
        ("of a later twinfire", changed(8, 9)),
        ("a flipped bit in the weights", changed(good.len() - 6, good[good.len() - 6] ^ 4)),
    ];
    let read = |path: &Path| snapshot::read::<String>(path).map(|_| ());
    let mut all: String = cases.iter().map(|(name, contents)| said(name, "x.twinfire", contents, &read)).collect();
    all += &said("another header", "x.twinfire", &good, &|path| Saved::read(path, &[]).map(|_| ()));
    insta::assert_snapshot!(all);
}
