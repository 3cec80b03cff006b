//! `report.html`: a comparison on one page that needs nothing else, no network and no fonts.

use super::canvas::Figure;
use super::render::{escape, svg};
use super::request::Request;
use super::table::{self, COLUMNS};
use super::{
    FigureKind, activity, confusion, cost, energy, learning_curve, number, presentation, scatter, weight_maps,
};
use crate::result::{ArmResult, LayerInfo, Summary};

/// Figures beyond so many bytes of page stay in their own files.
const BUDGET: usize = 1_700_000;

/// The whole page.
pub fn page(summary: &Summary) -> String {
    let mut page = Page::default();
    page.header(summary);
    page.results(summary);
    page.section(summary, &learning_curve::KIND, "Learning", "Accuracy after every epoch, over the seeds.");
    page.section(summary, &activity::KIND, "Activity", "Hidden layers on the validation samples, per epoch.");
    page.presentations(summary);
    page.section(summary, &confusion::KIND, "Confusions", "Blue: right. Orange: a row's label taken for the column's.");
    page.section(summary, &scatter::KIND, "Spikes against rates", "Hidden neurons, same weights and images both ways.");
    page.section(summary, &weight_maps::KIND, "What the first layer looks for", "Weights from the input, first seed.");
    page.section(summary, &cost::KIND, "Cost", energy::CAVEAT);
    page.seeds(summary);
    page.experiment(summary);
    document(&summary.title, &page.text)
}

/// A page with this title around what is in `main`.
pub(super) fn document(title: &str, main: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escape(title),
        include_str!("report.css"),
        main
    )
}

/// The most letters of a title and of a cell: the rest is below the pointer.
const TITLE: usize = 120;
const CELL: usize = 40;

/// The title of a page.
pub(super) fn heading(title: &str) -> String {
    let (shown, whole) = shortened(title, TITLE);
    format!("<h1{whole}>{}</h1>\n", escape(&shown))
}

/// `text`, cut with an ellipsis, and the attribute that tells all of it.
fn shortened(text: &str, letters: usize) -> (String, String) {
    let shown = table::shortened(text, letters);
    let whole = if shown == text { String::new() } else { format!(" title=\"{}\"", escape(text)) };
    (shown, whole)
}

/// The inside of a page, as it grows.
#[derive(Default)]
pub(super) struct Page {
    pub text: String,
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
        let heads: Vec<String> = COLUMNS.iter().map(|column| column.head.to_string()).collect();
        let row = |arm: &ArmResult| COLUMNS.iter().map(|column| (column.cell)(arm)).collect();
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

    /// A heading, a sentence and every figure of a kind; nothing where there is none.
    fn section(&mut self, summary: &Summary, kind: &FigureKind, heading: &str, words: &str) {
        let figures = (kind.draw)(summary, &Request::default());
        if figures.is_empty() {
            return;
        }
        self.text += &format!("<h2 id=\"{}\">{heading}</h2>\n<p class=\"quiet\">{}</p>\n", kind.name, escape(words));
        let small = figures.iter().all(|(_, figure)| figure.width < 600.0);
        self.text += if small { "<div class=\"row\">\n" } else { "<div>\n" };
        figures.iter().for_each(|(name, figure)| self.figure(name, figure));
        self.text += "</div>\n";
    }

    /// The first presentation of every arm; further ones folded away.
    fn presentations(&mut self, summary: &Summary) {
        if summary.arms.iter().all(|arm| arm.examples.is_empty()) {
            return;
        }
        self.text += "<h2 id=\"presentation\">Presentations</h2>\n<p class=\"quiet\">Test samples on their way through \
                      the trained network of the first seed. Spiking: each mark is a spike. Output neurons \
                      that do not fire show their membranes. Rate: each bar is the activity of a unit.</p>\n";
        for arm in &summary.arms {
            let mut drawn = arm.examples.iter().enumerate().map(|(index, example)| {
                (
                    format!("presentation-{}-{}", arm.label(), index + 1),
                    presentation::of_arm(summary, arm, example, &Request::default()),
                )
            });
            let Some((name, figure)) = drawn.next() else { continue };
            self.figure(&name, &figure);
            let more = arm.examples.len() - 1;
            if more > 0 {
                let words = format!("{} more through the {} network ({})", more, arm.regime.name(), escape(&arm.rule));
                self.text += &format!("<details><summary>{words}</summary>\n");
                drawn.for_each(|(name, figure)| self.figure(&name, &figure));
                self.text += "</details>\n";
            }
        }
    }

