//! What twinfire does with folders: it deletes and replaces nothing but what it wrote, and loses no results.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

const IRIS: [&str; 5] = ["experiments/iris.toml", "--set", "training.samples=40", "--set", "seeds=[1]"];
const EPOCH: [&str; 2] = ["--set", "training.epochs=1"];

/// A folder to work in, with the models and experiments that come with twinfire.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        for name in ["models", "experiments"] {
            fs::create_dir(place.path().join(name)).unwrap();
        }
        for file in ["models/tutorial.toml", "models/iris-mlp.toml", "experiments/iris.toml"] {
            fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), place.path().join(file)).unwrap();
        }
        Self(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|wrong| panic!("{name}: {wrong}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twinfire"));
        let sample = arguments.iter().any(|argument| argument.ends_with(".twinfire"));
        let heeds = ["simulate", "compare", "train"].contains(&arguments[0]) && !(sample && arguments[0] == "simulate");
        let threads: &[&str] = if heeds { &["--threads", "1"] } else { &[] };
        command.args(arguments).arg("-q").args(threads).current_dir(self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs what has to end with this code; gives stderr.
    fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    /// The same for the shortest simulation.
    fn simulates(&self, code: i32, more: &[&str]) -> String {
        self.ends(code, &[&["simulate", "models/tutorial.toml", "--duration", "20 ms"], more].concat())
    }

    fn trains(&self, code: i32, more: &[&str]) -> String {
        self.ends(code, &[&["train"], &IRIS[..], &["--regime", "rate"], more].concat())
    }

    /// Every file below a folder.
    fn files(&self, folder: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        list(&self.path(folder), "", &mut found);
        found
    }

    fn record(&self, folder: &str) -> Value {
        serde_json::from_str(&self.text(&format!("{folder}/run.json"))).unwrap()
    }
}

fn list(folder: &Path, above: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{above}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => list(&entry.path(), &format!("{name}/"), found),
            false => drop(found.insert(name)),
        }
    }
}

