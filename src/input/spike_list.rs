//! Files of spikes: a neuron and a time in ms per line, separated by commas or blanks.
//!
//! ```text
//! neuron,time          sender time_ms        a header, or none: neuron first, then time
//! 3,12.5               3 12.500              neurons from 0
//! ```
//! Lines that are blank or start with `#` are skipped.

use std::path::Path;

const NEURON: &[&str] = &["neuron", "sender", "senders", "id", "index"];
const TIME: &[&str] = &["time", "times", "time_ms", "t", "t_ms"];

/// The spikes in the file at `path`, as (ms, neuron).
pub(super) fn read(path: &Path) -> Result<Vec<(f64, Option<u32>)>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    parse(&text).map_err(|what| format!("{}, {what}", path.display()))
}

fn parse(text: &str) -> Result<Vec<(f64, Option<u32>)>, String> {
    let cells = |line: &'_ str| -> Vec<String> {
        let separated = line.split(|c: char| c == ',' || c.is_whitespace());
        separated.filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')).peekable();
    let mut columns = (0, 1);
    if let Some((number, header)) = lines.next_if(|(_, line)| line.trim().starts_with(|c: char| c.is_alphabetic())) {
        let names = cells(header);
        let place = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let missing = |name| format!("line {number}: there is no column `{name}`");
        columns = (place(NEURON).ok_or(missing("neuron"))?, place(TIME).ok_or(missing("time"))?);
    }
    let spike = |(number, line): (usize, &str)| {
        let cells = cells(line);
        let cell = |column: usize| cells.get(column).ok_or(format!("line {number} has {} columns", cells.len()));
        let (neuron, time) = (cell(columns.0)?, cell(columns.1)?);
        let wrong =
            |column: usize, cell: &str, what: &str| format!("line {number}, column {}: `{cell}` is {what}", column + 1);
        let index = neuron.parse::<u32>().map_err(|_| wrong(columns.0, neuron, "not the number of a neuron"))?;
        match time.parse::<f64>() {
            Ok(ms) if ms.is_finite() && ms >= 0.0 => Ok((ms, Some(index))),
            _ => Err(wrong(columns.1, time, "not a time in ms")),
        }
    };
    lines.map(spike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read_with_and_without_a_header() {
        let spikes = [(12.5, Some(3)), (0.1, Some(0))];
        for text in ["neuron,time\n3,12.5\n0,0.1\n", "# NEST\nsender\ttime_ms\n3\t12.500\n\n0\t0.1\n", "3 12.5\n0,0.1"]
        {
            assert_eq!(parse(text).unwrap(), spikes, "{text}");
        }
        assert_eq!(parse("time,neuron\n0.1,0").unwrap(), [(0.1, Some(0))]);
        assert_eq!(parse("# nothing\n").unwrap(), []);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, message) in [
            ("neuron,when\n", "line 1: there is no column `time`"),
            ("neuron,time\n1\n", "line 2 has 1 columns"),
            ("neuron,time\n1.5,2\n", "line 2, column 1: `1.5` is not the number of a neuron"),
            ("neuron,time\n1,-2\n", "line 2, column 2: `-2` is not a time in ms"),
        ] {
            assert_eq!(parse(text).unwrap_err(), message);
        }
        assert!(read(Path::new("no/such.dat")).unwrap_err().starts_with("no/such.dat cannot be read"));
    }
}
