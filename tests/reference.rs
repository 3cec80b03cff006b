//! The tables in the reference pages and the JSON Schemas say what the program does.
//! `UPDATE_DOCS=1 cargo test --test reference` writes the tables anew.

use std::path::Path;

use serde_json::Value;
use twinfire::document::key::{KindRow, rows};
use twinfire::document::reference::{self, fields, keys, kinds};
use twinfire::experiment::keys as experiment;
use twinfire::experiment::training::Training;
use twinfire::model::keys as model;
use twinfire::neuron::Neuron;
use twinfire::parameter::Kind;
use twinfire::{dataset, decode, distribution, encode, input, neuron, plasticity, rule, topology, unit};

/// The table that stands between `<!-- table: NAME -->` and `<!-- end -->`.
fn table(name: &str) -> String {
    let list = |list: Vec<KindRow>| kinds(&list);
    match name {
        "model" => keys(model::MODEL),
        "simulation" => fields(model::SIMULATION),
        "population" => keys(model::POPULATION),
        "projection" => keys(model::PROJECTION),
        "input" => keys(model::INPUT),
        "record" => keys(model::RECORD),
        "sample" => keys(model::SAMPLE),
        "synapse sample" => keys(model::SYNAPSES),
        "layer" => keys(model::LAYER),
        "units" => units(),
        "variables" => variables(),
        "neurons" => list(rows(neuron::KINDS)),
        "topologies" => list(rows(topology::KINDS)),
        "inputs" => list(rows(input::KINDS)),
        "distributions" => list(rows(distribution::KINDS)),
        "experiment" => keys(experiment::EXPERIMENT),
        "encoders" => list(rows(encode::KINDS)),
        "decoders" => list(rows(decode::KINDS)),
        "rules" => list(rows(rule::KINDS)),
        "spike rules" => list(rows(plasticity::KINDS)),
        "training" => fields(Training::FIELDS),
        "datasets" => datasets(),
        "own data" => list(rows(dataset::KINDS).into_iter().filter(|kind| !kind.fields.is_empty()).collect()),
        other => panic!("there is no table `{other}`"),
    }
}

/// The state variables of every kind of neuron.
fn variables() -> String {
    let row = |kind: &'static Kind<dyn Neuron>| {
        format!("| `{}` | {} |\n", kind.name, reference::variables(model::variables(kind)))
    };
    let rows: String = neuron::KINDS.iter().map(row).collect();
    format!("| kind | can be recorded |\n|---|---|\n{rows}")
}

fn units() -> String {
    use unit::Dimension::*;
    let mut text = String::from("| | units | inside |\n|---|---|---|\n");
    for dimension in [Time, Voltage, Current, Capacitance, Conductance, Frequency] {
        let units: Vec<&str> = dimension.units().collect();
        text += &format!("| {} | {} | {} |\n", dimension.name(), units.join(", "), dimension.base_unit());
    }
    text
}

fn datasets() -> String {
    let mut text = String::from("| data set | sample | classes | |\n|---|---|---|---|\n");
    for set in dataset::SETS {
        let shape = set.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
        text += &format!("| `{}` | {shape} | {} | {} |\n", set.name, set.classes, set.summary);
    }
    text
}

/// The page with all its tables made anew.
fn renewed(page: &str) -> String {
    let mut parts = page.split("<!-- table: ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->").expect("a name");
        let (_, after) = rest.split_once("<!-- end -->").expect("an end");
        text += &format!("<!-- table: {name} -->\n{}<!-- end -->{after}", table(name));
    }
    text
}

#[test]
fn the_tables_of_the_reference_are_up_to_date() {
    for path in ["docs/model-format.md", "docs/experiment-format.md"] {
        let page = std::fs::read_to_string(path).unwrap();
        let renewed = renewed(&page);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &renewed).unwrap();
            continue;
        }
        assert!(page == renewed, "{path} is out of date: UPDATE_DOCS=1 cargo test --test reference");
    }
}

#[test]
fn every_table_stands_in_a_page() {
    let pages =
        ["docs/model-format.md", "docs/experiment-format.md"].map(|path| std::fs::read_to_string(path).unwrap());
    let source = std::fs::read_to_string("tests/reference.rs").unwrap();
    let names =
        source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ")).map(|(name, _)| name);
    for name in names {
        let marker = format!("<!-- table: {name} -->");
        assert_eq!(pages.iter().map(|page| page.matches(&marker).count()).sum::<usize>(), 1, "{marker}");
    }
}

