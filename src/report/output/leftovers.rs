//! What runs that were killed left in a folder: files and folders of ours without a proper name.

use std::fs;
use std::io;
use std::path::Path;

use super::lock;

/// What names of files and folders on their way begin with; six letters or digits follow.
pub const PREFIX: &str = ".twinfire-";
/// What stands after that in names of files.
pub const SUFFIX: &str = ".tmp";

/// Beginnings and endings of such names, those of earlier versions among them.
const NAMES: [(&str, &str); 5] =
    [(PREFIX, SUFFIX), (PREFIX, ""), (".run-", SUFFIX), (".checkpoint-", SUFFIX), (".synfire-", "")];
/// Folders in which earlier versions wrote files.
const INSIDE: [&str; 2] = ["figures", "weights"];
const RANDOM: usize = 6;

/// Whether something in a folder of results is called as only what is on its way is.
pub(super) fn is_leftover(name: &str) -> bool {
    let random = |(begin, end): &(&str, &str)| name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
    let is_random = |text: &str| text.len() == RANDOM && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name == lock::NAME || NAMES.iter().filter_map(random).any(is_random)
}

/// Deletes what dead runs left in `folder`, which this run holds.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    sweep(folder)?;
    let real = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
    INSIDE.iter().map(|name| folder.join(name)).filter(|path| real(path)).try_for_each(|path| sweep(&path))
}

fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == lock::NAME || !name.to_str().is_some_and(is_leftover) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_file() {
            fs::remove_file(entry.path())?;
        } else if kind.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_leftovers() {
        for ours in [".twinfire-a1B2c3", ".twinfire-a1B2c3.tmp", ".run-abcdef.tmp", ".checkpoint-000000.tmp"] {
            assert!(is_leftover(ours), "{ours}");
        }
        for other in [".run-abcdef", ".twinfire-notes", ".twinfire-a1B2c.tmp", "twinfire-a1B2c3", ".bashrc", ""] {
            assert!(!is_leftover(other), "{other}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn links_stay_and_nothing_is_deleted_through_them() {
        let (place, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(elsewhere.path().join(".run-abcdef.tmp"), "mine").unwrap();
        for link in [".twinfire-a1B2c3", "figures"] {
            std::os::unix::fs::symlink(elsewhere.path(), place.path().join(link)).unwrap();
        }
        fs::create_dir_all(place.path().join(".twinfire-d4E5f6/figures")).unwrap();
        clear(place.path()).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        assert!(elsewhere.path().join(".run-abcdef.tmp").exists());
    }
}
