//! A user's own files as data sets: what they come to, what is refused, and how an experiment keeps to them.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use twinfire::dataset::{Data, SampleValues, Samples};
use twinfire::error::Error;
use twinfire::experiment::{Experiment, resumption};
use twinfire::numpy;

/// A folder with files of data.
struct Place(tempfile::TempDir);

/// So many inputs and outputs.
fn model(inputs: usize, outputs: usize) -> String {
    format!("model_text = \"[[layers]]\\nsize = {inputs}\\n[[layers]]\\ndense = {outputs}\"\n")
}

const REST: &str = "encoder.regular = {}\ndecoder.membrane = {}\nrule.q_agrel = {}\n";

impl Place {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, bytes)| place.put(name, bytes));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// The experiment on `dataset`, which stands in a file of this folder.
    fn experiment(&self, dataset: &str, (inputs, outputs): (usize, usize), set: &[&str]) -> Result<Experiment, Error> {
        let file = self.path("x.toml");
        std::fs::write(&file, format!("{}dataset.{dataset}\n{REST}", model(inputs, outputs))).unwrap();
        let set: Vec<String> = set.iter().map(|text| text.to_string()).collect();
        Experiment::from_file(&file, &set)
    }

    fn data(&self, dataset: &str, sizes: (usize, usize)) -> Data {
        self.experiment(dataset, sizes, &[]).and_then(|it| it.load(&[])).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Why it is refused, without this folder's name.
    fn refusal(&self, dataset: &str, sizes: (usize, usize)) -> String {
        let refused = self.experiment(dataset, sizes, &[]).and_then(|it| it.load(&[]));
        let error = refused.err().unwrap_or_else(|| panic!("{dataset} is accepted"));
        assert!([3, 4].contains(&error.exit_code()), "{error}");
        error.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn values(samples: &Samples) -> Vec<f32> {
    let mut all = vec![0.0; samples.len() * samples.width()];
    for (index, out) in all.chunks_exact_mut(samples.width()).enumerate() {
        samples.read(index, out);
    }
    all
}

/// Twenty samples of `a` and ten of `b`, each with a value of its own.
fn thirty() -> String {
    let row = |index: usize| format!("{},{}\n", index as f64 / 32.0, if index % 3 == 2 { "b" } else { "a" });
    format!("value,kind\n{}", (0..30).map(row).collect::<String>())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn idx(sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, sizes.len() as u8];
    sizes.iter().for_each(|size| file.extend(size.to_be_bytes()));
    [file, bytes.to_vec()].concat()
}

fn npz(arrays: &[(&str, &str, &[u64], Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, descr, shape, bytes) in arrays {
        zip.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&numpy::header(descr, shape)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn a_fifth_of_every_class_is_held_out_whatever_the_seeds() {
    let place = Place::new(&[("x.csv", thirty().as_bytes())]);
    let csv = |more: &str| place.data(&format!("csv = {{ file = \"x.csv\", label = \"kind\"{more} }}"), (1, 2));
    let data = csv("");
    assert_eq!((data.name.as_str(), data.classes.as_slice()), ("x.csv", &["a".to_string(), "b".into()][..]));
    let of = |samples: &Samples, class| samples.labels.iter().filter(|&&label| label == class).count();
    assert_eq!([of(&data.train, 0), of(&data.train, 1), of(&data.test, 0), of(&data.test, 1)], [16, 8, 4, 2]);
    let mut all = [values(&data.train), values(&data.test)].concat();
    all.sort_by(f32::total_cmp);
    assert_eq!(all, (0..30).map(|index| index as f32 / 32.0).collect::<Vec<_>>());
    for (value, label) in values(&data.test).iter().zip(&data.test.labels) {
        assert_eq!(u16::from((value * 32.0) as usize % 3 == 2), *label);
    }
    let seeds = place.experiment("csv = { file = \"x.csv\", label = \"kind\" }", (1, 2), &["seeds=[7]"]).unwrap();
    assert_eq!(seeds.load(&[]).unwrap(), data);
    assert_ne!(csv(", split_seed = 1").test, data.test);
    assert_eq!(csv(", test = 0.5").test.len(), 15);
    assert_eq!(
        csv(", classes = [\"b\", \"a\"]").test.labels.iter().map(|&l| 1 - l).collect::<Vec<_>>(),
        data.test.labels
    );
}

#[test]
fn test_samples_may_have_a_table_of_their_own() {
    let (train, test) = ("v,w,k\n1,0,x\n3,0,y\n", "v,w,k\n2,0,y\n9,0,x\n");
    let place = Place::new(&[("a.csv", train.as_bytes()), ("b.csv", test.as_bytes())]);
    let data = place.data("csv = { file = \"a.csv\", test_file = \"b.csv\", label = \"k\", min_max = true }", (2, 2));
    assert_eq!((values(&data.train), values(&data.test)), (vec![0.0, 0.0, 1.0, 0.0], vec![0.5, 0.0, 1.0, 0.0]));
    assert_eq!((data.train.labels, data.test.labels), (vec![0, 1], vec![1, 0]));
    let data =
        place.data("csv = { file = \"a.csv\", test_file = \"b.csv\", label = \"k\", standardise = true }", (2, 2));
    // Mean 2, standard deviation 1: z = -1, 1 and 0, 7.
    let close = |found: Vec<f32>, expected: [f32; 4]| {
        found.iter().zip(expected).for_each(|(a, b)| assert!((a - b).abs() < 1e-6, "{found:?}"));
    };
    close(values(&data.train), [1.0 / 3.0, 0.5, 2.0 / 3.0, 0.5]);
    close(values(&data.test), [0.5, 0.5, 1.0, 0.5]);
}

#[test]
fn images_come_from_idx_files_plain_or_packed() {
    let images = idx(&[4, 1, 2], &[0, 255, 51, 0, 7, 8, 9, 10]);
    let labels = idx(&[4], &[3, 1, 3, 1]);
    let test = (idx(&[1, 1, 2], &[102, 1]), idx(&[1], &[3]));
    let place = Place::new(&[("i", &images), ("l", &labels), ("ti", &test.0), ("tl", &test.1)]);
    place.put("i.gz", &gzip(&images));
    place.put("l.gz", &gzip(&labels));
    let files = |i: &str, l: &str, more: &str| {
        format!(
            "idx = {{ train_images = \"{i}\", train_labels = \"{l}\", test_images = \"ti\", test_labels = \"tl\"{more} }}"
        )
    };
    let data = place.data(&files("i", "l", ""), (2, 2));
    assert_eq!(
        (data.classes.as_slice(), data.train.shape.as_slice()),
        (&["1".to_string(), "3".into()][..], &[1, 2][..])
    );
    assert_eq!((&data.train.labels, &data.test.labels), (&vec![1, 0, 1, 0], &vec![1]));
    assert!(matches!(data.train.values, SampleValues::Bytes { white: 255, .. }), "bytes stay bytes");
    assert!((values(&data.train)[2] - 0.2).abs() < 1e-6);
    let packed = place.data(&files("i.gz", "l.gz", ""), (2, 2));
    assert_eq!(Data { name: "i".into(), ..packed }, data);
    assert_eq!(place.data(&files("i", "l", ", classes = [\"one\", \"three\"]"), (2, 2)).classes, ["one", "three"]);
    let outline = place.experiment(&files("i.gz", "l.gz", ""), (2, 2), &[]).unwrap().outline;
    assert_eq!((outline.shape, outline.samples, outline.classes), (vec![1, 2], Some(5), None));
}

#[test]
fn arrays_come_from_numpy_archives() {
    let texts: Vec<u8> = "noyonoyo".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let place = Place::new(&[]);
    place.put(
        "x.npz",
        &npz(&[
            ("x", "<f4", &[4, 2], floats(&[-1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 0.0, 0.0])),
            ("pixels", "|u1", &[4, 1, 2], vec![0, 16, 8, 4, 16, 16, 0, 0]),
            ("y", "<i8", &[4], [5i64, -2, 5, -2].iter().flat_map(|label| label.to_le_bytes()).collect()),
            ("words", "<U2", &[4], texts),
        ]),
    );
    let npz = |more: &str| place.data(&format!("npz = {{ file = \"x.npz\", test = 0.5, {more} }}"), (2, 2));
    let data = npz("y = \"y\", range = [-1, 1]");
    assert_eq!((data.classes.as_slice(), data.train.len()), (&["-2".to_string(), "5".into()][..], 2));
    let mut all = [values(&data.train), values(&data.test)].concat();
    all.sort_by(f32::total_cmp);
    assert_eq!(all, [0.0, 0.5, 0.5, 0.5, 0.75, 1.0, 1.0, 1.0]);
    let words = npz("y = \"words\", range = [-1, 1]");
    assert_eq!((words.classes, words.test.len()), (vec!["no".to_string(), "yo".into()], 2));
    let pixels = npz("x = \"pixels\", y = \"y\", scale = 16");
    assert!(matches!(pixels.train.values, SampleValues::Bytes { white: 16, .. }));
    assert_eq!(pixels.train.shape, [1, 2]);
}

#[test]
fn samples_without_labels_are_for_tasks_without_classes() {
    let place = Place::new(&[("x.csv", b"a,b\n0,1\n1,0\n0.5,0.5\n")]);
    let refused = place.refusal("csv = { file = \"x.csv\" }", (2, 2));
    assert!(refused.contains("samples of `x.csv` have no labels, and the task asks for classes"), "{refused}");
    let others = ["task=reconstruction", "rule=backpropagation", "training.epochs=1"];
    let experiment = place.experiment("csv = { file = \"x.csv\" }", (2, 2), &others).unwrap();
    assert_eq!(experiment.outline.classes, Some(0));
    let data = experiment.load(&[]).unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.train.labels.len(), data.classes.len()), (2, 1, 0, 0));
    let settings = others.iter().flat_map(|setting| ["--set", setting]);
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_twinfire"));
    let output = program.args(["compare", "x.toml"]).args(settings).current_dir(place.0.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_its_place() {
    let csv = |text: &str, more: &str, sizes: (usize, usize)| {
        let place = Place::new(&[("t.csv", text.as_bytes()), ("u.csv", b"v,k\n0.5,z\n")]);
        place.refusal(&format!("csv = {{ file = \"t.csv\", label = \"k\"{more} }}"), sizes)
    };
    let good = "v,k\n0,x\n1,y\n0.5,x\n0.5,y\n";
    for (text, more, sizes, known) in [
        (good, ", test = 0.1", (1, 2), "t.csv: has too few samples to hold some out as test samples"),
        (good, ", test_file = \"u.csv\"", (1, 2), "u.csv: line 2: the label `z` is that of no training sample"),
        (good, ", test = 0.5", (1, 3), "`t.csv` has 2 classes, but the readout `output` of the model has 3 neurons"),
        (good, ", test = 0.5", (2, 2), "x.toml:2:1: samples of `t.csv` have 1 values (1), but population `input`"),
        (good, ", test = 0.5, classes = [\"x\"]", (1, 1), "t.csv: `classes` has 1 names, but the labels"),
        (good, ", classes = [\"x\", \"y\", \"z\"]", (1, 2), "`t.csv` has 3 classes, but the readout"),
        (good, ", test = 0.5, shape = [2, 2]", (4, 2), "t.csv: has 1 columns of values, and `shape` makes 4"),
        (good, ", test = 0.5, min_max = true, scale = 2", (1, 2), "values are scaled in one way"),
        (good, ", range = [1, 0]", (1, 2), "`range` is the least and the largest value"),
        (good, ", test = 0.5, test_file = \"u.csv\"", (1, 2), "so `test` has no meaning"),
        (good, ", leave_out = \"w\"", (1, 2), "t.csv: line 1: there is no column `w`; the columns are `v`, `k`"),
        (good, ", test_file = \"none.csv\"", (1, 2), "none.csv: cannot be read"),
        ("v,k\n0,x\n1.5,x\n", ", test = 0.5", (1, 1), "t.csv: line 3, column 1 (`v`): 1.5 is outside of [0, 1]"),
        ("v,k\n0,x\n300,x\n", ", test = 0.5, scale = 255", (1, 1), "(`v`): 300 is outside of [0, 255], which `scale`"),
        ("v,k\n0,x\n,x\n", "", (1, 1), "t.csv: line 3, column 1 (`v`): a value is missing"),
        ("v,k\n0,x\n1\n", "", (1, 1), "t.csv: line 3: 1 cells, where the first line names 2 columns"),
        ("w,k\n0,x\n", ", test_file = \"u.csv\"", (1, 1), "u.csv: has other columns than t.csv: `v` stands where `w`"),
        ("", "", (1, 1), "t.csv: is empty"),
    ] {
        let message = csv(text, more, sizes);
        assert!(message.contains(known), "{known}\n{message}");
    }
    let place = Place::new(&[("t.csv", b"v,k\n0,x\n1,\xff\n")]);
    assert!(place.refusal("csv = { file = \"t.csv\", label = \"k\" }", (1, 1)).contains("is not text in UTF-8"));
    let many: String = (0..65_537).map(|label| format!("0,{label}\n")).collect();
    let message = csv(&format!("v,k\n{many}"), "", (1, 2));
    assert!(message.contains("line 65538, column 2 (`k`): there are more than 65536 different labels"), "{message}");
}

#[test]
fn what_is_wrong_with_arrays_is_told_with_its_place() {
    let place =
        Place::new(&[("i", &idx(&[2, 2], &[0, 9, 1, 2])), ("l", &idx(&[2], &[0, 1])), ("m", &idx(&[3], &[0; 3]))]);
    place.put("wide", &idx(&[2, 3], &[0; 6]));
    place.put("huge", &idx(&[u32::MAX, u32::MAX], &[]));
    let (y, nan) = ([0i64, 1].iter().flat_map(|y| y.to_le_bytes()).collect::<Vec<u8>>(), f32::NAN);
    place.put("x.npz", &npz(&[("x", "<f4", &[2, 2], floats(&[0.0, nan, 1.0, 1.0])), ("y", "<i8", &[2], y.clone())]));
    place.put("y.npz", &npz(&[("x", "<f4", &[3, 1], floats(&[0.0, 1.0, 2.0])), ("y", "<i8", &[2], y)]));
    place.put("z.npz", &npz(&[("x", "<f4", &[2, 1], floats(&[0.0, 1.0])), ("y", "<f4", &[2], floats(&[0.5, 1.0]))]));
    for (dataset, known) in [
        ("idx = { train_images = \"i\", train_labels = \"m\" }", "m: holds 3 labels for the 2 images of i"),
        ("idx = { train_images = \"l\", train_labels = \"l\" }", "l: has 1 dimensions where images have 2 to 4"),
        ("idx = { train_images = \"i\", train_labels = \"i\" }", "i: has 2 dimensions where labels have 1"),
        ("idx = { train_images = \"none\", train_labels = \"l\" }", "none: cannot be read"),
        ("idx = { train_images = \"huge\", train_labels = \"l\" }", "l: holds 2 labels for the 4294967295 images"),
        (
            "idx = { train_images = \"i\", train_labels = \"l\", test_images = \"wide\", test_labels = \"l\" }",
            "wide: holds images of 3, where those for training are 2",
        ),
        (
            "idx = { train_images = \"i\", train_labels = \"l\", test_images = \"i\" }",
            "training and test samples both have labels",
        ),
        (
            "idx = { train_images = \"i\", train_labels = \"l\", scale = 8, test_images = \"i\", test_labels = \"l\" }",
            "i: value 1 of sample 0 (both from 0): 9 is outside of [0, 8]",
        ),
        ("npz = { file = \"x.npz\", y = \"labels\" }", "x.npz: has no array `labels`; its arrays are x, y"),
        (
            "npz = { file = \"x.npz\", y = \"y\" }",
            "x.npz: value 1 of sample 0 of `x` (both from 0): NaN is no finite number",
        ),
        ("npz = { file = \"y.npz\", y = \"y\" }", "y.npz: `y` holds 2 labels for the 3 samples of `x`"),
        ("npz = { file = \"z.npz\", y = \"y\" }", "z.npz: `y` holds 0.5 for sample 0 (from 0), which is no label"),
        ("npz = { file = \"i\", y = \"y\" }", "i: cannot be read"),
    ] {
        let width = if dataset.contains("z.npz") { 1 } else { 2 };
        let message = place.refusal(dataset, (width, 2));
        assert!(message.contains(known), "{known}\n{message}");
    }
}

#[test]
fn an_experiment_keeps_to_its_files() {
    let place = Place::new(&[("x.csv", thirty().as_bytes())]);
    let dataset = "csv = { file = \"x.csv\", label = \"kind\" }";
    let experiment = place.experiment(dataset, (1, 2), &[]).unwrap();
    let data = experiment.load(&[]).unwrap();
    let kept = experiment.on(&data);
    assert!(kept.resolved().contains(&format!("checksum = \"{}\"", data.checksum)), "{}", kept.resolved());
    let again = |set: &[&str]| {
        let set: Vec<String> = set.iter().map(|text| text.to_string()).collect();
        Experiment::from_text("saved", &kept.resolved(), &set).and_then(|saved| saved.load(&[]))
    };
    assert_eq!(again(&[]).unwrap(), data, "its path is absolute");
    assert_eq!(Experiment::from_text("saved", &kept.resolved(), &[]).unwrap().resolved(), kept.resolved());
    std::fs::rename(place.path("x.csv"), place.path("y.csv")).unwrap();
    assert!(again(&[]).unwrap_err().to_string().contains("x.csv: cannot be read"));
    let moved = format!("dataset.csv.file={}", place.path("y.csv").display());
    assert_eq!(again(&[&moved]).unwrap().train, data.train);
    let elsewhere = place.experiment(&dataset.replace("x.csv", "y.csv"), (1, 2), &[]).unwrap().on(&data);
    assert_eq!(resumption::compare(&kept.resolved(), &elsewhere.resolved()), Ok(()), "a file may move");
    place.put("x.csv", thirty().replace("0.5,", "0.25,").as_bytes());
    let message = again(&[]).unwrap_err().to_string();
    assert!(
        message.contains("x.csv: holds other data than those of the experiment: their checksum (CRC-32) is "),
        "{message}"
    );
    let changed = place.experiment(dataset, (1, 2), &[]).unwrap();
    let changed = changed.on(&changed.load(&[]).unwrap());
    let why = resumption::compare(&kept.resolved(), &changed.resolved()).unwrap_err();
    assert!(why.contains("the data have changed: `dataset.csv.checksum` is "), "{why}");
}

#[test]
fn paths_are_understood_from_the_file_and_in_a_setting_from_here() {
    let place = Place::new(&[("x.csv", thirty().as_bytes())]);
    let here = "target/own-data-of-a-test.csv";
    std::fs::write(here, thirty()).unwrap();
    let setting = format!("dataset.csv.file={here}");
    let dataset = "csv = { file = \"x.csv\", label = \"kind\" }";
    let text = |experiment: Experiment| experiment.dataset.0.values.text("file").to_owned();
    assert_eq!(Path::new(&text(place.experiment(dataset, (1, 2), &[]).unwrap())), place.path("x.csv"));
    let set = text(place.experiment(dataset, (1, 2), &[&setting]).unwrap());
    std::fs::remove_file(here).unwrap();
    assert_eq!(Path::new(&set), std::path::absolute(here).unwrap());
    let iris = place.experiment(dataset, (4, 3), &["dataset=iris"]).unwrap();
    assert!(iris.resolved().contains("\ndataset = \"iris\"\n"), "{}", iris.resolved());
}

/// A check looks at headers, however large a file is.
#[test]
fn a_check_reads_headers_only() {
    let place =
        Place::new(&[("x.csv", b"a,b,k\n"), ("i", &idx(&[1_000_000, 100, 100], &[])), ("l", &idx(&[1_000_000], &[]))]);
    for name in ["x.csv", "i"] {
        std::fs::OpenOptions::new().write(true).open(place.path(name)).unwrap().set_len(10_000_000_000).unwrap();
    }
    let start = std::time::Instant::now();
    let csv = place.experiment("csv = { file = \"x.csv\", label = \"k\" }", (2, 2), &[]).unwrap();
    let idx = place.experiment("idx = { train_images = \"i\", train_labels = \"l\" }", (10_000, 2), &[]).unwrap();
    assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
    assert_eq!((csv.outline.shape, csv.outline.classes), (vec![2], None));
    assert_eq!((idx.outline.shape, idx.outline.samples), (vec![100, 100], Some(1_000_000)));
    assert!(csv.outline.bytes > 10_000_000_000 && idx.outline.bytes > 10_000_000_000);
}

/// The first block of code in `language` behind `before`.
fn block<'p>(page: &'p str, before: &str, language: &str) -> &'p str {
    let (_, after) = page.split_once(before).unwrap_or_else(|| panic!("no {before}"));
    let (_, block) =
        after.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no {language} behind {before}"));
    block.split("```").next().unwrap()
}

/// The digits that are part of the program, as IDX files.
fn digits() -> (Vec<u8>, Vec<u8>) {
    let Data { train, test, .. } = (twinfire::dataset::find("digits").unwrap().load)(&[]).unwrap();
    let bytes = |samples: Samples| match samples.values {
        SampleValues::Bytes { bytes, .. } => bytes,
        SampleValues::Features(_) => panic!("digits are bytes"),
    };
    let labels: Vec<u8> = [&train, &test].iter().flat_map(|part| &part.labels).map(|&label| label as u8).collect();
    let count = labels.len() as u32;
    (gzip(&idx(&[count, 8, 8], &[bytes(train), bytes(test)].concat())), gzip(&idx(&[count], &labels)))
}

/// docs/data.md leads from nothing to a report, as it stands.
#[test]
fn the_page_is_true() {
    let page = std::fs::read_to_string("docs/data.md").unwrap();
    let (begin, rows) = (block(&page, "### A table", "csv"), include_str!("../src/dataset/embedded/iris.csv"));
    let (header, first) = begin.split_once('\n').unwrap();
    assert!(rows.starts_with(first), "{first}");
    let (images, labels) = digits();
    let place = Place::new(&[("flowers.csv", format!("{header}\n{rows}").as_bytes())]);
    place.put("images.gz", &images);
    place.put("labels.gz", &labels);
    for name in ["flowers-model.toml", "flowers.toml", "digits-model.toml", "digits.toml"] {
        place.put(name, block(&page, &format!("`{name}`,"), "toml").as_bytes());
    }
    for section in ["### A table", "### Images"] {
        for line in block(&page, section, "sh").lines() {
            let mut words = line.split(' ');
            assert_eq!(words.next(), Some("twinfire"));
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_twinfire"));
            let output = program.args(words).current_dir(place.0.path()).output().unwrap();
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    for (name, least) in [("flowers", 70.0), ("digits", 80.0)] {
        assert!(place.path(&format!("runs/{name}/report.html")).exists(), "{name}");
        let summary = std::fs::read(place.path(&format!("runs/{name}/summary.json"))).unwrap();
        let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
        for arm in summary["arms"].as_array().unwrap() {
            let accuracy = arm["metrics"]["accuracy"]["mean"].as_f64().unwrap();
            assert!(accuracy > least, "{name}: {accuracy} %");
        }
    }
    let checkpoint = place.path("runs/flowers/rate-q_agrel-seed1.twinfire");
    let evaluate = |set: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_twinfire"));
        let output = program.arg("evaluate").arg(&checkpoint).args(set).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(evaluate(&[]), (Some(0), String::new()), "from another folder");
    place.put("flowers.csv", format!("{header}\n{}", rows.replacen("5.1", "5.2", 1)).as_bytes());
    let (code, said) = evaluate(&[]);
    assert!(code == Some(4) && said.contains("holds other data than those of the experiment"), "{said}");
    assert_eq!(evaluate(&["--set", "dataset.csv.checksum="]).0, Some(0));
}
