//! The shape of the source, checked: who may import whom, no modules named after nothing,
//! and a row in its folder's list for every pluggable file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that every part uses. They import nothing but each other.
const WORDS: &[&str] = &[
    "time",
    "unit",
    "id",
    "random",
    "real",
    "matrix",
    "parameter",
    "error",
    "distribution",
    "widest",
    "sync",
    "delimited",
    "color",
    "numpy",
    "memory",
    "regular_file",
    "visible",
    "exhibit",
    "metric",
    "learned",
    "pool",
    "trains",
];

/// Things that can be plugged in, one per file. They import words, never each other.
const PLUGGABLES: &[&str] = &["neuron", "topology", "input", "encode", "decode", "dataset", "gain", "plasticity"];

/// What each part may import besides itself and the words.
const IMPORTS: &[(&str, &[&str])] = &[
    ("neuron", &[]),
    ("topology", &[]),
    ("input", &[]),
    ("encode", &[]),
    ("decode", &[]),
    ("dataset", &[]),
    ("plasticity", &[]),
    ("gain", &[]),
    ("task", &["dataset"]),
    ("document", &[]),
    ("model", &["PLUGGABLES", "document"]),
    ("network", &["PLUGGABLES", "task", "model"]),
    ("rule", &["network"]),
    ("result", &[]),
    ("record", &["network", "model", "result"]),
    ("regime", &["PLUGGABLES", "model", "network", "record", "result"]),
    ("learner", &["PLUGGABLES", "task", "model", "network", "regime", "rule"]),
    (
        "experiment",
        &["PLUGGABLES", "task", "document", "model", "network", "record", "regime", "result", "rule", "learner"],
    ),
    ("report", &["record", "result"]),
];

/// Files that may import one thing more, with the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("learner", "experiment::optimizer", "optimisers get a room of their own next"),
    ("report", "document::advice", "did you mean: names of figures and populations are words of users too"),
];

/// Names that say nothing about what is inside.
const BANNED: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "manager", "types", "imp"];

/// Pluggable folders, with the name of their list and the files in them that are no row.
const LISTS: &[(&str, &[&str])] = &[
    (
        "neuron",
        &[
            "adaptive_threshold",
            "block",
            "conductance_membrane",
            "soundness",
            "stiff_membrane",
            "summing_membrane",
            "delta_membrane",
            "exponential_currents",
            "lazy",
            "leaky_membrane",
            "precise",
            "swept",
        ],
    ),
    ("topology", &["fields", "partners"]),
    ("input", &["delayed", "generator", "poisson_counts", "spike_list", "steps"]),
    ("encode", &[]),
    ("decode", &[]),
    ("dataset", &["fetch", "idx_file", "labels", "own", "published", "samples", "scaling", "split", "table"]),
    ("plasticity", &["dopamine", "fixture", "on_spikes", "stdp_nearest"]),
    ("task", &[]),
    ("rule", &["max_boltzmann"]),
];

