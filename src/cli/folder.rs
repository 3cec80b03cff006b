//! Output folders. A folder is made, and a bad path noticed, before a long run begins;
//! `run.json` in it says which command filled it, so that no other command overwrites it.

use std::io::{Error as IoError, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use synfire::error::{Error, Result};

use super::Options;

const MARK: &str = "run.json";

/// Makes the folder for the results of `command`: `--output`, or else `default`.
///
/// # Errors
/// [`Error::Output`] when it cannot be made, or holds anything but earlier results of the
/// same command and `--force` was not given.
pub fn prepare(options: &Options, command: &str, default: &Path) -> Result<PathBuf> {
    let folder = options.output.as_deref().unwrap_or(default);
    std::fs::create_dir_all(folder).map_err(|error| Error::output(folder, error))?;
    if !options.force {
        refuse_foreign(folder, command)?;
    }
    let mark = json!({
        "command": command,
        "arguments": std::env::args().skip(1).collect::<Vec<_>>(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    write(&folder.join(MARK), format!("{mark:#}\n").as_bytes())?;
    Ok(folder.to_path_buf())
}

/// Writes a file in one step: it is there whole, or as it was.
///
/// # Errors
/// [`Error::Output`] when it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let save = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|refused| refused.error)
    };
    save().map(drop).map_err(|error| Error::output(path, error))
}

fn refuse_foreign(folder: &Path, command: &str) -> Result<()> {
    let held = match std::fs::read(folder.join(MARK)) {
        Ok(bytes) => {
            serde_json::from_slice::<Value>(&bytes).ok().and_then(|mark| Some(mark["command"].as_str()?.to_string()))
        }
        Err(_) => None,
    };
    let what = match held {
        Some(other) if other == command => return Ok(()),
        Some(other) => format!("it holds results of `synfire {other}`"),
        None if is_empty(folder)? => return Ok(()),
        None => "it holds other files".to_string(),
    };
    let message = format!("{what}; give another folder with -o, or use --force");
    Err(Error::output(folder, IoError::new(ErrorKind::AlreadyExists, message)))
}

fn is_empty(folder: &Path) -> Result<bool> {
    let mut entries = std::fs::read_dir(folder).map_err(|error| Error::output(folder, error))?;
    Ok(entries.next().is_none())
}
