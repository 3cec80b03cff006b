//! The program as a user meets it: examples, exit codes, streams.

use std::collections::BTreeSet;
use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use twinfire::experiment::position::Position;
use twinfire::network::snapshot;
use twinfire::result::Summary;

/// Commands in an order in which the results of one are there for the next.
const COMMANDS: &[&str] =
    &["train", "evaluate", "export", "compare", "simulate", "plot", "check", "list", "data", "schema", "completions"];

fn twinfire(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinfire")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The lines between a heading of a help text and the next empty line.
fn section(help: &str, heading: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.is_empty()).map(|line| line.trim().to_string()).collect()
}

#[test]
fn the_test_knows_every_command() {
    let help = stdout(&twinfire(&["--help"]));
    let shown: BTreeSet<String> = section(&help, "Commands:")
        .iter()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .map(String::from)
        .collect();
    assert_eq!(shown, COMMANDS.iter().map(|command| command.to_string()).collect());
}

/// Every example in every help text runs as it stands, in a folder that holds the shipped
/// models and experiments; trainings are only made shorter, and fetching meets a mirror
/// that nobody serves and has to say so.
#[test]
#[cfg(unix)]
fn every_example_in_every_help_runs() {
    let folder = tempfile::tempdir().unwrap();
    for shipped in ["models", "experiments"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(shipped);
        std::os::unix::fs::symlink(from, folder.path().join(shipped)).unwrap();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_twinfire")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut pages: Vec<String> = COMMANDS.iter().map(|command| stdout(&twinfire(&[command, "--help"]))).collect();
    pages.push(stdout(&twinfire(&["--help"])));
    for page in pages {
        let examples = section(&page, "Examples:");
        assert!((2..=4).contains(&examples.len()), "two to four examples: {page}");
        for example in examples {
            assert!(example.starts_with("twinfire "), "{example}");
            let line = shortened(&example);
            let mut shell = Command::new("sh");
            shell.args(["-c", &line]).current_dir(folder.path()).env("PATH", &path);
            shell.env("TWINFIRE_MIRROR", "http://127.0.0.1:1");
            let output = shell.env("XDG_DATA_HOME", folder.path()).env_remove("TWINFIRE_DATA").output().unwrap();
            let code = if example.contains("--fetch") { 4 } else { 0 };
            assert_eq!(output.status.code(), Some(code), "{line}\n{}{}", stdout(&output), stderr(&output));
        }
    }
}

/// Makes a training short without changing what it does otherwise.
fn shortened(example: &str) -> String {
    let short = "--set training.epochs=1 --set training.samples=60 --set 'seeds=[1]'";
    let trains = ["twinfire train ", "twinfire compare "].iter().any(|start| example.starts_with(start));
    if trains { format!("{example} {short}") } else { example.to_string() }
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_twinfire"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""));
}

#[test]
fn a_mistake_on_the_command_line_exits_with_2() {
    for arguments in
        [&["lst"][..], &["list", "--no-such-option"], &["list", "lif_dlta"], &["list", "--threads", "0"], &[]]
    {
        let output = twinfire(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_near_miss_is_met_with_a_suggestion() {
    let text = stderr(&twinfire(&["list", "lif_dlta"]));
    assert_eq!(text, "error: there is nothing called `lif_dlta`\n |\n = help: did you mean `lif_delta`?\n");
}

#[test]
fn with_json_an_error_is_one_document() {
    for arguments in [&["list", "lif_dlta", "--json"][..], &["lst", "--json"]] {
        let output = twinfire(arguments);
        let document: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(document["error"]["exit_code"], 2);
        assert!(document["error"]["problems"][0]["message"].is_string());
        assert!(document["error"]["problems"][0]["help"].is_string());
    }
}

#[test]
fn no_colours_where_nobody_sees_them() {
    for arguments in [&["list", "lif_dlta"][..], &["--help"], &["lst"], &["list"]] {
        let output = twinfire(arguments);
        assert!(![output.stdout, output.stderr].concat().contains(&0x1b), "{arguments:?}");
    }
}

#[test]
fn a_list_shows_parameters_with_defaults_units_and_aliases() {
    let text = stdout(&twinfire(&["list", "lif_delta"]));
    for part in ["tau_m", "Membrane time constant", "a time (ms), above 0", "default 20 ms", "also called cm"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let all: Value = serde_json::from_slice(&twinfire(&["list", "--json"]).stdout).unwrap();
    for list in
        ["neurons", "topologies", "inputs", "distributions", "encoders", "readouts", "rules", "spike_rules", "datasets"]
    {
        assert!(all[list].is_array(), "{list}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(stdout(&twinfire(&["--version"])), concat!("twinfire ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_duration_on_the_command_line_is_that_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.toml");
    let text = "[simulation]\nduration = \"1 s\"\n[populations.a]\nsize = 1\nneuron = \"lif_delta\"\n[record.a]\n";
    std::fs::write(&model, text).unwrap();
    let out = folder.path().join("run");
    let (model, out) = (model.to_str().unwrap(), out.to_str().unwrap());
    let output = twinfire(&["simulate", model, "--duration", "20ms", "-o", out]);
    assert!(output.status.success(), "{}", stderr(&output));
    let resolved = std::fs::read_to_string(format!("{out}/model.toml")).unwrap();
    assert!(resolved.contains("duration = \"20 ms\""), "{resolved}");
    let output = twinfire(&["check", model, "--set", "duration=2s"]);
    assert!(stderr(&output).contains("did you mean `simulation.duration`?"), "{}", stderr(&output));
}

/// Two sources that spike at 1 and 3 ms, with a synapse of 2 ms each.
#[test]
fn synapses_and_gdf_are_written_where_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (folder.path().join("m.toml"), folder.path().join("run"));
    let text = "[simulation]\nduration = \"5 ms\"\n[populations.a]\nsize = 2\nneuron = \"source\"\n\
        [populations.b]\nsize = 1\nneuron = \"lif_delta\"\n[projections.p]\nsource = \"a\"\ntarget = \"b\"\n\
        connect.all_to_all = {}\nweight = \"0.25 mV\"\ndelay = \"2 ms\"\n\
        [inputs.i]\ntarget = \"a\"\nspike_times = { times = [\"1 ms\", \"3 ms\"], neurons = [0, 1] }\n";
    std::fs::write(&model, text).unwrap();
    let arguments = ["simulate", model.to_str().unwrap(), "-q", "-o", out.to_str().unwrap()];
    let run = |more: &[&str]| {
        let output = twinfire(&[&arguments[..], more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
    };
    run(&[]);
    assert!(!out.join("spikes.gdf").exists() && !out.join("synapses.npz").exists());
    run(&["--force", "--synapses", "--format", "csv,gdf"]);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("synapses.csv"), "projection,source,target,weight,delay\np,0,0,0.25,2\np,1,0,0.25,2\n");
    let gdf = read("spikes.gdf");
    let lines: Vec<&str> = gdf.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, ["1\t1.0", "2\t1.0", "1\t3.0", "2\t3.0"]);
    let mut synapses = twinfire::numpy::Archive::open(&out.join("synapses.npz")).unwrap();
    assert_eq!(synapses.array("p.source").unwrap().unwrap().indices().unwrap(), [0, 1]);
    assert_eq!(synapses.array("p.delay").unwrap().unwrap().numbers().unwrap(), [2.0, 2.0]);
}

/// `docs/cli.md` describes every command and every option.
#[test]
fn the_reference_is_complete() {
    let reference = std::fs::read_to_string("docs/cli.md").unwrap();
    for command in COMMANDS {
        assert!(reference.contains(&format!("## twinfire {command}")), "docs/cli.md: `## twinfire {command}`");
        for word in stdout(&twinfire(&[command, "--help"])).split(|c: char| !(c.is_alphanumeric() || c == '-')) {
            let option = word.strip_prefix("--").is_some_and(|name| name.len() > 1);
            assert!(!option || reference.contains(word), "docs/cli.md: {word} of {command}");
        }
    }
}

/// A small experiment on embedded data.
const QUICK: &[&str] = &["--set", "training.epochs=2", "--set", "training.samples=60", "--set", "seeds=[1]"];

fn train(folder: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["train", "experiments/iris.toml", "-o", folder.to_str().unwrap()];
    arguments.extend(QUICK);
    arguments.extend(more);
    twinfire(&arguments)
}

#[test]
fn progress_is_one_line_per_epoch_where_nobody_watches() {
    let folder = tempfile::tempdir().unwrap();
    let output = train(&folder.path().join("a"), &["--regime", "spiking"]);
    let lines: Vec<String> = stderr(&output).lines().map(String::from).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("spiking-q_agrel seed 1 epoch 2/2: training "), "{lines:?}");
    let quiet = train(&folder.path().join("b"), &["--regime", "spiking", "--quiet"]);
    assert_eq!((quiet.status.code(), stderr(&quiet).as_str()), (Some(0), ""));
}

#[test]
fn a_checkpoint_is_encoded_with_the_seed_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let poisson = ["--regime", "spiking", "--rule", "brainprop", "--set", "encoder.poisson={}"];
    let trained = train(folder.path(), &poisson);
    assert_eq!(trained.status.code(), Some(0), "{}", stderr(&trained));
    let checkpoint = folder.path().join("spiking-q_agrel-seed1.twinfire");
    let checkpoint = checkpoint.to_str().unwrap();
    let evaluate = |more: &[&str]| twinfire(&[&["evaluate", checkpoint], more].concat());
    let (own, other) = (stdout(&evaluate(&[])), stdout(&evaluate(&["--seed", "77"])));
    assert!(other.contains("encoded with seed 77"), "{other}");
    assert_eq!(other, stdout(&evaluate(&["--seed", "77"])));
    let folder = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let spikes = |seed: &str, name: &str| {
        let output = twinfire(&["simulate", checkpoint, "--seed", seed, "-o", &folder(name)]);
        assert!(stdout(&output).contains(&format!("encoded with seed {seed}")), "{}", stderr(&output));
        std::fs::read_to_string(format!("{}/spikes.csv", folder(name))).unwrap()
    };
    assert_ne!(spikes("77", "a"), spikes("78", "b"));
    assert_eq!(
        evaluate(&["--seed", "1"]).stdout,
        own.replacen(" test samples", " test samples, encoded with seed 1", 1).as_bytes()
    );
    let changed = evaluate(&["--set", "regimes=rate"]);
    assert!(stderr(&changed).contains("which its experiment as changed does not have"), "{}", stderr(&changed));
    assert_eq!(changed.status.code(), Some(4));
}

#[test]
fn a_key_of_a_training_without_its_table_is_pointed_to_it() {
    let output = twinfire(&["check", "experiments/iris.toml", "--set", "epochs=5"]);
    assert!(stderr(&output).contains("did you mean `training.epochs`?"), "{}", stderr(&output));
}

#[test]
fn a_missed_requirement_exits_with_6_after_the_results_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = train(folder.path(), &["--require", "accuracy=99.99"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("99.99 % are required"), "{}", stderr(&output));
    assert!(folder.path().join("summary.json").exists());
    let checkpoint = folder.path().join("rate-q_agrel-seed1.twinfire");
    let checkpoint = checkpoint.to_str().unwrap();
    assert_eq!(twinfire(&["evaluate", checkpoint, "--require-accuracy", "99.99"]).status.code(), Some(6));
    assert_eq!(twinfire(&["evaluate", checkpoint, "--require-accuracy", "0"]).status.code(), Some(0));
    for (wanted, message) in
        [("accuracy=100.5", "`accuracy` never reaches 100.50 %"), ("loss=1", "has no metric `loss`")]
    {
        let refused = twinfire(&["evaluate", checkpoint, "--require", wanted]);
        assert_eq!(refused.status.code(), Some(2), "{wanted}");
        assert!(stderr(&refused).contains(message), "{}", stderr(&refused));
    }
}

#[test]
fn evaluate_finds_the_accuracy_that_train_reported() {
    let folder = tempfile::tempdir().unwrap();
    let trained: Value = serde_json::from_slice(&train(folder.path(), &["--json", "--quiet"]).stdout).unwrap();
    for arm in trained["arms"].as_array().unwrap() {
        let name = format!("{}-q_agrel-seed1.twinfire", arm["regime"].as_str().unwrap());
        let evaluated = twinfire(&["evaluate", folder.path().join(name).to_str().unwrap(), "--json"]);
        let evaluated: Value = serde_json::from_slice(&evaluated.stdout).unwrap();
        assert_eq!(evaluated["test"], arm["runs"][0]["test"]);
        assert_eq!(evaluated["exhibits"], arm["runs"][0]["exhibits"]);
        assert!(evaluated["test"]["accuracy"].as_f64().is_some_and(|value| (10.0..100.0).contains(&value)));
    }
}

#[test]
fn a_folder_with_anything_else_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.tex"), "x").unwrap();
    let refused = train(folder.path(), &[]);
    assert_eq!(refused.status.code(), Some(5));
    assert!(stderr(&refused).contains("it holds other files"), "{}", stderr(&refused));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    for _ in 0..2 {
        assert_eq!(train(folder.path(), &["--force"]).status.code(), Some(0));
    }
    assert!(folder.path().join("thesis.tex").exists());
}

#[test]
fn a_folder_that_cannot_be_made_exits_with_5_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let output = train(&file.join("below"), &[]);
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(stderr(&output).lines().count(), 1, "no epoch was trained: {}", stderr(&output));
}

#[test]
fn a_checkpoint_that_is_missing_or_none_exits_with_4() {
    for path in ["no-such.twinfire", "Cargo.toml"] {
        let output = twinfire(&["evaluate", path]);
        assert_eq!(output.status.code(), Some(4), "{path}");
        assert!(stderr(&output).contains(path));
    }
}

#[test]
fn simulate_writes_what_it_promises() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let formats = ["--format", "csv,dat"];
    let output = twinfire(
        &[&["simulate", "models/tutorial.toml", "-o", out.to_str().unwrap(), "--json"], &formats[..]].concat(),
    );
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["populations"][0]["name"], "noise");
    let files = ["report.html", "figures/raster.png", "figures/raster.svg", "figures/traces.png", "figures/rates.svg"];
    let data = ["spikes.npz", "spikes.csv", "spikes.dat", "traces.npz", "traces.csv", "summary.json", "model.toml"];
    for file in files.into_iter().chain(data) {
        assert!(out.join(file).metadata().is_ok_and(|data| data.len() > 100), "{file}");
    }
    let lines = std::fs::read_to_string(out.join("spikes.csv")).unwrap().lines().count() as u64;
    let spikes = summary["populations"].as_array().unwrap().iter().map(|p| p["spikes"].as_u64().unwrap());
    assert_eq!(lines - 1, spikes.sum::<u64>());
    let again = folder.path().join("again");
    let resolved = out.join("model.toml");
    twinfire(&["simulate", resolved.to_str().unwrap(), "-o", again.to_str().unwrap(), "--format", "csv"]);
    let read = |folder: &Path| std::fs::read(folder.join("spikes.csv")).unwrap();
    assert_eq!(read(&out), read(&again), "the model as it ran gives the same spikes");
}

