//! Checked values as TOML again, exactly: reading them back gives the same bits.

use crate::parameter::{Field, Form, Spec, Value, Values};
use crate::unit::Dimension;

/// The shortest text that reads back as `value`.
pub fn number(value: f64) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// `20 ms`, or just `20` for a pure number.
pub fn with_unit(value: f64, dimension: Dimension) -> String {
    let shown = number(value);
    if dimension == Dimension::None { shown } else { format!("{shown} {}", dimension.base_unit()) }
}

/// A TOML string.
pub fn string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A TOML key, quoted where it has to be.
pub fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { name.to_owned() } else { string(name) }
}

/// `"20 ms"` in quotes, or a number.
pub fn quantity(value: f64, dimension: Dimension) -> String {
    let shown = with_unit(value, dimension);
    if dimension == Dimension::None { shown } else { string(&shown) }
}

/// `name.kind = { every = field }`.
pub fn spec(name: &str, spec: &Spec, fields: &[Field]) -> String {
    format!("{name}.{} = {}", key(spec.kind), table(&values(&spec.values, fields)))
}

/// `{ every = field }`
pub fn table(lines: &[String]) -> String {
    if lines.is_empty() { "{}".into() } else { format!("{{ {} }}", lines.join(", ")) }
}

/// `field = value`, one per field.
pub fn values(values: &Values, fields: &[Field]) -> Vec<String> {
    relative_values(values, fields, Dimension::None)
}

/// The same, where numbers in the unit of what they describe are of this dimension.
pub fn relative_values(values: &Values, fields: &[Field], unit: Dimension) -> Vec<String> {
    let line =
        |field: &Field| values.get(field.name).map(|value| format!("{} = {}", field.name, shown(value, field, unit)));
    fields.iter().filter_map(line).collect()
}

fn shown(value: &Value, field: &Field, unit: Dimension) -> String {
    let dimension = match field.form.dimension() {
        Some(Dimension::Relative) => unit,
        dimension => dimension.unwrap_or(Dimension::None),
    };
    match value {
        Value::Number(value) => quantity(*value, dimension),
        Value::Numbers(numbers)
            if numbers.len() == 1 && matches!(field.form, Form::OneOrEach(_) | Form::Optional(_)) =>
        {
            quantity(numbers[0], dimension)
        }
        Value::Numbers(numbers) => array(numbers.iter().map(|value| quantity(*value, dimension))),
        Value::Count(count) => count.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Text(text) => string(text),
        Value::Texts(texts) => array(texts.iter().map(|text| string(text))),
    }
}

/// `[a, b]`
pub fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
