//! What a training shows beside numbers: plain data by name, from which figures are drawn.

use serde::{Deserialize, Serialize};

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    /// Says what it is; a figure looks for it by this name.
    pub name: String,
    pub content: Content,
}

/// What an exhibit holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// `counts[asked for][answered]` by class.
    Counts(Vec<Vec<u32>>),
    /// Images of one shape, in columns: what a sample was, what became of it.
    Images { shape: Vec<usize>, columns: Vec<Vec<Vec<f32>>> },
}
