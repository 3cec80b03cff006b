//! What every page is made of: its frame, headings, tables and figures.

use super::canvas::Figure;
use super::figure::FigureKind;
use super::render::{escape, svg};
use super::table;

/// Figures beyond so many bytes of page stay in their own files.
const BUDGET: usize = 1_700_000;

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
    /// The heading of the figures of a kind, and what they show.
    pub fn section<T>(&mut self, kind: &FigureKind<T>) {
        let (name, heading, words) = (kind.name, kind.heading, escape(kind.words));
        self.text += &format!("<h2 id=\"{name}\">{heading}</h2>\n<p class=\"quiet\">{words}</p>\n");
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