/// What is in `run.json` is what is there, and nothing is hidden.
fn assert_listed(place: &Place, folder: &str, foreign: &[&str]) {
    let mut expected: BTreeSet<String> = foreign.iter().map(|name| (*name).to_owned()).collect();
    let listed = place.record(folder)["files"].as_array().unwrap().clone();
    expected.extend(listed.iter().map(|name| name.as_str().unwrap().to_owned()));
    expected.insert("run.json".into());
    assert_eq!(place.files(folder), expected);
    let hidden: Vec<String> =
        fs::read_dir(place.path(folder)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(hidden.iter().all(|name| !name.starts_with('.')), "{hidden:?}");
}

#[test]
fn files_of_the_user_stay_whatever_is_written_beside_them() {
    let place = Place::new();
    place.write("out/figures/mine.txt", "precious");
    place.write("out/weights/mine.npy", "precious");
    let mine = ["figures/mine.txt", "weights/mine.npy"];
    assert!(place.simulates(5, &["-o", "out"]).contains("it holds other files"));
    for _ in 0..2 {
        place.simulates(0, &["-o", "out", "--force"]);
        assert_listed(&place, "out", &mine);
    }
    place.ends(0, &["plot", "out"]);
    place.ends(0, &[&["compare"], &IRIS[..], &EPOCH, &["-o", "out", "--force"]].concat());
    assert_listed(&place, "out", &mine);
    assert!(!place.path("out/spikes.npz").exists() && place.path("out/figures/cost.png").exists());
    place.ends(0, &["plot", "out"]);
    place.ends(5, &[&["compare"], &IRIS[..], &EPOCH, &["-o", "out"]].concat());
    assert_listed(&place, "out", &mine);
    assert!(mine.iter().all(|name| place.text(&format!("out/{name}")) == "precious"));
}

#[test]
fn a_file_of_the_user_that_stands_in_the_way_is_named_and_stays() {
    let place = Place::new();
    for name in ["figures/raster.png", "spikes.npz", "traces.npz", "run.json", "summary.json"] {
        place.write(&format!("out/{name}"), "precious");
        let said = place.simulates(5, &["-o", "out", "--force"]);
        assert!(said.contains(name), "{said}");
        assert_eq!(place.files("out"), BTreeSet::from([name.to_owned()]), "nothing else is there");
        assert_eq!(place.text(&format!("out/{name}")), "precious");
        fs::remove_dir_all(place.path("out")).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn links_stay_and_nothing_is_written_or_deleted_through_them() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    place.write("elsewhere/raster.png", "precious");
    place.simulates(0, &["-o", "out"]);
    fs::remove_dir_all(place.path("out/figures")).unwrap();
    symlink(place.path("elsewhere"), place.path("out/figures")).unwrap();
    assert!(place.simulates(5, &["-o", "out", "--force"]).contains("figures: cannot be written: it is a link"));
    place.ends(5, &["plot", "out"]);
    place.ends(0, &["plot", "out", "-o", "drawn"]);
    assert_eq!(place.files("elsewhere").len(), 1);
    fs::remove_file(place.path("out/figures")).unwrap();
    fs::remove_file(place.path("out/spikes.npz")).unwrap();
    symlink(place.path("elsewhere/raster.png"), place.path("out/spikes.npz")).unwrap();
    assert!(place.simulates(5, &["-o", "out", "--force"]).contains("spikes.npz"));
    assert_eq!(place.text("elsewhere/raster.png"), "precious");
    symlink(place.path("elsewhere"), place.path("linked")).unwrap();
    place.simulates(0, &["-o", "linked", "--force"]);
    assert_eq!(place.text("elsewhere/raster.png"), "precious");
}

#[test]
fn what_a_model_reads_is_never_replaced_or_deleted() {
    let place = Place::new();
    place.write("weights/w.npy", "");
    let array: Vec<u8> =
        [&b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"[..]].concat();
    let mut bytes = array;
    bytes.resize(127, b' ');
    bytes.push(b'\n');
    bytes.extend([1.0f64; 4].iter().flat_map(|weight| weight.to_le_bytes()));
    fs::write(place.path("weights/w.npy"), &bytes).unwrap();
    let model = "[simulation]\nduration = \"10 ms\"\n[populations.a]\nsize = 2\nneuron = \"source\"\n[populations.b]\nsize = 2\n\
        neuron = \"lif_delta\"\n[projections.w]\nsource = \"a\"\ntarget = \"b\"\nweight.file = \"weights/w.npy\"\n\
        plasticity.stdp = {}\n[inputs.i]\ntarget = \"a\"\nregular = { rate = \"1 kHz\" }\n[record.b]\n";
    place.write("m.toml", model);
    for _ in 0..2 {
        place.ends(0, &["simulate", "m.toml", "-o", ".", "--force", "--synapses"]);
        assert_eq!(fs::read(place.path("weights/w.npy")).unwrap(), bytes);
    }
    assert!(place.path("weights/w-after.npy").exists());
    // Files of ours that a run reads are not its to replace either.
    let listed = "connect.list = { file = \"synapses.npz\", projection = \"w\" }";
    place.write("listed.toml", &model.replace("weight.file = \"weights/w.npy\"", listed));
    let said = place.ends(5, &["simulate", "listed.toml", "-o", ".", "--force"]);
    assert!(said.contains("this run reads synapses.npz in it"), "{said}");
    place.ends(0, &["simulate", "m.toml", "-o", "out", "--set", "projections.w.weight=1"]);
    let said = place.ends(5, &["simulate", "out/model.toml", "-o", "out", "--force"]);
    assert!(said.contains("this run reads model.toml in it"), "{said}");
}

#[test]
fn a_checkpoint_that_is_read_stays() {
    let place = Place::new();
    place.trains(0, &[&EPOCH[..], &["-o", "out"]].concat());
    let checkpoint = "out/rate-q_agrel-seed1.twinfire";
    let before = fs::read(place.path(checkpoint)).unwrap();
    for command in ["export", "simulate"] {
        assert!(
            place.ends(5, &[command, checkpoint, "-o", "out"]).contains("it holds a training of experiments/iris.toml")
        );
        place.ends(5, &[command, checkpoint, "-o", "out", "--force"]);
        assert_eq!(fs::read(place.path(checkpoint)).unwrap(), before);
        place.ends(0, &[command, checkpoint, "-o", command]);
        assert_listed(&place, command, &[]);
        assert!(place.ends(5, &[command, checkpoint, "-o", command]).contains("--force"));
    }
    place.ends(0, &["export", checkpoint]);
    let said = place.ends(0, &["export", checkpoint]);
    assert!(said.contains("this run goes to runs/rate-q_agrel-seed1-export-2"), "{said}");
}

#[test]
fn a_folder_that_holds_results_is_not_overwritten_in_silence() {
    let place = Place::new();
    place.simulates(0, &["-o", "out"]);
    let summary = place.text("out/summary.json");
    let said = place.simulates(5, &["-o", "out"]);
    assert!(said.contains("a simulation of models/tutorial.toml that is done; ") && said.contains("--force"), "{said}");
    let other = place.simulates(5, &["-o", "out", "--seed", "5"]);
    assert!(other.contains("with other contents or settings") && other.contains("-o"), "{other}");
    place.trains(5, &[&EPOCH[..], &["-o", "out", "--resume"]].concat());
    assert_eq!(place.text("out/summary.json"), summary);
    place.simulates(0, &["-o", "out", "--force", "--seed", "5", "--format", "csv"]);
    assert!(place.path("out/spikes.csv").exists());
    place.simulates(0, &["-o", "out", "--force"]);
    assert!(!place.path("out/spikes.csv").exists(), "files of the run before are gone");
    assert_eq!(place.record("out")["state"], "done");
}

#[test]
fn without_a_folder_a_run_goes_to_one_that_is_free_and_says_so() {
    let place = Place::new();
    assert_eq!(place.simulates(0, &[]), "");
    let said = place.simulates(0, &[]);
    assert_eq!(
        said,
        "runs/tutorial holds a simulation of models/tutorial.toml that is done: this run goes to runs/tutorial-2\n"
    );
    place.write("runs/tutorial-3/thesis.tex", "mine");
    let output = place.run(&["simulate", "models/tutorial.toml", "--duration", "10 ms", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["folder"], "runs/tutorial-4");
    place.simulates(0, &["--force"]);
    assert!(!place.path("runs/tutorial-5").exists(), "with --force the first one is taken");
    assert_listed(&place, "runs/tutorial", &[]);
}

#[test]
fn a_run_that_fails_before_it_starts_leaves_everything_as_it_was() {
    let place = Place::new();
    place.simulates(0, &["-o", "out"]);
    let (files, record) = (place.files("out"), place.record("out"));
    let twice = "connect = [{ one_to_one = {} }, { one_to_one = {} }]";
    let unbuilt = ["--set", "projections.exc_exc.weight.file=missing.npy"];
    for more in [&["--set", "populations.exc.size=-1"][..], &unbuilt, &["--set", twice], &["--from", "9 s"]] {
        for folder in ["out", "new", "deep/below"] {
            let output = place.run(&[&["simulate", "models/tutorial.toml", "-o", folder, "--force"], more].concat());
            assert!(!output.status.success(), "{more:?}");
        }
        assert_eq!((place.files("out"), place.record("out")), (files.clone(), record.clone()), "{more:?}");
        assert!(!place.path("new").exists() && !place.path("deep").exists());
    }
    let missing = ["--set", "dataset=mnist", "--set", "model=../models/mnist.toml", "--data", "none", "-o", "new"];
    place.write("models/mnist.toml", &place.text("models/iris-mlp.toml").replace("size = 4", "shape = [28, 28]"));
    assert!(!place.run(&[&["train", "experiments/iris.toml"], &missing[..]].concat()).status.success());
    place.ends(4, &["plot", "none", "-o", "new"]);
    assert!(!place.path("new").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_killed_run_leaves_is_cleared_by_the_next_one() {
    let place = Place::new();
    let long = ["simulate", "models/tutorial.toml", "--duration", "100000 s", "--format", "csv", "-o", "out"];
    let mut child = place.command(&long).stderr(Stdio::null()).spawn().unwrap();
    while !place.path("out/run.json").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let said = place.simulates(5, &["-o", "out"]);
    assert!(said.contains("in use by another twinfire"), "{said}");
    assert!(place.simulates(5, &["-o", "out", "--force"]).contains("in use by another twinfire"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(place.files("out").iter().any(|name| name.starts_with(".twinfire-")), "{:?}", place.files("out"));
    assert_eq!(place.record("out")["state"], "running");
    // Those of earlier versions go too, others that look alike stay.
    place.write("out/.run-a1B2c3.tmp", "old");
    place.simulates(0, &["-o", "out"]);
    assert_listed(&place, "out", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_run_without_a_folder_goes_beside_the_first() {
    let place = Place::new();
    let long = ["simulate", "models/tutorial.toml", "--duration", "100000 s"];
    let mut child = place.command(&long).stderr(Stdio::null()).spawn().unwrap();
    while !place.path("runs/tutorial/run.json").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let said = place.simulates(0, &[]);
    assert!(said.contains("in use by another twinfire: this run goes to runs/tutorial-2"), "{said}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(place.record("runs/tutorial")["state"], "interrupted");
    assert_listed(&place, "runs/tutorial", &[]);
    assert!(place.simulates(5, &["-o", "runs/tutorial"]).contains("that is not finished"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_is_stopped_at_once_leaves_nothing() {
    let place = Place::new();
    // Drawing these synapses takes far longer than the test, and nobody listens meanwhile.
    let model = "[simulation]\nduration = \"1 ms\"\n[populations.a]\nsize = 9000\nneuron = \"lif_delta\"\n\
        [projections.p]\nsource = \"a\"\ntarget = \"a\"\nconnect.pairwise_bernoulli = { p = 0.9 }\nweight = 1\n";
    place.write("m.toml", model);
    let mut child = place.command(&["simulate", "m.toml", "-o", "new/out"]).stderr(Stdio::null()).spawn().unwrap();
    while place.files("new/out").len() < 2 {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!place.path("new").exists(), "{:?}", place.files("new"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_training_goes_on_where_it_was() {
    let place = Place::new();
    let arguments =
        ["train", "experiments/iris.toml", "--regime", "rate", "--set", "seeds=[1]", "--set", "training.batch=1"];
    let mut child = place.command(&arguments).stderr(Stdio::null()).spawn().unwrap();
    while !place.path("runs/iris/rate-q_agrel-seed1.twinfire").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let said = place.ends(5, &[&arguments[..], &["-o", "runs/iris"]].concat());
    assert!(said.contains("not finished; --resume goes on with it"), "{said}");
    let fewer = ["--set", "training.epochs=150"];
    let said = place.ends(0, &[&arguments[..], &["--resume"], &fewer].concat());
    assert!(said.contains("going on with runs/iris"), "{said}");
    assert_listed(&place, "runs/iris", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_simulation_computed_stays_where_its_summary_cannot_be_written() {
    let place = Place::new();
    let line = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} simulate m.toml --threads 1 -o out -q",
        env!("CARGO_BIN_EXE_twinfire")
    );
    let drive = "[inputs.i]\ntarget = \"a\"\npoisson = { rate = \"100 Hz\", weight = 1 }\n";
    place.write(
        "m.toml",
        &format!("[simulation]\nduration = \"300 ms\"\n[populations.a]\nsize = 3\nneuron = \"source\"\n{drive}"),
    );
    let output = Command::new("bash").args(["-c", &line]).current_dir(place.0.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("what was computed is in out/unfinished"), "{said}");
    let kept = fs::metadata(place.path("out/unfinished/spikes.npz")).unwrap();
    assert!(kept.len() > 0);
    assert_eq!(place.record("out")["state"], "failed");
    place.ends(5, &["simulate", "m.toml", "-o", "out"]);
    place.ends(0, &["simulate", "m.toml", "-o", "out", "--force"]);
    assert!(place.path("out/unfinished/spikes.npz").exists(), "nothing clears it");
}

#[test]
fn arms_that_are_done_are_not_left_out_when_others_are_resumed() {
    let place = Place::new();
    place.ends(0, &[&["train"], &IRIS[..], &EPOCH, &["-o", "out"]].concat());
    let before = place.text("out/summary.json");
    let said = place.trains(5, &[&EPOCH[..], &["-o", "out", "--resume"]].concat());
    assert!(said.contains("it holds spiking-q_agrel with seed 1, which is left out"), "{said}");
    assert_eq!(place.text("out/summary.json"), before);
}

#[test]
#[cfg(target_os = "linux")]
fn a_training_that_failed_is_resumed_and_not_overwritten() {
    let place = Place::new();
    let line = format!(
        "trap '' XFSZ; ulimit -f 30; exec {} compare {} --set training.epochs=2 --set examples=0 -o out -q",
        env!("CARGO_BIN_EXE_twinfire"),
        IRIS.map(|word| format!("'{word}'")).join(" ")
    );
    let output = Command::new("bash").args(["-c", &line]).current_dir(place.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(place.record("out")["state"], "failed");
    assert!(place.path("out/summary.json").exists(), "it is written before figures are drawn");
    let checkpoint = "out/rate-q_agrel-seed1.twinfire";
    let before = fs::read(place.path(checkpoint)).unwrap();
    let compare =
        [&["compare"], &IRIS[..], &["--set", "training.epochs=2", "--set", "examples=0", "-o", "out"]].concat();
    let said = place.ends(5, &compare);
    assert!(said.contains("that failed; --resume goes on with it"), "{said}");
    assert_eq!(fs::read(place.path(checkpoint)).unwrap(), before);
    place.ends(0, &[&compare[..], &["--resume"]].concat());
    assert_eq!(fs::read(place.path(checkpoint)).unwrap(), before, "nothing is trained again");
    assert_eq!(place.record("out")["state"], "done");
    assert_listed(&place, "out", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn results_stay_until_the_first_checkpoint_that_replaces_them_is_written() {
    let place = Place::new();
    place.ends(0, &[&["train"], &IRIS[..], &EPOCH, &["-o", "out"]].concat());
    let contents = || {
        place.files("out").into_iter().map(|name| fs::read(place.path("out").join(name)).unwrap()).collect::<Vec<_>>()
    };
    let before = contents();
    for command in ["train", "compare"] {
        let line = format!(
            "trap '' XFSZ; ulimit -f 1; exec {} {command} {} --set training.epochs=1 --set seeds=[2] -o out -q --force",
            env!("CARGO_BIN_EXE_twinfire"),
            IRIS.map(|word| format!("'{word}'")).join(" ")
        );
        let output = Command::new("bash").args(["-c", &line]).current_dir(place.0.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(contents() == before, "{command}");
    }
}

#[test]
fn a_training_that_is_done_is_resumed_whole_or_not_at_all() {
    let place = Place::new();
    place.trains(0, &[&EPOCH[..], &["-o", "out"]].concat());
    let more = ["--set", "training.epochs=2", "--resume", "-o", "out"];
    let said = place.trains(2, &[&more[..], &["--force"]].concat());
    assert!(said.contains("give one of them"), "{said}");
    fs::remove_file(place.path("out/rate-q_agrel-seed1.twinfire")).unwrap();
    let before = place.text("out/summary.json");
    let said = place.trains(5, &more);
    assert!(said.contains("it is done, and rate-q_agrel-seed1.twinfire is gone"), "{said}");
    assert_eq!(place.text("out/summary.json"), before);
}

#[test]
fn a_training_goes_on_from_the_checkpoint_that_it_started_from() {
    let place = Place::new();
    let parent = place.path("parent/rate-q_agrel-seed1.twinfire");
    place.trains(0, &[&EPOCH[..], &["-o", "parent"]].concat());
    let start = ["--set", "start=parent/rate-q_agrel-seed1.twinfire", "-o", "tuned"];
    place.trains(0, &[&EPOCH[..], &start].concat());
    let (first, before) = (fs::read(&parent).unwrap(), place.record("tuned")["parent"].clone());
    fs::copy(place.path("tuned/rate-q_agrel-seed1.twinfire"), &parent).unwrap();
    let more = [&start[..], &["--set", "training.epochs=2", "--resume"]].concat();
    let said = place.trains(5, &more);
    let hash = before["sha256"].as_str().unwrap();
    assert!(said.contains("it started from parent/rate-q_agrel-seed1.twinfire") && said.contains(hash), "{said}");
    assert_eq!(place.record("tuned")["parent"], before);
    fs::write(&parent, first).unwrap();
    place.trains(0, &more);
    assert_eq!(place.record("tuned")["parent"], before);
}

#[test]
#[cfg(unix)]
fn names_that_are_not_utf_8_are_refused_before_anything_runs() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::new();
    let strange = std::ffi::OsStr::from_bytes(b"\xff");
    let lines: [&[&str]; 7] = [
        &["simulate", "models/tutorial.toml", "-o"],
        &["train", "experiments/iris.toml", "-o"],
        &["compare", "experiments/iris.toml", "-o"],
        &["plot"],
        &["check"],
        &["data", "--data"],
        &["data", "--json", "--data"],
    ];
    for line in lines {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twinfire"));
        let output = command.args(line).arg(strange).current_dir(place.0.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("`\u{fffd}` is not UTF-8"), "{line:?}: {said}");
    }
    for variable in ["HOME", "XDG_DATA_HOME", "TWINFIRE_DATA"] {
        for line in [&["data"][..], &["data", "--json"]] {
            let mut command = place.command(line);
            command.env_remove("XDG_DATA_HOME").env("HOME", "/home").env(variable, strange);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{variable}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(String::from_utf8_lossy(&output.stdout).contains('\u{fffd}'), "{variable} {line:?}");
        }
    }
    assert!(!place.path("runs").exists());
}

#[test]
fn a_file_in_place_of_the_folder_is_told_of() {
    let place = Place::new();
    assert!(
        place
            .simulates(5, &["-o", "models/tutorial.toml"])
            .contains("tutorial.toml: cannot be written: it is no folder")
    );
    let said = place.simulates(5, &["-o", "models/tutorial.toml/out"]);
    assert!(said.contains("cannot be written: models/tutorial.toml is no folder"), "{said}");
}

#[test]
fn resuming_says_which_keys_differ_and_allows_more_epochs() {
    let place = Place::new();
    let two = ["--set", "training.epochs=2"];
    place.trains(0, &two);
    let said = place.trains(5, &[&two[..], &["--resume", "--set", "training.batch=8"]].concat());
    assert!(said.contains("`training.batch` is 8, and was 4"), "{said}");
    let said = place.trains(5, &["--resume", "--set", "training.epochs=1"]);
    assert!(
        said.contains("2 epochs of rate-q_agrel with seed 1 are done or begun, and `training.epochs` is 1"),
        "{said}"
    );
    assert!(!place.path("runs/iris-2").exists());
    let said = place.trains(0, &["--resume", "--set", "training.epochs=4"]);
    let note = "rate-q_agrel seed 1 goes on to epoch 4 instead of 2: the cosine schedule falls over all 4 epochs now, so \
        the learning rate goes on at 50 % of the full one, where it was 0 %";
    assert!(said.contains(note) && said.contains("going on with runs/iris"), "{said}");
    let summary: Value = serde_json::from_str(&place.text("runs/iris/summary.json")).unwrap();
    assert_eq!(summary["arms"][0]["runs"][0]["epochs"].as_array().unwrap().len(), 4);
    assert!(
        place
            .trains(5, &["--resume", "--set", "training.epochs=4", "--seed", "2"])
            .contains("which `seeds` leaves out")
    );
    place.trains(0, &["--resume", "--set", "training.epochs=4", "--set", "seeds=[1, 2]"]);
    assert_listed(&place, "runs/iris", &[]);
    assert!(place.trains(0, &[&two[..], &["--resume", "-o", "fresh"]].concat()).contains("nothing to resume in fresh"));
    assert!(place.path("fresh/summary.json").exists());
}

#[test]
fn the_latest_training_that_fits_is_resumed() {
    let place = Place::new();
    place.trains(0, &EPOCH);
    place.trains(0, &[&EPOCH[..], &["--set", "training.batch=8"]].concat());
    let said = place.trains(0, &["--resume", "--set", "training.epochs=2"]);
    assert!(said.contains("going on with runs/iris\n"), "{said}");
    let said = place.trains(0, &["--resume", "--set", "training.epochs=2", "--set", "training.batch=8"]);
    assert!(said.contains("going on with runs/iris-2\n"), "{said}");
    assert!(place.trains(5, &["--resume", "--set", "training.batch=9"]).contains("was 8"), "the latest is told of");
    assert!(!place.path("runs/iris-3").exists());
}

#[test]
fn a_training_that_starts_from_a_checkpoint_names_it() {
    let place = Place::new();
    place.trains(0, &["--set", "training.epochs=5", "-o", "parent"]);
    let parent = "parent/rate-q_agrel-seed1.twinfire";
    let start = ["--set", "start=parent/rate-q_agrel-seed1.twinfire", "--set", "training.epochs=1"];
    let gentle = ["--set", "rule.q_agrel.learning_rate=1e-9", "--set", "rule.q_agrel.exploration=0"];
    place.ends(0, &[&["compare"], &IRIS[..], &start, &gentle, &["-o", "tuned"]].concat());
    let record = place.record("tuned");
    assert_eq!(record["parent"]["file"], parent);
    let accuracy = |folder: &str, arm: usize| {
        let summary: Value = serde_json::from_str(&place.text(&format!("{folder}/summary.json"))).unwrap();
        assert_eq!(summary["parent"].is_null(), folder == "parent");
        summary["arms"].as_array().unwrap().iter().find(|found| found["regime"] == "rate").unwrap()["runs"][arm]["test"]
            .clone()
    };
    assert_eq!(accuracy("tuned", 0), accuracy("parent", 0), "its weights are those of the parent");
    assert!(place.text("tuned/report.html").contains("best weights of parent/rate-q_agrel-seed1.twinfire"));
    fs::rename(place.path("parent"), place.path("away")).unwrap();
    place.ends(0, &["evaluate", "tuned/rate-q_agrel-seed1.twinfire"]);
    assert!(place.trains(4, &start).contains(parent));
    assert!(!place.path("runs").exists());
    let wider = ["--set", "layers.1.dense=7", "--set", "start=away/rate-q_agrel-seed1.twinfire"];
    assert!(place.trains(4, &wider).contains("cannot be started from"));
    assert!(!place.path("runs").exists());
    assert!(
        place
            .trains(5, &["--set", "start=away/rate-q_agrel-seed1.twinfire", "-o", "away", "--force"])
            .contains("this run reads")
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_comparison_that_is_cut_keeps_what_is_done() {
    let place = Place::new();
    let long = ["compare", "experiments/iris.toml", "--set", "training.batch=1", "--set", "seeds=[1, 2]", "-o", "out"];
    let mut child = place.command(&long).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while !place.path("out/summary.json").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let summary: Value = serde_json::from_str(&place.text("out/summary.json")).unwrap();
    let runs: usize = summary["arms"].as_array().unwrap().iter().map(|arm| arm["runs"].as_array().unwrap().len()).sum();
    assert!(runs > 0 && runs as u64 + summary["missing"].as_u64().unwrap() == 4, "{runs}");
    place.ends(0, &["plot", "out", "-o", "drawn"]);
    let page = place.text("drawn/report.html");
    assert!(runs == 4 || page.contains("trainings are here; the others are not done"), "a page of a part says so");
}

#[test]
fn run_json_and_pages_tell_the_command_and_its_settings() {
    let place = Place::new();
    place.simulates(0, &["--set", "title=it's \"mine\"", "--seed", "3", "-o", "my folder"]);
    let record = place.record("my folder");
    let command = record["command"].as_str().unwrap();
    assert!(command.contains(r#"--set 'title=it'\''s "mine"' --seed 3 -o 'my folder'"#), "{command}");
    let settings: Vec<&str> =
        record["settings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(settings, ["title=it's \"mine\"", "simulation.seed=3", "simulation.duration=20 ms"]);
    assert_eq!(record["of"]["file"], "models/tutorial.toml");
    let page = place.text("my folder/report.html");
    assert!(page.contains("<code>simulation.seed=3</code>") && page.contains("--set &#39;title=it"), "{page}");
    place.ends(0, &[&["compare"], &IRIS[..], &EPOCH, &["-o", "compared"]].concat());
    let page = place.text("compared/report.html");
    assert!(page.contains("<code>training.samples=40</code>") && page.contains("--set &#39;seeds=[1]&#39;"));
}

#[test]
fn names_that_differ_have_files_that_differ() {
    let place = Place::new();
    let mut model = "[simulation]\nduration = \"20 ms\"\n[populations.\"../../x\"]\nsize = 2\n\
        neuron.lif_delta = { i_offset = \"500 pA\" }\n[record.\"../../x\"]\nv = {}\n"
        .to_owned();
    let names = ["é", "è", "A", "a", "..", ".hidden", "a/b", "a_b"];
    for (index, name) in names.iter().enumerate() {
        model += &format!(
            "[projections.\"{name}\"]\nsource = \"../../x\"\ntarget = \"../../x\"\nweight = {index}\nplasticity.stdp = {{}}\n"
        );
    }
    place.write("names.toml", &model);
    place.ends(0, &["simulate", "names.toml", "-o", "out", "--synapses"]);
    let weights: BTreeSet<String> =
        place.files("out").iter().filter(|name| name.starts_with("weights/")).map(|name| name.to_lowercase()).collect();
    assert_eq!(weights.len(), names.len() * 5, "{weights:?}");
    assert!(weights.iter().all(|name| !name.starts_with("weights/.")));
    assert!(place.path("out/weights/%C3%A9-before.npy").exists());
    for archive in ["traces.npz", "spikes.npz", "synapses.npz"] {
        let archive = zip::ZipArchive::new(fs::File::open(place.path("out").join(archive)).unwrap()).unwrap();
        for name in archive.file_names().map(|name| name.unwrap()) {
            assert!(
                !name.contains("..") && name.split('/').all(|part| !part.starts_with('.') && !part.is_empty()),
                "{name}"
            );
        }
    }
    assert!(place.path("out/figures/traces.png").exists(), "figures find the samples");
    place.ends(0, &["plot", "out", "traces", "--format", "png", "-o", "drawn"]);
}

#[test]
fn characters_that_cannot_be_seen_are_refused_in_titles_and_names() {
    let place = Place::new();
    let model = |title: &str, name: &str| {
        format!(
            "title = \"{title}\"\n[simulation]\nduration = \"5 ms\"\n[populations.\"{name}\"]\nsize = 2\nneuron = \"lif_delta\"\n"
        )
    };
    for (title, name, code) in [
        ("\\u001b[31m", "a", "U+001B"),
        ("\\u0007", "a", "U+0007"),
        ("two\\nlines", "a", "U+000A"),
        ("\\u202e", "a", "U+202E"),
        ("fine", "\\u0085", "U+0085"),
        ("fine", "a\\u2066", "U+2066"),
    ] {
        place.write("m.toml", &model(title, name));
        for command in ["check", "simulate"] {
            let said = place.ends(3, &[command, "m.toml"]);
            assert!(said.contains(code) && said.contains("m.toml:"), "{said}");
            assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{said:?}");
        }
    }
    place.write("m.toml", &model("fine", "a"));
    for setting in ["title=\u{1b}[31m", "title=\"\\u001b\""] {
        assert!(place.ends(3, &["check", "m.toml", "--set", setting]).contains("U+001B"));
    }
    place.write("m.toml", &model("T <script>alert(1)</script> ]]> -->", "τ \u{1f9e0}"));
    place.ends(0, &["simulate", "m.toml", "-o", "out"]);
    assert!(!place.path("runs").exists());
}
