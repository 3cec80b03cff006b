//! `twinfire list`: what can be plugged in, from the lists of the pluggable folders.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Map, Value, json};
use twinfire::document::advice::suggested_kind;
use twinfire::document::reference;
use twinfire::error::{Error, Result};
use twinfire::model::keys::{rule_variables, variables};
use twinfire::neuron::{self, Neuron};
use twinfire::parameter::{Field, Form, Kind, Range};
use twinfire::plasticity::on_spikes::SpikeRule;
use twinfire::unit::Dimension;
use twinfire::{dataset, decode, distribution, encode, input, plasticity, rule, topology};

use super::answer::Answer;

const EXAMPLES: &str = "\
Examples:
  twinfire list
  twinfire list neurons --long
  twinfire list lif_delta";

/// List what can be plugged in, with parameters, defaults and units
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct List {
    /// Lists (neurons, topologies, inputs, distributions, encoders, readouts, rules,
    /// spike_rules, datasets) or names in them [default: everything]
    what: Vec<String>,
    /// Show the parameters of everything
    #[arg(long)]
    long: bool,
}

/// One list.
struct Category {
    name: &'static str,
    /// Where such a thing stands in a file.
    usage: &'static str,
    entries: Vec<Entry>,
}

/// One row of it.
struct Entry {
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
    fields: &'static [Field],
    /// Further facts: data sets have a shape and classes.
    facts: Vec<(&'static str, String)>,
}

impl List {
    pub fn run(&self) -> Result<Answer> {
        let all = categories();
        for word in &self.what {
            if !all.iter().any(|category| category.has(word)) {
                return Err(unknown(word, &all));
            }
        }
        let named = |name: &str| self.what.iter().any(|word| word == name);
        let anything = !all.iter().any(|category| named(category.name));
        let kinds = self.what.iter().any(|word| !all.iter().any(|category| category.name == word));
        let mut text = String::new();
        let mut json = Map::new();
        for category in all.iter().filter(|category| anything || named(category.name)) {
            let wanted = |entry: &&Entry| !kinds || entry.names().any(named);
            let entries: Vec<&Entry> = category.entries.iter().filter(wanted).collect();
            if !entries.is_empty() || !kinds {
                category.write(&entries, self.long || kinds, &mut text);
                json.insert(category.name.into(), entries.iter().map(|entry| entry.document()).collect());
            }
        }
        Ok(Answer { text: text.trim_start().to_string(), json: Value::Object(json) })
    }
}

fn categories() -> Vec<Category> {
    vec![
        Category {
            name: "neurons",
            usage: "neuron.NAME = {...} in a population",
            entries: neuron::KINDS.iter().map(neurons).collect(),
        },
        category("topologies", "connect.NAME = {...} in a projection", topology::KINDS),
        category("inputs", "NAME = {...} in an input", input::KINDS),
        category("distributions", "weight.NAME, delay.NAME = {...} in a projection", distribution::KINDS),
        category("encoders", "encoder.NAME = {...} in an experiment", encode::KINDS),
        category("readouts", "decoder.NAME = {...} in an experiment", decode::KINDS),
        category("rules", "rule.NAME = {...} in an experiment", rule::KINDS),
        Category {
            name: "spike_rules",
            usage: "plasticity.NAME = {...} in a projection",
            entries: plasticity::KINDS.iter().map(spike_rules).collect(),
        },
        Category {
            name: "datasets",
            usage: "dataset = \"NAME\" or dataset.NAME = {...} in an experiment",
            entries: dataset::KINDS.iter().map(data_sets).collect(),
        },
    ]
}

fn category<T: ?Sized>(name: &'static str, usage: &'static str, kinds: &[Kind<T>]) -> Category {
    Category { name, usage, entries: kinds.iter().map(|kind| entry(kind, Vec::new())).collect() }
}

fn entry<T: ?Sized>(kind: &Kind<T>, facts: Vec<(&'static str, String)>) -> Entry {
    Entry { name: kind.name, aliases: kind.aliases, summary: kind.summary, fields: kind.fields, facts }
}

fn neurons(kind: &'static Kind<dyn Neuron>) -> Entry {
    entry(kind, vec![("can be recorded", reference::variables(variables(kind)))])
}

fn spike_rules(kind: &'static Kind<dyn SpikeRule>) -> Entry {
    let variables = [&[("weights", Dimension::None)], rule_variables(kind)].concat();
    entry(kind, vec![("can be recorded", reference::variables(&variables))])
}

fn data_sets(kind: &'static Kind<dyn dataset::Source>) -> Entry {
    let set = dataset::SETS.iter().find(|set| set.name == kind.name);
    entry(kind, set.map_or(Vec::new(), |set| facts(set)))
}

fn facts(set: &dataset::DataSet) -> Vec<(&'static str, String)> {
    let shape: Vec<String> = set.shape.iter().map(usize::to_string).collect();
    let megabytes = set.files.iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6;
    let files = match set.files.len() {
        0 => "none: it is part of the program".to_string(),
        count => format!("{count} ({megabytes:.1} MB); see `twinfire data`"),
    };
    vec![("sample", shape.join(" x ")), ("classes", set.classes.to_string()), ("files", files)]
}

fn unknown(word: &str, all: &[Category]) -> Error {
    let names = |category: &Category| category.entries.iter().flat_map(Entry::names).collect::<Vec<_>>();
    let known: Vec<&str> = all.iter().flat_map(|category| [vec![category.name], names(category)].concat()).collect();
    let help = suggested_kind(word, known.into_iter());
    let help = help.unwrap_or_else(|| "`twinfire list` shows everything".into());
    Error::usage(format!("there is nothing called `{word}`")).with_help(help)
}

impl Category {
    fn has(&self, word: &str) -> bool {
        self.name == word || self.entries.iter().any(|entry| entry.names().any(|name| name == word))
    }

    fn write(&self, entries: &[&Entry], long: bool, text: &mut String) {
        let width = self.entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
        let _ = writeln!(text, "\n{}  ({})", self.name, self.usage);
        for entry in entries {
            let _ = writeln!(text, "  {:width$}  {}", entry.name, entry.summary);
            if long {
                entry.write_details(text);
            }
        }
    }
}

impl Entry {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    fn write_details(&self, text: &mut String) {
        if !self.aliases.is_empty() {
            let _ = writeln!(text, "      also called {}", self.aliases.join(", "));
        }
        for (name, fact) in &self.facts {
            let _ = writeln!(text, "      {name}: {fact}");
        }
        let width = self.fields.iter().map(|field| field.name.len()).max().unwrap_or(0);
        for field in self.fields {
            let _ = writeln!(text, "      {:width$}  {}", field.name, field.doc);
            let _ = writeln!(text, "      {:width$}    {}", "", description(field));
        }
    }

    fn document(&self) -> Value {
        let mut row = json!({
            "name": self.name,
            "aliases": self.aliases,
            "summary": self.summary,
            "parameters": self.fields.iter().map(field_document).collect::<Vec<_>>(),
        });
        for (name, fact) in &self.facts {
            row[*name] = json!(fact);
        }
        row
    }
}

/// `a voltage (mV), above 0; default 20 mV; also called tau`
fn description(field: &Field) -> String {
    let mut parts = vec![form(field)];
    match field.default {
        Some(default) => parts.push(format!("default {default}")),
        None => parts.push("required".into()),
    }
    if !field.aliases.is_empty() {
        parts.push(format!("also called {}", field.aliases.join(", ")));
    }
    parts.join("; ")
}

fn form(field: &Field) -> String {
    let unit = unit(field).map_or(String::new(), |unit| format!(" ({unit})"));
    let range = if field.range == Range::Any { String::new() } else { format!(", {}", field.range) };
    match field.form {
        Form::Quantity(dimension) | Form::Optional(dimension) => format!("{}{unit}{range}", dimension.name()),
        Form::Quantities(dimension) | Form::OneOrEach(dimension) => {
            format!("{}{unit} or an array of them{range}", dimension.name())
        }
        Form::Count => format!("a whole number{range}"),
        Form::Flag => "true or false".into(),
        Form::Choice(words) => format!("one of {}", words.join(", ")),
        Form::Text => "a text".into(),
        Form::Texts => "a text or an array of them".into(),
        Form::Path => "a file".into(),
    }
}

fn unit(field: &Field) -> Option<&'static str> {
    field.form.dimension().map(|dimension| dimension.base_unit()).filter(|unit| !unit.is_empty())
}

fn field_document(field: &Field) -> Value {
    json!({
        "name": field.name,
        "aliases": field.aliases,
        "form": form(field),
        "unit": unit(field),
        "default": field.default,
        "doc": field.doc,
    })
}
