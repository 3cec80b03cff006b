//! The command line as text that a shell takes for the same words again.

use std::ffi::OsStr;

/// The command line as it was typed, quoted where need be: `twinfire train x.toml --set 'seeds=[1, 2]'`.
pub fn command_line() -> String {
    let arguments = std::env::args_os().skip(1).map(|argument| word(&argument));
    std::iter::once("twinfire".to_string()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// One word: as it is, in quotes, or in `$'...'` where it holds what cannot be shown.
fn word(argument: &OsStr) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@+%".contains(c);
    match argument.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if !text.chars().any(twinfire::visible::is_hidden) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => format!("$'{}'", bytes(argument).iter().map(|&byte| escaped(byte)).collect::<String>()),
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    }
}

#[cfg(unix)]
fn bytes(argument: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(argument).to_vec()
}

#[cfg(not(unix))]
fn bytes(argument: &OsStr) -> Vec<u8> {
    argument.to_string_lossy().as_bytes().to_vec()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_takes_what_is_quoted_for_the_same_words() {
        let words: [&[u8]; 9] = [
            b"models/tutorial.toml",
            b"seeds=[1, 2]",
            b"it's",
            b"",
            b"~/x",
            b"$HOME `ls` \\ \"a\" *",
            "τ_m=20".as_bytes(),
            b"\x1b[31m\n'\\",
            b"\xff\xfe",
        ];
        for bytes in words {
            let quoted = word(OsStr::from_bytes(bytes));
            let output = Command::new("bash").args(["-c", &format!("printf %s {quoted}")]).output().unwrap();
            assert_eq!(output.stdout, bytes, "{quoted}");
        }
        assert_eq!(word(OsStr::new("τ_m=20")), "τ_m=20");
    }
}
