//! The program: parse the command line, run the command, print its answer or its error.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let line = match cli::parse() {
        Ok(line) => line,
        Err(code) => return code,
    };
    cli::interrupt::take();
    match line.run() {
        Ok(answer) => cli::answer::print(&answer, line.options.json),
        Err(error) => cli::diagnostic::print(&error, line.options.json),
    }
}
