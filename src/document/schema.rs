//! JSON Schemas (2020-12) of files, from the rows of their keys: editors complete and
//! check with them.

use serde_json::{Map, Value, json};

use super::key::{Holds, Key, KindRow};
use crate::parameter::{Field, Form, Range};
use crate::unit::Dimension;

/// The schema of a file with these keys.
pub fn document(title: &str, keys: &[Key]) -> Value {
    let mut schema = table(keys);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema
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

fn holds(holds: Holds) -> Value {
    let text = || json!({ "type": "string" });
    match holds {
        Holds::Text => text(),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Count => count(Range::NotNegative),
        Holds::Quantity(dimension) => quantity(dimension, Range::Any),
        Holds::Counts => json!({ "type": "array", "items": count(Range::NotNegative), "minItems": 1 }),
        Holds::Names => json!({ "anyOf": [text(), { "type": "array", "items": text(), "minItems": 1 }] }),
        Holds::Words(words) => {
            json!({ "type": "array", "items": { "enum": words }, "minItems": 1, "uniqueItems": true })
        }
        Holds::Kind(kinds) => json!({ "anyOf": [bare_kinds(&kinds()), kind_table(&kinds(), 1)] }),
        Holds::Kinds(kinds) => json!({ "anyOf": [bare_kinds(&kinds()), kind_table(&kinds(), usize::MAX)] }),
        Holds::NameOrKind(kinds) => json!({ "anyOf": [text(), kind_table(&kinds(), 1)] }),
        Holds::Weight(kinds) => weight(&kinds()),
        Holds::Fields(rows) => fields(rows),
        Holds::Table(keys) => table(keys),
        Holds::Named(keys) => json!({ "type": "object", "additionalProperties": table(keys) }),
        Holds::NamedWithKind(keys, kinds) => {
            let mut inner = table(keys);
            for (name, schema) in kind_properties(&kinds()) {
                inner["properties"][name] = schema;
            }
            json!({ "type": "object", "additionalProperties": inner })
        }
        Holds::List(keys) => json!({ "type": "array", "items": table(keys) }),
        Holds::Numbers => json!({ "type": "object", "additionalProperties": { "type": ["number", "string"] } }),
        Holds::Anything => json!({ "type": "object" }),
    }
}

/// A kind by its name alone: those that need no parameter.
fn bare_kinds(kinds: &[KindRow]) -> Value {
    let complete = kinds.iter().filter(|kind| kind.fields.iter().all(|field| field.default.is_some()));
    let names: Vec<&str> =
        complete.flat_map(|kind| std::iter::once(kind.name).chain(kind.aliases.iter().copied())).collect();
    json!({ "enum": names })
}

fn kind_table(kinds: &[KindRow], most: usize) -> Value {
    let mut schema = object(kind_properties(kinds), &[]);
    schema["minProperties"] = json!(1);
    if most == 1 {
        schema["maxProperties"] = json!(1);
    }
    schema
}

fn kind_properties(kinds: &[KindRow]) -> Map<String, Value> {
    let mut properties = Map::new();
    for kind in kinds {
        properties.insert(kind.name.into(), with_doc(fields(kind.fields), kind.summary));
        for alias in kind.aliases {
            let doc = format!("Another name of `{}`", kind.name);
            properties.insert((*alias).into(), with_doc(fields(kind.fields), &doc));
        }
    }
    properties
}

fn weight(kinds: &[KindRow]) -> Value {
    let mut kinds = kind_table(kinds, 1);
    kinds["properties"]["file"] = json!({ "type": "string", "description": "Path of a .npy or .csv file" });
    json!({ "anyOf": [{ "type": ["number", "string"] }, kinds] })
}

fn fields(fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for row in fields {
        properties.insert(row.name.into(), field(row, fields));
        for alias in row.aliases {
            let doc = format!("Another name of `{}`", row.name);
            properties.insert((*alias).into(), with_doc(form(row), &doc));
        }
    }
    // A field that has aliases may be given by any of them, so it is not called required.
    let needed = fields.iter().filter(|field| field.default.is_none() && field.aliases.is_empty());
    object(properties, &needed.map(|field| field.name).collect::<Vec<_>>())
}

fn field(row: &Field, fields: &[Field]) -> Value {
    let mut schema = with_doc(form(row), row.doc);
    if let Some(leader) = row.follows(fields) {
        schema["description"] = json!(format!("{}; as `{}` by default", row.doc, leader.name));
    } else if let Some(default) = row.default {
        let parsed = toml::from_str::<toml::Table>(&format!("x = {default}")).ok();
        let value = parsed.and_then(|table| serde_json::to_value(&table["x"]).ok());
        schema["default"] = value.unwrap_or_else(|| json!(default));
    }
    schema
}

fn form(row: &Field) -> Value {
    match row.form {
        Form::Quantity(dimension) => quantity(dimension, row.range),
        Form::Quantities(dimension) => {
            let one = quantity(dimension, row.range);
            json!({ "anyOf": [one.clone(), { "type": "array", "items": one, "minItems": 1 }] })
        }
        Form::Count => count(row.range),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Choice(words) => json!({ "enum": words }),
        Form::Text | Form::Path => json!({ "type": "string" }),
    }
}

/// Arithmetic on parameters makes a string possible wherever a number is.
fn quantity(dimension: Dimension, range: Range) -> Value {
    if dimension == Dimension::None {
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