/// The models and experiments in the pages' code blocks are real.
#[test]
fn the_examples_of_the_reference_are_valid() {
    for (path, least) in [("docs/model-format.md", 5), ("docs/coming-from.md", 3)] {
        let page = std::fs::read_to_string(path).unwrap();
        let models: Vec<&str> = blocks(&page, "toml model").collect();
        assert!(models.len() >= least, "{path}");
        for text in models {
            twinfire::model::Model::from_text(path, text, &[]).unwrap_or_else(|error| panic!("{text}\n{error}"));
        }
    }
    let page = std::fs::read_to_string("docs/experiment-format.md").unwrap();
    let experiments: Vec<&str> = blocks(&page, "toml experiment").collect();
    assert!(!experiments.is_empty());
    for text in experiments {
        let text = text.replace("../models/", "models/");
        twinfire::experiment::Experiment::from_text("docs/experiment-format.md", &text, &[])
            .unwrap_or_else(|error| panic!("{text}\n{error}"));
    }
}

/// The code blocks of `page` that are marked with `language`.
fn blocks<'p>(page: &'p str, language: &'p str) -> impl Iterator<Item = &'p str> {
    let start = format!("```{language}\n");
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(start.as_str())?;
        let (block, after) = after.split_once("```")?;
        rest = after;
        Some(block)
    })
}

#[test]
fn shipped_files_satisfy_the_schemas_and_wrong_ones_do_not() {
    let pairs = [("models", twinfire::model::schema()), ("experiments", twinfire::experiment::schema())];
    for (folder, schema) in &pairs {
        assert!(format!("{schema:#}").len() < 200_000, "the schema of {folder} is too long for an editor");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                assert_eq!(violation(&document(&path), (schema, schema), "$"), None, "{}", path.display());
            }
        }
    }
    for name in ["unknown-key", "unknown-parameter", "bare-number", "unknown-neuron-table", "two-neuron-kinds"] {
        let path = format!("tests/invalid/models/{name}.toml");
        assert!(violation(&document(Path::new(&path)), (&pairs[0].1, &pairs[0].1), "$").is_some(), "{name}");
    }
}

fn document(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap()
}

/// Where `value` breaks `schema`: the part of JSON Schema that the schemas use.
fn violation(value: &Value, (schema, root): (&Value, &Value), at: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let definition = root.pointer(&name[1..]).unwrap_or_else(|| panic!("{name} is not defined"));
        return violation(value, (definition, root), at);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let all: Option<Vec<String>> = options.iter().map(|option| violation(value, (option, root), at)).collect();
        return all.map(|all| all.join(" and "));
    }
    let sorts = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let fits = |sort: &Value| match sort.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !sorts.iter().any(fits) {
        return Some(format!("{at} is no {sorts:?}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{at} is none of {}", schema["enum"]));
    }
    if value.as_f64() < schema["minimum"].as_f64()
        || schema["maximum"].as_f64().is_some_and(|m| value.as_f64() > Some(m))
    {
        return Some(format!("{at} is out of range"));
    }
    let items = value.as_array().into_iter().flatten().enumerate();
    let items = items.filter_map(|(i, item)| violation(item, (&schema["items"], root), &format!("{at}[{i}]"))).next();
    items.or_else(|| object_violation(value.as_object()?, (schema, root), at))
}

fn object_violation(
    object: &serde_json::Map<String, Value>,
    (schema, root): (&Value, &Value),
    at: &str,
) -> Option<String> {
    let needed = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = needed.into_iter().find(|key| !object.contains_key(*key)) {
        return Some(format!("{at} has no {missing}"));
    }
    if schema["maxProperties"].as_u64().is_some_and(|most| object.len() as u64 > most) {
        return Some(format!("{at} has too many keys"));
    }
    object.iter().find_map(|(key, value)| {
        let at = format!("{at}.{key}");
        match (schema["properties"].get(key), &schema["additionalProperties"]) {
            (Some(schema), _) => violation(value, (schema, root), &at),
            (None, Value::Bool(false)) => Some(format!("{at} is unknown")),
            (None, schema) => violation(value, (schema, root), &at),
        }
    })
}
