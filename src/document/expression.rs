//! Arithmetic on numbers and quantities in strings: `"n_exc / 4"`, `"2 * 10 kHz"`, `"-g * j"`.
//!
//! ```text
//! sum     = product (("+" | "-") product)*           both sides of one dimension
//! product = factor (("*" | "/") factor)*             one side a pure number; equal dimensions divide to one
//! factor  = ("-" | "+") factor | "(" sum ")" | number unit? | name
//! ```

use std::ops::Range;

use crate::unit::{Dimension, Quantity, find_unit};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    pub message: String,
    /// Bytes of the expression.
    pub span: Range<usize>,
    pub help: Option<String>,
    /// The name in it that stands for nothing, if that is the mistake.
    pub unknown: Option<String>,
}

/// The value of `text`, where `lookup` gives the value of a name.
///
/// # Errors
/// The first [`Mistake`] in it.
pub fn evaluate(text: &str, lookup: &dyn Fn(&str) -> Option<Quantity>) -> Result<Quantity, Mistake> {
    let mut parser = Parser { text, position: 0, depth: 0, lookup };
    let value = parser.sum()?;
    parser.skip_space();
    if parser.position < text.len() {
        let rest = parser.position..text.len();
        return Err(mistake(format!("`{}` makes no sense here", &text[rest.clone()]), rest));
    }
    Ok(value)
}

/// Parentheses and signs nest no deeper.
const DEEPEST: usize = 64;

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    lookup: &'a dyn Fn(&str) -> Option<Quantity>,
}

fn mistake(message: impl Into<String>, span: Range<usize>) -> Mistake {
    Mistake { message: message.into(), span, help: None, unknown: None }
}

fn pure(value: f64) -> Quantity {
    Quantity { value, dimension: Dimension::None }
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<Quantity, Mistake> {
        let mut left = self.product()?;
        while let Some((sign, start)) = self.operator(['+', '-']) {
            let right = self.product()?;
            if left.dimension != right.dimension {
                let verb = if sign == '+' { "added to" } else { "subtracted from" };
                let (a, b) = (right.dimension.name(), left.dimension.name());
                return Err(mistake(format!("{a} cannot be {verb} {b}"), start..self.position));
            }
            left.value += if sign == '+' { right.value } else { -right.value };
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Quantity, Mistake> {
        let mut left = self.factor()?;
        while let Some((sign, start)) = self.operator(['*', '/']) {
            let right = self.factor()?;
            let span = start..self.position;
            left = if sign == '*' { multiply(left, right, span) } else { divide(left, right, span) }?;
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Quantity, Mistake> {
        self.skip_space();
        let start = self.position;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(mistake("this nests too deeply", start..self.text.len()));
        }
        let value = match self.peek() {
            Some('-') => self.step().factor().map(|q| Quantity { value: -q.value, ..q }),
            Some('+') => self.step().factor(),
            Some('(') => self.step().parenthesis(start),
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if c.is_alphabetic() || c == '_' => self.name(),
            Some(c) => {
                Err(mistake(format!("`{c}` stands where a number or a name is expected"), start..start + c.len_utf8()))
            }
            None => Err(mistake("a number or a name is missing at the end", start..start)),
        };
        self.depth -= 1;
        value
    }

    fn parenthesis(&mut self, start: usize) -> Result<Quantity, Mistake> {
        let value = self.sum()?;
        self.skip_space();
        if self.peek() != Some(')') {
            return Err(mistake("this parenthesis is not closed", start..start + 1));
        }
        self.step();
        Ok(value)
    }

    fn number(&mut self) -> Result<Quantity, Mistake> {
        let start = self.position;
        self.digits();
        self.exponent();
        let digits = self.text[start..self.position].replace('_', "");
        let value: f64 =
            digits.parse().map_err(|_| mistake(format!("`{digits}` is no number"), start..self.position))?;
        self.skip_space();
        let unit_start = self.position;
        if !self.peek().is_some_and(char::is_alphabetic) {
            return Ok(pure(value));
        }
        let word = self.word();
        let Some((dimension, factor)) = find_unit(word) else {
            let multiplied = (self.lookup)(word).map(|_| format!("write `{digits} * {word}`"));
            let help = multiplied.or_else(|| super::reader::suggestion(word, unit_names()));
            return Err(Mistake { help, ..mistake(format!("there is no unit `{word}`"), unit_start..self.position) });
        };
        Ok(Quantity { value: value * factor, dimension })
    }

    fn name(&mut self) -> Result<Quantity, Mistake> {
        let start = self.position;
        let word = self.word();
        (self.lookup)(word).ok_or_else(|| Mistake {
            unknown: Some(word.to_owned()),
            ..mistake(format!("there is no parameter `{word}`"), start..self.position)
        })
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.' || c == '_') {
            self.step();
        }
    }

    /// `e5`, `E-3`: only if digits follow.
    fn exponent(&mut self) {
        let rest = &self.text[self.position..];
        let Some(power) = rest.strip_prefix(['e', 'E']) else { return };
        let unsigned = power.strip_prefix(['+', '-']).unwrap_or(power);
        if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
            self.position += rest.len() - unsigned.len();
            while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                self.step();
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let start = self.position;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_') {
            self.step();
        }
        &self.text[start..self.position]
    }

    fn operator(&mut self, signs: [char; 2]) -> Option<(char, usize)> {
        self.skip_space();
        let start = self.position;
        let sign = self.peek().filter(|c| signs.contains(c))?;
        self.step();
        Some((sign, start))
    }

    fn peek(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    fn step(&mut self) -> &mut Self {
        self.position += self.peek().map_or(0, char::len_utf8);
        self
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.step();
        }
    }
}

fn unit_names() -> impl Iterator<Item = &'static str> {
    crate::unit::UNITS.iter().map(|(name, ..)| *name)
}

