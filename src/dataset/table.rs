//! Tables of text whose first line names the columns: one sample per line, numbers, and the label in a
//! column of its own.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use super::labels::Labels;
use super::own::Part;
use super::scaling::Raw;
use crate::delimited::{Records, shown};
use crate::error::{Error, Result};
use crate::regular_file;

/// What is wanted of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The column of the label; empty for none.
    pub label: &'a str,
    /// Columns that are neither label nor value.
    pub leave_out: &'a [String],
}

/// The first line: what is in each column.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    names: Vec<String>,
    label: Option<usize>,
    left_out: Vec<bool>,
}

/// A table as it stands in a file.
#[derive(Debug, PartialEq)]
pub(super) struct Table {
    pub header: Header,
    /// Row after row, without labels and what is left out.
    pub values: Vec<f64>,
    /// The line of each row.
    pub lines: Vec<usize>,
    /// The number of each row's label; empty without a column of them.
    pub labels: Vec<u16>,
}

/// How far into a file its first line is looked for.
const FIRST_LINE: u64 = 8 << 20;

/// What stands for a value that is not known.
const MISSING: [&str; 9] = ["", "NA", "N/A", "NaN", "null", "None", "?", "-", "missing"];

type Outcome<T> = std::result::Result<T, String>;

/// The header of the table at `path`: of the file no more is read than may hold its first line.
///
/// # Errors
/// [`Error::Data`] when it is missing or does not hold what is wanted.
pub(super) fn header(path: &Path, wanted: Wanted<'_>) -> Result<Header> {
    let first = first_lines(path).map_err(|what| Error::data(path, what))?;
    let mut records = Records::uniform(&first);
    Header::next(&mut records, wanted).map_err(|what| Error::data(path, what))
}

/// The beginning of a file, up to an end of a line.
fn first_lines(path: &Path) -> Outcome<String> {
    let mut bytes = Vec::new();
    let reading = regular_file::open(path)?.take(FIRST_LINE).read_to_end(&mut bytes);
    reading.map_err(|wrong| format!("cannot be read: {wrong}"))?;
    if bytes.len() as u64 == FIRST_LINE {
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        bytes.truncate(end.ok_or("begins with a line of more than 8 MB: that is no table")?);
    }
    String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".into())
}

/// Reads the table `text`, which stands in the file at `path`. Labels are numbered by `labels`.
///
/// # Errors
/// [`Error::Data`] with line and column of what is wrong.
pub(super) fn parse(text: &str, path: &Path, wanted: Wanted<'_>, labels: &mut Labels) -> Result<Table> {
    let wrong = |what: String| Error::data(path, what);
    let mut records = Records::uniform(text);
    let header = Header::next(&mut records, wanted).map_err(wrong)?;
    let mut table = Table { header, values: Vec::new(), lines: Vec::new(), labels: Vec::new() };
    while let Some(record) = records.next_record().map_err(wrong)? {
        table.push(record.cells, labels).map_err(|what| wrong(format!("line {}{what}", record.line)))?;
        table.lines.push(record.line);
    }
    if table.lines.is_empty() {
        return Err(wrong("holds no samples: nothing follows the line that names the columns".into()));
    }
    Ok(table)
}

impl Header {
    fn next(records: &mut Records<'_>, wanted: Wanted<'_>) -> Outcome<Self> {
        let record = records.next_record()?.ok_or("is empty")?;
        Self::of(record.cells, wanted).map_err(|what| format!("line {}: {what}", record.line))
    }

    fn of(cells: &[Cow<'_, str>], wanted: Wanted<'_>) -> Outcome<Self> {
        let names: Vec<String> = cells.iter().map(|cell| cell.to_string()).collect();
        if names.iter().all(|name| name.parse::<f64>().is_ok()) {
            return Err("the first line has to name the columns, and this one holds numbers alone".into());
        }
        if let Some(column) = names.iter().position(String::is_empty) {
            let how = "name it, or save the table without it (in pandas: `index=False`)";
            return Err(format!("column {} has no name; {how}", column + 1));
        }
        for (column, name) in names.iter().enumerate() {
            if names[..column].contains(name) {
                return Err(format!("two columns are called {}", shown(name)));
            }
        }
        let place = |name: &str| {
            let place = names.iter().position(|other| other == name);
            place.ok_or_else(|| format!("there is no column `{name}`; the columns are {}", list(&names)))
        };
        let label = if wanted.label.is_empty() { None } else { Some(place(wanted.label)?) };
        let mut left_out = vec![false; names.len()];
        for name in wanted.leave_out {
            left_out[place(name)?] = true;
        }
        let header = Self { names, label, left_out };
        if header.columns().next().is_none() {
            return Err("no column is left that holds values".into());
        }
        Ok(header)
    }

    /// Names of the columns that hold values.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let names = self.names.iter().enumerate();
        names.filter(|(column, _)| self.holds_values(*column)).map(|(_, name)| name.as_str())
    }

    fn holds_values(&self, column: usize) -> bool {
        self.label != Some(column) && !self.left_out[column]
    }
}

