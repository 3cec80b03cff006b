//! Says once what a schema says many times: parts that come more than once become definitions
//! (`$defs`), and references stand in their places.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// Parts with fewer characters are written out.
const SHORTEST: usize = 60;

/// What a part says beside what it allows; it stays in the part's place.
const NOTES: [&str; 2] = ["description", "default"];

/// Moves what `schema` holds more than once into its definitions.
pub fn share(schema: &mut Value) {
    let mut sharing = Sharing::default();
    sharing.count(schema);
    if let Some(definitions) = schema.get("$defs").and_then(Value::as_object) {
        sharing.definitions = definitions.keys().map(|name| (name.clone(), Value::Null)).collect();
    }
    sharing.share_parts(schema, "schema");
    let mut definitions = sharing.definitions;
    if let Some(Value::Object(own)) = schema.as_object_mut().and_then(|entries| entries.remove("$defs")) {
        definitions.extend(own);
    }
    if !definitions.is_empty() {
        schema["$defs"] = Value::Object(definitions);
    }
}

/// The schemas that a schema is made of, with a name for each: its key, or that of what holds it.
fn parts<'s>(schema: &'s mut Value, name: &str) -> Vec<(String, &'s mut Value)> {
    let mut found = Vec::new();
    for (key, value) in schema.as_object_mut().into_iter().flatten() {
        match (key.as_str(), value) {
            ("properties" | "$defs", Value::Object(inner)) => {
                found.extend(inner.iter_mut().map(|(key, part)| (key.clone(), part)));
            }
            ("anyOf", Value::Array(options)) => found.extend(options.iter_mut().map(|part| (name.to_owned(), part))),
            ("items" | "additionalProperties", part @ Value::Object(_)) => found.push((name.to_owned(), part)),
            _ => {}
        }
    }
    found
}

/// The text of a part without its notes.
fn body(part: &Value) -> String {
    let noted = |key: &str| NOTES.contains(&key);
    match part {
        Value::Object(entries) if entries.keys().any(|key| noted(key)) => {
            let bare: Map<_, _> = entries
                .iter()
                .filter(|(key, _)| !noted(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            Value::Object(bare).to_string()
        }
        _ => part.to_string(),
    }
}

#[derive(Default)]
struct Sharing {
    /// How often each part comes.
    uses: HashMap<String, usize>,
    /// What each shared part is called.
    names: HashMap<String, String>,
    definitions: Map<String, Value>,
}

impl Sharing {
    fn count(&mut self, schema: &mut Value) {
        for (_, part) in parts(schema, "") {
            let uses = self.uses.entry(body(part)).or_default();
            *uses += 1;
            if *uses == 1 {
                self.count(part);
            }
        }
    }

    fn share_parts(&mut self, schema: &mut Value, name: &str) {
        for (name, part) in parts(schema, name) {
            let text = body(part);
            let often = self.uses.get(&text).is_some_and(|&uses| uses > 1);
            if often && text.len() >= SHORTEST {
                self.refer(&name, part, text);
            } else {
                self.share_parts(part, &name);
            }
        }
    }

    /// Puts a reference to the definition of `part` in its place.
    fn refer(&mut self, name: &str, part: &mut Value, text: String) {
        let name = match self.names.get(&text) {
            Some(name) => name.clone(),
            None => self.define(name, part, text),
        };
        let mut reference = json!({ "$ref": format!("#/$defs/{name}") });
        for note in NOTES {
            if let Some(text) = part.get(note) {
                reference[note] = text.clone();
            }
        }
        *part = reference;
    }

    /// Defines `part` under a name of its own; gives the name.
    fn define(&mut self, name: &str, part: &Value, text: String) -> String {
        let others = (2..).map(|number| format!("{name}_{number}"));
        let free = |name: &String| !self.definitions.contains_key(name);
        let name = std::iter::once(name.to_owned()).chain(others).find(free).unwrap_or_default();
        self.definitions.insert(name.clone(), Value::Null);
        self.names.insert(text, name.clone());
        let mut definition = part.clone();
        if let Value::Object(entries) = &mut definition {
            NOTES.iter().for_each(|note| drop(entries.remove(*note)));
        }
        self.share_parts(&mut definition, &name);
        self.definitions.insert(name.clone(), definition);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_more_than_once_is_defined_once_and_keeps_its_notes() {
        let long = |note: &str| {
            let words: Vec<String> = (0..20).map(|number| format!("word {number}")).collect();
            json!({ "enum": words, "description": note })
        };
        let short = json!({ "type": "string" });
        let mut schema = json!({
            "properties": { "a": long("one"), "b": { "items": long("two") }, "c": short, "d": short },
            "$defs": { "a": long("three"), "only": { "items": short } },
        });
        share(&mut schema);
        let mut words = long("");
        words.as_object_mut().unwrap().remove("description");
        let reference = |note: &str| json!({ "$ref": "#/$defs/a_2", "description": note });
        let expected = json!({
            "properties": { "a": reference("one"), "b": { "items": reference("two") }, "c": short, "d": short },
            "$defs": { "a": reference("three"), "only": { "items": short }, "a_2": words },
        });
        assert_eq!(schema, expected);
    }
}
