//! docs/coming-from.md is executable: every foreign name of its tables is fed to the check of models, and
//! means what the last column says. A new row is tested by itself.

use twinfire::document::key::{KindRow, rows};
use twinfire::model::Model;
use twinfire::model::keys::variables;
use twinfire::parameter::{Field, Form};
use twinfire::unit::Dimension;
use twinfire::{input, neuron, plasticity, topology};

/// The table of a section: foreign cells, and the last one.
fn table(heading: &str) -> Vec<(Vec<String>, String)> {
    let page = std::fs::read_to_string("docs/coming-from.md").unwrap();
    let section = page.split(&format!("### {heading}\n")).nth(1).unwrap_or_else(|| panic!("no section {heading}"));
    let lines = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let row = |mut cells: Vec<String>| {
        let last = cells.pop().unwrap();
        (cells, last)
    };
    let found: Vec<_> = lines.skip(2).map(cells).map(row).collect();
    assert!(!found.is_empty(), "{heading}");
    found
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Every foreign name of a section, what stands behind it after "with", our name, and what stands behind that.
fn names(heading: &str) -> Vec<(String, String, String, String)> {
    let mut all = Vec::new();
    for (cells, last) in table(heading) {
        for cell in cells {
            let (names, with) = cell.split_once(" with ").unwrap_or((&cell, ""));
            let with = quoted(with).join(", ");
            let (ours, own) = last.split_once(" with ").unwrap_or((&last, ""));
            let ours = quoted(ours).first().map_or(String::new(), |name| (*name).to_owned());
            let own = quoted(own).join(", ");
            all.extend(quoted(names).iter().map(|name| ((*name).to_owned(), with.clone(), ours.clone(), own.clone())));
        }
    }
    assert!(all.len() >= 3, "{heading}");
    all
}

/// The resolved text of a model.
fn resolved(text: &str) -> String {
    Model::from_text("m.toml", text, &[]).unwrap_or_else(|error| panic!("{text}\n{error}")).resolved()
}

/// A value for a field, as it stands in a file.
fn value(field: &Field) -> String {
    let unit = field.form.dimension().map_or("", Dimension::base_unit);
    match (field.form, field.default) {
        (Form::Count, None) => "1".into(),
        (Form::Quantity(_) | Form::Quantities(_) | Form::OneOrEach(_), None) => format!("\"0.5 {unit}\""),
        (Form::Optional(_), _) => format!("\"10 {unit}\""),
        (_, Some(default)) if default.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            if unit.is_empty() {
                default.into()
            } else {
                format!("\"{default}\"")
            }
        }
        (_, default) => panic!("{}: no value instead of {default:?}", field.name),
    }
}

/// What a kind needs to be given.
fn needed(kind: &KindRow) -> String {
    let given = kind.fields.iter().filter(|field| field.default.is_none());
    let mut all: Vec<String> = given.map(|field| format!("{} = {}", field.name, value(field))).collect();
    if kind.name == "spike_times" {
        all.push("times = \"1 ms\"".into());
    }
    if kind.name == "fixed_total_number" {
        all.push("n = 1".into());
    }
    if kind.name == "dopamine_stdp" {
        all.push("modulator = \"a\"".into());
    }
    all.join(", ")
}

fn kind_called(kinds: Vec<KindRow>, name: &str) -> KindRow {
    let found = kinds.into_iter().find(|kind| kind.name == name);
    found.unwrap_or_else(|| panic!("there is no kind `{name}`"))
}

/// That a foreign kind is read as ours, in a model that `text` makes of both.
fn same_kinds(heading: &str, kinds: fn() -> Vec<KindRow>, text: &dyn Fn(&str, &str) -> String) {
    for (theirs, with, ours, own) in names(heading) {
        let ours = ours.trim_start_matches("neuron.");
        let given = needed(&kind_called(kinds(), ours));
        let theirs_given = if with.is_empty() { &given } else { &with };
        let ours_given = if own.is_empty() { &given } else { &own };
        assert_eq!(resolved(&text(&theirs, theirs_given)), resolved(&text(ours, ours_given)), "{theirs}");
    }
}