    fn seeds(&mut self, summary: &Summary) {
        self.text += "<h2 id=\"seeds\">Every seed</h2>\n";
        let heads = ["regime", "rule", "seed", "test accuracy (%)", "best epoch", "epochs", "CPU s", "wall s"];
        let mut rows = Vec::new();
        for (arm, run) in summary.arms.iter().flat_map(|arm| arm.runs.iter().map(move |run| (arm, run))) {
            rows.push(vec![
                arm.regime.name().to_string(),
                arm.rule.clone(),
                run.seed.to_string(),
                number::decimals(run.test_accuracy, 2),
                run.best_epoch.to_string(),
                run.epochs.len().to_string(),
                number::short(run.cpu_s),
                number::short(run.wall_s),
            ]);
        }
        self.table(2, &heads.map(String::from), &rows);
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

    /// The first so many columns are words.
    pub fn table(&mut self, words: usize, heads: &[String], rows: &[Vec<String>]) {
        let class = |column: usize, main: bool| match column {
            _ if column < words => " class=\"word\"",
            _ if heads[column].starts_with("test") && main => " class=\"main\"",
            _ => "",
        };
        let head = |(i, text): (usize, &String)| format!("<th{}>{}</th>", class(i, false), escape(text));
        let cell = |(i, text): (usize, &String)| {
            let (shown, whole) = shortened(text, CELL);
            format!("<td{}{whole}>{}</td>", class(i, true), escape(&shown).replace(" ± ", "&nbsp;±&nbsp;"))
        };
        self.text += "<div class=\"scroll\"><table>\n<thead><tr>";
        self.text += &heads.iter().enumerate().map(head).collect::<String>();
        self.text += "</tr></thead>\n<tbody>\n";
        for row in rows {
            self.text += &format!("<tr>{}</tr>\n", row.iter().enumerate().map(cell).collect::<String>());
        }
        self.text += "</tbody>\n</table></div>\n";
    }

    /// A figure, or where it is when the page would become too large.
    pub fn figure(&mut self, name: &str, figure: &Figure) {
        let drawn = svg(figure).replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
        if self.text.len() + drawn.len() > BUDGET {
            let file = format!("figures/{name}.png");
            self.text +=
                &format!("<p class=\"quiet\">To keep this page small, one figure is left in {}.</p>\n", escape(&file));
        } else {
            self.text += &format!("<figure>\n{drawn}</figure>\n");
        }
    }
}

/// The command that gave results, and what it set.
pub(super) fn made_with(command: &str, settings: &[String]) -> String {
    let code = |text: &String| format!("<code>{}</code>", escape(text));
    let settings: Vec<String> = settings.iter().map(code).collect();
    let set = if settings.is_empty() { String::new() } else { format!(", which sets {}", settings.join(", ")) };
    format!("<p>Made with <code>{}</code>{set}</p>\n", escape(command))
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
    use crate::report::sample::{Wish, assert_balanced, gallery, summary};

    const SECTIONS: [&str; 8] =
        ["learning_curve", "presentation", "confusion", "scatter", "weight_maps", "cost", "seeds", "experiment"];

    fn checked(summary: &Summary, name: &str) -> String {
        let page = page(summary);
        std::fs::write(gallery().join(name).with_extension("html"), &page).unwrap();
        assert_balanced(&page);
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
        assert!(!page.contains("http") && !page.contains("//cdn") && !page.contains("@import"), "needs no network");
        page
    }

    #[test]
    fn every_section_is_there_and_text_is_escaped() {
        let page = checked(&summary(Wish::default()), "report");
        for section in SECTIONS {
            assert!(page.contains(&format!("id=\"{section}\"")), "{section}");
        }
        assert!(page.contains("Digits, with spikes &amp; &lt;rates&gt;") && !page.contains("<rates>"));
        assert_eq!(heading(&"n".repeat(200)), format!("<h1 title=\"{}\">{}…</h1>\n", "n".repeat(200), "n".repeat(119)));
        for words in ["paired over 3 seeds", "Horowitz 2014", "2 threads", "64 pixels", "twinfire compare experiments/"]
        {
            assert!(page.contains(words), "{words}");
        }
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
