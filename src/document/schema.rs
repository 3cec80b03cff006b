//! JSON Schemas (2020-12) of files, from the rows of their keys: editors complete and
//! check with them.

use serde_json::{Map, Value, json};

use super::definitions;
use super::key::{Holds, Key, KindRow};
use crate::parameter::{Field, Form, Range};
use crate::unit::Dimension;

/// The schema of a file with these keys.
pub fn document(title: &str, keys: &[Key]) -> Value {
    let mut schema = table(keys);
    let mut shared = Map::new();
    gather(&mut schema, &mut shared);
    if !shared.is_empty() {
        schema["$defs"] = Value::Object(shared);
    }
    definitions::share(&mut schema);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
}

/// Moves definitions from where they are needed to the top, where references look for them.
fn gather(schema: &mut Value, shared: &mut Map<String, Value>) {
    match schema {
        Value::Object(entries) => {
            if let Some(Value::Object(found)) = entries.remove("$defs") {
                shared.extend(found);
            }
            entries.values_mut().for_each(|entry| gather(entry, shared));
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| gather(entry, shared)),
        _ => {}
    }
}

/// The definition of this name.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn table(keys: &[Key]) -> Value {
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    object(keys.iter().map(|key| (key.name.into(), with_doc(holds(key.holds), key.doc))).collect(), &required)
}

fn with_doc(mut schema: Value, doc: &str) -> Value {
    schema["description"] = json!(doc);
    schema
}

/// What may stand for a number beside itself: the schema of a number made wider.
type Wider<'w> = &'w dyn Fn(Value) -> Value;

/// Nothing.
fn alone(number: Value) -> Value {
    number
}

/// Lists and matrices, where several populations are meant.
fn or_lists(number: Value) -> Value {
    let entry = json!({ "anyOf": [number.clone(), { "type": "array", "items": number }] });
    json!({ "anyOf": [entry, { "type": "array", "items": entry }] })
}

fn holds(holds: Holds) -> Value {
    let text = || json!({ "type": "string" });
    match holds {
        Holds::Text => text(),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Count => count(Range::NotNegative),
        Holds::CountOrCounts => or_lists(count(Range::NotNegative)),
        Holds::Quantity(dimension) => quantity(dimension, Range::Any),
        Holds::Counts => json!({ "type": "array", "items": count(Range::NotNegative), "minItems": 1 }),
        Holds::Names => json!({ "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }] }),
        Holds::Words(words) => {
            json!({ "type": "array", "items": { "enum": words }, "minItems": 1, "uniqueItems": true })
        }
        Holds::Kind(kinds) => json!({ "anyOf": [bare_kinds(&kinds()), kind_table(&kinds(), 1, &alone)] }),
        Holds::Kinds(kinds) => json!({ "anyOf": [bare_kinds(&kinds()), kind_table(&kinds(), usize::MAX, &alone)] }),
        Holds::KindOfPairs(kinds) => {
            or_lists(json!({ "anyOf": [bare_kinds(&kinds()), kind_table(&kinds(), 1, &or_lists)] }))
        }
        Holds::Neuron(kinds, distributions) => neuron(&kinds(), &distributions()),
        Holds::Rules(kinds, keys) => or_lists(rules(&kinds(), keys)),
        Holds::Weight(kinds) => weight(&kinds()),
        Holds::Delay(kinds) => {
            let time = quantity(Dimension::Time, Range::Any);
            or_lists(json!({ "anyOf": [time, kind_table(&kinds(), 1, &or_lists)] }))
        }
        Holds::Fields(rows) => fields(rows, &alone),
        Holds::Table(keys) => table(keys),
        Holds::Named(keys) => json!({ "type": "object", "additionalProperties": table(keys) }),
        Holds::NamedWithTables(keys, others) => {
            let mut inner = table(keys);
            inner["additionalProperties"] =
                json!({ "anyOf": others.iter().map(|keys| table(keys)).collect::<Vec<_>>() });
            json!({ "type": "object", "additionalProperties": inner })
        }
        Holds::NamedWithKind(keys, kinds) => {
            let mut inner = table(keys);
            for (name, schema) in kind_properties(&kinds(), &or_lists) {
                inner["properties"][name] = schema;
            }
            json!({ "type": "object", "additionalProperties": inner })
        }
        Holds::List(keys) => json!({ "type": "array", "items": table(keys) }),
        Holds::Numbers => {
            json!({ "type": "object", "additionalProperties": or_lists(json!({ "type": ["number", "string"] })) })
        }
        Holds::Anything => json!({ "type": "object" }),
    }
}

/// A name or a kind whose quantities may differ from neuron to neuron. Kinds and distributions
/// are defined once: written out wherever they may stand they would be gigabytes.
fn neuron(kinds: &[KindRow], distributions: &[KindRow]) -> Value {
    let wider = |number: Value| json!({ "anyOf": [or_lists(number), reference("distribution")] });
    let mut schema = or_lists(json!({ "anyOf": [{ "type": "string" }, reference("neuron")] }));
    schema["$defs"] = json!({
        "neuron": kind_table(kinds, 1, &wider),
        "distribution": kind_table(distributions, 1, &or_lists),
    });
    schema
}

fn rules(kinds: &[KindRow], keys: &[Key]) -> Value {
    let mut schema = kind_table(kinds, usize::MAX, &or_lists);
    let names: Vec<String> =
        schema["properties"].as_object().map_or(Vec::new(), |kinds| kinds.keys().cloned().collect());
    for name in names {
        for key in keys {
            schema["properties"][&name]["properties"][key.name] = with_doc(holds(key.holds), key.doc);
        }
    }
    json!({ "anyOf": [bare_kinds(kinds), schema] })
}

/// A kind by its name alone: those that need no parameter.
fn bare_kinds(kinds: &[KindRow]) -> Value {
    let complete = kinds.iter().filter(|kind| kind.fields.iter().all(|field| field.default.is_some()));
    let names: Vec<&str> =
        complete.flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied())).collect();
    json!({ "enum": names })
}

