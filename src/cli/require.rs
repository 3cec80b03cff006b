//! `--require NAME=VALUE`: what a metric has to reach.

use clap::Args;
use twinfire::error::{Error, Result};
use twinfire::metric::{Better, Metric};

/// What results have to reach.
#[derive(Args)]
pub struct Require {
    /// Exit with 6 when a metric of the task misses this value, as in `--require accuracy=90`: where
    /// more is better it has to be at least so large, where less is better at most; may be repeated
    #[arg(long, value_name = "METRIC=VALUE", value_parser = requirement)]
    require: Vec<(String, f64)>,
    /// The same as `--require accuracy=PERCENT`
    #[arg(long, value_name = "PERCENT")]
    require_accuracy: Option<f64>,
}

fn requirement(text: &str) -> std::result::Result<(String, f64), String> {
    let help = "write the name of a metric and a number, as in `accuracy=90`";
    let (name, value) = text.split_once('=').ok_or(help)?;
    let value: f64 = value.trim().parse().map_err(|_| help)?;
    if value.is_finite() { Ok((name.trim().to_owned(), value)) } else { Err(help.into()) }
}

impl Require {
    fn all(&self) -> impl Iterator<Item = (&str, f64)> {
        let named = self.require.iter().map(|(name, value)| (name.as_str(), *value));
        named.chain(self.require_accuracy.map(|value| ("accuracy", value)))
    }

    /// Refuses to begin where a metric is unknown, or can never reach what is asked for.
    pub fn is_possible(&self, metrics: &[Metric]) -> Result<()> {
        self.all().try_for_each(|(name, wanted)| {
            let metric = self.find(name, metrics)?;
            let (least, most) = metric.bounds();
            let never = match metric.better {
                Better::Higher => wanted > most,
                Better::Lower => wanted < least,
            };
            match never {
                true => Err(Error::usage(format!("`{name}` never reaches {}", metric.shown(wanted)))),
                false => Ok(()),
            }
        })
    }

    /// Refuses a result that misses what is asked for; `what` reached the values that `value` gives.
    pub fn check(&self, metrics: &[Metric], what: &str, value: impl Fn(&str) -> Option<f64>) -> Result<()> {
        self.all().try_for_each(|(name, wanted)| {
            let metric = self.find(name, metrics)?;
            match value(name) {
                Some(found) if found == wanted || metric.better.than(found, wanted) => Ok(()),
                Some(found) => {
                    let (found, unit) = (metric.shown(found), metric.suffix());
                    Err(Error::Missed(format!("{what} reached {found}, and {wanted}{unit} are required")))
                }
                None => Err(Error::Missed(format!("{what} has no `{name}`"))),
            }
        })
    }

    fn find<'m>(&self, name: &str, metrics: &'m [Metric]) -> Result<&'m Metric> {
        metrics.iter().find(|metric| metric.name == name).ok_or_else(|| {
            let known: Vec<&str> = metrics.iter().map(|metric| &*metric.name).collect();
            Error::usage(format!("the task has no metric `{name}`")).with_help(format!("it has {}", known.join(", ")))
        })
    }
}
