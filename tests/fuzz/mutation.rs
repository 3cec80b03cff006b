//! Edits of files: of texts by words and lines, of binary files by bytes.

use bolero::TypeGenerator;

/// An edit: what, where (as a part of 65,536), and with what.
#[derive(Debug, Clone, Copy, TypeGenerator)]
pub struct Edit {
    kind: u8,
    at: u16,
    with: u16,
}

/// A file to begin with, and what is done to it.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Mutant {
    file: u16,
    #[generator(bolero::produce::<Vec<Edit>>().with().len(0usize..6))]
    edits: Vec<Edit>,
}

/// What stands for a word, a number or a quantity.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "-inf",
    "18446744073709551615",
    "9223372036854775808",
    "0.1",
    "4294967296",
    "1e400",
    "\"\"",
    "\"1e30 ms\"",
    "\"-5 mV\"",
    "\"1e-30 ms\"",
    "\"0.05 ms\"",
    "\"1 nS\"",
    "\"a\"",
    "true",
    "[]",
    "[[]]",
    "{}",
    "[1, 2, 3]",
    "\"1 / 0\"",
    "\"((((1))))\"",
    "\"x + x\"",
    "'''",
    "\"\\u0000\"",
    "\"é\"",
    "1979-05-27",
    "[0.5, \"2 mV\"]",
    "{ normal = { mean = 1, std = 1e30 } }",
    "{ uniform = { low = 1, high = 1 } }",
    "\"/dev/zero\"",
];

/// Lines that may be where they do not belong.
const LINES: &[&str] = &[
    "plasticity.stdp = {}",
    "plasticity = \"dopamine_stdp\"",
    "short_term = \"tsodyks_markram\"",
    "[simulation]",
    "[[layers]]",
    "[parameters]",
    "weight = \"1 pA\"",
    "weight.normal = { mean = 1, std = 5 }",
    "delay = \"1e9 ms\"",
    "size = 100000000000",
    "connect.fixed_in_degree = { n = 3 }",
    "connect.list = { file = \"/dev/null\" }",
    "precision = \"single\"",
    "names = [\"a\", \"a\"]",
    "spike_times = \"precise\"",
    "neuron = \"lif_exp\"",
    "neuron.lif_cond_exp = {}",
    "resolution = \"3 ms\"",
    "duration = \"1e300 s\"",
    "v = { every = \"0.1 ms\" }",
    "poisson = { rate = \"1e12 Hz\" }",
    "seed = -1",
    "[a.b.c.d.e.f]",
    "\u{feff}",
    "}",
    "\"",
];

impl Mutant {
    /// The index of the file to begin with, of so many.
    pub fn file(&self, count: usize) -> usize {
        usize::from(self.file) % count
    }

    /// `text` with all edits.
    pub fn of_text(&self, text: &str) -> String {
        self.edits.iter().fold(text.to_string(), |text, edit| edit.of_text(&text))
    }

    /// `bytes` with all edits.
    pub fn of_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.edits.iter().fold(bytes.to_vec(), |bytes, edit| edit.of_bytes(bytes))
    }
}

impl Edit {
    /// A place among so many.
    fn place(part: u16, count: usize) -> usize {
        (usize::from(part) * count) >> 16
    }

    fn of_text(self, text: &str) -> String {
        match self.kind % 8 {
            0..4 => self.of_word(text),
            4..7 => self.of_line(text),
            _ => String::from_utf8_lossy(&self.of_bytes(text.as_bytes().to_vec())).into_owned(),
        }
    }

    /// Another word, from the list or from elsewhere in the text, in the place of one.
    fn of_word(self, text: &str) -> String {
        let words = words(text);
        if words.is_empty() {
            return WORDS[Self::place(self.with, WORDS.len())].to_string();
        }
        let (start, end) = words[Self::place(self.at, words.len())];
        let other = words[Self::place(self.with, words.len())];
        let new = if self.kind.is_multiple_of(2) {
            WORDS[Self::place(self.with, WORDS.len())]
        } else {
            &text[other.0..other.1]
        };
        format!("{}{new}{}", &text[..start], &text[end..])
    }

    /// A line twice, away, elsewhere, or a new one.
    fn of_line(self, text: &str) -> String {
        let mut lines: Vec<&str> = text.lines().collect();
        let at = Self::place(self.at, lines.len() + 1);
        match self.kind / 8 % 4 {
            0 => lines.insert(at, LINES[Self::place(self.with, LINES.len())]),
            1 if at < lines.len() => drop(lines.remove(at)),
            2 if at < lines.len() => lines.insert(Self::place(self.with, lines.len()), lines[at]),
            _ => lines.truncate(at),
        }
        lines.join("\n")
    }

    fn of_bytes(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let at = Self::place(self.at, bytes.len() + 1).min(bytes.len());
        match self.kind / 8 % 6 {
            0 if at < bytes.len() => bytes[at] ^= self.with as u8 | 1,
            1 => bytes.truncate(at),
            2 => bytes.insert(at, self.with as u8),
            3 if at < bytes.len() => drop(bytes.drain(at..(at + usize::from(self.with % 64)).min(bytes.len()))),
            // Sizes and offsets stand at the beginning, in four or eight bytes.
            4 => {
                let at = usize::from(self.at) % bytes.len().clamp(1, 160);
                let big = [0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80][usize::from(self.with) % 8];
                bytes.iter_mut().skip(at).take(1 + usize::from(self.with) % 8).for_each(|byte| *byte = big);
            }
            _ => {
                let copy = bytes[at..(at + usize::from(self.with % 256)).min(bytes.len())].to_vec();
                bytes.extend(copy);
            }
        }
        bytes
    }
}

/// Where the words of a text are: runs of letters, digits, points and signs, or what stands in quotes.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (place, c) in text.char_indices() {
        let inside = c.is_alphanumeric() || "_.-+".contains(c);
        match (start, inside) {
            (None, true) => start = Some(place),
            (Some(begun), false) => {
                words.push((begun, place));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|begun| (begun, text.len())));
    words
}
