//! A table of text of a user's own: one sample per line, its class in a column of its own.

use std::path::{Path, PathBuf};

use super::labels::{CLASSES, Labels};
use super::own::{self, CHECKSUM, Checksum, Treatment};
use super::scaling::{MIN_MAX, RANGE, SCALE, STANDARDISE};
use super::split::{SPLIT_SEED, TEST};
use super::table::{self, Header, Table, Wanted};
use super::{Data, Outline, Source};
use crate::error::{Error, Result};
use crate::parameter::{Field, Form, Kind, Range};
use crate::regular_file;
use crate::unit::Dimension;

pub(super) const KIND: Kind<dyn Source> = Kind {
    name: "csv",
    aliases: &[],
    summary: "A table of your own: the first line names the columns, each other line is a sample",
    fields: &[
        own::needed(
            "file",
            &["path"],
            "The table: cells separated by `,` `;` tab or blanks; lines that start with `#` are passed over",
        ),
        own::name("label", "", "Column of the class; without it samples have no labels"),
        Field {
            name: "leave_out",
            aliases: &["ignore"],
            form: Form::Texts,
            default: Some("[]"),
            range: Range::Any,
            doc: "Columns that are neither label nor value, such as a number of the sample",
        },
        own::file("test_file", "A table of the test samples, with the same columns"),
        TEST,
        SPLIT_SEED,
        SCALE,
        RANGE,
        MIN_MAX,
        STANDARDISE,
        Field {
            name: "shape",
            aliases: &[],
            form: Form::Quantities(Dimension::None),
            default: Some("[]"),
            range: Range::Within(1.0, 1e6),
            doc: "Shape of a sample whose values are an image row by row, as `[28, 28]`; a list of values by default",
        },
        CLASSES,
        CHECKSUM,
    ],
    build: |v| {
        let test_file = v.path("test_file").map(Path::to_path_buf);
        Ok(Box::new(Csv {
            file: v.path("file").ok_or("`file` is empty")?.to_path_buf(),
            treatment: Treatment::from_values(v, test_file.as_ref().map(|_| "test_file"))?,
            test_file,
            label: v.text("label").to_owned(),
            leave_out: v.texts("leave_out").to_vec(),
            shape: shape(v.numbers("shape"))?,
        }))
    },
};

/// Bytes in memory for a byte of the text, together with the numbers that are read from it.
const COPIES: u64 = 10;

#[derive(Debug)]
struct Csv {
    file: PathBuf,
    test_file: Option<PathBuf>,
    label: String,
    leave_out: Vec<String>,
    shape: Vec<usize>,
    treatment: Treatment,
}

/// Sides of an image.
fn shape(sides: &[f64]) -> std::result::Result<Vec<usize>, String> {
    let is_whole = sides.iter().all(|side| side.fract() == 0.0);
    let wrong = || "`shape` is the rows, columns and channels of an image, as in `[28, 28]`".to_string();
    if is_whole && sides.len() <= 3 { Ok(sides.iter().map(|&side| side as usize).collect()) } else { Err(wrong()) }
}

impl Csv {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { label: &self.label, leave_out: &self.leave_out }
    }

    /// The shape of a sample in a table with this header.
    fn shape_of(&self, header: &Header) -> Result<Vec<usize>> {
        let (columns, wanted) = (header.columns().count(), self.shape.iter().product::<usize>());
        if self.shape.is_empty() {
            return Ok(vec![columns]);
        }
        if columns != wanted {
            let what = format!("has {columns} columns of values, and `shape` makes {wanted}");
            return Err(Error::data(&self.file, what));
        }
        Ok(self.shape.clone())
    }

    /// Refuses a table of test samples with other columns.
    fn check_test(&self, path: &Path, header: &Header, test: &Header) -> Result<()> {
        if header.columns().eq(test.columns()) {
            return Ok(());
        }
        let differ = header.columns().zip(test.columns()).find(|(one, other)| one != other);
        let how = match differ {
            Some((one, other)) => format!("`{other}` stands where `{one}` does"),
            None => format!("{} instead of {}", test.columns().count(), header.columns().count()),
        };
        Err(Error::data(path, format!("has other columns than {}: {how}", self.file.display())))
    }

    fn table(&self, path: &Path, labels: &mut Labels, sum: &mut Checksum) -> Result<Table> {
        let bytes = regular_file::read_data(path, COPIES).map_err(|what| Error::data(path, what))?;
        sum.add(&bytes);
        let text = String::from_utf8(bytes).map_err(|wrong| Error::data(path, no_text(&wrong)))?;
        table::parse(&text, path, self.wanted(), labels)
    }
}

/// Where a file stops being text.
fn no_text(wrong: &std::string::FromUtf8Error) -> String {
    let valid = &wrong.as_bytes()[..wrong.utf8_error().valid_up_to()];
    format!("is not text in UTF-8: see line {}", valid.iter().filter(|&&byte| byte == b'\n').count() + 1)
}

impl Source for Csv {
    fn outline(&self) -> Result<Outline> {
        let header = table::header(&self.file, self.wanted())?;
        if let Some(path) = &self.test_file {
            self.check_test(path, &header, &table::header(path, self.wanted())?)?;
        }
        let files = std::iter::once(&self.file).chain(&self.test_file);
        let bytes: u64 = files.filter_map(|path| Some(std::fs::metadata(path).ok()?.len())).sum();
        Ok(Outline {
            name: self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            shape: self.shape_of(&header)?,
            classes: self.treatment.outlined_classes(!self.label.is_empty()),
            samples: None,
            bytes: bytes.saturating_mul(COPIES),
        })
    }

    fn load(&self, _: &[PathBuf]) -> Result<Data> {
        let (mut labels, mut sum) = (Labels::default(), Checksum::default());
        let mut read = |path: &Path| self.table(path, &mut labels, &mut sum);
        let all = read(&self.file)?;
        let test = self.test_file.as_deref().map(|path| read(path).map(|table| (path, table))).transpose()?;
        let (shape, sum) = (self.shape_of(&all.header)?, sum.text());
        if let Some((path, test)) = &test {
            self.check_test(path, &all.header, &test.header)?;
        }
        self.treatment.verify(&self.file, &sum)?;
        let test = test.map(|(path, table)| table.into_part(path));
        self.treatment.data(shape, &labels, all.into_part(&self.file), test, sum)
    }
}