#[test]
fn a_simulation_is_drawn_again_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    assert_eq!(twinfire(&["simulate", "models/tutorial.toml", "-o", out]).status.code(), Some(0));
    let read = |file: &str| std::fs::read(format!("{out}/{file}")).unwrap();
    let (page, raster) = (read("report.html"), read("figures/raster.png"));
    std::fs::remove_dir_all(format!("{out}/figures")).unwrap();
    std::fs::remove_file(format!("{out}/report.html")).unwrap();
    assert_eq!(twinfire(&["plot", out]).status.code(), Some(0));
    assert!(read("report.html") == page && read("figures/raster.png") == raster);
    let other = folder.path().join("other");
    let drawn = twinfire(&["plot", out, "rates", "--format", "svg", "-o", other.to_str().unwrap()]);
    assert!(other.join("figures/rates.svg").exists(), "{}", stderr(&drawn));
    assert_eq!(twinfire(&["plot", out, "cost"]).status.code(), Some(2));
    assert_eq!(twinfire(&["plot", out, "weights"]).status.code(), Some(4), "nothing in the model learns");
    std::fs::write(format!("{out}/spikes.npz"), &read("spikes.npz")[..500]).unwrap();
    let cut = twinfire(&["plot", out]);
    assert_eq!(cut.status.code(), Some(4));
    assert!(stderr(&cut).contains("spikes.npz"), "{}", stderr(&cut));
}

