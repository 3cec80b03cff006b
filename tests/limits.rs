//! Memory and time foreseen: what does not fit is refused, what is absurd is answered at once, and nothing
//! is read that may never end. Each runs under a limit of memory (`ulimit -v`) and of time.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// kB of address space: 4 GB.
const MEMORY: u64 = 4_000_000;
/// The longest that an answer may take; these tests run side by side in a debug build.
const TIME: Duration = Duration::from_secs(20);

struct Answer {
    code: Option<i32>,
    text: String,
}

impl Answer {
    #[track_caller]
    fn refused(&self, code: i32, what: &str) {
        assert!(self.code == Some(code) && self.text.contains(what), "{:?}: {}", self.code, shortened(&self.text));
    }
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(2000)]
}

/// A folder with files in which the program runs.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `twinfire` with these arguments, under the limits.
    #[track_caller]
    fn run(&self, arguments: &str) -> Answer {
        let line = format!("ulimit -v {MEMORY}; exec {} {arguments}", env!("CARGO_BIN_EXE_twinfire"));
        let mut child = Command::new("sh")
            .args(["-c", &line])
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let reader = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            err.read_to_end(&mut bytes).map(|_| bytes)
        });
        let watch = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            out.read_to_end(&mut bytes).map(|_| bytes)
        });
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if begun.elapsed() > TIME => {
                    child.kill().unwrap();
                    panic!("`twinfire {arguments}` takes more than {TIME:?}");
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let bytes = [watch.join().unwrap().unwrap(), reader.join().unwrap().unwrap()].concat();
        Answer { code: status.code(), text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// What `check` says of a model.
    #[track_caller]
    fn check(&self, model: &str) -> Answer {
        self.file("m.toml", model);
        self.run("check m.toml")
    }
}

const RUN: &str = "[simulation]\nduration = \"5 ms\"\n";

/// `text` for each number below `count`.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

#[test]
fn neurons_and_samples_count_in_memory_and_the_refusal_says_what_to_change() {
    let place = Place::new();
    let model = |size: &str, more: &str| {
        format!(
            "{RUN}[parameters]\nscale = 1\n[populations.a]\nsize = \"{size} * scale\"\nneuron = \"lif_delta\"\n{more}"
        )
    };
    for (size, more) in [
        ("1e9", ""),
        ("2e9", "[record.a]\nv = {}"),
        ("1e7", "[record.a]\nv = {}"),
        (
            "1e6",
            "[record.a]\nv = { every = \"0.1 ms\" }\n[inputs.i]\ntarget = \"a\"\nnoise_current = { mean = \"1 pA\", std = \"1 pA\" }\n[populations.b]\nsize = 10000000\nneuron = \"lif_exp\"",
        ),
        ("1e5", "[projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight = 1\nconnect.fixed_in_degree = { n = 20000 }"),
        (
            "4e9",
            "[projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight = 1\nconnect.fixed_total_number = { n = 1000 }",
        ),
    ] {
        place.file("m.toml", model(size, more));
        for command in ["check m.toml", "simulate m.toml -o out"] {
            let answer = place.run(command);
            answer.refused(1, " GB of memory");
            answer.refused(1, "--set scale=0.1");
            answer.refused(1, "ulimit");
        }
    }
    assert!(!place.0.path().join("out").exists());
    assert_eq!(place.check(&model("1e6", "[record.a]\nv = { neurons = [0], every = \"1 ms\" }")).code, Some(0));
    place
        .check(&format!("{RUN}[populations.a]\nshape = [4000000000, 4000000000, 4]\nneuron = \"lif_delta\"\n"))
        .refused(3, "too many");
}

#[test]
fn many_sources_are_simulated() {
    let place = Place::new();
    place.file("m.toml", format!("{RUN}[populations.a]\nsize = 200000\nneuron = \"source\"\n[inputs.i]\ntarget = \"a\"\npoisson = {{ rate = \"1 Hz\" }}"));
    assert_eq!(place.run("simulate m.toml -q -o out --threads 1").code, Some(0));
}

#[test]
fn absurd_numbers_are_answered_at_once() {
    let place = Place::new();
    let neuron = |parameters: &str| format!("{RUN}[populations.p]\nsize = 1000\nneuron.{parameters}\n");
    for kind in ["lif_adaptive", "lif_exp", "lif_alpha", "lif_cond_exp", "lif_cond_alpha", "alif", "lif_delta"] {
        for given in [
            "tau_m = \"1e-90 ms\"",
            "c_m = \"1e-100 pF\"",
            "c_m = \"1e100 pF\"",
            "tau_m = \"1e100 ms\"",
            "tau_refrac = \"1e90 ms\"",
        ] {
            let answer = place.check(&neuron(&format!("{kind} = {{ {given} }}")));
            assert!(matches!(answer.code, Some(0 | 3)), "{kind} {given}: {}", shortened(&answer.text));
        }
    }
    place
        .check(&neuron("lif_adaptive = { a = \"1e100 nS\", tau_w = \"144 ms\", c_m = \"250 pF\" }"))
        .refused(3, "no finite");
    let tail = |bounds: &str| {
        neuron(&format!("lif_delta = {{ v_init.normal = {{ mean = \"-65 mV\", std = \"0.5 mV\", {bounds} }} }}"))
    };
    for bounds in
        ["low = \"-63 mV\", high = \"-62.999 mV\"", "low = \"-63 mV\", high = \"-60 mV\"", "high = \"-66.9 mV\""]
    {
        assert_eq!(place.check(&tail(bounds)).code, Some(0), "{bounds}");
        assert_eq!(place.run("simulate m.toml -q --force -o out").code, Some(0), "{bounds}");
    }
    place.check(&tail("low = \"-60 mV\"")).refused(3, "hardly any number of mean -65 and std 0.5 is -60 or above");
}

#[test]
fn reading_takes_time_in_proportion_to_the_size() {
    let place = Place::new();
    let net = format!("{RUN}[populations.net]\nneuron = \"lif_delta\"\n");
    let chain = |n: usize| each(n, |i| format!("p{i} = \"p{} + 1\"\n", i + 1)) + &format!("p{n} = 1\n");
    let names = |n: usize| each(n, |i| format!("\"n{i}\","));
    let good = [
        format!("[parameters]\n{}{net}size = 1", chain(50_000)),
        format!(
            "[parameters]\n{}p30 = [1, 2]\n{net}size = \"p0\"\nnames = [\"a\", \"b\"]",
            each(30, |i| format!("p{i} = \"(p{0} + p{0}) / 2\"\n", i + 1))
        ),
        format!("{net}size = 1\nnames = [{}]", names(10_000)),
        format!("{net}size = [{}]\nnames = [{}]", "1,".repeat(3000), names(3000)),
        format!("{RUN}{}", each(3000, |i| format!("[populations.p{i}]\nsize = 1\nneuron = \"lif_delta\"\n"))),
        format!(
            "{net}size = 1\n{}",
            each(10_000, |i| format!("[projections.x{i}]\nsource = \"net\"\ntarget = \"net\"\nweight = 1\n"))
        ),
        format!("{net}size = \"{}1\"", "1 + ".repeat(100_000)),
        format!("[[layers]]\nsize = 1\n{}", "[[layers]]\ndense = 1\n".repeat(20_000)),
        format!(
            "{RUN}[populations.net]\nsize = [{}]\nnames = [{}]\nneuron.lif_delta = {{ tau_m = [{}], c_m = [{}] }}\n",
            "1,".repeat(5000),
            names(5000),
            "\"10 ms\",".repeat(5000),
            "\"250 pF\",".repeat(5000)
        ),
    ];
    for model in good {
        let answer = place.check(&model);
        assert_eq!(answer.code, Some(0), "{}: {}", &model[..model.len().min(200)], shortened(&answer.text));
    }
    let bad = [
        (each(20_000, |i| format!("k{i} = {i}\n")), "20001 errors found; these are the first 50"),
        (each(100_000, |i| format!("k{i} = {i}\n")) + &net, "100001 errors found"),
        (format!("{net}size = 1\n{}", each(10_000, |i| format!("k{i} = {i}\n"))), "10000 errors found"),
        (
            format!(
                "[parameters]\n{}{}{net}size = 1",
                each(3000, |i| format!("q{i} = 1\n")),
                each(3000, |i| format!("z{i} = \"y{i}\"\n"))
            ),
            "3000 errors found",
        ),
        (
            format!(
                "{net}size = 1\n{}",
                each(3000, |i| format!("[projections.x{i}]\nsource = \"a{i}\"\ntarget = \"net\"\nweight = 1\n"))
            ),
            "3000 errors found",
        ),
        (format!("{net}size = \"{}1{}\"", "(".repeat(100_000), ")".repeat(100_000)), "nests too deeply"),
        (format!("{net}size = {}1{}", "[".repeat(100_000), "]".repeat(100_000)), "not TOML"),
        (format!("{net}size{} = 1", ".a".repeat(100_000)), "not TOML"),
        (format!("{net}size = \"{}1{} ms\"", "[".repeat(100_000), "]".repeat(100_000)), "size"),
    ];
    for (model, what) in bad {
        place.check(&model).refused(3, what);
    }
}

#[test]
fn many_populations_give_a_report_that_says_what_it_leaves_out() {
    let place = Place::new();
    let of = |i: usize| format!("[populations.p{i}]\nsize = 2\nneuron.lif_delta = {{ i_offset = \"900 pA\" }}\n");
    place.file("m.toml", format!("[simulation]\nduration = \"100 ms\"\n{}", each(300, of)));
    assert_eq!(place.run("simulate m.toml -q -o out").code, Some(0));
    let page = std::fs::read_to_string(place.0.path().join("out/report.html")).unwrap();
    assert!(page.contains("the first 24, and 276 more") && page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn results_that_are_no_regular_files_are_not_drawn() {
    let place = Place::new();
    let folder = place.0.path().join("results");
    for path in ["/dev/zero", "../fifo"] {
        std::fs::create_dir(&folder).unwrap();
        for name in ["summary.json", "run.json"] {
            std::os::unix::fs::symlink(path, folder.join(name)).unwrap();
        }
        let fifo = place.0.path().join("fifo");
        assert!(fifo.exists() || Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        place.run("plot results").refused(4, "is no regular file");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn only_regular_files_are_read() {
    let place = Place::new();
    let fifo = place.0.path().join("fifo.toml");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    std::fs::create_dir(place.0.path().join("folder")).unwrap();
    for path in ["/dev/zero", "fifo.toml", "folder", "/dev/stdin"] {
        for command in ["check", "simulate", "train", "compare"] {
            place.run(&format!("{command} {path}")).refused(4, "is no regular file");
        }
        for command in ["evaluate", "export"] {
            assert_eq!(place.run(&format!("{command} {path}")).code, Some(4), "{command} {path}");
        }
        place.file("x.toml", format!("model = \"{path}\"\ndataset = \"iris\"\n"));
        assert!(matches!(place.run("check x.toml").code, Some(3 | 4)), "{path}");
        let of = |what: &str| {
            format!(
                "{RUN}[populations.a]\nsize = 2\nneuron = \"source\"\n[populations.b]\nsize = 2\nneuron = \"lif_delta\"\n{what}"
            )
        };
        let ends = "[projections.x]\nsource = \"a\"\ntarget = \"b\"\n";
        for what in [
            format!("{ends}weight = 1\nconnect.list = {{ file = \"{path}\" }}"),
            format!("{ends}weight.file = \"{path}\""),
            format!("[inputs.i]\ntarget = \"a\"\nspike_times = {{ file = \"{path}\" }}"),
        ] {
            assert!(matches!(place.check(&of(&what)).code, Some(3 | 4)), "{what}");
        }
    }
}

#[test]
fn files_that_the_system_makes_while_they_are_read_are_none() {
    let place = Place::new();
    for path in ["/proc/kmsg", "/proc/cpuinfo"] {
        let (answer, begun) = (place.run(&format!("check {path}")), Instant::now());
        assert!(begun.elapsed() < TIME);
        assert_eq!(answer.code, Some(4), "{path}: {}", answer.text);
        let may_be_read = std::fs::File::open(path).is_ok();
        assert!(!may_be_read || answer.text.contains("is no regular file"), "{path}: {}", answer.text);
    }
    std::fs::create_dir(place.0.path().join("mnist")).unwrap();
    let fifo = place.0.path().join("mnist/train-images-idx3-ubyte.gz");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let answer = place.run("data mnist --data .");
    assert!(answer.text.contains("cannot be read: is no regular file"), "{}", answer.text);
}

#[test]
fn names_and_numbers_of_any_length_are_answered() {
    let place = Place::new();
    let name = "n".repeat(65_536);
    let answer = place.check(&format!("{RUN}[populations.{name}]\nsize = 2\nneuron = \"lif_delta\"\n"));
    assert_eq!(answer.code, Some(0), "{}", shortened(&answer.text));
    assert!(answer.text.contains(&format!("  {}…  ", "n".repeat(59))) && !answer.text.contains(&"n".repeat(60)));
    place
        .check("[simulation]\nduration = \"1 ms\"\nseed = 18446744073709551616\n")
        .refused(3, "`seed` is 18446744073709551616, more than the 18446744073709551615 that it can be");
}

#[test]
fn packed_files_are_unpacked_no_further_than_the_original_goes() {
    let place = Place::new();
    // A gigabyte of zeros in one megabyte, behind a header that promises so much.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[0, 0, 8, 3, 0, 16, 0, 0, 0, 0, 4, 0, 0, 0, 3, 255]).unwrap();
    let zeros = vec![0; 1 << 20];
    (0..64).for_each(|_| packed.write_all(&zeros).unwrap());
    place.file("mnist/train-images-idx3-ubyte.gz", packed.finish().unwrap());
    for name in ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
        place.file(&format!("mnist/{name}"), "");
    }
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/pozzi_2018/mnist.toml");
    let begun = Instant::now();
    place.run(&format!("train {} --data . -o out", models.display())).refused(4, "holds more than it should");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_is_no_table_is_not_shown() {
    let place = Place::new();
    let secret = place.file("shadow", "root:$6$salt$hash:19000:0:99999:7:::\nme:x\n");
    let path = secret.display();
    let of = |what: &str| {
        format!(
            "{RUN}[populations.a]\nsize = 2\nneuron = \"source\"\n[populations.b]\nsize = 2\nneuron = \"lif_delta\"\n{what}"
        )
    };
    for what in [
        format!("[projections.x]\nsource = \"a\"\ntarget = \"b\"\nweight = 1\nconnect.list = {{ file = \"{path}\" }}"),
        format!("[inputs.i]\ntarget = \"a\"\nspike_times = {{ file = \"{path}\" }}"),
    ] {
        let answer = place.check(&of(&what));
        assert!(answer.code == Some(3) && !answer.text.contains("$6$"), "{}", answer.text);
    }
    let answer = place.run("check shadow");
    assert!(
        answer.code == Some(3) && !answer.text.contains("$6$") && answer.text.contains("not TOML"),
        "{}",
        answer.text
    );
}

/// Sends SIGINT to a command some time after it began; gives the exit code and how long it took to end.
fn interrupted(arguments: &[&str], after: Duration, folder: &Path) -> (Option<i32>, Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_twinfire"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    let sent = Instant::now();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let code = child.wait().unwrap().code();
    (code, sent.elapsed())
}

#[test]
fn the_first_press_of_ctrl_c_ends_what_is_read_built_or_drawn() {
    let place = Place::new();
    // Takes long to read, and long to build.
    let names = each(70_000, |i| format!("\"n{i}\","));
    place.file("read.toml", format!("{RUN}[populations.a]\nneuron = \"lif_delta\"\nsize = 1\nnames = [{names}]"));
    place.file("built.toml", format!("{RUN}[populations.a]\nsize = 20000\nneuron = \"lif_delta\"\n[projections.x]\nsource = \"a\"\ntarget = \"a\"\nweight = 1\nconnect.fixed_in_degree = {{ n = 2000 }}"));
    for arguments in [&["check", "read.toml"][..], &["simulate", "built.toml", "-o", "out"]] {
        let (code, time) = interrupted(arguments, Duration::from_millis(400), place.0.path());
        assert!(code == Some(130) && time < Duration::from_secs(2), "{arguments:?}: {code:?} {time:?}");
    }
    assert!(!place.0.path().join("out/summary.json").exists());
}
