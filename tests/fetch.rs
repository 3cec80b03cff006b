//! Fetching data files from a server on localhost that behaves, and from some that do not.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use twinfire::dataset::fetch::{Condition, fetch, inspect};
use twinfire::dataset::{DataFile, Unpacked};

/// How the server answers one request.
#[derive(Clone)]
enum Reply {
    /// The contents, or the part that is asked for.
    Whole(Vec<u8>),
    /// Promises all, and closes the connection after so many bytes.
    Cut(Vec<u8>, usize),
    /// The contents from the start, whatever is asked for.
    NoRange(Vec<u8>),
    /// Says that the range cannot be had; without one, gives the contents.
    RefusesRange(Vec<u8>),
    Status(&'static str),
}

/// A server that gives one reply per request, in order, and is gone after the last.
struct Server {
    base: String,
    ranges: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&ranges);
        std::thread::spawn(move || {
            for reply in replies {
                let (stream, _) = listener.accept().unwrap();
                let range = asked_range(&stream);
                log.lock().unwrap().push(range.clone());
                answer(stream, &range, &reply);
            }
        });
        Self { base, ranges }
    }

    /// The `Range` header of every request so far (`-` for none).
    fn ranges(&self) -> Vec<String> {
        self.ranges.lock().unwrap().clone()
    }
}

/// Reads a request up to its end and gives its range.
fn asked_range(stream: &TcpStream) -> String {
    let mut range = "-".to_string();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("range: ") {
            range = value.to_string();
        }
    }
    range
}

fn answer(mut stream: TcpStream, range: &str, reply: &Reply) {
    let first: usize = range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap_or(0);
    let (status, extra, body, length) = match reply {
        Reply::Whole(all) if first > 0 => {
            let extra = format!("Content-Range: bytes {first}-{}/{}\r\n", all.len() - 1, all.len());
            ("206 Partial Content", extra, &all[first..], all.len() - first)
        }
        Reply::RefusesRange(_) if first > 0 => ("416 Range Not Satisfiable", String::new(), &[][..], 0),
        Reply::Whole(all) | Reply::NoRange(all) | Reply::RefusesRange(all) => {
            ("200 OK", String::new(), &all[..], all.len())
        }
        Reply::Cut(all, end) => ("200 OK", String::new(), &all[..*end], all.len()),
        Reply::Status(status) => (*status, String::new(), &[][..], 0),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{extra}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // A client that has read enough may be gone.
    let _ = stream.write_all(body);
}

fn contents() -> Vec<u8> {
    (0..300_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn data_file() -> DataFile {
    let sha256 = format!("{:x}", Sha256::digest(contents())).leak();
    let unpacked = Unpacked { bytes: 5, crc32: crc32fast::hash(b"inner") };
    DataFile { path: "set/file.gz", bytes: contents().len() as u64, sha256, unpacked, urls: &[] }
}

/// Fetches from a server that gives `replies`, once per entry of `attempts`: the outcomes
/// and the ranges that were asked for.
fn attempts(folder: &Path, replies: Vec<Reply>, attempts: usize) -> (Vec<Result<PathBuf, String>>, Vec<String>) {
    let server = Server::start(replies);
    let mut outcomes = Vec::new();
    for _ in 0..attempts {
        let outcome = fetch(&data_file(), folder, Some(&server.base), &mut |_, _| ());
        outcomes.push(outcome.map_err(|error| error.to_string().replace(&server.base, "MIRROR/")));
    }
    (outcomes, server.ranges())
}

#[test]
fn a_whole_file_arrives_under_its_name_and_progress_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![Reply::Whole(contents())]);
    let mut steps = Vec::new();
    let path =
        fetch(&data_file(), folder.path(), Some(&server.base), &mut |done, all| steps.push((done, all))).unwrap();
    assert_eq!(path, folder.path().join("set/file.gz"));
    assert_eq!(std::fs::read(&path).unwrap(), contents());
    assert_eq!((steps.first(), steps.last()), (Some(&(0, 300_000)), Some(&(300_000, 300_000))));
    assert!(steps.is_sorted());
    assert_eq!(server.ranges(), ["-"]);
    assert!(!folder.path().join("set/file.gz.part").exists());
}

#[test]
fn a_cut_connection_is_resumed_where_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    let replies = vec![Reply::Cut(contents(), 123_456), Reply::Whole(contents())];
    let (outcomes, ranges) = attempts(folder.path(), replies, 2);
    let message = outcomes[0].as_ref().unwrap_err();
    assert!(
        message.starts_with("set/file.gz: could not be fetched: MIRROR/set/file.gz broke off after 123456"),
        "{message}"
    );
    assert!(message.contains("123456 of 300000 bytes are kept; the same command goes on from there"), "{message}");
    assert_eq!(ranges, ["-", "bytes=123456-"]);
    assert_eq!(std::fs::read(outcomes[1].as_ref().unwrap()).unwrap(), contents());
}