#[test]
fn the_analysis_can_leave_out_the_start_and_choose_its_bins() {
    let folder = tempfile::tempdir().unwrap();
    let simulate = |more: &[&str]| {
        let out = folder.path().join("out");
        twinfire(
            &[&["simulate", "models/tutorial.toml", "--json", "--force", "-o", out.to_str().unwrap()], more].concat(),
        )
    };
    let spikes = |output: &Output| {
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        let populations = summary["populations"].as_array().unwrap().clone();
        let total = populations.iter().map(|p| p["spikes"].as_u64().unwrap()).sum::<u64>();
        (total, populations[0]["psth"]["rates_hz"].as_array().unwrap().len())
    };
    let (all, late) = (simulate(&[]), simulate(&["--from", "150 ms", "--bin", "10ms"]));
    assert!(spikes(&late).0 < spikes(&all).0 && spikes(&late).0 > 0);
    assert_eq!(spikes(&late).1, 30, "rates over time show the start too");
    for mistake in
        [&["--from", "1 s"], &["--from", "3"], &["--bin", "0 ms"], &["--bin", "0.15 ms"], &["--format", "xls"]]
    {
        assert_eq!(simulate(mistake).status.code(), Some(2), "{mistake:?}");
    }
}

/// A disk that is full: here, files that may not grow beyond so many blocks.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_the_run_with_an_error_and_leaves_no_half_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let line = format!(
        "trap '' XFSZ; ulimit -f 16; exec {} simulate models/tutorial.toml --set inputs.background.poisson.rate='\"20 kHz\"' \
         --set simulation.resolution='\"0.01 ms\"' --format csv -o {}",
        env!("CARGO_BIN_EXE_twinfire"),
        out.display()
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}{}", stdout(&output), stderr(&output));
    assert!(stderr(&output).contains("spikes.csv: cannot be written"), "{}", stderr(&output));
    let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run.json"], "only the note that the run failed");
}

