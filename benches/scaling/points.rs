//! Points of a figure: cases and what each cost, measured now or read from the last time.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Options;
use crate::measure::{Cost, Task, measure};

/// A case and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point<C> {
    pub case: C,
    pub cost: Cost,
}

/// What can be measured.
pub trait Case: Serialize + DeserializeOwned + Clone {
    fn task(&self) -> Task;
    /// A few words for whoever waits.
    fn words(&self) -> String;
}

/// Measures `cases`, or reads what was measured last.
pub fn points<C: Case>(kept: &Path, cases: Vec<C>, options: &Options) -> Result<Vec<Point<C>>, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", kept.display());
    if options.redraw {
        let bytes = std::fs::read(kept).map_err(|error| at(&error))?;
        return serde_json::from_slice(&bytes).map_err(|error| at(&error));
    }
    // Every case once, then every case again: a disturbance does not meet all runs of one.
    let mut points: Vec<Point<C>> = Vec::new();
    for round in 0..options.repeat.max(1) {
        for (index, case) in cases.iter().enumerate() {
            let cost = measure(&case.task())?;
            eprintln!("{}: {:.4} s per s, {:.2} s set up", case.words(), cost.run_s, cost.build_s);
            match points.get_mut(index).filter(|_| round > 0) {
                Some(point) => point.cost = cheaper(&point.cost, cost),
                None => points.push(Point { case: case.clone(), cost }),
            }
        }
    }
    let text = serde_json::to_vec_pretty(&points).map_err(|error| at(&error))?;
    let written = kept.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(kept, text));
    written.map_err(|error| at(&error))?;
    Ok(points)
}

/// The run with less processor time, with the cheaper setting up of both.
fn cheaper(old: &Cost, new: Cost) -> Cost {
    let build_s = old.build_s.min(new.build_s);
    let best = if new.run_s < old.run_s { new } else { old.clone() };
    Cost { build_s, ..best }
}