fn multiply(left: Quantity, right: Quantity, span: Range<usize>) -> Result<Quantity, Mistake> {
    let dimension = match (left.dimension, right.dimension) {
        (dimension, Dimension::None) | (Dimension::None, dimension) => dimension,
        (a, b) => {
            return Err(mistake(format!("{} times {} is no quantity that is used here", a.name(), b.name()), span));
        }
    };
    finite(Quantity { value: left.value * right.value, dimension }, span)
}

fn divide(left: Quantity, right: Quantity, span: Range<usize>) -> Result<Quantity, Mistake> {
    let dimension = match (left.dimension, right.dimension) {
        (dimension, Dimension::None) => dimension,
        (a, b) if a == b => Dimension::None,
        (a, b) => return Err(mistake(format!("{} by {} is no quantity that is used here", a.name(), b.name()), span)),
    };
    if right.value == 0.0 {
        return Err(mistake("this divides by zero", span));
    }
    finite(Quantity { value: left.value / right.value, dimension }, span)
}

fn finite(quantity: Quantity, span: Range<usize>) -> Result<Quantity, Mistake> {
    if quantity.value.is_finite() { Ok(quantity) } else { Err(mistake("this is too large for a number", span)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<(f64, Dimension), String> {
        let lookup = |name: &str| match name {
            "g" => Some(pure(5.0)),
            "j" => Some(Quantity { value: 0.1, dimension: Dimension::Voltage }),
            _ => None,
        };
        evaluate(text, &lookup).map(|q| (q.value, q.dimension)).map_err(|m| m.message)
    }

    #[test]
    fn arithmetic_has_the_usual_precedence_and_keeps_dimensions() {
        assert_eq!(value("2 + 3 * (4 - 1) / 9"), Ok((3.0, Dimension::None)));
        assert_eq!(value("-g * j"), Ok((-0.5, Dimension::Voltage)));
        assert_eq!(value("2 * 10 kHz"), Ok((20_000.0, Dimension::Frequency)));
        assert_eq!(value("1 s / 20ms - 1"), Ok((49.0, Dimension::None)));
        assert_eq!(value("-65 mV + 1.5e1 mV"), Ok((-50.0, Dimension::Voltage)));
        assert_eq!(value("3 µs"), Ok((0.003, Dimension::Time)));
        assert_eq!(value("10 - 4 - 3"), Ok((3.0, Dimension::None)));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |text: &str| value(text).expect_err(text);
        assert_eq!(message("1 mV + 2 ms"), "a time cannot be added to a voltage");
        assert_eq!(message("j * 2 ms"), "a voltage times a time is no quantity that is used here");
        assert_eq!(message("h / 2"), "there is no parameter `h`");
        assert_eq!(message("2 g"), "there is no unit `g`");
        assert_eq!(message("1 / (g - 5)"), "this divides by zero");
        assert_eq!(message("(1 + 2"), "this parenthesis is not closed");
        assert_eq!(message("1 +"), "a number or a name is missing at the end");
        assert_eq!(message("1 2"), "`2` makes no sense here");
        assert_eq!(message("1.2.3"), "`1.2.3` is no number");
        assert_eq!(message(&"(".repeat(10_000)), "this nests too deeply");
        assert_eq!(message("1e308 * 10"), "this is too large for a number");
    }
}
