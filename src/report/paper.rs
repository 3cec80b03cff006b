//! Figures of a given size on paper: lengths, letters and dots per inch.

use super::axes::TICK_SIZE;
use super::canvas::Figure;
use super::request::PAGE;

/// Points of an inch.
const POINTS: f64 = 72.0;
/// Pixels of an inch, where pixels are a length.
const PIXELS: f64 = 96.0;
/// The longest side, in inches, and the most dots of a picture.
const LONGEST_IN: f64 = 200.0;
const MOST_DOTS: f64 = 400e6;

/// A length, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length(pub f64);

/// A sheet of paper, and what is printed on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paper {
    pub width: Length,
    pub height: Option<Length>,
    /// Of the numbers at axes; other letters are larger or smaller in proportion.
    pub font: Length,
    /// Dots per inch of PNG files.
    pub dpi: f64,
}

impl Default for Paper {
    /// The width of a page of a journal.
    fn default() -> Self {
        Self { width: Length(170.0 / 25.4 * POINTS), height: None, font: Length(8.0), dpi: 300.0 }
    }
}

/// How large a figure comes out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Print {
    /// Points of its sides.
    pub width: f64,
    pub height: f64,
    /// Dots of its sides.
    pub columns: usize,
    pub rows: usize,
    pub dpi: f64,
}

impl Paper {
    /// Points of a pixel of figures whose letters keep their size.
    pub(super) fn scale(&self) -> f64 {
        self.font.0 / TICK_SIZE
    }

    /// Pixels of such a figure.
    pub fn pixels(&self) -> (f64, Option<f64>) {
        (self.width.0 / self.scale(), self.height.map(|height| height.0 / self.scale()))
    }

    /// Dots of a pixel, at most four.
    pub fn grain(&self) -> f64 {
        (self.scale() / POINTS * self.dpi).clamp(1.0, 4.0)
    }

    /// The size of `figure`, which fills the width; its height is in proportion where none is given.
    pub fn print(&self, figure: &Figure) -> Print {
        let height = figure.height / figure.width * self.width.0;
        let height = self.height.map_or(height, |asked| if (asked.0 - height).abs() < 0.01 { asked.0 } else { height });
        let dots = |points: f64| ((points / POINTS * self.dpi).round() as usize).max(1);
        Print { width: self.width.0, height, columns: dots(self.width.0), rows: dots(height), dpi: self.dpi }
    }

    /// What is wrong with it, in a sentence.
    pub fn misfit(&self) -> Option<String> {
        let inches = |length: Length| length.0 / POINTS;
        let longest = inches(self.width).max(self.height.map_or(0.0, inches));
        let (width, height) = self.pixels();
        let dots = inches(self.width) * self.height.map_or(self.width, |h| h).0 / POINTS * self.dpi * self.dpi;
        match () {
            () if longest > LONGEST_IN => Some(format!("a side of {longest:.0} in is longer than {LONGEST_IN} in")),
            () if width < 180.0 => Some("letters of this size do not fit this width".into()),
            () if height.is_some_and(|height| height < 90.0) => {
                Some("letters of this size do not fit this height".into())
            }
            () if dots > MOST_DOTS => Some(format!("a PNG of {:.0} million dots is too large", dots / 1e6)),
            () => None,
        }
    }
}

impl Print {
    /// A figure on the screen: two dots per pixel.
    pub fn on_screen(figure: &Figure) -> Self {
        let points = |pixels: f64| pixels / PIXELS * POINTS;
        let dots = |pixels: f64| (pixels.ceil() as usize).max(1) * 2;
        let (width, height) = (figure.width, figure.height);
        Self {
            width: points(width),
            height: points(height),
            columns: dots(width),
            rows: dots(height),
            dpi: 2.0 * PIXELS,
        }
    }
}

/// The width of pages, on screens.
pub fn page() -> Length {
    Length(PAGE / PIXELS * POINTS)
}

impl std::str::FromStr for Length {
    type Err = String;

    /// `85mm`, `8.5 cm`, `3.3in`, `240pt` or `900px`.
    fn from_str(text: &str) -> Result<Self, String> {
        let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = (text[..split].trim(), text[split..].trim());
        let inch = match unit {
            "mm" => 1.0 / 25.4,
            "cm" => 1.0 / 2.54,
            "in" => 1.0,
            "pt" => 1.0 / POINTS,
            "px" => 1.0 / PIXELS,
            "" => return Err(format!("`{text}` has no unit; write {}mm, cm, in, pt or px", number)),
            other => return Err(format!("`{other}` is no unit of length; there are mm, cm, in, pt and px")),
        };
        match number.parse::<f64>() {
            Ok(number) if number.is_finite() && number > 0.0 => Ok(Self(number * inch * POINTS)),
            _ => Err(format!("`{text}` is no length above 0")),
        }
    }
}

impl Length {
    /// At least as long, in whole mm.
    pub(super) fn whole_mm(self) -> Self {
        Self((self.0 / POINTS * 25.4).ceil() / 25.4 * POINTS)
    }
}

impl std::fmt::Display for Length {
    /// In mm: `85mm`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:.4}", self.0 / POINTS * 25.4);
        write!(f, "{}mm", digits.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        let points = |text: &str| text.parse::<Length>().map(|length| (length.0 * 1e6).round() / 1e6);
        assert_eq!((points("1in"), points("2.54 cm"), points("25.4mm")), (Ok(72.0), Ok(72.0), Ok(72.0)));
        assert_eq!((points("8pt"), points("96px")), (Ok(8.0), Ok(72.0)));
        assert_eq!("85mm".parse::<Length>().unwrap().to_string(), "85mm");
        for wrong in ["85", "mm", "-3mm", "0mm", "3 furlongs", "", "infmm", "1e999mm"] {
            assert!(wrong.parse::<Length>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_are_exact() {
        let (width, height) = ("85mm".parse().unwrap(), "60mm".parse().unwrap());
        let paper = Paper { width, height: Some(height), font: Length(8.0), dpi: 600.0 };
        let (wide, high) = paper.pixels();
        let print = paper.print(&Figure::new("", wide, high.unwrap()));
        assert_eq!((print.columns, print.rows), (2008, 1417));
        assert!((print.width - 240.9449).abs() < 1e-3 && (print.height - 170.0787).abs() < 1e-3);
        assert_eq!(paper.misfit(), None);
        assert!(Paper { width: Length(30.0), ..paper }.misfit().is_some());
        assert!(Paper { dpi: 1e6, ..paper }.misfit().is_some());
    }
}