fn kind_table(kinds: &[KindRow], most: usize, wider: Wider<'_>) -> Value {
    let mut schema = object(kind_properties(kinds, wider), &[]);
    schema["minProperties"] = json!(1);
    if most == 1 {
        schema["maxProperties"] = json!(1);
    }
    schema
}

fn kind_properties(kinds: &[KindRow], wider: Wider<'_>) -> Map<String, Value> {
    let mut properties = Map::new();
    for kind in kinds {
        properties.insert(kind.name.into(), with_doc(fields(kind.fields, wider), kind.summary));
        for alias in kind.aliases {
            let doc = format!("Another name of `{}`", kind.name);
            properties.insert((*alias).into(), with_doc(fields(kind.fields, wider), &doc));
        }
    }
    properties
}

fn weight(kinds: &[KindRow]) -> Value {
    let mut kinds = kind_table(kinds, 1, &or_lists);
    kinds["properties"]["file"] = json!({ "type": "string", "description": "Path of a .npy or .csv file" });
    or_lists(json!({ "anyOf": [{ "type": ["number", "string"] }, kinds] }))
}

fn fields(fields: &[Field], wider: Wider<'_>) -> Value {
    let mut properties = Map::new();
    for row in fields {
        properties.insert(row.name.into(), field(row, fields, wider));
        for alias in row.aliases {
            let doc = format!("Another name of `{}`", row.name);
            properties.insert((*alias).into(), with_doc(form(row, wider), &doc));
        }
    }
    // A field that has aliases may be given by any of them, so it is not called required.
    let needed = fields.iter().filter(|field| field.default.is_none() && field.aliases.is_empty());
    object(properties, &needed.map(|field| field.name).collect::<Vec<_>>())
}

fn field(row: &Field, fields: &[Field], wider: Wider<'_>) -> Value {
    let mut schema = with_doc(form(row, wider), row.doc);
    if let Some(leader) = row.follows(fields) {
        schema["description"] = json!(format!("{}; as `{}` by default", row.doc, leader.name));
    } else if let Some(default) = row.default {
        let parsed = toml::from_str::<toml::Table>(&format!("x = {default}")).ok();
        let value = parsed.and_then(|table| serde_json::to_value(&table["x"]).ok());
        schema["default"] = value.unwrap_or_else(|| json!(default));
    }
    schema
}

fn form(row: &Field, wider: Wider<'_>) -> Value {
    match row.form {
        Form::Quantity(dimension) => wider(quantity(dimension, row.range)),
        Form::Optional(dimension) => {
            let none = json!({ "type": "array", "maxItems": 0 });
            json!({ "anyOf": [wider(quantity(dimension, row.range)), none] })
        }
        Form::Quantities(dimension) | Form::OneOrEach(dimension) => {
            let one = quantity(dimension, row.range);
            wider(json!({ "anyOf": [one.clone(), { "type": "array", "items": one }] }))
        }
        Form::Count => wider(count(row.range)),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Choice(words) => json!({ "enum": words }),
        Form::Text | Form::Path => json!({ "type": "string" }),
        Form::Texts => json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
    }
}

/// Arithmetic on parameters makes a string possible wherever a number is.
fn quantity(dimension: Dimension, range: Range) -> Value {
    if dimension.is_bare() {
        return json!({ "anyOf": [bounded("number", range), { "type": "string" }] });
    }
    let units = dimension.units().collect::<Vec<_>>().join(", ");
    json!({ "type": "string", "$comment": format!("{} in one of: {units}", dimension.name()) })
}

fn count(range: Range) -> Value {
    let range = if range == Range::Any { Range::NotNegative } else { range };
    json!({ "anyOf": [bounded("integer", range), { "type": "string" }] })
}

fn bounded(sort: &str, range: Range) -> Value {
    match range {
        Range::Any => json!({ "type": sort }),
        Range::Positive => json!({ "type": sort, "exclusiveMinimum": 0 }),
        Range::NotNegative => json!({ "type": sort, "minimum": 0 }),
        Range::Within(low, high) => json!({ "type": sort, "minimum": low, "maximum": high }),
    }
}
