//! Spikes and membranes as comma-separated text, one line per spike or sample.

use std::fmt::Write as _;

use crate::record::recording::Recording;

/// The text of `spikes.csv`: `time_ms,neuron,population`, in order of time.
pub fn spikes(recording: &Recording) -> String {
    let mut text = String::from("time_ms,neuron,population\n");
    let names: Vec<String> = recording.populations.iter().map(|p| cell(&p.name)).collect();
    for (ms, neuron, population) in recording.spikes() {
        line(&mut text, format_args!("{ms},{neuron},{}", names[usize::from(population)]));
    }
    text
}

/// The text of `traces.csv`: `time_ms,population,neuron,v`, neuron after neuron; `None` when
/// no membrane was recorded.
pub fn traces(recording: &Recording) -> Option<String> {
    let mut text = String::from("time_ms,population,neuron,v\n");
    let header = text.len();
    for population in &recording.populations {
        let name = cell(&population.name);
        for trace in &population.traces {
            for &(tick, v) in &trace.values {
                line(&mut text, format_args!("{},{name},{},{v}", recording.resolution.to_ms(tick), trace.neuron));
            }
        }
    }
    (text.len() > header).then_some(text)
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "{content}").expect("a string takes every text");
}

/// `name` as a cell: in quotes where it holds a separator.
fn cell(name: &str) -> String {
    if name.contains([',', '"', '\n']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::npz::tests::recording;

    #[test]
    fn one_line_per_spike_and_per_sample() {
        let mut recording = recording();
        assert_eq!(spikes(&recording), "time_ms,neuron,population\n0.3,1,exc\n0.3,0,hémi\n1.5,0,exc\n");
        recording.populations[1].name = "a,\"b\"".into();
        let expected = "time_ms,population,neuron,v\n0,\"a,\"\"b\"\"\",2,-65\n0.5,\"a,\"\"b\"\"\",2,-64.25\n";
        assert_eq!(traces(&recording).unwrap(), expected);
    }
}
