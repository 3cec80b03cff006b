//! Brunel's network at a fifth of its size: how strong inhibition is decides whether neurons fire together.
//! `cargo run --release --example simulate_brunel`

use std::path::Path;

use twinfire::prelude::*;

/// Fewer neurons with stronger synapses, and less time.
const SMALLER: [&str; 3] = ["n_exc=2000", "j=0.5 mV", "simulation.duration=200 ms"];

fn main() -> Result<(), Error> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/brunel.toml");
    println!("inhibition / excitation   rate (Hz)   CV of intervals   synchrony");
    for g in ["3", "4.5", "6"] {
        let settings: Vec<String> = SMALLER.map(String::from).into_iter().chain([format!("g={g}")]).collect();
        let model = Model::from_file(&file, &settings)?;
        let recording = simulate(&model, model.simulation.seed)?;
        let firing = &recording.populations[0].firing;
        let [cv, synchrony] = [firing.cv_isi, firing.synchrony].map(|value| value.unwrap_or(f64::NAN));
        println!("{g:>23} {:11.1} {cv:17.2} {synchrony:11.2}", firing.rate_hz);
    }
    Ok(())
}
