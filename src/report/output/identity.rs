//! Whether two names are those of one file.

use std::fs::File;
use std::path::Path;

/// Whether the open `file` is the one at `path`.
#[cfg(unix)]
pub(super) fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = |found: std::fs::Metadata| (found.dev(), found.ino());
    let (open, there) = (file.metadata().map(number), path.symlink_metadata().map(number));
    open.ok().is_some_and(|open| there.ok() == Some(open))
}

#[cfg(not(unix))]
pub(super) fn is_same(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// Whether both paths lead to one file or folder, hard links and symbolic ones included.
#[cfg(unix)]
pub fn are_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = |path: &Path| path.metadata().ok().map(|found| (found.dev(), found.ino()));
    number(one).is_some_and(|one| number(other) == Some(one))
}

#[cfg(not(unix))]
pub fn are_same(one: &Path, other: &Path) -> bool {
    let full = |path: &Path| path.canonicalize().ok();
    full(one).is_some_and(|one| full(other) == Some(one))
}
