//! What is in a folder before a run fills it, and whether the run may.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::identity::are_same;
use super::leftovers::is_leftover;
use super::record::{self, Kind, Record};
use super::{Request, Way};
use crate::error::{Error, Result};

/// What a folder holds.
pub(super) enum Holding {
    /// Nothing, or what a dead run left.
    Nothing,
    /// Results that `run.json` lists.
    Results(Box<Record>),
    /// Files of somebody else.
    Others,
}

/// How a run takes a folder up: the record it goes on with, and files that it replaces at the end.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub goes_on: Option<Record>,
    pub replaced: BTreeSet<String>,
}

/// Looks into `folder`.
pub(super) fn look(folder: &Path) -> Result<Holding> {
    let record = Record::read(folder);
    if let Some(record) = record.as_ref().filter(|record| record.has_results(folder)) {
        return Ok(Holding::Results(Box::new(record.clone())));
    }
    let entries = fs::read_dir(folder).map_err(|refused| Error::output(folder, refused))?;
    for entry in entries {
        let name = entry.map_err(|refused| Error::output(folder, refused))?.file_name();
        let own = name.to_str().is_some_and(|name| is_leftover(name) || (name == record::NAME && record.is_some()));
        if !own {
            return Ok(Holding::Others);
        }
    }
    Ok(Holding::Nothing)
}

/// Whether a run may fill `folder`; why not, in words that say what to do.
pub(super) fn judge(folder: &Path, request: &Request) -> Result<std::result::Result<Taken, String>> {
    let holding = look(folder)?;
    let own_record = folder.join(record::NAME);
    if own_record.symlink_metadata().is_ok() && Record::read(folder).is_none() {
        return Ok(Err("it holds a run.json that twinfire did not write; give another folder with -o".into()));
    }
    Ok(match (request.way, holding) {
        (_, Holding::Nothing) | (Way::InPlace, Holding::Others) => Ok(Taken::default()),
        (Way::InPlace, Holding::Results(record)) => Ok(go_on(*record)),
        (Way::Resume, Holding::Results(record)) if record.is_training() => Ok(go_on(*record)),
        (Way::New, Holding::Results(record)) if is_redrawn(&record, request) => Ok(go_on(*record)),
        (Way::New, Holding::Results(record)) if request.force => replace(folder, *record, request),
        (_, Holding::Others) if request.force => Ok(Taken::default()),
        (_, Holding::Others) => Err("it holds other files; give another folder with -o, or use --force".into()),
        (way, Holding::Results(record)) => Err(refusal(way, &record, request)),
    })
}

fn go_on(record: Record) -> Taken {
    // An earlier version kept no list: nothing that it wrote is known to be ours.
    let record = Record { files: Some(record.files.unwrap_or_default()), ..record };
    Taken { goes_on: Some(record), ..Taken::default() }
}

/// Figures that are drawn again from the same results.
fn is_redrawn(record: &Record, request: &Request) -> bool {
    let figures = request.kind == Kind::Figures && record.kind == Kind::Figures;
    figures && record.files.is_some() && record.of.as_ref() == Some(&request.of)
}

/// Takes over what the record lists, unless this run reads some of it.
fn replace(folder: &Path, record: Record, request: &Request) -> std::result::Result<Taken, String> {
    let replaced = record.files.unwrap_or_default();
    let is_read = |name: &&String| request.inputs.iter().any(|input| are_same(input, &folder.join(name)));
    match replaced.iter().find(is_read) {
        Some(name) => Err(format!("this run reads {name} in it, which it would replace; give another folder with -o")),
        None => Ok(Taken { replaced, ..Taken::default() }),
    }
}

fn refusal(way: Way, record: &Record, request: &Request) -> String {
    let held = record.words();
    if record.files.is_none() {
        return format!("it holds {held}, of a twinfire that kept no list of its files; give another folder with -o");
    }
    let of = match &record.of {
        Some(of) if *of == request.of => "",
        Some(of) if of.file == request.of.file && record.kind == request.kind => ", with other contents or settings",
        _ => "",
    };
    match (way, record.kind, request.kind) {
        (Way::Resume, ..) => format!("it holds {held}, no training that could go on; give another folder with -o"),
        (_, Kind::Training, Kind::Training) if record.of.as_ref().is_none_or(|of| of.file == request.of.file) => {
            format!("it holds {held}{of}; --resume goes on with it, --force starts anew, -o names another folder")
        }
        _ => format!("it holds {held}{of}; give another folder with -o, or replace it with --force"),
    }
}
