//! Names of populations and projections as names of files: different names stay different, and none is hidden.

use std::collections::HashMap;

use crate::result::origin::hash;

/// The longest that a name becomes; file systems take 255 bytes, endings included.
const LONGEST: usize = 150;

/// `name` as that of a file: what is neither a letter or digit of ASCII nor one of `-_.` stands as the bytes of its
/// UTF-8, `%C3%A9` for é, and so do dots at the start or side by side. Long names end with a hash of all of it.
pub(super) fn plain(name: &str) -> String {
    let mut before = b'.';
    let escaped = |byte: u8| {
        let dot = byte == b'.' && before != b'.';
        before = byte;
        match byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || dot {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        }
    };
    let text: String = name.bytes().map(escaped).collect();
    match text.len() > LONGEST {
        true => format!("{}~{}", &text[..LONGEST - 17], &hash(name.as_bytes())[..16]),
        false => text,
    }
}

/// The same for names side by side in a folder: those that differ only in case get numbers, as not every file
/// system tells them apart.
pub fn stems<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut taken: HashMap<String, u32> = HashMap::new();
    let stem = |name: &str| {
        let stem = plain(name);
        let alike = taken.entry(stem.to_lowercase()).or_default();
        *alike += 1;
        if *alike == 1 { stem } else { format!("{stem}~{alike}") }
    };
    names.into_iter().map(stem).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn different_names_are_different_files_and_none_is_hidden() {
        let long = ["é".repeat(200), "é".repeat(201), format!("{}x", "é".repeat(200))];
        let names =
            ["é", "è", "e\u{301}", "a/b", "a_b", "a%2Fb", "..", ".", "%2E", "A", "a", "a~2", "", "../../x", "-"];
        let all: Vec<&str> = names.into_iter().chain(long.iter().map(String::as_str)).collect();
        let stems = stems(all.iter().copied());
        let lower: BTreeSet<String> = stems.iter().map(|stem| stem.to_lowercase()).collect();
        assert_eq!(lower.len(), all.len(), "{stems:?}");
        for stem in &stems {
            assert!(
                !stem.starts_with('.')
                    && !stem.contains("..")
                    && !stem.contains(['/', '\\', ':'])
                    && stem.len() <= LONGEST + 2,
                "{stem}"
            );
        }
        assert_eq!(stems[..3], ["%C3%A9", "%C3%A8", "e%CC%81"]);
        assert_eq!(plain("recurrent.exc.exc-after"), "recurrent.exc.exc-after");
    }
}
