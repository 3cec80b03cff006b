//! What a user sees of a run while it goes, on stderr: bars on a terminal, elsewhere a line every
//! few seconds, the first and the last epoch of a training among them; nothing with `--quiet`.

use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use twinfire::metric::{Metric, Scores};
use twinfire::model::Simulation;
use twinfire::record::{Progress, TrainingObserver};
use twinfire::report::number::{count, time};
use twinfire::result::Epoch;
use twinfire::time::{Resolution, Tick};

use super::interrupt::Interrupt;
use super::terminal;

/// From one line to the next where stderr is no terminal.
const PAUSE: Duration = Duration::from_secs(3);

const BAR: &str = "{prefix} {wide_bar:.cyan/dim} {percent:>3} %  {msg}  {speed:>8} images/s  {eta:>4} left";
const NARROW_BAR: &str = "{percent:>3} %  {eta:>4} left  {prefix:.24}  {wide_msg}";
const SIMULATION: &str = "{wide_bar:.cyan/dim} {percent:>3} %  {msg}  {eta:>4} left";
const NARROW_SIMULATION: &str = "{wide_bar:.cyan/dim} {percent:>3} %  {eta:>4} left";
const DONE: &str = "{prefix:.24} {wide_msg}";

/// Whose processor time counts for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// The calling thread's: for runs that go side by side, each on one thread.
    Thread,
    /// All threads': for a run that has the program to itself.
    Process,
}

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Silent,
    Lines,
    Bars,
}

/// Shows trainings as they go, and passes the user's Ctrl-C on to them.
pub struct TrainingProgress {
    style: Style,
    resolution: Resolution,
    processor: Processor,
    interrupt: Interrupt,
    start: Instant,
    bars: MultiProgress,
    runs: Mutex<HashMap<(String, u64), Shown>>,
}

/// What is on the screen of one training.
struct Shown {
    bar: ProgressBar,
    epochs: u32,
    pace: Pace,
}

/// When the next line is due.
struct Pace(Instant);

impl Default for Pace {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Pace {
    /// Whether enough time has gone by since the last line; then it begins again.
    fn is_due(&mut self) -> bool {
        let due = self.0.elapsed() >= PAUSE;
        if due {
            self.0 = Instant::now();
        }
        due
    }
}

/// Writes a line to stderr. Nobody reads it any more: the run goes on.
fn write_line(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

impl TrainingProgress {
    /// For trainings of networks with ticks of `resolution`.
    pub fn new(quiet: bool, resolution: Resolution, processor: Processor, interrupt: Interrupt) -> Self {
        let style = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Style::Silent,
            (false, true) => Style::Bars,
            (false, false) => Style::Lines,
        };
        let bars = MultiProgress::new();
        Self { style, resolution, processor, interrupt, start: Instant::now(), bars, runs: Mutex::default() }
    }

    /// The screen is still good when another thread panicked while it drew.
    fn runs(&self) -> MutexGuard<'_, HashMap<(String, u64), Shown>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hertz(&self, activity: f64) -> f64 {
        activity / self.resolution.seconds()
    }

    fn start_bar(&self, arm: &str, seed: u64, progress: &Progress) -> Shown {
        let total = u64::from(progress.epochs) * progress.presentations as u64;
        let bar = match self.style {
            Style::Bars => self.bars.add(ProgressBar::new(total)),
            Style::Lines | Style::Silent => ProgressBar::hidden(),
        };
        bar.set_style(style(if terminal::narrow() { NARROW_BAR } else { BAR }));
        bar.set_prefix(format!("{arm} seed {seed}"));
        bar.set_position(position(progress));
        bar.reset_eta();
        Shown { bar, epochs: progress.epochs, pace: Pace::default() }
    }

    fn line(&self, arm: &str, seed: u64, epochs: u32, (epoch, first): (&Epoch, &Metric)) -> String {
        let validation =
            score(epoch.validation.as_ref(), first).map(|value| format!(", validation {}", first.shown(value)));
        let training = score(Some(&epoch.training), first).map_or(String::new(), |value| first.shown(value));
        let (rate, silent) =
            (self.hertz(hidden_mean(&epoch.mean_activity)), 100.0 * hidden_mean(&epoch.silent_fraction));
        format!(
            "{arm} seed {seed} epoch {}/{epochs}: training {training}{}, {rate:.1} Hz, silent {silent:.1} %, {:.1} s",
            epoch.epoch,
            validation.unwrap_or_default(),
            epoch.wall_s
        )
    }
}

fn score(scores: Option<&Scores>, metric: &Metric) -> Option<f64> {
    scores?.get(&*metric.name).copied()
}

/// The end of a training in some 40 columns.
fn short(epochs: u32, epoch: &Epoch, first: &Metric) -> String {
    let shown = |value: f64| format!("{value:.0$}", first.places() - 1);
    let training = score(Some(&epoch.training), first).map_or(String::new(), shown);
    let unit = first.suffix();
    let scores = match score(epoch.validation.as_ref(), first).map(shown) {
        Some(validation) => format!("{training}{unit}, validation {validation}{unit}"),
        None => format!("training {training}{unit}"),
    };
    format!("epoch {}/{epochs}  {scores}", epoch.epoch)
}

/// How far a simulation is: a bar on a terminal, a line every few seconds elsewhere.
pub struct SimulationProgress {
    bar: ProgressBar,
    /// Where lines are written.
    lines: Option<Mutex<Pace>>,
    milliseconds: u64,
    resolution: Resolution,
}

