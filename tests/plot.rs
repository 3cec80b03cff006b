//! `twinfire plot`: figures for papers, as large and as much of the run as is asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODEL: &str = r##"
title = "Two kinds"
[simulation]
duration = "300 ms"
seed = 1
[populations.exc]
size = 80
neuron.lif_delta = { tau_m = "20 ms", v_thresh = "-50 mV", v_reset = "-65 mV" }
color = "#123456"
[populations.inh]
size = 20
neuron = "exc"
[projections.inhibition]
source = "inh"
target = "exc"
connect.fixed_in_degree = { n = 5 }
weight = "-1 mV"
[inputs.drive]
target = ["exc", "inh"]
poisson = { rate = "8 kHz", weight = "0.2 mV" }
[record.exc]
v = { neurons = [0, 1], every = "1 ms" }
[record.inh]
"##;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinfire")).current_dir(folder).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn simulated() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("two.toml"), MODEL).unwrap();
    let output = run(place.path(), &["simulate", "two.toml", "-o", "out", "-q", "--from", "50 ms"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    place
}

/// Width, height and dots per metre of a PNG file.
fn png(path: &Path) -> (u32, u32, u32) {
    let bytes = fs::read(path).unwrap();
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    let physical = bytes.windows(4).position(|name| name == b"pHYs").expect("says how large it is") + 4;
    assert_eq!((number(physical), bytes[physical + 8]), (number(physical + 4), 1));
    (number(16), number(20), number(physical))
}

/// The page of a PDF file, in points.
fn media_box(path: &Path) -> (f64, f64) {
    let bytes = fs::read(path).unwrap();
    assert!(bytes.starts_with(b"%PDF-"), "{}", path.display());
    let text = String::from_utf8_lossy(&bytes);
    let page = text.split_once("/MediaBox").expect("a page").1;
    let numbers = page.split(['[', ']']).nth(1).unwrap().split_whitespace();
    let numbers: Vec<f64> = numbers.map(|number| number.parse().unwrap()).collect();
    (numbers[2], numbers[3])
}

#[test]
fn sizes_on_paper_are_exact_in_every_format() {
    let place = simulated();
    let figure = |format: &str| place.path().join(format!("out/figures/raster.{format}"));
    let arguments = [
        "plot",
        "out",
        "raster",
        "--from",
        "100ms",
        "--to",
        "300ms",
        "--neurons",
        "50",
        "--width",
        "85mm",
        "--height",
        "60mm",
        "--font",
        "8pt",
        "--dpi",
        "600",
        "--format",
        "svg,pdf,png",
        "--no-title",
    ];
    let output = run(place.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(png(&figure("png")), (2008, 1417, 23622));
    let (width, height) = media_box(&figure("pdf"));
    assert!((width - 240.945).abs() < 0.01 && (height - 170.079).abs() < 0.01, "{width} x {height}");
    let svg = fs::read_to_string(figure("svg")).unwrap();
    assert!(svg.contains("width=\"85mm\" height=\"60mm\"") && !svg.contains(">Two kinds<"), "{svg:.300}");
    assert!(svg.contains("50 of 80") && svg.contains("20 neurons") && svg.contains("#123456"));
    let before = ["png", "svg", "pdf"].map(|format| fs::read(figure(format)).unwrap());
    run(place.path(), &arguments);
    assert!(before == ["png", "svg", "pdf"].map(|format| fs::read(figure(format)).unwrap()), "the same bytes twice");
}

#[test]
fn files_that_may_show_something_else_are_named() {
    let place = simulated();
    let said = |formats: &str| {
        let output = run(place.path(), &["plot", "out", "raster", "--neurons", "5", "--format", formats]);
        String::from_utf8(output.stdout).unwrap()
    };
    let narrow = said("pdf,png");
    assert!(narrow.contains("raster.svg stays as it was") && !narrow.contains("rates"), "{narrow}");
    assert!(!said("svg,pdf,png").contains("stays"));
}

#[test]
fn spikes_outside_of_the_time_that_is_drawn_are_not() {
    let place = simulated();
    let spikes = |from: &str, to: &str| {
        let arguments = ["traces", "--from", from, "--to", to, "--neurons", "0..2", "--populations", "exc"];
        let output =
            run(place.path(), &[&["plot", "out", "--width", "85mm", "--format", "svg"], &arguments[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let svg = fs::read_to_string(place.path().join("out/figures/traces.svg")).unwrap();
        let paths =
            svg.split("<path").skip(1).map(|path| path.split(" d=\"").nth(1).unwrap().split('"').next().unwrap());
        paths.map(|marks| marks.matches('M').count()).sum::<usize>()
    };
    let parts = [spikes("0ms", "100.05ms"), spikes("100.05ms", "200.05ms"), spikes("200.05ms", "300ms")];
    let whole = spikes("0ms", "300ms");
    assert!(parts.iter().all(|part| *part < whole) && parts.iter().sum::<usize>() == whole, "{parts:?} of {whole}");
}

#[test]
fn every_figure_fits_a_column_of_a_journal() {
    let place = simulated();
    let output = run(place.path(), &["plot", "out", "--width", "3.3in", "--format", "pdf,svg", "-o", "column"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for name in ["raster", "traces", "rates", "intervals", "correlations", "spectra"] {
        let path = place.path().join("column/figures").join(name);
        assert!((media_box(&path.with_extension("pdf")).0 - 237.6).abs() < 0.01, "{name}");
        assert!(fs::read_to_string(path.with_extension("svg")).unwrap().contains("width=\"83.82mm\""), "{name}");
    }
}

#[test]
fn what_is_excluded_is_said_and_models_choose_colours() {
    let place = simulated();
    let svg = |name: &str| fs::read_to_string(place.path().join("out/figures").join(name)).unwrap();
    assert!(svg("raster.svg").contains("not analysed before 50 ms"));
    assert!(svg("traces.svg").contains("before 50 ms, not analysed"));
    for name in ["raster.svg", "rates.svg", "traces.svg", "intervals.svg"] {
        assert!(svg(name).contains("#123456"), "{name}");
    }
    assert!(svg("raster.svg").contains("#D55E00"), "inhibition is vermillion");
    let page = fs::read_to_string(place.path().join("out/report.html")).unwrap();
    assert!(page.contains("the first 50 ms are left out of the statistics"), "what --from does");
}

#[test]
fn scales_of_rates_are_made_for_what_is_analysed() {
    let place = tempfile::tempdir().unwrap();
    let burst = MODEL.replace(
        "[record.exc]",
        "[inputs.burst]\ntarget = \"exc\"\nspike_times = { times = [\"5 ms\"], weight = \"40 mV\" }\n[record.exc]",
    );
    fs::write(place.path().join("burst.toml"), burst).unwrap();
    let figures = |out: &str, from: &[&str]| {
        let output = run(place.path(), &[&["simulate", "burst.toml", "-o", out, "-q", "--bin", "1 ms"], from].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let read = |name: &str| fs::read_to_string(place.path().join(out).join("figures").join(name)).unwrap();
        read("raster.svg") + &read("rates.svg")
    };
    let (whole, part) = (figures("whole", &[]), figures("part", &["--from", "50 ms"]));
    assert!(whole.contains(">1,000<") && !whole.contains("paled: up to"), "the burst sets the scale");
    assert!(!part.contains(">1,000<"), "nothing that is analysed fires so fast");
    assert!(part.matches("paled: up to ").count() >= 2, "below the raster, and above the rates of exc");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = simulated();
    let cases: [(&[&str], &str); 17] = [
        (&["raster", "--populations", "inhh"], "did you mean `inh`?"),
        (&["raster", "--neurons", "5..5"], "is empty"),
        (&["raster", "--neurons", "0"], "leave nothing to draw"),
        (&["raster", "--neurons", "90..95"], "has neuron 90"),
        (&["raster", "--from", "200ms", "--to", "100ms"], "there is nothing to draw"),
        (&["raster", "--from", "2s"], "there is nothing to draw"),
        (&["raster", "--to", "900ms"], "`--to` 900 ms is after the end of the run"),
        (&["raster", "--neurons", "1,1"], "neuron 1 is named twice"),
        (&["raster", "--from", "7"], "gives no time"),
        (&["raster", "--width", "85"], "has no unit"),
        (&["raster", "--width", "1mm"], "do not fit"),
        (&["raster", "--width", "20 km"], "no unit of length"),
        (&["raster", "--width", "4m"], "no unit of length"),
        (&["raster", "--dpi", "600", "--format", "pdf"], "`--dpi` does nothing"),
        (&["spectra", "--from", "10ms"], "`--from` does nothing with the figure `spectra`"),
        (&["rates", "--neurons", "10"], "`--neurons` does nothing with the figure `rates`"),
        (&["rastr"], "did you mean `raster`?"),
    ];
    for (case, message) in cases {
        let output = run(place.path(), &[&["plot", "out"], case].concat());
        assert_eq!(output.status.code(), Some(2), "{case:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(message), "{case:?}: {}", stderr(&output));
    }
    assert_eq!(run(place.path(), &["plot", "out", "weights"]).status.code(), Some(4), "there are no rules");
}

/// Letters of figures so wide, in pixels of an SVG whose numbers at axes are 11 high.
fn letters(svg: &str) -> Vec<f64> {
    let sizes = svg.split("font-size=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap());
    sizes.map(|size: f64| size / 8.0).collect()
}

fn every_figure_of_a_training_heeds_its_size(train: &str, sample: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().unwrap();
    let drawn = |results: &str, arguments: &[&str]| {
        let to = place.path().join(arguments.join(""));
        let arguments = [&["plot", results, "-o", to.to_str().unwrap(), "--format", "svg"], arguments].concat();
        let output = run(root, &arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        let figures = fs::read_dir(to.join("figures")).unwrap().map(|entry| entry.unwrap().path());
        figures
            .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_string(), fs::read_to_string(path).unwrap()))
            .collect()
    };
    for (width, font) in [("85mm", "8pt"), ("180mm", "10pt")] {
        let figures: Vec<(String, String)> = drawn(train, &["--width", width, "--font", font]);
        for kind in ["learning_curve", "activity", "presentation", "confusion", "scatter", "weight_maps", "cost"] {
            assert!(figures.iter().any(|(name, _)| name.starts_with(kind)), "{kind}");
        }
        let number = |text: &str| text[..text.len() - 2].parse::<f64>().unwrap();
        // A pixel is as large as `--font` says: numbers at axes are 11.
        let wide = 8.0 * number(width) / 25.4 * 72.0 * 11.0 / number(font);
        for (name, svg) in &figures {
            assert!(svg.contains(&format!("width=\"{width}\"")), "{name}");
            let view: f64 = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert!((view - wide).abs() < 0.1, "{name}: {view} instead of {wide}");
            let letters = letters(svg);
            assert!(
                letters.contains(&11.0) && letters.iter().all(|size| (6.0..=15.0).contains(size)),
                "{name}: {letters:?}"
            );
        }
    }
    let titles =
        ["Accuracy during training", "Firing rates against", "Cost of one test", "First-layer", "runs through"];
    for (name, svg) in [drawn(train, &["--no-title"]), drawn(sample, &["presentation", "--no-title"])].concat() {
        let title = titles.iter().find(|title| svg.contains(&format!(">{title}")));
        assert!(title.is_none() && !svg.contains("font-weight=\"bold\">spiking-"), "{name} holds {title:?}");
    }
    let all: Vec<(String, String)> = drawn(train, &["--height", "110mm"]);
    assert!(all.iter().all(|(name, svg)| svg.contains("height=\"110mm\"") && !name.starts_with("confusion")));
    for (figure, size, message) in [
        ("confusion", "--height=80mm", "--width sets its height"),
        ("scatter", "--height=80mm", "`--height` does nothing with the figure `scatter`"),
        ("cost", "--height=30mm", "it takes "),
    ] {
        let refused = run(root, &["plot", train, figure, size]);
        assert_eq!(refused.status.code(), Some(2), "{figure}");
        assert!(stderr(&refused).contains(message), "{figure}: {}", stderr(&refused));
    }
}

#[test]
fn samples_and_trainings_are_drawn_again() {
    let place = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = |name: &str| place.path().join(name).display().to_string();
    let epochs = ["--set", "training.epochs=1", "--seed", "1", "--regime", "spiking", "-q"];
    let output = run(root, &[&["train", "experiments/digits.toml", "-o", &out("train")][..], &epochs].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let checkpoint = fs::read_dir(place.path().join("train")).unwrap().map(|entry| entry.unwrap().path());
    let checkpoint: PathBuf =
        checkpoint.into_iter().find(|path| path.extension().is_some_and(|e| e == "twinfire")).unwrap();
    let checkpoint = checkpoint.to_str().unwrap();
    assert_eq!(run(root, &["simulate", checkpoint, "--sample", "3", "-o", &out("sample")]).status.code(), Some(0));
    let plot = |arguments: &[&str]| {
        let output = run(root, &[&["plot"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    };
    plot(&[&out("sample"), "--width", "170mm", "--format", "pdf"]);
    plot(&[&out("sample"), "raster", "--neurons", "3", "--width", "85mm", "--format", "svg"]);
    plot(&[&out("train"), "learning_curve", "--width", "85mm", "--height", "100mm", "--format", "pdf"]);
    assert!((media_box(&place.path().join("sample/figures/presentation.pdf")).0 - 481.89).abs() < 0.01);
    let (width, height) = media_box(&place.path().join("train/figures/learning_curve.pdf"));
    assert!((width - 240.945).abs() < 0.01 && (height - 283.465).abs() < 0.01, "{width} x {height}");
    every_figure_of_a_training_heeds_its_size(&out("train"), &out("sample"));
    let bins = run(root, &["simulate", checkpoint, "--bin", "5ms", "-o", &out("bins")]);
    assert_eq!(bins.status.code(), Some(2));
    assert!(stderr(&bins).contains("`--bin` does nothing with a checkpoint"), "{}", stderr(&bins));
}
