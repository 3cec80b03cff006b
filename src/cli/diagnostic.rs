//! Errors as a user sees them: what is wrong, where (file, line, column, the line itself)
//! and how to mend it, in the manner of rustc; or with `--json` as one document.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use annotate_snippets::{Annotation, AnnotationKind, Element, Level, Renderer, Snippet};
use serde_json::{Value, json};
use twinfire::error::{Error, Place, Problem};

/// The most problems that are shown.
const SHOWN: usize = 50;

/// Prints an error on stderr and gives the exit code that goes with it.
pub fn print(error: &Error, as_json: bool) -> ExitCode {
    let text = if as_json { format!("{:#}", document(error)) } else { render(&error.problems(), colours()) };
    // If stderr is closed there is nobody left to tell; the exit code still says it.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
    ExitCode::from(error.exit_code())
}

/// Whether stderr shows colours: it is a terminal, and NO_COLOR is not set.
pub fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// All problems, one below the other, with a count when there are several.
fn render(problems: &[Problem], colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let mut blocks: Vec<String> = problems.iter().take(SHOWN).map(|problem| render_one(problem, &renderer)).collect();
    if problems.len() > 1 {
        let shown = if problems.len() > SHOWN { format!("; these are the first {SHOWN}") } else { String::new() };
        let group = Level::ERROR.no_name().primary_title(format!("{} errors found{shown}", problems.len()));
        blocks.push(renderer.render(&[annotate_snippets::Group::with_title(group)]));
    }
    blocks.join("\n\n")
}

fn render_one(problem: &Problem, renderer: &Renderer) -> String {
    let mut group = Level::ERROR.primary_title(&problem.message).elements(Vec::<Element<'_>>::new());
    if let Some(place) = &problem.place {
        group = group.element(snippet(place));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// The line of a place and the one before it: what is shown does not take time in proportion to the text.
fn snippet(place: &Place) -> Snippet<'_, Annotation<'_>> {
    let (text, span) = (&place.source.text, visible_span(place));
    let before = |end: usize| text[..end].rfind('\n');
    let start = before(span.start).and_then(before).map_or(0, |newline| newline + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |newline| span.end + newline + 1);
    let label = AnnotationKind::Primary.span(span.start - start..span.end - start);
    let number = text[..start].matches('\n').count() + 1;
    Snippet::source(&text[start..end]).line_start(number).path(&place.source.name).annotation(label)
}

/// The span of a place, inside its text, on character boundaries and on one line, so that
/// an error about a whole table underlines its first line only.
fn visible_span(place: &Place) -> std::ops::Range<usize> {
    let text = &place.source.text;
    let start = text.floor_char_boundary(place.span.start.min(text.len()));
    let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let end = text.ceil_char_boundary(place.span.end.clamp(start, line_end));
    start..end
}

fn document(error: &Error) -> Value {
    let problems = error.problems();
    let shown: Vec<Value> = problems.iter().take(SHOWN).map(problem_document).collect();
    let mut document = json!({ "error": { "exit_code": error.exit_code(), "problems": shown } });
    if problems.len() > SHOWN {
        document["error"]["left_out"] = json!(problems.len() - SHOWN);
    }
    document
}

fn problem_document(problem: &Problem) -> Value {
    let place = problem.place.as_ref().map(|place| {
        let (line, column) = place.line_column();
        json!({ "file": place.source.name, "line": line, "column": column, "source": place.line() })
    });
    json!({ "message": problem.message, "place": place, "help": problem.help })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use twinfire::error::Source;

    use super::*;

    fn problem(span: std::ops::Range<usize>) -> Problem {
        let text = "[populations.exc]\nsize = \"4O\"\n\nneuron = \"τ\"\n".to_string();
        let place = Place { source: Arc::new(Source { name: "m.toml".into(), text }), span };
        Problem { message: "`4O` is no number".into(), place: Some(place), help: Some("write `40`".into()) }
    }

    #[test]
    fn an_error_shows_the_line_and_the_help() {
        let text = render(&[problem(25..29)], false);
        let expected = "\
error: `4O` is no number
 --> m.toml:2:8
  |
2 | size = \"4O\"
  |        ^^^^
  |
  = help: write `40`";
        assert_eq!(text, expected);
    }

    #[test]
    fn any_span_can_be_shown() {
        for start in 0..60 {
            for end in [0, start, start + 1, 44, 1000] {
                let text = render(&[problem(start..end)], false);
                assert!(text.contains("m.toml"), "{start}..{end}");
            }
        }
    }

    #[test]
    fn several_problems_are_counted() {
        let text = render(&[problem(0..3), problem(20..22)], false);
        assert!(text.ends_with("2 errors found"), "{text}");
    }
}
