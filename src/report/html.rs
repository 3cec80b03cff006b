//! `report.html`: a comparison on one page that needs nothing else, no network and no fonts.

use super::figure::{Drawn, FigureKind};
use super::number;
use super::page::{Page, document, heading, made_with};
use super::render::escape;
use super::table;
use crate::metric::Metric;
use crate::result::{ArmResult, LayerInfo, Summary};

/// The whole page, with these figures in this order.
pub(super) fn page(summary: &Summary, sections: &[(&FigureKind<Summary>, Drawn)]) -> String {
    let mut page = Page::default();
    page.header(summary);
    page.results(summary);
    for (kind, figures) in sections.iter().filter(|(_, figures)| !figures.is_empty()) {
        page.section(kind);
        page.figures(figures);
    }
    page.seeds(summary);
    page.experiment(summary);
    document(&summary.title, &page.text)
}

impl Page {
    fn header(&mut self, summary: &Summary) {
        self.text += &format!("{}<p class=\"lead\">{}</p>\n", heading(&summary.title), escape(&sentence(summary)));
        for line in table::differences(summary) {
            self.text += &format!("<p class=\"verdict\">{}</p>\n", escape(&line));
        }
        for line in table::warnings(summary) {
            self.text += &format!("<p class=\"warning\">{}</p>\n", escape(&line));
        }
    }

    fn results(&mut self, summary: &Summary) {
        self.text += "<h2>Results</h2>\n";
        let columns = table::columns(summary);
        let heads: Vec<String> = columns.iter().map(|column| column.head.clone()).collect();
        let row = |arm: &ArmResult| columns.iter().map(|column| column.cell(arm)).collect();
        self.table(2, &heads, &summary.arms.iter().map(row).collect::<Vec<Vec<String>>>());
        self.text += &format!(
            "<p class=\"quiet\">{} Spikes, operations and energy are those of one test presentation: synaptic \
             operations (SynOp) in the spiking regime, with what constant currents cost where there are any \
             (multiply-accumulates once per presentation, one addition per first-layer neuron and tick), \
             multiply-accumulates (MAC) in the rate regime. Energy is an \
             estimate for arithmetic only, see <a href=\"#cost\">Cost</a>.</p>\n",
            match summary.seeds.len() {
                0 | 1 => "One seed: there is no interval.".to_string(),
                2 => "Mean (and both values) of two seeds.".to_string(),
                n => format!(
                    "Mean ± half width of the 95 % interval (Student’s t) over {n} seeds; where it would reach beyond \
                     what is possible (100 %), both ends in brackets, cut there."
                ),
            }
        );
        self.facts(summary);
    }

    fn facts(&mut self, summary: &Summary) {
        let samples = format!(
            "{} to train, {} to validate, {} to test",
            number::count(summary.train_samples as f64),
            number::count(summary.validation_samples as f64),
            number::count(summary.test_samples as f64)
        );
        let layers: Vec<String> = summary.layers.iter().map(layer_words).collect();
        let seeds: Vec<String> = summary.seeds.iter().map(u64::to_string).collect();
        let start = summary.parent.as_ref().map_or(String::new(), |parent| {
            let hash: String = parent.sha256.chars().take(12).collect();
            format!("best weights of {} (SHA-256 {hash}…)", parent.file.display())
        });
        let facts = [
            ("Data", format!("{}: {samples}", summary.dataset)),
            ("Network", layers.join(" → ")),
            ("Seeds", seeds.join(", ")),
            ("Start", start),
            (
                "Time",
                format!(
                    "{} s on the clock, {}",
                    number::short(summary.wall_s),
                    number::counted(summary.threads, "thread")
                ),
            ),
        ];
        let row = |(name, words): &(&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(words));
        self.text += &format!(
            "<dl>\n{}</dl>\n",
            facts.iter().filter(|(_, words)| !words.is_empty()).map(row).collect::<String>()
        );
    }

    /// The figures of a kind: small ones side by side, those that belong together folded away together.
    fn figures(&mut self, figures: &Drawn) {
        let small = figures.iter().all(|(_, figure)| figure.width < 600.0);
        let folded = figures.iter().any(|(_, figure)| figure.folded.is_some());
        let (open, close) = match (small, folded) {
            (true, _) => ("<div class=\"row\">\n", "</div>\n"),
            (false, false) => ("<div>\n", "</div>\n"),
            (false, true) => ("", ""),
        };
        self.text += open;
        for together in figures.chunk_by(|(_, one), (_, other)| one.folded == other.folded) {
            let words = together[0].1.folded.as_ref();
            words.iter().for_each(|words| self.text += &format!("<details><summary>{}</summary>\n", escape(words)));
            together.iter().for_each(|(name, figure)| self.figure(name, figure));
            self.text += if words.is_some() { "</details>\n" } else { "" };
        }
        self.text += close;
    }

    fn seeds(&mut self, summary: &Summary) {
        self.text += "<h2 id=\"seeds\">Every seed</h2>\n";
        let mut heads: Vec<String> = ["regime", "rule", "seed"].map(String::from).into();
        heads.extend(summary.measured.iter().map(|metric| format!("test {}", metric.heading())));
        heads.extend(["best epoch", "epochs", "CPU s", "wall s"].map(String::from));
        let mut rows = Vec::new();
        for (arm, run) in summary.arms.iter().flat_map(|arm| arm.runs.iter().map(move |run| (arm, run))) {
            let score =
                |metric: &Metric| run.test.get(&*metric.name).map_or("–".into(), |&value| metric.digits(value));
            let mut row = vec![arm.regime.name().to_string(), arm.rule.clone(), run.seed.to_string()];
            row.extend(summary.measured.iter().map(score));
            row.extend([run.best_epoch.to_string(), run.epochs.len().to_string()]);
            row.extend([number::short(run.cpu_s), number::short(run.wall_s)]);
            rows.push(row);
        }
        self.table(2, &heads, &rows);
    }