#[test]
fn a_server_without_ranges_starts_over() {
    for reply in [Reply::NoRange(contents()), Reply::RefusesRange(contents())] {
        let folder = tempfile::tempdir().unwrap();
        let mut replies = vec![Reply::Cut(contents(), 70_000), reply.clone()];
        if let Reply::RefusesRange(_) = reply {
            replies.push(reply);
        }
        let (outcomes, _) = attempts(folder.path(), replies, 2);
        assert_eq!(std::fs::read(outcomes[1].as_ref().unwrap()).unwrap(), contents());
    }
}

#[test]
fn a_wrong_checksum_is_told_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = contents();
    wrong[7] ^= 1;
    let (outcomes, _) = attempts(folder.path(), vec![Reply::Whole(wrong)], 1);
    let message = outcomes[0].as_ref().unwrap_err();
    assert!(message.contains("MIRROR/set/file.gz gave a file with the SHA-256 "), "{message}");
    assert!(message.contains("it was deleted"), "{message}");
    assert_eq!(std::fs::read_dir(folder.path().join("set")).unwrap().count(), 0);
}

#[test]
fn more_bytes_than_the_original_has_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (outcomes, _) = attempts(folder.path(), vec![Reply::Whole([contents(), contents()].concat())], 1);
    assert!(outcomes[0].as_ref().unwrap_err().contains("gave more than the 300000 bytes of the original"));
    assert_eq!(std::fs::read_dir(folder.path().join("set")).unwrap().count(), 0);
}

#[test]
fn a_server_that_does_not_have_the_file_costs_nothing_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let replies = vec![Reply::Cut(contents(), 5_000), Reply::Status("404 Not Found"), Reply::Whole(contents())];
    let (outcomes, ranges) = attempts(folder.path(), replies, 3);
    let message = outcomes[1].as_ref().unwrap_err();
    assert!(message.contains("MIRROR/set/file.gz answers 404 Not Found"), "{message}");
    assert_eq!(ranges[2], "bytes=5000-");
    assert!(outcomes[2].is_ok());
}

#[test]
fn the_next_source_goes_on_where_the_last_one_broke() {
    let folder = tempfile::tempdir().unwrap();
    let replies = [Reply::Cut(contents(), 100_000), Reply::Whole(contents())];
    let servers = replies.map(|reply| Server::start(vec![reply]));
    let urls: Vec<&'static str> = servers.iter().map(|server| &*server.base.clone().leak()).collect();
    let file = DataFile { urls: urls.leak(), ..data_file() };
    fetch(&file, folder.path(), None, &mut |_, _| ()).unwrap();
    assert_eq!(servers.each_ref().map(Server::ranges), [["-"], ["bytes=100000-"]]);
}

#[test]
fn a_file_that_another_program_is_fetching_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("set")).unwrap();
    let part = std::fs::File::create(folder.path().join("set/file.gz.part")).unwrap();
    part.lock().unwrap();
    let error = fetch(&data_file(), folder.path(), Some("http://127.0.0.1:1"), &mut |_, _| ()).unwrap_err();
    assert!(error.to_string().ends_with("set/file.gz.part: another program is fetching this file"), "{error}");
}

#[test]
fn what_stands_in_a_files_place_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folders = [folder.path().to_path_buf()];
    let file = data_file();
    let state = |verify| inspect(&file, &folders, verify).1;
    assert_eq!(inspect(&file, &folders, true), (None, Condition::Missing));
    let path = folder.path().join("set/file.gz");
    std::fs::create_dir(folder.path().join("set")).unwrap();
    std::fs::write(&path, "short").unwrap();
    assert_eq!(state(false), Condition::WrongSize { bytes: 5, original: 300_000 });
    let mut wrong = contents();
    wrong[299_999] ^= 128;
    std::fs::write(&path, wrong).unwrap();
    assert_eq!((state(false), state(true)), (Condition::Present, Condition::Changed));
    std::fs::write(&path, contents()).unwrap();
    assert_eq!(state(true), Condition::Present);
    std::fs::rename(&path, folder.path().join("set/file")).unwrap();
    std::fs::write(folder.path().join("set/file"), "inner").unwrap();
    assert_eq!(state(true), Condition::Present);
    std::fs::write(folder.path().join("set/file"), "Inner").unwrap();
    assert_eq!(state(true), Condition::Changed);
}
