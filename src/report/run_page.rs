//! `report.html` of a simulation: one page that needs nothing else.

use super::figure::{Drawn, FigureKind};
use super::page::{Page, document, heading, made_with};
use super::render::escape;
use super::run_folder::Run;
use super::{firing_table, number};
use crate::record::recording::{PopulationSummary, RunSummary};

/// The most rows of the table.
const MOST: usize = 200;

/// The whole page, with these figures in this order.
pub(super) fn page(run: &Run, sections: &[(&FigureKind<Run>, Drawn)]) -> String {
    let mut page = Page::default();
    header(&mut page, &run.summary);
    table(&mut page, &run.summary);
    for (kind, figures) in sections.iter().filter(|(_, figures)| !figures.is_empty()) {
        page.section(kind);
        figures.iter().for_each(|(name, figure)| page.figure(name, figure));
    }
    if !run.model.is_empty() {
        page.text += "<h2 id=\"model\">Model</h2>\n";
    }
    if !run.summary.command.is_empty() {
        page.text += &made_with(&run.summary.command, &run.summary.settings);
    }
    if !run.model.is_empty() {
        page.text += &format!(
            "<details><summary>The model with every default written out</summary>\n\
             <pre>{}</pre>\n</details>\n",
            escape(&run.model)
        );
    }
    page.text += &format!(
        "<footer class=\"quiet\">twinfire {}. All numbers of this page are in summary.json.</footer>\n",
        escape(&run.summary.version)
    );
    document(&run.summary.title, &page.text)
}

fn header(page: &mut Page, run: &RunSummary) {
    page.text += &format!("{}<p class=\"lead\">{}</p>\n", heading(&run.title), escape(&sentence(run)));
    if run.analysed_from_ms > 0.0 {
        let from = number::time(run.analysed_from_ms);
        page.text += &format!(
            "<p class=\"quiet\">As --from asks, the first {from} are left out of the statistics; figures show \
             them paled, before a dashed line.</p>\n"
        );
    }
    if let Some(silence) = silence(&run.populations) {
        page.text += &format!("<p class=\"warning\">{}</p>\n", escape(&silence));
    }
}

/// What ran, in a sentence.
fn sentence(run: &RunSummary) -> String {
    let neurons: usize = run.populations.iter().map(|population| population.size).sum();
    let spikes: u64 = run.populations.iter().map(|population| population.firing.spikes).sum();
    let since = match run.analysed_from_ms {
        0.0 => String::new(),
        from => format!(" from {} on", number::time(from)),
    };
    format!(
        "{} in {}, simulated for {} in steps of {} with seed {}: {}{since}.",
        number::counted(neurons, "neuron"),
        number::counted(run.populations.len(), "population"),
        number::time(run.duration_ms),
        number::time(run.resolution_ms),
        run.seed,
        number::counted(spikes as usize, "spike"),
    )
}

/// The populations without a spike, if there are any.
pub fn silence(populations: &[PopulationSummary]) -> Option<String> {
    let silent = populations.iter().filter(|population| population.firing.spikes == 0 && population.size > 0);
    let names: Vec<String> = silent.map(|population| population.name.clone()).collect();
    (!names.is_empty()).then(|| format!("Silent: {} did not spike.", number::few(&names)))
}

fn table(page: &mut Page, run: &RunSummary) {
    page.text += "<h2>Populations</h2>\n";
    let shown = &run.populations[..run.populations.len().min(MOST)];
    page.table(1, &firing_table::HEADS.map(String::from), &firing_table::rows(shown));
    let more = run.populations.len() - shown.len();
    if more > 0 {
        page.text += &format!("<p class=\"quiet\">And {} more in summary.json.</p>\n", number::count(more as f64));
    }
    page.text += &format!("<p class=\"quiet\">{}</p>\n", escape(firing_table::LEGEND));
    let facts = [
        ("Synaptic events", number::count(run.synaptic_events as f64)),
        ("Neuron updates", number::count(run.neuron_updates as f64)),
    ];
    let row = |(name, words): &(&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(words));
    page.text += &format!("<dl>\n{}</dl>\n", facts.iter().map(row).collect::<String>());
}
