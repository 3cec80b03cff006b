//! Arithmetic on numbers and quantities in strings: `"n_exc / 4"`, `"2 * 10 kHz"`, `"-g * j"`.
//!
//! ```text
//! sum     = product (("+" | "-") product)*           both sides of one dimension
//! product = factor (("*" | "/") factor)*             whatever comes out has to have a unit in the end
//! factor  = ("-" | "+") factor | "(" sum ")" | number unit? | name | function "(" sum ("," sum)* ")"
//! ```

use std::ops::Range;

use super::measure::Measure;
use crate::unit::{Quantity, find_unit};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    pub message: String,
    /// Bytes of the expression.
    pub span: Range<usize>,
    pub help: Option<String>,
    pub name: Option<Unusable>,
}

/// Why a name in an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub enum Unusable {
    /// It stands for nothing; the name.
    Unknown(String),
    /// It stands where a unit is looked for, and is none; the name.
    Unit(String),
    /// It stands for a list where one number is needed; why it does not give one.
    List(String),
    /// Its own value is a mistake that was noted already.
    Reported,
}

/// What gives the value of a name.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Result<Quantity, Unusable>;

/// The value of `text`, where `lookup` gives the value of a name.
///
/// # Errors
/// The first [`Mistake`] in it.
pub fn evaluate(text: &str, lookup: Lookup<'_>) -> Result<Quantity, Mistake> {
    let mut parser = Parser { text, position: 0, depth: 0, lookup };
    let measure = parser.sum()?;
    parser.skip_space();
    if parser.position < text.len() {
        let rest = parser.position..text.len();
        return Err(mistake(format!("`{}` makes no sense here", &text[rest.clone()]), rest));
    }
    let refuse = || mistake(format!("this comes to {}, which is not used here", measure.name()), 0..text.len());
    measure.quantity().ok_or_else(refuse)
}

/// A function of expressions: its name, how many arguments it takes at least and at most,
/// whether they have to be pure numbers, and what it gives.
type Function = (&'static str, [usize; 2], bool, fn(&[f64]) -> f64);

/// Every function. Those of quantities give a quantity of the same dimension.
const FUNCTIONS: &[Function] = &[
    ("abs", [1, 1], false, |x| x[0].abs()),
    ("min", [1, usize::MAX], false, |x| x.iter().copied().fold(f64::INFINITY, f64::min)),
    ("max", [1, usize::MAX], false, |x| x.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
    ("round", [1, 1], true, |x| x[0].round()),
    ("floor", [1, 1], true, |x| x[0].floor()),
    ("ceil", [1, 1], true, |x| x[0].ceil()),
    ("sqrt", [1, 1], true, |x| x[0].sqrt()),
    ("exp", [1, 1], true, |x| x[0].exp()),
    ("ln", [1, 1], true, |x| x[0].ln()),
];

/// The names of all functions.
pub fn function_names() -> impl Iterator<Item = &'static str> + Clone {
    FUNCTIONS.iter().map(|(name, ..)| *name)
}

/// Parentheses and signs nest no deeper.
const DEEPEST: usize = 64;

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    lookup: Lookup<'a>,
}