impl Table {
    /// The samples of the table, which stands in the file at `path`.
    pub fn into_part(self, path: &Path) -> Part<'_> {
        let Self { header, values, lines, labels } = self;
        let columns: Vec<usize> = (0..header.names.len()).filter(|&column| header.holds_values(column)).collect();
        let place = move |sample: usize, value: Option<usize>| match value {
            None => format!("line {}", lines[sample]),
            Some(value) => {
                let column = columns[value];
                format!("line {}, column {} (`{}`)", lines[sample], column + 1, header.names[column])
            }
        };
        Part::new(Raw::Numbers(values), labels, path, place)
    }

    /// Takes a line; what is wrong continues `line 7`.
    fn push(&mut self, cells: &[Cow<'_, str>], labels: &mut Labels) -> Outcome<()> {
        let columns = self.header.names.len();
        if cells.len() != columns {
            return Err(format!(": {} cells, where the first line names {columns} columns", cells.len()));
        }
        for (column, cell) in cells.iter().enumerate() {
            let wrong = |what: String| format!(", column {} (`{}`): {what}", column + 1, self.header.names[column]);
            if self.header.label == Some(column) {
                let label = if is_missing(cell) { Err("the label is missing".into()) } else { labels.number(cell) };
                self.labels.push(label.map_err(wrong)?);
            } else if self.header.holds_values(column) {
                self.values.push(number(cell).map_err(wrong)?);
            }
        }
        Ok(())
    }
}

fn is_missing(cell: &str) -> bool {
    MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn number(cell: &str) -> Outcome<f64> {
    match cell.parse::<f64>() {
        _ if is_missing(cell) => Err("a value is missing; fill it in, or take the line or the column out".into()),
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(format!("{} is no finite number", shown(cell))),
        Err(_) if cell.replacen(',', ".", 1).parse::<f64>().is_ok() => {
            Err(format!("`{cell}` is no number: write a point"))
        }
        Err(_) => Err(format!("{} is no number; `leave_out` names columns that hold no values", shown(cell))),
    }
}

/// The first names and how many more.
fn list(names: &[String]) -> String {
    let first = names.iter().take(12).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(12) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, label: &str, leave_out: &[&str]) -> Result<(Table, Labels)> {
        let leave_out: Vec<String> = leave_out.iter().map(|name| name.to_string()).collect();
        let mut labels = Labels::default();
        parse(text, Path::new("t.csv"), Wanted { label, leave_out: &leave_out }, &mut labels)
            .map(|table| (table, labels))
    }

    #[test]
    fn columns_are_found_by_name_however_the_table_is_written() {
        for text in [
            "a,kind,id,b\n1,x,7,5\n\n3,y,8,-5e-1\n# end\n2,x,9,5\n",
            "\u{feff}\"a\";\"kind\";\"id\";\"b\"\r\n\"1\";\"x\";7;5\r\n\r\n3;y;8;-0.5\r\n\r\n2 ; x ;9; 5\r\n",
            "a\tkind\tid\tb\n1\tx\t7\t5\n\n3\ty\t8\t-.5\n\n2\tx\t9\t5",
        ] {
            let (table, labels) = read(text, "kind", &["id"]).unwrap();
            assert_eq!(table.values, [1.0, 5.0, 3.0, -0.5, 2.0, 5.0], "{text}");
            assert_eq!((table.labels, labels.name(1)), (vec![0, 1, 0], "y"));
            assert_eq!(table.lines, [2, 4, 6]);
            assert_eq!(table.header.columns().collect::<Vec<_>>(), ["a", "b"]);
        }
        let (table, _) = read("a,b\n1,2\n", "", &[]).unwrap();
        assert_eq!((table.values, table.labels), (vec![1.0, 2.0], Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_column() {
        for (text, known) in [
            ("", "is empty"),
            ("a;kind\n1,5;x\n", "line 2, column 1 (`a`): `1,5` is no number"),
            ("a,kind\n1;x\n", "line 2: 1 cells, where the first line names 2 columns"),
            ("a,kind\n", "holds no samples: nothing follows the line that names the columns"),
            ("1,2\n3,4\n", "line 1: the first line has to name the columns, and this one holds numbers alone"),
            (",kind\n0,x\n", "line 1: column 1 has no name; name it, or save the table without it"),
            ("a,a,kind\n", "line 1: two columns are called `a`"),
            ("a,sort\n1,x\n", "line 1: there is no column `kind`; the columns are `a`, `sort`"),
            ("kind\nx\n", "line 1: no column is left that holds values"),
            ("a,kind\n1,x\n\n1,2,x\n", "line 4: 3 cells, where the first line names 2 columns"),
            ("a,kind\n1,x\n,x\n", "line 3, column 1 (`a`): a value is missing; fill it in"),
            ("a,kind\nnan,x\n", "line 2, column 1 (`a`): a value is missing"),
            ("a,kind\n1,NA\n", "line 2, column 2 (`kind`): the label is missing"),
            ("a,kind\ninf,x\n", "line 2, column 1 (`a`): `inf` is no finite number"),
            ("a,kind\nred,x\n", "line 2, column 1 (`a`): `red` is no number; `leave_out` names"),
            ("a,kind\n1,\"x\n", "line 2: a quote is not closed"),
        ] {
            let message = read(text, "kind", &[]).unwrap_err().to_string();
            assert!(message.starts_with(&format!("t.csv: {known}")), "{message}");
        }
    }
}