    fn experiment(&mut self, summary: &Summary) {
        self.text += &format!(
            "<h2 id=\"experiment\">Experiment</h2>\n{}<details><summary>The experiment \
             with every default written out</summary>\n<pre>{}</pre>\n</details>\n<footer class=\"quiet\">twinfire {}, \
             {}, {} s on the clock. All numbers of this page are in summary.json.</footer>\n",
            made_with(&summary.command, &summary.settings),
            escape(&summary.experiment),
            escape(&summary.version),
            number::counted(summary.threads, "thread"),
            number::short(summary.wall_s)
        );
    }
}

/// What was compared, in a sentence.
fn sentence(summary: &Summary) -> String {
    let unique = |words: Vec<String>| {
        let mut seen: Vec<String> = Vec::new();
        words.into_iter().for_each(|word| {
            if !seen.contains(&word) {
                seen.push(word)
            }
        });
        seen
    };
    let rules = unique(summary.arms.iter().map(|arm| arm.rule.clone()).collect());
    let regimes = unique(summary.arms.iter().map(|arm| arm.regime.name().to_string()).collect());
    format!(
        "The same network, trained on {} with {} in the {} regime{}, {} each.",
        summary.dataset,
        number::list(&rules),
        number::list(&regimes),
        if regimes.len() == 1 { "" } else { "s" },
        number::counted(summary.seeds.len(), "seed")
    )
}

fn layer_words(layer: &LayerInfo) -> String {
    let sizes: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
    format!("{} ({})", layer.name, sizes.join(" × "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FIGURES;
    use crate::report::canvas::Figure;
    use crate::report::figure::Takes;
    use crate::report::request::Request;
    use crate::report::sample::{Wish, assert_balanced, gallery, summary};

    fn checked(summary: &Summary, name: &str) -> String {
        let drawn = FIGURES.iter().map(|kind| (kind, (kind.draw)(summary, &Request::default()).unwrap()));
        let page = page(summary, &drawn.collect::<Vec<_>>());
        std::fs::write(gallery().join(name).with_extension("html"), &page).unwrap();
        assert_balanced(&page);
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
        assert!(!page.contains("http") && !page.contains("//cdn") && !page.contains("@import"), "needs no network");
        page
    }

    #[test]
    fn every_section_is_there_and_text_is_escaped() {
        let page = checked(&summary(Wish::default()), "report");
        for kind in FIGURES {
            let (name, heading, words) = (kind.name, kind.heading, escape(kind.words));
            assert!(page.contains(&format!("<h2 id=\"{name}\">{heading}</h2>\n<p class=\"quiet\">{words}")), "{name}");
        }
        assert!(page.contains("id=\"seeds\"") && page.contains("id=\"experiment\""));
        assert!(page.contains("Digits, with spikes &amp; &lt;rates&gt;") && !page.contains("<rates>"));
        assert_eq!(heading(&"n".repeat(200)), format!("<h1 title=\"{}\">{}…</h1>\n", "n".repeat(200), "n".repeat(119)));
        for words in ["paired over 3 seeds", "Horowitz 2014", "2 threads", "64 pixels", "twinfire compare experiments/"]
        {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn a_row_alone_puts_a_figure_on_the_page() {
        const NEW: FigureKind<Summary> = FigureKind {
            name: "new",
            summary: "What nobody has seen",
            heading: "Something new",
            words: "More & more.",
            takes: Takes::SIZE,
            draw: |_, _| Ok(vec![]),
        };
        let figure =
            |words: Option<&str>| Figure { folded: words.map(String::from), ..Figure::new("unseen", 700.0, 9.0) };
        let figures = [figure(None), figure(Some("<two> more")), figure(Some("<two> more"))];
        let drawn = figures.map(|figure| ("new".to_string(), figure)).to_vec();
        let page = page(&summary(Wish::default()), &[(&NEW, drawn)]);
        assert_balanced(&page);
        assert!(page.contains("<h2 id=\"new\">Something new</h2>\n<p class=\"quiet\">More &amp; more.</p>"), "{page}");
        assert_eq!((page.matches("aria-label=\"unseen\"").count(), page.matches("&lt;two&gt; more").count()), (3, 1));
    }

    #[test]
    fn large_and_bare_summaries_give_pages_too() {
        checked(&summary(Wish { side: 28, hidden: 1500, seeds: 5, epochs: 60, ..Wish::default() }), "report-large");
        let mut bare = summary(Wish { seeds: 1, classes: 1, epochs: 1, ..Wish::default() });
        for arm in &mut bare.arms {
            (arm.scatter, arm.weight_maps) = (None, None);
            arm.examples.clear();
        }
        bare.differences.clear();
        let page = checked(&bare, "report-bare");
        assert!(!page.contains("id=\"scatter\"") && page.contains("there is no interval"));
        (bare.arms, bare.classes, bare.layers) = (vec![], vec![], vec![]);
        checked(&bare, "report-empty");
    }
}
