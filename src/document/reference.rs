//! Tables of keys, kinds and fields in Markdown, for the reference pages: a test compares
//! the pages with what the rows give.

use super::key::{Holds, Key, KindRow};
use crate::parameter::{Field, Form, Range};
use crate::unit::Dimension;

/// One line per key.
pub fn keys(keys: &[Key]) -> String {
    let mut text = String::from("| key | holds | |\n|---|---|---|\n");
    for key in keys {
        let needed = if key.required { " (needed)" } else { "" };
        text += &format!("| `{}`{needed} | {} | {} |\n", key.name, holds(key.holds), key.doc);
    }
    text
}

/// One line per field.
pub fn fields(fields: &[Field]) -> String {
    if fields.is_empty() {
        return "No parameters.\n".into();
    }
    let mut text = String::from("| parameter | value | default | |\n|---|---|---|---|\n");
    for field in fields {
        let aliases = also(field.aliases);
        let default = match (field.default, field.follows(fields)) {
            (_, Some(leader)) => format!("as `{}`", leader.name),
            (Some("[]"), None) if matches!(field.form, Form::Optional(_) | Form::Texts) => "none".into(),
            (Some(default), None) => format!("`{}`", written(field, default)),
            (None, None) => "(needed)".into(),
        };
        text += &format!("| `{}`{aliases} | {} | {default} | {} |\n", field.name, form(field), field.doc);
    }
    text
}

/// A heading, a sentence and a table per kind.
pub fn kinds(kinds: &[KindRow]) -> String {
    let section = |kind: &KindRow| {
        format!("**`{}`**{}: {}\n\n{}", kind.name, also(kind.aliases), kind.summary, fields(kind.fields))
    };
    kinds.iter().map(section).collect::<Vec<_>>().join("\n")
}

/// `v` (mV), `i_syn` (pA); nothing where there are none.
pub fn variables(variables: &[(&str, Dimension)]) -> String {
    if variables.is_empty() {
        return "nothing".into();
    }
    let shown =
        |&(name, dimension): &(&str, Dimension)| format!("{name} ({})", dimension.base_unit()).replace(" ()", "");
    variables.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn also(aliases: &[&str]) -> String {
    if aliases.is_empty() {
        return String::new();
    }
    let names: Vec<String> = aliases.iter().map(|alias| format!("`{alias}`")).collect();
    format!(" (also {})", names.join(", "))
}

/// The default as it stands in a file.
fn written(field: &Field, default: &str) -> String {
    let bare = match field.form.dimension() {
        Some(dimension) => dimension.is_bare(),
        None => matches!(field.form, Form::Count | Form::Flag),
    };
    if bare || default.starts_with('[') { default.into() } else { format!("\"{default}\"") }
}

fn form(field: &Field) -> String {
    let range = match field.range {
        Range::Any => String::new(),
        range => format!(", {range}"),
    };
    match field.form {
        Form::Quantity(dimension) | Form::Optional(dimension) => format!("{}{range}", dimension.name()),
        Form::Quantities(dimension) | Form::OneOrEach(dimension) => {
            format!("{}, or an array of them{range}", dimension.name())
        }
        Form::Count => format!("a whole number{range}"),
        Form::Flag => "true or false".into(),
        Form::Choice(words) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" or "),
        Form::Text => "a string".into(),
        Form::Texts => "a string or an array of them".into(),
        Form::Path => "a file".into(),
    }
}

fn holds(holds: Holds) -> String {
    match holds {
        Holds::Text => "a string".into(),
        Holds::Flag => "true or false".into(),
        Holds::Count => "a whole number".into(),
        Holds::Quantity(dimension) => dimension.name().into(),
        Holds::Counts => "an array of whole numbers".into(),
        Holds::Names => "a name or an array of names".into(),
        Holds::Words(words) => format!("an array of {}", words.join(", ")),
        Holds::Kind(_) => "one kind".into(),
        Holds::Kinds(_) => "one kind or several".into(),
        Holds::Weight(_) => "a number, a distribution or a file".into(),
        Holds::CountOrCounts => "a whole number or a list".into(),
        Holds::KindOfPairs(_) => "one kind".into(),
        Holds::Delay(_) => "a time or a distribution".into(),
        Holds::Rules(..) => "one rule or several".into(),
        Holds::Neuron(..) => "a name or one kind".into(),
        Holds::Fields(_) | Holds::Table(_) => "a table".into(),
        Holds::Named(_) | Holds::NamedWithTables(..) | Holds::NamedWithKind(..) => "tables by name".into(),
        Holds::List(_) => "an array of tables".into(),
        Holds::Numbers => "numbers, quantities and lists by name".into(),
        Holds::Anything => "a table".into(),
    }
}