#[test]
fn parts_import_only_what_the_table_allows() {
    let mut broken = Vec::new();
    for file in rust_files(Path::new("src")) {
        let part = part_of(&file);
        if ["lib", "main", "cli"].contains(&part.as_str()) {
            continue;
        }
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            if !allowed(&part, &import) {
                broken.push(format!("{} imports crate::{import}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "see IMPORTS in tests/architecture.rs:\n{}", broken.join("\n"));
}

#[test]
fn the_program_reaches_the_library_by_its_name() {
    for file in rust_files(Path::new("src/cli")) {
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            assert!(import.starts_with("cli"), "{}: write `twinfire::{import}`", file.display());
        }
    }
}

#[test]
fn only_the_program_prints() {
    for file in rust_files(Path::new("src")).iter().filter(|file| part_of(file) != "cli") {
        let code = code_of(&fs::read_to_string(file).unwrap());
        for word in ["println!", "print!(", "dbg!(", "todo!(", "unimplemented!("] {
            assert!(!code.contains(word), "{} holds {word}", file.display());
        }
    }
}

#[test]
fn the_core_reads_no_clock() {
    let core =
        ["model", "network", "regime", "experiment", "neuron", "plasticity", "rule", "encode", "decode", "topology"];
    for file in rust_files(Path::new("src")).iter().filter(|file| core.contains(&part_of(file).as_str())) {
        let code = code_of(&fs::read_to_string(file).unwrap());
        for word in ["Instant", "SystemTime"] {
            assert!(!code.contains(word), "{} reads a clock: {word}", file.display());
        }
    }
}

#[test]
fn module_names_say_what_is_inside() {
    for file in rust_files(Path::new("src")) {
        for component in file.with_extension("").components() {
            let name = component.as_os_str().to_string_lossy();
            assert!(!BANNED.contains(&name.as_ref()), "{}: find a noun of the field", file.display());
        }
    }
}

#[test]
fn every_pluggable_file_has_a_row() {
    for (folder, without_row) in LISTS {
        let text = fs::read_to_string(format!("src/{folder}/mod.rs")).unwrap();
        let start = text.find("pub const KINDS").or_else(|| text.find("pub const SETS")).unwrap();
        let (_, list) = text[start..start + text[start..].find(";\n").unwrap()].split_once('=').unwrap();
        let rows: BTreeSet<String> =
            words(list).filter_map(|word| word.split_once("::")).map(|(file, _)| file.into()).collect();
        let files: BTreeSet<String> = modules(Path::new("src").join(folder).as_path(), without_row);
        assert_eq!(rows, files, "src/{folder}/mod.rs: the rows of the list and the files beside it");
    }
}

#[test]
fn every_figure_has_a_row() {
    let lists = fs::read_to_string("src/report/mod.rs").unwrap();
    for list in ["FIGURES: &[FigureKind<Summary>]", "RUN_FIGURES: &[FigureKind<Run>]"] {
        assert!(lists.contains(list), "src/report/mod.rs holds no {list}");
    }
    let rows: BTreeSet<&str> = words(&lists).filter_map(|word| word.strip_suffix("::KIND")).collect();
    let has_row = |file: &&PathBuf| fs::read_to_string(file).unwrap().contains("pub const KIND: FigureKind<");
    let files = rust_files(Path::new("src/report"));
    let names = files.iter().filter(has_row).map(|file| file.file_stem().unwrap().to_str().unwrap());
    assert_eq!(rows, names.collect(), "src/report/mod.rs: the rows of the lists and the files with a figure");
    assert!(rows.len() > 10, "{rows:?}");
    for file in ["src/report/html.rs", "src/report/run_page.rs", "src/report/plot.rs", "src/cli/plot.rs"] {
        let code = code_of(&fs::read_to_string(file).unwrap());
        let named =
            rows.iter().find(|name| code.contains(&format!("{name}::")) || code.contains(&format!("\"{name}\"")));
        assert_eq!(named, None, "{file} knows a figure by name");
    }
}

/// Names of the modules in `folder`, but for `mod.rs` and those that are no row.
fn modules(folder: &Path, without_row: &[&str]) -> BTreeSet<String> {
    let name = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).map(name);
    all.filter(|name| name != "mod" && !without_row.contains(&name.as_str())).collect()
}

/// Identifiers and paths such as `lif_delta::KIND` in `text`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
}

fn allowed(part: &str, import: &str) -> bool {
    let target = import.split("::").next().unwrap_or_default();
    if target == part || WORDS.contains(&target) {
        return true;
    }
    let (_, list) = IMPORTS.iter().find(|(name, _)| *name == part).unwrap_or(&("", &[]));
    list.contains(&target)
        || (list.contains(&"PLUGGABLES") && PLUGGABLES.contains(&target))
        || EXCEPTIONS.iter().any(|(name, path, _)| *name == part && import.starts_with(path))
}

/// The top-level module that a file belongs to.
fn part_of(file: &Path) -> String {
    let inside = file.strip_prefix("src").unwrap().components().next().unwrap();
    Path::new(inside.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned()
}

/// The code of a file without its tests and comments.
fn code_of(text: &str) -> String {
    let code = &text[..start_of_tests(text)];
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Where the tests within a file begin. A line `#[cfg(test)] mod x;` names another file: code goes on behind it.
fn start_of_tests(text: &str) -> usize {
    let opens = |rest: &str| rest.lines().next().is_some_and(|line| line.contains('{'));
    let tests = "#[cfg(test)]\nmod ";
    text.match_indices(tests)
        .find(|(start, _)| opens(&text[start + tests.len()..]))
        .map_or(text.len(), |(start, _)| start)
}

/// Every path below `crate::` in the code of a file, groups unfolded.
fn imports(text: &str) -> BTreeSet<String> {
    let code = code_of(text);
    let mut found = BTreeSet::new();
    for (start, prefix) in code.match_indices("crate::") {
        unfold("", &code[start + prefix.len()..], &mut found);
    }
    found
}

/// Reads one path tree at the start of `text`, adds its leaves, gives what is left of `text`.
fn unfold<'t>(prefix: &str, text: &'t str, found: &mut BTreeSet<String>) -> &'t str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (path, mut rest) = (format!("{prefix}{}", &text[..end]), &text[end..]);
    if !path.ends_with("::") || !rest.starts_with('{') {
        found.insert(path);
        return rest;
    }
    while !rest.is_empty() && !rest.starts_with('}') {
        rest = rest[1..].trim_start();
        if rest.starts_with('}') {
            break;
        }
        rest = unfold(&path, rest, found).trim_start();
    }
    rest.get(1..).unwrap_or_default()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn a_file_of_tests_does_not_hide_the_imports_behind_its_line() {
    let text =
        "use crate::a;\n#[cfg(test)]\nmod fixture;\nuse crate::b;\n#[cfg(test)]\nmod tests {\n    use crate::c;\n}\n";
    assert_eq!(imports(text), BTreeSet::from(["a", "b"].map(String::from)));
}

#[test]
fn the_reader_of_imports_understands_groups() {
    let text = "use crate::a::{b, c::{D, E}};\n// crate::no\nlet x = crate::f::g(1);\n#[cfg(test)]\nmod tests { use crate::h; }";
    let expected = ["a::b", "a::c::D", "a::c::E", "f::g"].map(String::from);
    assert_eq!(imports(text), BTreeSet::from(expected));
}