/// Ctrl-C in the middle of a simulation: what was recorded is there.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_simulation_keeps_what_it_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut child = Command::new(env!("CARGO_BIN_EXE_twinfire"))
        .args(["simulate", "models/tutorial.toml", "--set", "simulation.duration=100000 s"])
        .args(["--set", "record.exc.v.every=1 s", "--format", "csv", "-o", out.to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Some file grows, out of sight, while the run goes on.
    let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let length = |path: std::path::PathBuf| path.metadata().map_or(0, |found| found.len());
    while !entries(&out).any(|stage| entries(&stage).any(|path| length(path) > 50_000)) {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let summary: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert!(summary["duration_ms"].as_f64().unwrap() < 1e8);
    assert!(summary["populations"][0]["spikes"].as_u64().unwrap() > 0);
    assert!(out.join("spikes.npz").exists() && out.join("figures/raster.png").exists());
}

#[test]
fn a_file_of_the_wrong_kind_is_met_with_advice() {
    for (arguments, advice) in [
        (&["simulate", "experiments/digits.toml"][..], "is an experiment, no model"),
        (&["train", "models/tutorial.toml"], "is a model, no experiment"),
        (&["simulate", "models/tutorial.toml", "--sample", "1"], "needs a checkpoint"),
    ] {
        let output = twinfire(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(advice), "{}", stderr(&output));
    }
}

/// Ctrl-C in the middle of a training: it is saved, and goes on with `--resume` to where it
/// would have come without.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupted_training_is_saved_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let stopped = folder.path().join("stopped");
    let mut arguments = vec!["train", "experiments/iris.toml", "--regime", "rate", "--seed", "1"];
    arguments.extend(["--set", "training.batch=1", "--set", "training.epochs=150"]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_twinfire"))
        .args(&arguments)
        .args(["-o", stopped.to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    progress.read_line(&mut first).unwrap();
    assert!(first.contains("epoch 1/150"), "{first}");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    progress.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("--resume goes on from there"), "{rest}");

    let with = |folder: &Path, more: &[&str]| {
        twinfire(&[&arguments[..], &["--quiet", "-o", folder.to_str().unwrap()], more].concat())
    };
    assert_eq!(with(&stopped, &[]).status.code(), Some(5), "without --resume it is not overwritten");
    let resumed = with(&stopped, &["--resume"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", stderr(&resumed));
    let whole = folder.path().join("whole");
    assert_eq!(with(&whole, &[]).status.code(), Some(0));
    let weights = |folder: &Path| snapshot::read::<Position>(&folder.join("rate-q_agrel-seed1.twinfire")).unwrap();
    let (resumed, whole) = (weights(&stopped), weights(&whole));
    assert_eq!(resumed.matrices, whole.matrices);
    assert_eq!(resumed.header.best_epoch, whole.header.best_epoch);
    let summary: Summary = serde_json::from_slice(&std::fs::read(stopped.join("summary.json")).unwrap()).unwrap();
    assert!(summary.experiment.contains("\nregimes = [\"rate\"]\n"), "{}", summary.experiment);
}

/// The files in the README are right, its links lead somewhere, and its table is complete.
#[test]
#[cfg(unix)]
fn the_readme_is_true() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"), folder.path().join("models"))
        .unwrap();
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    for (index, block) in readme.split("```toml\n").skip(1).enumerate() {
        let file = folder.path().join(format!("mine/{index}.toml"));
        std::fs::write(&file, block.split("```").next().unwrap()).unwrap();
        let output = twinfire(&["check", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", stderr(&output));
        if index == 0 {
            let out = folder.path().join("out");
            let output = twinfire(&["simulate", file.to_str().unwrap(), "--json", "-o", out.to_str().unwrap()]);
            let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
            let rate = summary["populations"][1]["rate_hz"].as_f64().unwrap();
            assert!((1.0..50.0).contains(&rate), "a network worth looking at: {rate} Hz");
        }
    }
    for link in readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(link.starts_with("http") || Path::new(link).exists(), "{link}");
    }
    let lists: Value = serde_json::from_slice(&twinfire(&["list", "--json"]).stdout).unwrap();
    for list in ["neurons", "topologies", "inputs", "encoders", "readouts", "rules", "spike_rules", "datasets"] {
        for kind in lists[list].as_array().unwrap() {
            let name = kind["name"].as_str().unwrap();
            assert!(readme.contains(&format!("`{name}`")), "{name} of {list} is missing");
        }
    }
}

#[test]
fn options_that_do_nothing_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let out = out.to_str().unwrap();
    let cases: [&[&str]; 9] = [
        &["simulate", "models/tutorial.toml", "--data", "x", "-o", out],
        &["check", "models/tutorial.toml", "--threads", "2"],
        &["check", "models/tutorial.toml", "-o", out],
        &["list", "--seed", "3"],
        &["schema", "model", "--set", "g=3"],
        &["data", "--force"],
        &["data", "--mirror", "http://nowhere.invalid"],
        &["plot", out, "--set", "g=3"],
        &["completions", "bash", "--data", "x"],
    ];
    for case in cases {
        let output = twinfire(case);
        assert_eq!(output.status.code(), Some(2), "{case:?}: {}", stderr(&output));
        let option = case.iter().find(|word| word.starts_with('-')).unwrap();
        let option = if *option == "-o" { "--output" } else { option };
        assert!(stderr(&output).contains(&format!("`{option}` does nothing")), "{case:?}: {}", stderr(&output));
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn sixty_columns_are_enough() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let name = "a_population_with_a_name_that_goes_on_and_on";
    let model = std::fs::read_to_string("models/tutorial.toml").unwrap().replace("noise", name);
    let path = place.path().join("long.toml");
    std::fs::write(&path, model).unwrap();
    let arguments = ["simulate", path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    let output = Command::new(env!("CARGO_BIN_EXE_twinfire")).args(arguments).env("COLUMNS", "60").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let fits = |line: &&str| line.chars().count() <= 60 || !line.contains(' ');
    assert!(text.lines().all(|line| fits(&line)), "{text}");
    assert!(text.contains('…') && text.matches("population").count() >= 2, "{text}");
    assert!(!stderr(&output).contains(['\r', '\u{1b}']), "no control codes: {:?}", stderr(&output));
}