fn mistake(message: impl Into<String>, span: Range<usize>) -> Mistake {
    Mistake { message: message.into(), span, help: None, name: None }
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<Measure, Mistake> {
        let mut left = self.product()?;
        while let Some((sign, start)) = self.operator(['+', '-']) {
            let right = self.product()?;
            if !left.fits(right) {
                let verb = if sign == '+' { "added to" } else { "subtracted from" };
                let (a, b) = (right.name(), left.name());
                return Err(mistake(format!("{a} cannot be {verb} {b}"), start..self.position));
            }
            left.value += if sign == '+' { right.value } else { -right.value };
            left = finite(left, start..self.position)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Measure, Mistake> {
        let mut left = self.factor()?;
        while let Some((sign, start)) = self.operator(['*', '/']) {
            let right = self.factor()?;
            let span = start..self.position;
            if sign == '/' && right.value == 0.0 {
                return Err(mistake("this divides by zero", span));
            }
            left = finite(if sign == '*' { left.times(right) } else { left.by(right) }, span)?;
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Measure, Mistake> {
        self.skip_space();
        let start = self.position;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(mistake("this nests too deeply", start..self.text.len()));
        }
        let value = match self.peek() {
            Some('-') => self.step().factor().map(|measure| measure.with(-measure.value)),
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

    fn parenthesis(&mut self, start: usize) -> Result<Measure, Mistake> {
        let value = self.sum()?;
        self.skip_space();
        if self.peek() != Some(')') {
            return Err(mistake("this parenthesis is not closed", start..start + 1));
        }
        self.step();
        Ok(value)
    }

    fn number(&mut self) -> Result<Measure, Mistake> {
        let start = self.position;
        self.digits();
        self.exponent();
        let digits = self.text[start..self.position].replace('_', "");
        let value: f64 =
            digits.parse().map_err(|_| mistake(format!("`{digits}` is no number"), start..self.position))?;
        self.skip_space();
        let unit_start = self.position;
        if !self.peek().is_some_and(char::is_alphabetic) {
            return finite(Measure::pure(value), start..self.position);
        }
        let word = self.word();
        let Some((dimension, factor)) = find_unit(word) else {
            let is_name = !matches!((self.lookup)(word), Err(Unusable::Unknown(_)));
            let multiplied = is_name.then(|| format!("write `{digits} * {word}`"));
            let (help, name) = (multiplied, Some(Unusable::Unit(word.to_owned())));
            let message = format!("there is no unit `{word}`");
            return Err(Mistake { help, name, ..mistake(message, unit_start..self.position) });
        };
        finite(Quantity { value: value * factor, dimension }.into(), start..self.position)
    }

    fn name(&mut self) -> Result<Measure, Mistake> {
        let start = self.position;
        let word = self.word();
        let span = start..self.position;
        self.skip_space();
        if self.peek() == Some('(') {
            return self.function(word, span);
        }
        (self.lookup)(word).map(Measure::from).map_err(|unusable| {
            let message = match &unusable {
                Unusable::Unknown(name) => format!("there is no parameter `{name}`"),
                Unusable::Unit(unit) => format!("there is no unit `{unit}`"),
                Unusable::List(why) => why.clone(),
                Unusable::Reported => format!("`{word}` is wrong itself"),
            };
            Mistake { name: Some(unusable), ..mistake(message, span) }
        })
    }

    fn function(&mut self, word: &str, span: Range<usize>) -> Result<Measure, Mistake> {
        let Some((_, [least, most], of_numbers, apply)) = FUNCTIONS.iter().find(|(name, ..)| *name == word) else {
            let help = super::advice::advice(word, "functions", function_names());
            return Err(Mistake { help, ..mistake(format!("there is no function `{word}`"), span) });
        };
        let arguments = self.arguments()?;
        let span = span.start..self.position;
        if arguments.len() < *least || arguments.len() > *most {
            return Err(mistake(format!("`{word}` takes {least} number, not {}", arguments.len()), span));
        }
        let first = arguments[0];
        if let Some(other) =
            arguments.iter().find(|other| if *of_numbers { !other.is_pure() } else { !first.fits(**other) })
        {
            let wanted = if *of_numbers { "a pure number".into() } else { first.name() };
            return Err(mistake(format!("`{word}` is given {} where {wanted} is needed", other.name()), span));
        }
        let values: Vec<f64> = arguments.iter().map(|measure| measure.value).collect();
        finite(first.with(apply(&values)), span)
    }

    /// `(a, b, ...)`
    fn arguments(&mut self) -> Result<Vec<Measure>, Mistake> {
        let open = self.position;
        let mut arguments = vec![self.step().sum()?];
        while self.operator([',', ',']).is_some() {
            arguments.push(self.sum()?);
        }
        if self.peek() != Some(')') {
            return Err(mistake("this parenthesis is not closed", open..open + 1));
        }
        self.step();
        Ok(arguments)
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

fn finite(measure: Measure, span: Range<usize>) -> Result<Measure, Mistake> {
    match measure.value {
        value if value.is_nan() => Err(mistake("this is no number", span)),
        value if value.is_infinite() => Err(mistake("this is too large for a number", span)),
        _ => Ok(measure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Dimension;

    fn value(text: &str) -> Result<(f64, Dimension), String> {
        let lookup = |name: &str| match name {
            "g" => Ok(Quantity { value: 5.0, dimension: Dimension::None }),
            "j" => Ok(Quantity { value: 0.1, dimension: Dimension::Voltage }),
            "n" => Err(Unusable::List("`n` is a list".into())),
            _ => Err(Unusable::Unknown(name.into())),
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
    fn functions_take_numbers_or_quantities() {
        assert_eq!(value("round(20683 * 0.1)"), Ok((2068.0, Dimension::None)));
        assert_eq!(value("floor(2.7) + ceil (2.1) * sqrt(16)"), Ok((14.0, Dimension::None)));
        assert_eq!(value("exp(ln(8) / 3)"), Ok((2.0, Dimension::None)));
        assert_eq!(value("max(j, 2 mV, -1 * j)"), Ok((2.0, Dimension::Voltage)));
        assert_eq!(value("abs(min(-3, 1))"), Ok((3.0, Dimension::None)));
    }

    #[test]
    fn quantities_may_be_multiplied_on_the_way_to_one_that_has_a_unit() {
        assert_eq!(value("20 mV / (j * 20 ms)"), Ok((10_000.0, Dimension::Frequency)));
        assert_eq!(value("250 pF * 2 mV / 10 ms"), Ok((50.0, Dimension::Current)));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |text: &str| value(text).expect_err(text);
        assert_eq!(message("1 mV + 2 ms"), "a time cannot be added to a voltage");
        assert_eq!(message("j * 2 ms"), "this comes to a quantity in ms mV, which is not used here");
        assert_eq!(message("n + 1"), "`n` is a list");
        assert_eq!(message("log(2)"), "there is no function `log`");
        assert_eq!(message("ln(j)"), "`ln` is given a voltage where a pure number is needed");
        assert_eq!(message("max(j, 2)"), "`max` is given a pure number where a voltage is needed");
        assert_eq!(message("round(1, 2)"), "`round` takes 1 number, not 2");
        assert_eq!(message("ln(1 - 2)"), "this is no number");
        assert_eq!(message("round(2"), "this parenthesis is not closed");
        assert_eq!(message("h / 2"), "there is no parameter `h`");
        assert_eq!(message("2 g"), "there is no unit `g`");
        assert_eq!(message("1 / (g - 5)"), "this divides by zero");
        assert_eq!(message("(1 + 2"), "this parenthesis is not closed");
        assert_eq!(message("1 +"), "a number or a name is missing at the end");
        assert_eq!(message("1 2"), "`2` makes no sense here");
        assert_eq!(message("1.2.3"), "`1.2.3` is no number");
        assert_eq!(message(&"(".repeat(10_000)), "this nests too deeply");
        assert_eq!(message("1e308 * 10"), "this is too large for a number");
        assert_eq!(message("1 / 1e400"), "this is too large for a number");
        assert_eq!(message("1e306 s"), "this is too large for a number");
        assert_eq!(message("1e308 + 1e308"), "this is too large for a number");
    }
}