const TWO: &str = "[populations.a]\nsize = 2\nneuron = \"lif_exp\"\n[populations.b]\nsize = 2\nneuron = \"a\"\n";

#[test]
fn kinds_of_neurons_are_read_by_their_foreign_names() {
    same_kinds("Neurons", || rows(neuron::KINDS), &|name, given| {
        let precise = name.ends_with("_ps") || name.ends_with("_ps_lossless");
        let times = if precise { "precise" } else { "grid" };
        let text = format!(
            "title = \"m\"\n[populations.a]\nsize = 2\nneuron.{name} = {{ {given} }}\n[simulation]\nspike_times = "
        );
        let model = resolved(&format!("{text}\"{times}\""));
        let refused = Model::from_text("m.toml", &format!("{text}\"grid\""), &[]).is_err();
        assert_eq!(refused, precise, "{name}");
        model.replace("\"precise\"", "\"grid\"")
    });
}

#[test]
fn kinds_of_inputs_topologies_and_rules_are_read_by_their_foreign_names() {
    same_kinds("Inputs", || rows(input::KINDS), &|name, given| {
        format!("title = \"m\"\n{TWO}[inputs.x]\ntarget = \"a\"\n{name} = {{ {given} }}\n")
    });
    let projection = format!("title = \"m\"\n{TWO}[projections.x]\nsource = \"a\"\ntarget = \"b\"\nweight = 1\n");
    same_kinds("Connections", || rows(topology::KINDS), &|name, given| {
        format!("{projection}connect.{name} = {{ {given} }}\n")
    });
    same_kinds("Plasticity", || rows(plasticity::KINDS), &|name, given| {
        format!("{projection}plasticity.{name} = {{ {given} }}\n")
    });
}

#[test]
fn parameters_of_neurons_are_read_by_their_foreign_names() {
    for (theirs, _, ours, _) in names("Parameters of neurons") {
        let has = |kind: &KindRow| kind.fields.iter().any(|field| field.name == ours);
        let kinds: Vec<KindRow> = rows(neuron::KINDS).into_iter().filter(has).collect();
        assert!(!kinds.is_empty(), "{theirs}: no kind has `{ours}`");
        for kind in kinds {
            let field = kind.fields.iter().find(|field| field.name == ours).unwrap();
            let given = match field.follows(kind.fields) {
                Some(leader) => value(leader),
                None => value(field),
            };
            let text = |name: &str| {
                format!("title = \"m\"\n[populations.a]\nsize = 2\nneuron.{} = {{ {name} = {given} }}\n", kind.name)
            };
            assert_eq!(resolved(&text(&theirs)), resolved(&text(&ours)), "{} {theirs}", kind.name);
        }
    }
}

#[test]
fn variables_are_recorded_by_their_foreign_names() {
    for (theirs, _, ours, _) in names("Recordings") {
        let kinds = neuron::KINDS.iter().filter(|kind| variables(kind).iter().any(|(name, _)| *name == ours));
        let kinds: Vec<&str> = kinds.map(|kind| kind.name).collect();
        assert!(!kinds.is_empty(), "{theirs}: no kind has `{ours}`");
        for kind in kinds {
            let apart = if ours.ends_with("syn_e") || ours.ends_with("syn_i") { "tau_syn_i = \"7 ms\"" } else { "" };
            let text = |name: &str| {
                let neuron = format!("neuron.{kind} = {{ {apart} }}");
                format!("title = \"m\"\n[populations.a]\nsize = 2\n{neuron}\n[record.a]\n{name} = {{}}\n")
            };
            assert_eq!(resolved(&text(&theirs)), resolved(&text(&ours)), "{kind} {theirs}");
        }
    }
}

#[test]
fn settings_of_a_simulation_are_read_by_their_foreign_names() {
    for (theirs, _, ours, _) in names("Simulation") {
        let value = if ours == "seed" { "7" } else { "\"2 ms\"" };
        let text = |name: &str| format!("title = \"m\"\n{TWO}[simulation]\n{name} = {value}\n");
        assert_eq!(resolved(&text(&theirs)), resolved(&text(&ours)), "{theirs}");
    }
}