impl SimulationProgress {
    pub fn new(quiet: bool, simulation: &Simulation) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let lines = (!quiet && !terminal).then(Mutex::default);
        let milliseconds = simulation.resolution.to_ms(Tick(simulation.duration)) as u64;
        let bar = if !quiet && terminal { ProgressBar::new(milliseconds) } else { ProgressBar::hidden() };
        bar.set_style(style(if terminal::narrow() { NARROW_SIMULATION } else { SIMULATION }));
        Self { bar, lines, milliseconds, resolution: simulation.resolution }
    }

    /// Every tick up to this one is done.
    pub fn at(&self, tick: Tick) {
        let done = self.resolution.to_ms(tick) as u64;
        self.bar.set_position(done);
        if !self.bar.is_hidden() {
            self.bar.set_message(shown(done, self.milliseconds));
        }
        let due = |lines: &Mutex<Pace>| lines.lock().unwrap_or_else(PoisonError::into_inner).is_due();
        if self.lines.as_ref().is_some_and(due) {
            let (all, part) = (self.milliseconds, 100.0 * done as f64 / self.milliseconds.max(1) as f64);
            write_line(&format!("{part:.0} % done: {}", shown(done, all)));
        }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// `1.2 s of 100 s`
fn shown(done_ms: u64, all_ms: u64) -> String {
    let tenths = if all_ms >= 10_000 { done_ms / 100 * 100 } else { done_ms };
    format!("{} of {}", time(tenths as f64), time(all_ms as f64))
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let speed = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        // A text in memory takes everything.
        let _ = text.write_str(&count(state.per_sec()));
    };
    style.with_key("speed", speed).progress_chars("━╸─")
}

impl TrainingObserver for TrainingProgress {
    fn batch(&self, arm: &str, seed: u64, progress: &Progress) {
        if self.style == Style::Silent {
            return;
        }
        let mut runs = self.runs();
        let shown = runs.entry((arm.to_string(), seed)).or_insert_with(|| self.start_bar(arm, seed, progress));
        shown.bar.set_message(format!(
            "epoch {}/{}  {:>8}  {:6.1} Hz  silent {:4.1} %",
            progress.epoch,
            progress.epochs,
            progress.value,
            self.hertz(progress.mean_activity),
            100.0 * progress.silent_fraction,
        ));
        shown.bar.set_position(position(progress));
        if self.style == Style::Lines && shown.pace.is_due() {
            let done = 100.0 * position(progress) as f64
                / (f64::from(progress.epochs) * progress.presentations as f64).max(1.0);
            let (epoch, epochs, value) = (progress.epoch, progress.epochs, &progress.value);
            write_line(&format!("{arm} seed {seed} epoch {epoch}/{epochs}: {done:.0} % done, training {value}"));
        }
    }

    fn epoch(&self, arm: &str, seed: u64, epoch: &Epoch, first: &Metric) {
        let mut runs = self.runs();
        let Some(shown) = runs.get_mut(&(arm.to_string(), seed)) else { return };
        let line = self.line(arm, seed, shown.epochs, (epoch, first));
        if self.style == Style::Lines {
            if shown.pace.is_due() || epoch.epoch == 1 || epoch.epoch == shown.epochs {
                write_line(&line);
            }
        } else if epoch.epoch == shown.epochs {
            shown.bar.set_style(style(DONE));
            let whole = line.split_once("epoch").map_or(line.clone(), |(_, rest)| format!("epoch{rest}"));
            shown.bar.finish_with_message(if terminal::narrow() { short(shown.epochs, epoch, first) } else { whole });
        }
    }

    fn clock(&self) -> (f64, f64) {
        (self.start.elapsed().as_secs_f64(), processor_seconds(self.processor))
    }

    fn interrupted(&self) -> bool {
        self.interrupt.asked()
    }
}

fn position(progress: &Progress) -> u64 {
    u64::from(progress.epoch.saturating_sub(1)) * progress.presentations as u64 + progress.presented as u64
}

/// The mean over the hidden layers; over all of them when there is only an output.
fn hidden_mean(layers: &[f64]) -> f64 {
    let hidden = if layers.len() > 1 { &layers[..layers.len() - 1] } else { layers };
    hidden.iter().sum::<f64>() / hidden.len().max(1) as f64
}

/// Seconds of the processor up to now.
#[cfg(unix)]
pub fn processor_seconds(processor: Processor) -> f64 {
    use rustix::time::{ClockId, clock_gettime};
    let clock = match processor {
        Processor::Thread => ClockId::ThreadCPUTime,
        Processor::Process => ClockId::ProcessCPUTime,
    };
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Elsewhere it is not measured.
#[cfg(not(unix))]
pub fn processor_seconds(_: Processor) -> f64 {
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_training_fits_forty_columns() {
        let first = &twinfire::task::default().metrics()[0];
        let scores = |value: f64| Scores::from([(first.name.to_string(), value)]);
        let epoch = Epoch { epoch: 300, training: scores(99.96), validation: Some(scores(98.04)), ..Epoch::default() };
        assert_eq!(short(300, &epoch, first), "epoch 300/300  100.0 %, validation 98.0 %");
        let alone = Epoch { validation: None, ..epoch };
        assert_eq!(short(300, &alone, first), "epoch 300/300  training 100.0 %");
    }
}
