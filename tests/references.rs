//! Reference pages that have to follow the lists in the source.

use twinfire::dataset::SETS;
use twinfire::parameter::Kind;
use twinfire::{decode, encode};

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("docs/{name}")).unwrap()
}

/// Every kind has a row, and every parameter a row that names the kind and the default.
fn require_rows<T: ?Sized>(page: &str, kinds: &[Kind<T>]) {
    for kind in kinds {
        assert!(page.contains(&format!("\n| `{}` |", kind.name)), "{}", kind.name);
        for field in kind.fields {
            let default = field.default.unwrap_or("required");
            let rows = page.lines().filter(|line| line.starts_with(&format!("| `{}` |", field.name)));
            let of_kind = |row: &str| row.contains(&format!("`{}`", kind.name)) || row.contains("| all |");
            let row = rows.filter(|row| of_kind(row)).find(|row| row.contains(&format!("| {default} |")));
            assert!(row.is_some(), "{}.{} with default {default}", kind.name, field.name);
        }
    }
}

#[test]
fn encoders_and_readouts_are_described_with_their_parameters() {
    let page = page("encoders-and-readouts.md");
    require_rows(&page, encode::KINDS);
    require_rows(&page, decode::KINDS);
}

#[test]
fn data_sets_are_described_with_their_files() {
    let page = page("data.md");
    for set in SETS {
        assert!(page.contains(&format!("\n| `{}` |", set.name)), "{}", set.name);
        for file in set.files {
            assert!(page.contains(file.path) && page.contains(file.sha256), "{}", file.path);
        }
    }
}
