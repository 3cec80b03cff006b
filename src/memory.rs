//! How much memory can be taken: what the system has, less where the process or its control group is limited.
//!
//! ```text
//! system           /proc/meminfo, MemAvailable
//! process          RLIMIT_AS and RLIMIT_DATA (`ulimit -v`, `ulimit -d`), less what it has (/proc/self/statm)
//! control group    memory.max, less memory.current without the cache of files, of each group it is in
//!                  (version 1: memory.limit_in_bytes, memory.usage_in_bytes)
//! ```
//! What cannot be read limits nothing.

use std::fmt;
use std::path::{Path, PathBuf};

/// Memory that can be taken, and what limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free {
    pub bytes: u64,
    pub limit: Limit,
}

/// What limits memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    System,
    Process,
    Group,
}

impl fmt::Display for Free {
    /// `12.9 GB are free`, and the like.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = match self.limit {
            Limit::System => "are free",
            Limit::Process => "are left under the limit of the process (`ulimit`)",
            Limit::Group => "are left under the limit of the control group",
        };
        write!(f, "{:.1} GB {left}", self.bytes as f64 / 1e9)
    }
}

/// The memory that can be taken; `None` where nothing says so.
pub fn free() -> Option<Free> {
    let limits = [(system(), Limit::System), (process(), Limit::Process), (group(), Limit::Group)];
    let known = limits.into_iter().filter_map(|(bytes, limit)| Some(Free { bytes: bytes?, limit }));
    known.min_by_key(|free| free.bytes)
}

/// What can be taken without swapping.
fn system() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes.saturating_mul(1024))
}

#[cfg(unix)]
fn process() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let mut pages = text.split_whitespace().map(|pages| pages.parse::<u64>().unwrap_or(0));
    let page = rustix::param::page_size() as u64;
    let (whole, data) = (pages.next().unwrap_or(0) * page, pages.nth(4).unwrap_or(0) * page);
    let left = |limit, used: u64| getrlimit(limit).current.map(|bytes| bytes.saturating_sub(used));
    [left(Resource::As, whole).map(filled), left(Resource::Data, data)].into_iter().flatten().min()
}

/// How much of so many addresses can be filled: each thread takes some for itself, and lists that grow take more than
/// they need.
#[cfg(unix)]
fn filled(addresses: u64) -> u64 {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let left = addresses - (addresses / 4).min(threads * THREAD);
    left - left / 10
}

/// Addresses that a thread takes for its stack and its allocator.
#[cfg(unix)]
const THREAD: u64 = 72 << 20;

#[cfg(not(unix))]
fn process() -> Option<u64> {
    None
}

/// What is left to the tightest control group.
fn group() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let root = Path::new("/sys/fs/cgroup");
    let left = |line: &str| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let path = path.trim_start_matches('/');
        match controllers {
            "" => tightest(root, path, ["memory.max", "memory.current", "inactive_file"]),
            _ if controllers.split(',').any(|controller| controller == "memory") => tightest(
                &root.join("memory"),
                path,
                ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"],
            ),
            _ => None,
        }
    };
    text.lines().filter_map(left).min()
}

/// What is left to the tightest group on the way from `path` up to `root`.
fn tightest(root: &Path, path: &str, files: [&str; 3]) -> Option<u64> {
    let folders = root
        .join(path)
        .ancestors()
        .map(PathBuf::from)
        .take_while(|folder| folder.starts_with(root))
        .collect::<Vec<_>>();
    folders.iter().filter_map(|folder| left(folder, files)).min()
}

/// What is left to one group: its limit less what it has, of which files that were read can be let go.
fn left(folder: &Path, [limit, used, cache]: [&str; 3]) -> Option<u64> {
    let number = |name: &str| std::fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    let limit = number(limit).filter(|&limit| limit < 1 << 60)?;
    let statistics = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cached = statistics.lines().find_map(|line| line.strip_prefix(cache)?.trim().parse::<u64>().ok());
    Some(limit.saturating_sub(number(used)?.saturating_sub(cached.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_group_counts_without_the_cache_of_files() {
        let place = tempfile::tempdir().unwrap();
        let write = |folder: &str, files: &[(&str, &str)]| {
            let folder = place.path().join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
        };
        let files = ["memory.max", "memory.current", "inactive_file"];
        let stat = "anon 5\ninactive_file 300\n";
        write("", &[("memory.max", "max\n"), ("memory.current", "9\n")]);
        assert_eq!(tightest(place.path(), "a/b", files), None);
        write("a", &[("memory.max", "5000\n"), ("memory.current", "1000\n"), ("memory.stat", stat)]);
        write("a/b", &[("memory.max", "9000\n"), ("memory.current", "1000\n")]);
        assert_eq!(tightest(place.path(), "a/b", files), Some(4300));
        assert_eq!(tightest(place.path(), "", files), None);
    }

    #[test]
    fn what_is_free_is_told_with_what_limits_it() {
        let free = |limit| Free { bytes: 12_940_000_000, limit }.to_string();
        assert_eq!(free(Limit::System), "12.9 GB are free");
        assert!(free(Limit::Process).contains("ulimit") && free(Limit::Group).contains("control group"));
        if cfg!(target_os = "linux") {
            assert!(super::free().is_some_and(|free| free.bytes > 1 << 20));
        }
    }
}
